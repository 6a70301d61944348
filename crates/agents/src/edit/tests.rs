use proptest::prelude::*;

use super::*;

fn entry(path: &[&str]) -> Op {
    Op::Entry {
        path: path.iter().map(|key| (*key).to_owned()).collect(),
        value: Node::map([
            ("type", Node::text("http")),
            ("url", Node::text("http://127.0.0.1:8765/mcp")),
            ("headers", Node::map([("Authorization", Node::text("Bearer jmk_x"))])),
        ]),
    }
}

fn hook(event: &str) -> Op {
    let handler = Node::map([("type", Node::text("command")), ("command", Node::text("/bin/jmem hook x")), ("timeout", Node::Number(5))]);
    Op::Append {
        path: vec!["hooks".to_owned(), event.to_owned()],
        value: Node::map([("hooks", Node::List(vec![handler]))]),
        key: "command".to_owned(),
        mark: "/bin/jmem hook x".to_owned(),
    }
}

fn put(format: Format, text: &str, op: &Op) -> (String, Done) {
    add(format, text, op).expect("can be edited").expect("is not there yet")
}

fn out(format: Format, text: &str, done: &Done) -> String {
    match remove(format, text, done).expect("can be edited") {
        Taken::Out(text) => text,
        other => panic!("{other:?} in {text}"),
    }
}

const JSONS: [&str; 25] = [
    "",
    "\u{feff}",
    "\n\n",
    "{}",
    "{ }",
    "{\n}\n",
    "\u{feff}{\r\n\t\"a\": 1\r\n}",
    "{\"a\":1}",
    "{\"mcpServers\":{}}",
    "{ \"mcpServers\" : { } , \"b\" : [ ] }",
    "{\"mcpServers\":{\"other\":{\"command\":\"npx\",\"args\":[\"-y\",\"x\"]}},\"hooks\":{\"Stop\":[]}}",
    "{\n  \"mcpServers\": {\n    \"other\": {\n      \"command\": \"npx\"\n    }\n  }\n}\n",
    "{\n    \"mcpServers\": {\n        \"other\": { \"url\": \"x\" } },\n    \"z\": [1, 2]}",
    "{\n  \"mcpServers\": {},\n  \"hooks\": {\n    \"Stop\": [\n      { \"hooks\": [{ \"type\": \"command\", \"command\": \"say\" }] }\n    ]\n  }\n}",
    "{\n\t\"hooks\": {\"Stop\": [{\"hooks\": []}]},\n\t\"mcpServers\": {\"a\": {}}}\n\n\n",
    "{\"é\\u0041\": \"\\\"}{\", \"mcpServers\": {\"日本\": {\"x\": \"// no comment\"}}}",
    "// head\n{\n  // servers\n  \"mcpServers\": {\n    \"other\": { \"url\": \"x\" }, // the last\n  },\n}\n// tail",
    "{\n  \"mcpServers\": {\n    \"other\": { \"url\": \"x\" } // the last\n    // and more\n  }\n}",
    "{\n  \"mcpServers\": {\n    // none yet\n  }\n}",
    "{\"mcpServers\": { /* none */ }}",
    "{ // open\n}",
    "/* x */ {\"a\": 1 /* y */ , /* z */ } // end",
    "{\r\n  \"mcpServers\": {\r\n    \"a\": 1 // c\r\n  }, // d\r\n}\r\n",
    "{\n  \"hooks\": {\n    \"Stop\": [\n      1, // one\n      2, /* two */\n    ],\n  },\n}",
    "{\"hooks\": {\"Stop\": [[], {}, /* c */]}}",
];

const TOMLS: [&str; 11] = [
    "",
    "\u{feff}model = 'x'\n",
    "model = 'x'",
    "# only a comment",
    "model = \"o3\"\r\n\r\n[mcp_servers.other]\r\ncommand = \"npx\" # c\r\n",
    "[mcp_servers]\nother = { command = 'x' }\n",
    "mcp_servers = { other = { command = 'x' }  } # c\nb = 1\n",
    "mcp_servers = {}",
    "mcp_servers.other.command = 'x'\n",
    "[projects.\"/a/b\"]\ntrust_level = \"trusted\"\n\n\n[[list]]\nx = '''\n[mcp_servers.fake]\n'''\n\n\n",
    "  [ mcp_servers . other ]  # odd\n  command   =   'x'\n",
];

#[test]
fn whatever_is_put_into_json_comes_out_to_the_byte() {
    for text in JSONS {
        for op in [entry(&["mcpServers", "memory"]), hook("Stop"), entry(&["a b", "x\"y", "memory"])] {
            let (after, done) = put(Format::Jsonc, text, &op);
            assert_eq!(out(Format::Jsonc, &after, &done), text, "through {after}");
            assert_eq!(add(Format::Jsonc, &after, &op).expect("can be edited"), None, "twice is once");
        }
    }
}

#[test]
fn whatever_is_put_into_toml_comes_out_to_the_byte() {
    for text in TOMLS {
        let op = entry(&["mcp_servers", "memory"]);
        let (after, done) = put(Format::Toml, text, &op);
        assert_eq!(out(Format::Toml, &after, &done), text, "through {after}");
        assert_eq!(add(Format::Toml, &after, &op).expect("can be edited"), None, "twice is once");
    }
}

#[test]
fn what_is_put_in_looks_like_the_rest() {
    let text = "{\n    \"mcpServers\": {\n        \"a\": {} // first\n    }\n}\n";
    let op = Op::Entry { path: vec!["mcpServers".into(), "b".into()], value: Node::map([("url", Node::text("u"))]) };
    let (after, _) = put(Format::Jsonc, text, &op);
    assert_eq!(
        after,
        "{\n    \"mcpServers\": {\n        \"a\": {}, // first\n        \"b\": {\n            \"url\": \"u\"\n        }\n    }\n}\n"
    );
    let (after, _) = put(Format::Json, "{\"mcpServers\": {\"a\": 1}}", &op);
    assert_eq!(after, "{\"mcpServers\": {\"a\": 1, \"b\": {\"url\": \"u\"}}}");
    let (after, _) = put(Format::Json, "{}\n", &op);
    assert_eq!(after, "{\n  \"mcpServers\": {\n    \"b\": {\n      \"url\": \"u\"\n    }\n  }\n}\n");
}

#[test]
fn a_strict_client_gets_no_comment_and_no_last_comma() {
    for text in ["{ // c\n}", "{\"a\": 1,}", "{\"a\": [1,]}"] {
        let fault = add(Format::Json, text, &hook("Stop")).expect_err("its client would refuse it");
        assert_eq!(fault.line, 1);
    }
    assert!(add(Format::JsonWithComments, "{ // c\n}", &hook("Stop")).is_ok());
    assert!(add(Format::JsonWithComments, "{\"a\": 1,}", &hook("Stop")).is_err());
}

#[test]
fn faults_name_the_line() {
    let line = |format, text: &str, op: &Op| add(format, text, op).expect_err("broken").line;
    // Where the comma is missing.
    assert_eq!(line(Format::Jsonc, "{\n  \"a\": 1\n  \"b\": 2\n}", &hook("Stop")), 2);
    assert_eq!(line(Format::Jsonc, "\u{feff}{\n \"hooks\": {\n  \"Stop\": {}\n}}", &hook("Stop")), 3);
    assert_eq!(line(Format::Jsonc, "[]", &hook("Stop")), 1);
    assert_eq!(line(Format::Jsonc, "{\n\"mcpServers\": null}", &entry(&["mcpServers", "memory"])), 2);
    assert_eq!(line(Format::Toml, "a = 1\nb = \n", &entry(&["mcp_servers", "memory"])), 2);
}

#[test]
fn what_stood_there_before_comes_back() {
    let json = "{\n  \"mcpServers\": { \"memory\": { \"command\" : \"old\" /* mine */ }, \"z\": 1 }\n}";
    let toml = "[mcp_servers.memory]\ncommand = 'old' # mine\n\n[x]\na=1\n[mcp_servers.memory.env]\nA = 'b'\n# tail\n";
    for (format, text, path) in [(Format::Jsonc, json, ["mcpServers", "memory"]), (Format::Toml, toml, ["mcp_servers", "memory"])] {
        let (after, done) = put(format, text, &entry(&path));
        assert!(!after.contains("old"));
        assert_eq!(out(format, &after, &done), text);
    }
}

#[test]
fn what_others_wrote_meanwhile_stays() {
    let (after, done) = put(Format::Json, "{\"mcpServers\": {}}", &entry(&["mcpServers", "memory"]));
    // As programs do that own their file.
    let value: serde_json::Value = serde_json::from_str(&after).expect("JSON");
    let mut value = value;
    value["mcpServers"]["new"] = serde_json::json!({"command": "x"});
    value["numStartups"] = 4.into();
    let rewritten = serde_json::to_string_pretty(&value).expect("JSON");
    let left = out(Format::Json, &rewritten, &done);
    assert_eq!(
        serde_json::from_str::<serde_json::Value>(&left).expect("JSON"),
        serde_json::json!({"mcpServers": {"new": {"command": "x"}}, "numStartups": 4})
    );

    let (after, done) = put(Format::Toml, "model = 'x'\n", &entry(&["mcp_servers", "memory"]));
    let edited = format!(
        "{after}\n[mcp_servers.memory.tools.search_memory]\napproval_mode = \"approve\"\nmore.a.b = 1 # dotted\n\n[projects.\"/p\"]\ntrust_level = \"trusted\"\n"
    );
    assert_eq!(out(Format::Toml, &edited, &done), "model = 'x'\n\n[projects.\"/p\"]\ntrust_level = \"trusted\"\n");
}

#[test]
fn a_persons_changes_to_our_entry_go_with_it_unless_it_is_another_one() {
    let (after, done) = put(Format::Json, "{}", &entry(&["mcpServers", "memory"]));
    let more = after.replace("\"type\"", "\"disabled\": true, \"type\"");
    assert!(is_empty(Format::Json, &out(Format::Json, &more, &done)));
    let other = after.replace("127.0.0.1", "example.com");
    assert_eq!(remove(Format::Json, &other, &done), Ok(Taken::Changed));
    assert_eq!(remove(Format::Json, "{}", &done), Ok(Taken::Gone));
}

#[test]
fn a_hook_that_a_person_put_beside_ours_stays() {
    let (after, done) = put(Format::Json, "{\n  \"hooks\": {}\n}", &hook("Stop"));
    let beside = after.replace("\"hooks\": [\n", "\"hooks\": [{\"type\": \"command\", \"command\": \"say done\"},\n");
    let left = out(Format::Json, &beside, &done);
    assert!(left.contains("say done") && !left.contains("jmem"), "{left}");
}

/// An edit that a person may make to another part of the file.
fn tinkered(text: &str, kind: u8) -> String {
    match kind {
        0 => text.replacen('{', "{\"first\": {\"x\": [1]}, ", usize::from(!text.contains("\"first\"") && text.contains("\"other\""))),
        1 => text.replacen("\"other\"", "\"renamed\"", 1),
        2 => format!("{text}\n"),
        3 => format!("\n{text}"),
        4 => text.replacen("\"npx\"", "\"bunx  \"", 1),
        _ => text.replace("\"x\"", "\"much longer than before\""),
    }
}

proptest! {
    #[test]
    fn edits_elsewhere_do_not_matter_to_toml(
        which in 0..TOMLS.len(),
        before in "(# a comment\n|\n){0,3}(zzz = \\[1,\n 2\\]\n)?",
        after in "(\n\\[later\\]\nx = 'y' # z\n|# [mcp_servers.no]\n)?",
    ) {
        let text = TOMLS[which];
        // A byte order mark is one in the first place alone, and what is written behind a file without a last line end joins its line.
        prop_assume!(!text.starts_with('\u{feff}') && (after.is_empty() || text.is_empty() || text.ends_with('\n')));
        let (added, done) = put(Format::Toml, text, &entry(&["mcp_servers", "memory"]));
        let edited = format!("{before}{added}{after}");
        prop_assert_eq!(out(Format::Toml, &edited, &done), format!("{before}{text}{after}"), "through {}", edited);
    }

    #[test]
    fn edits_elsewhere_do_not_matter(which in 0..JSONS.len(), edits in proptest::collection::vec(0_u8..6, 0..4), hooks in any::<bool>()) {
        let text = JSONS[which];
        let op = if hooks { hook("Stop") } else { entry(&["mcpServers", "memory"]) };
        let (mut after, done) = put(Format::Jsonc, text, &op);
        let mut expected = text.to_owned();
        for edit in edits {
            // A byte order mark is one in the first place alone.
            if (edit == 3 && text.starts_with('\u{feff}')) || text.trim().len() < 3 {
                continue;
            }
            after = tinkered(&after, edit);
            expected = tinkered(&expected, edit);
        }
        prop_assert_eq!(out(Format::Jsonc, &after, &done), expected, "through {}", after);
    }

    #[test]
    fn any_layout_survives(blanks in proptest::collection::vec("[ \t\r\n]{0,3}|/\\*c\\*/| //c\n", 24), last in any::<[bool; 2]>(), which in 0_u8..3) {
        let mut blanks = blanks.iter();
        let mut b = || blanks.next().map_or("", |blank| blank.as_str());
        let comma = |on: bool| if on { "," } else { "" };
        let servers = match which {
            0 => String::new(),
            1 => format!("\"a\"{}:{}{{{}}}{}", b(), b(), b(), b()),
            _ => format!("\"a\"{}:{}[1]{},{}\"b\":{{\"c\":{}null}}{}", b(), b(), b(), b(), b(), b()),
        };
        let inner = comma(last[0] && which > 0);
        let text = format!("{}{{{}\"x\":1,{}\"mcpServers\"{}:{}{{{}{servers}{inner}{}}}{}{}{}}}{}", b(), b(), b(), b(), b(), b(), b(), b(), comma(last[1]), b(), b());
        for op in [entry(&["mcpServers", "memory"]), hook("Stop")] {
            let (after, done) = put(Format::Jsonc, &text, &op);
            prop_assert_eq!(&out(Format::Jsonc, &after, &done), &text, "through {}", after);
            // Where the bytes no longer stand where they were put, and no longer once alone.
            let elsewhere = Done { splices: Vec::new(), ..done };
            let left = out(Format::Jsonc, &after, &elsewhere);
            prop_assert_eq!(json::read(Format::Jsonc, &left).map(|v| check::rest(&v, &op)), json::read(Format::Jsonc, &text).map(|v| check::rest(&v, &op)));
        }
    }
}
