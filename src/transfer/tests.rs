//! Each form, as its product writes it, and files that were made to do harm.

use std::io::{Cursor, Write};

use serde_json::{Value, json};
use zip::{ZipWriter, write::SimpleFileOptions};

use super::{Batch, Exported, ImportOptions, Imported, To, source};
use crate::{
    error::{Code, Error},
    memory::{MemoryType, State},
};

const PLAIN: ImportOptions =
    ImportOptions { dry_run: false, project: None, assistant: false, unpacked_bytes: 1 << 30, kept_bytes: 1 << 30 };
const ALL: ImportOptions = ImportOptions { assistant: true, ..PLAIN };

/// What was read of a file.
#[derive(Debug)]
struct Parsed {
    memories: Batch,
    report: Imported,
}

fn parse(file: &str) -> Result<Parsed, Error> {
    try_read(file.as_bytes(), &PLAIN)
}

fn texts(file: &str) -> Vec<String> {
    said(&parse(file).expect("readable"))
}

fn said(parsed: &Parsed) -> Vec<String> {
    assert_eq!(parsed.report.read, parsed.memories.len() + parsed.report.failed.total(), "the numbers add up");
    parsed.memories.iter().map(|(_, m)| m.text.clone()).collect()
}

fn read(file: &[u8], options: &ImportOptions) -> Parsed {
    try_read(file, options).expect("readable")
}

fn try_read(file: &[u8], options: &ImportOptions) -> Result<Parsed, Error> {
    let (import, mut batches) = tokio::sync::mpsc::channel(1_000);
    let mut file = Cursor::new(file);
    let looked = source::read(&mut file, options, To::Nowhere).map(|parsed| parsed.report);
    let report = source::read(&mut file, options, To::Import(import)).map(|parsed| parsed.report)?;
    assert_eq!(Some(&report), looked.as_ref().ok(), "who looks first sees the same");
    let mut memories = Vec::new();
    while let Ok(batch) = batches.try_recv() {
        memories.extend(batch);
    }
    Ok(Parsed { memories, report })
}

fn archive(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in entries {
        zip.start_file(*name, SimpleFileOptions::default()).expect("an entry");
        zip.write_all(content).expect("written");
    }
    zip.finish().expect("ends").into_inner()
}

fn gzip(text: &str) -> Vec<u8> {
    let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    out.write_all(text.as_bytes()).expect("written");
    out.finish().expect("ends")
}

fn refused(file: &[u8], options: &ImportOptions) -> (Code, String) {
    let error = try_read(file, options).expect_err("refused");
    (error.code(), error.detail().to_owned())
}

#[test]
fn reads_what_other_products_write() {
    let openmemory = r#"{"id": "x", "content": "likes tea", "metadata": {"k": 1}, "created_at": 1700000000, "state": "paused", "app": "cursor", "categories": ["food"]}"#;
    let memory = parse(openmemory).expect("readable").memories.remove(0).1;
    assert_eq!((memory.text.as_str(), memory.tags, memory.state), ("likes tea", vec!["food".to_owned()], Some(State::Paused)));
    assert_eq!(memory.created_at.as_deref(), Some("2023-11-14T22:13:20.000000Z"));
    let mem0 =
        r#"{"results": [{"id": "x", "memory": "has a dog", "hash": "h", "metadata": null, "created_at": "2024-01-01T00:00:00-07:00"}]}"#;
    assert_eq!(texts(mem0), ["has a dog"]);
    assert_eq!(texts("{\"text\": \"one\"}\n\n{\"text\": \"two\"}\n"), ["one", "two"]);
    assert_eq!(texts(r#"["one", "two"]"#), ["one", "two"]);
    parse("hello").map(drop).expect_err("no memories");
    parse("[]").map(drop).expect_err("none");
}

#[test]
fn a_cut_export_is_noticed() {
    let whole = "{\"type\":\"header\",\"format\":\"jonathans-memory\",\"version\":1,\"exported_at\":\"x\"}\n{\"type\":\"memory\",\"text\":\"a\"}\n{\"type\":\"end\",\"projects\":0,\"memories\":1}\n";
    assert_eq!(parse(whole).expect("readable").report.warning, None);
    let cut = whole.rsplit_once("{\"type\":\"end\"").expect("an end").0;
    assert!(parse(cut).expect("readable").report.warning.is_some());
    let newer = whole.replace("\"version\":1", "\"version\":2");
    parse(&newer).map(drop).expect_err("a newer form");
    assert_eq!(said(&read(&gzip(whole), &PLAIN)), ["a"], "packed as well");
}

/// What OpenMemory's own export writes: tables with ids, and lines with names.
fn openmemory() -> (Value, String) {
    let tables = json!({
        "user": { "id": "u1", "user_id": "ann" },
        "apps": [{ "id": "a1", "owner_id": "u1", "name": "cursor", "is_active": true }],
        "categories": [{ "id": "c1", "name": "food" }, { "id": "c2", "name": "work" }],
        "memories": [
            { "id": "m1", "user_id": "u1", "app_id": "a1", "content": "likes tea", "metadata": { "k": 1 }, "state": "active",
              "created_at": "2025-05-01T10:00:00+00:00", "category_ids": ["c1", "c2"] },
            { "id": "m2", "user_id": "u1", "app_id": null, "content": "lives in Oslo", "metadata": null, "state": "archived",
              "created_at": "2025-05-02T10:00:00+00:00", "category_ids": [] },
            { "id": "m3", "user_id": "u1", "app_id": "a1", "content": "gone", "metadata": {}, "state": "deleted", "category_ids": [] }
        ],
        "memory_categories": [{ "memory_id": "m1", "category_id": "c1" }],
        "export_meta": { "version": "1" }
    });
    let lines = [
        json!({ "id": "m1", "content": "likes tea", "metadata": { "k": 1 }, "created_at": "2025-05-01T10:00:00+00:00", "state": "active",
                "app": "cursor", "categories": ["food", "work"] }),
        json!({ "id": "m2", "content": "lives in Oslo", "metadata": {}, "created_at": "2025-05-02T10:00:00+00:00", "state": "archived",
                "app": null, "categories": [] }),
        json!({ "id": "m3", "content": "gone", "metadata": {}, "created_at": null, "state": "deleted", "app": "cursor", "categories": [] }),
    ];
    (tables, lines.map(|line| line.to_string() + "\n").concat())
}

#[test]
fn openmemorys_archive_is_read_with_its_apps_categories_states_and_times() {
    let (tables, lines) = openmemory();
    let tables = tables.to_string();
    let whole = archive(&[("memories.json", tables.as_bytes()), ("memories.jsonl.gz", &gzip(&lines))]);
    let without_lines = archive(&[("export/memories.json", tables.as_bytes())]);
    for file in [&whole, &without_lines] {
        let parsed = read(file, &PLAIN);
        assert_eq!(said(&parsed), ["likes tea", "lives in Oslo"]);
        assert_eq!((parsed.report.left_out.get("deleted"), &parsed.report.warning), (Some(&1), &None));
        let [(_, tea), (_, oslo)] = &parsed.memories[..] else { panic!("two") };
        assert_eq!((tea.app.as_deref(), &tea.tags), (Some("cursor"), &vec!["food".to_owned(), "work".to_owned()]));
        assert_eq!((tea.created_at.as_deref(), tea.metadata["k"].clone()), (Some("2025-05-01T10:00:00.000000Z"), json!(1)));
        assert_eq!((oslo.state, oslo.app.as_deref()), (Some(State::Archived), None));
    }
    let first = lines.lines().next().expect("a line");
    let fewer = archive(&[("memories.json", tables.as_bytes()), ("memories.jsonl.gz", &gzip(first))]);
    assert!(read(&fewer, &PLAIN).report.warning.is_some_and(|warning| warning.contains("not whole")));
}

fn node(parent: Option<&str>, role: &str, content: impl Into<Value>, more: Value) -> Value {
    let content = content.into();
    let mut message = json!({
        "id": "m", "author": { "role": role, "name": null, "metadata": {} }, "create_time": 1_712_345_679.25, "update_time": null,
        "content": content, "status": "finished_successfully", "end_turn": null, "weight": 1.0, "metadata": {}, "recipient": "all"
    });
    if let (Some(message), Value::Object(more)) = (message.as_object_mut(), more) {
        message.extend(more);
    }
    json!({ "id": "n", "message": message, "parent": parent, "children": [] })
}

fn words(parts: &[&str]) -> Value {
    json!({ "content_type": "text", "parts": parts })
}

fn chatgpt() -> Value {
    let picture = json!({ "content_type": "multimodal_text", "parts": [{ "content_type": "image_asset_pointer" }, "what boat is this?"] });
    let mapping = json!({
        "root": { "id": "root", "message": null, "parent": null, "children": ["sys"] },
        "sys": node(Some("root"), "system", words(&[""]), json!({ "metadata": { "is_visually_hidden_from_conversation": true } })),
        "me": node(Some("sys"), "user", json!({ "content_type": "user_editable_context", "user_profile": "p" }), json!({})),
        "about": node(Some("me"), "user", words(&["profile"]), json!({ "metadata": { "is_user_system_message": true } })),
        "q1": node(Some("about"), "user", words(&["I moved to Lisbon.", "", "It is warm."]), json!({})),
        "a1": node(Some("q1"), "assistant", words(&["Lovely!"]), json!({})),
        "edited": node(Some("a1"), "user", words(&["an older wording"]), json!({})),
        "q2": node(Some("a1"), "user", picture, json!({ "create_time": null })),
        "call": node(Some("q2"), "assistant", json!({ "content_type": "code", "text": "search()" }), json!({ "recipient": "browser" })),
        "tool": node(Some("call"), "tool", json!({ "content_type": "execution_output", "text": "out" }), json!({})),
        "a2": node(Some("tool"), "assistant", words(&["A dinghy."]), json!({})),
    });
    json!([
        { "conversation_id": "c-1", "id": "old", "title": "Boats", "create_time": 1.0, "current_node": "a2", "mapping": mapping },
        { "id": "c-2", "title": "", "mapping": {
            "b": node(Some("gone"), "user", words(&["second"]), json!({ "create_time": 20.0 })),
            "a": node(None, "user", words(&["first"]), json!({ "create_time": 10.0 })),
        } },
        { "id": "c-3", "current_node": "x", "mapping": {
            "x": node(Some("y"), "user", words(&["round"]), json!({})), "y": node(Some("x"), "user", words(&["and round"]), json!({})),
        } },
        { "id": "c-4", "mapping": { "x": { "message": "not a message" } } },
        "not a conversation",
    ])
}

#[test]
fn chatgpts_conversations_become_what_the_person_said() {
    let file = chatgpt().to_string();
    let parsed = read(file.as_bytes(), &PLAIN);
    let expected = ["I moved to Lisbon.\nIt is warm.", "what boat is this?", "first", "second", "and round", "round"];
    assert_eq!(said(&parsed), expected);
    let left_out = parsed.report.left_out.iter().map(|(why, n)| (*why, *n)).collect::<Vec<_>>();
    assert_eq!(left_out, [("assistant", 2), ("hidden", 1), ("no_text", 1), ("other_branch", 1), ("system", 3), ("unreadable", 1)]);
    let reasons: Vec<_> = parsed.report.failed.iter().map(|(_, why)| why.as_str()).collect();
    assert!(matches!(reasons[..], [none] if none.starts_with("Entry 5")), "{reasons:?}");
    let (_, moved) = &parsed.memories[0];
    let expected = Exported {
        text: "I moved to Lisbon.\nIt is warm.".into(),
        app: Some("chatgpt".into()),
        metadata: serde_json::from_value(json!({ "conversation": "Boats" })).expect("an object"),
        tags: vec!["chatgpt".into()],
        memory_type: Some(MemoryType::Episodic),
        speaker: Some("user".into()),
        occurred_at: Some("2024-04-05T19:34:39.250000Z".into()),
        session_id: Some("c-1".into()),
        created_at: Some("2024-04-05T19:34:39.250000Z".into()),
        is_turn: true,
        ..Exported::default()
    };
    assert_eq!(*moved, expected);
    assert_eq!((&parsed.memories[1].1.occurred_at, parsed.memories[2].1.session_id.as_deref()), (&None, Some("c-2")));

    let both = read(file.as_bytes(), &ALL);
    let assistant: Vec<_> = both.memories.iter().filter(|(_, m)| m.speaker.as_deref() == Some("ChatGPT")).map(|(_, m)| &m.text).collect();
    assert_eq!(assistant, ["Lovely!", "A dinghy."]);
    assert!(!both.report.left_out.contains_key("assistant"));
}

#[test]
fn an_archive_is_read_by_the_names_that_products_give() {
    let Value::Array(conversations) = chatgpt() else { panic!("a list") };
    let of = |part: &[Value]| json!(part).to_string().into_bytes();
    let (first, second) = (of(&conversations[..1]), of(&conversations[1..2]));
    let entries: [(&str, &[u8]); 8] = [
        ("chat.html", b"<html>"),
        ("export/conversations-001.json", &second),
        ("export/conversations-000.json", &first),
        ("../conversations.json", &first),
        ("/conversations.json", &first),
        ("__MACOSX/export/._conversations-000.json", b"\0\0"),
        ("__MACOSX/conversations.json", b"\0\0"),
        ("user.json", b"{}"),
    ];
    let parsed = read(&archive(&entries), &PLAIN);
    assert_eq!(said(&parsed), ["I moved to Lisbon.\nIt is warm.", "what boat is this?", "first", "second"]);
    let (code, detail) = refused(&archive(&[("holiday.json", b"{}")]), &PLAIN);
    assert!(code == Code::InvalidArgument && detail.contains("No export of a known product"), "{detail}");
    assert_eq!(refused(&archive(&[]), &PLAIN).0, Code::InvalidArgument);
}

#[test]
fn claudes_conversations_and_memories_are_read() {
    let conversations = json!([{
        "uuid": "c-1", "name": "Tea", "summary": "", "created_at": "2025-01-01T12:00:00.000000Z", "updated_at": "x", "account": { "uuid": "u" },
        "chat_messages": [
            { "uuid": "1", "text": "I like tea.", "content": [{ "type": "text", "text": "I like tea." }], "sender": "human",
              "created_at": "2025-01-01T12:00:00.123456Z", "updated_at": "x", "attachments": [], "files": [] },
            { "uuid": "2", "text": "Green or black?", "content": [{ "type": "thinking", "thinking": "hm" }, { "type": "text", "text": "Green?" }],
              "sender": "assistant", "created_at": "2025-01-01T12:00:01Z" },
            { "uuid": "3", "text": "Green, of an older export.", "sender": "human", "created_at": "2025-01-01T12:00:02Z" },
            { "uuid": "4", "text": "", "content": [], "sender": "human", "created_at": "2025-01-01T12:00:03Z",
              "attachments": [{ "file_name": "a.txt", "extracted_content": "long" }] },
        ]
    }]);
    let memories = json!([{
        "conversations_memory": "**Work context**\n\nAnn sails boats.\nShe teaches it too.\n\n# Personal:\nAnn has **two** cats.\n\nAnd a dog.",
        "project_memories": { "p-1": "The boat is blue.", "p-9": "Of no project that is left." },
        "account_uuid": "u"
    }]);
    let projects = json!([{ "uuid": "p-1", "name": "Boat", "description": "", "docs": [{ "filename": "a.md", "content": "x" }] }]);
    let text = |value: &Value| value.to_string().into_bytes();
    let together = archive(&[
        ("conversations.json", &text(&conversations)),
        ("memories.json", &text(&memories)),
        ("projects.json", &text(&projects)),
        ("users.json", b"[]"),
    ]);
    // Newer exports have a file for each.
    let apart = archive(&[
        ("conversations.json", &text(&conversations)),
        ("memories/u.json", &text(&memories[0])),
        ("projects/p-1.json", &text(&projects[0])),
    ]);
    for file in [&together, &apart] {
        let parsed = read(file, &PLAIN);
        let expected = [
            "I like tea.",
            "Green, of an older export.",
            "long",
            "Ann sails boats.\nShe teaches it too.",
            "Ann has **two** cats.",
            "And a dog.",
            "The boat is blue.",
            "Of no project that is left.",
        ];
        assert_eq!(said(&parsed), expected);
        let left_out = parsed.report.left_out.iter().map(|(why, n)| (*why, *n)).collect::<Vec<_>>();
        assert_eq!(left_out, [("assistant", 1), ("documents", 1)]);
        let of = |n: usize| &parsed.memories[n].1;
        assert_eq!((of(0).session_id.as_deref(), of(0).occurred_at.as_deref()), (Some("c-1"), Some("2025-01-01T12:00:00.123456Z")));
        assert_eq!((of(0).memory_type, of(0).tags[0].as_str()), (Some(MemoryType::Episodic), "claude"));
        assert_eq!((of(2).metadata["file"].clone(), of(2).session_id.as_deref()), (json!("a.txt"), Some("c-1")));
        assert_eq!((of(3).metadata["section"].clone(), of(3).memory_type), (json!("Work context"), Some(MemoryType::Semantic)));
        assert_eq!((of(5).metadata["section"].clone(), of(5).project.clone()), (json!("Personal"), None));
        assert_eq!((of(6).project.as_deref(), of(7).project.as_deref()), (Some("Boat"), None));
    }
    assert_eq!(said(&read(&text(&conversations), &ALL)), ["I like tea.", "Green?", "Green, of an older export.", "long"]);
}

#[test]
fn what_unpacks_to_too_much_is_refused() {
    // Ten megabytes of one letter fit into some ten thousand bytes.
    let much = format!("[\"{}\"]", "a".repeat(10 << 20));
    for name in ["conversations.json", "memories.json"] {
        let (code, detail) = refused(&archive(&[(name, much.as_bytes())]), &PLAIN);
        assert!(code == Code::TooLarge && detail.contains("unpacks to more than"), "{detail}");
    }
    let nested = archive(&[("memories.jsonl.gz", &gzip(&much))]);
    assert_eq!(refused(&nested, &PLAIN).0, Code::TooLarge);
    assert_eq!(refused(&gzip(&much), &PLAIN).0, Code::TooLarge);
    // A ratio that is in order, and a size that is not.
    let file = chatgpt().to_string();
    let packed = archive(&[("conversations.json", file.as_bytes())]);
    assert_eq!(said(&read(&packed, &PLAIN)).len(), 6);
    let (code, detail) = refused(&packed, &ImportOptions { unpacked_bytes: file.len() as u64 - 1, ..PLAIN });
    assert!(code == Code::TooLarge && detail.contains("jmem import"), "{detail}");
    // Many entries are one archive.
    let many: Vec<_> = (0..20).map(|n| (format!("memories/{n}.json"), "{}".to_owned() + &" ".repeat(1 << 20))).collect();
    let many: Vec<_> = many.iter().map(|(name, text)| (name.as_str(), text.as_bytes())).collect();
    assert_eq!(refused(&archive(&many), &PLAIN).0, Code::TooLarge);
}

#[test]
fn what_is_held_in_memory_is_bounded() {
    let little = ImportOptions { kept_bytes: 1_000, ..PLAIN };
    let conversations = chatgpt().to_string();
    assert!(conversations.len() > 1_000);
    assert_eq!(said(&read(conversations.as_bytes(), &little)).len(), 6, "of a long file little is kept");
    assert_eq!(said(&read(&archive(&[("conversations.json", conversations.as_bytes())]), &little)).len(), 6);
    let kept: usize = said(&read(conversations.as_bytes(), &PLAIN)).iter().map(String::len).sum();
    let list = format!("[\"{}\"]", "a".repeat(1_000));
    let lines = "\"a line of a file\"\n".repeat(60);
    let claude = archive(&[("memories/1.json", list.as_bytes()), ("memories/2.json", list.as_bytes())]);
    let openmemory = archive(&[("memories.jsonl.gz", &gzip(&lines))]);
    for file in [list.as_bytes(), lines.as_bytes(), &gzip(&lines), &claude, &openmemory] {
        let (code, detail) = refused(file, &little);
        assert!(code == Code::TooLarge && detail.contains("bytes of memories"), "{detail}");
    }
    let short = "\"a line of a file\"\n".repeat(40);
    assert_eq!(said(&read(&gzip(&short), &little)).len(), 40, "what is unpacked is held once");
    let tight = ImportOptions { kept_bytes: kept as u64 - 1, ..PLAIN };
    assert_eq!(refused(conversations.as_bytes(), &tight).0, Code::TooLarge);
    assert_eq!(said(&read(conversations.as_bytes(), &ImportOptions { kept_bytes: kept as u64, ..PLAIN })).len(), 6);
}

#[test]
fn a_damaged_archive_is_refused_whole() {
    let file = chatgpt().to_string();
    let whole = archive(&[("conversations.json", file.as_bytes())]);
    let cut = refused(&whole[..whole.len() - 30], &PLAIN);
    assert!(cut.0 == Code::InvalidArgument && cut.1.contains("cut off"), "{cut:?}");
    let mut flipped = whole.clone();
    flipped[whole.len() / 2] ^= 4;
    assert_eq!(refused(&flipped, &PLAIN).0, Code::InvalidArgument);
    let torn = archive(&[("conversations.json", &file.as_bytes()[..file.len() / 2])]);
    assert!(refused(&torn, &PLAIN).1.contains("ends or breaks"));
    assert!(refused(&torn[..40], &PLAIN).1.contains("cut off"));
    let packed = refused(&gzip("[\"one\"]")[..12], &PLAIN);
    assert!(packed.1.contains("damaged"), "{packed:?}");
    assert_eq!(refused(b"\xff\xfe\x00", &PLAIN).0, Code::InvalidBody);
    assert_eq!(refused(b"", &PLAIN).0, Code::InvalidArgument);
}

/// A conversation of ChatGPT of these messages, one after the other.
fn chat(messages: &[Value]) -> Value {
    let nodes = messages.iter().enumerate().map(|(n, message)| {
        let parent = n.checked_sub(1).map(|before| before.to_string());
        (n.to_string(), json!({ "id": n.to_string(), "message": message, "parent": parent }))
    });
    json!({ "id": "c", "title": "T", "current_node": (messages.len() - 1).to_string(), "mapping": nodes.collect::<serde_json::Map<_, _>>() })
}

fn by(role: impl Into<Value>, content: impl Into<Value>) -> Value {
    let (role, content): (Value, Value) = (role.into(), content.into());
    json!({ "author": { "role": role }, "create_time": 1_712_345_679.25, "content": content })
}

fn left_out(parsed: &Parsed) -> Vec<(&'static str, usize)> {
    parsed.report.left_out.iter().map(|(why, n)| (*why, *n)).collect()
}

#[test]
fn one_odd_message_of_chatgpt_costs_that_message_alone() {
    let sound = by("user", words(&["I live in Turin"]));
    let without = |field: &str| {
        let mut message = by("user", words(&["x"]));
        message.as_object_mut().expect("an object").remove(field);
        message
    };
    for (odd, why) in [
        (by("user", Value::Null), "no_text"),
        (without("content"), "no_text"),
        (by("user", json!({ "content_type": "text", "parts": null })), "no_text"),
        (by("user", json!({ "content_type": "text", "parts": [null, 7, {}, []] })), "no_text"),
        (by("user", json!({ "content_type": "multimodal_text", "parts": [{ "content_type": "image_asset_pointer" }] })), "no_text"),
        (by("user", 12), "no_text"),
        (by(Value::Null, words(&["x"])), "unknown_speaker"),
        (by(json!(["user"]), words(&["x"])), "unknown_speaker"),
        (without("author"), "unknown_speaker"),
        (json!({ "author": "user", "content": words(&["x"]) }), "unknown_speaker"),
        (json!("not a message"), "unreadable"),
        (json!([1, 2]), "unreadable"),
        (by("critic", words(&["x"])), "system"),
    ] {
        let file = json!([chat(&[odd.clone(), sound.clone()])]).to_string();
        let parsed = read(file.as_bytes(), &PLAIN);
        assert_eq!((said(&parsed), left_out(&parsed)), (vec!["I live in Turin".to_owned()], vec![(why, 1)]), "{odd}");
    }
    // What is odd beside the words costs nothing at all.
    for (field, value) in [
        ("create_time", json!("yesterday")),
        ("create_time", json!([1])),
        ("recipient", json!(null)),
        ("recipient", json!(5)),
        ("metadata", json!("none")),
        ("metadata", json!(null)),
    ] {
        let mut message = sound.clone();
        message[field] = value;
        let mut conversation = chat(&[message]);
        conversation["title"] = json!(7);
        conversation["id"] = json!(null);
        assert_eq!(said(&read(conversation.to_string().as_bytes(), &PLAIN)), ["I live in Turin"], "{field}");
    }
    let mut dangling = chat(std::slice::from_ref(&sound));
    dangling["current_node"] = json!(3);
    dangling["mapping"]["0"]["parent"] = json!({});
    assert_eq!(said(&read(dangling.to_string().as_bytes(), &PLAIN)), ["I live in Turin"]);
}

#[test]
fn a_persons_words_are_also_those_that_were_heard() {
    for content in [
        json!({ "content_type": "multimodal_text", "parts": [
            { "content_type": "audio_transcription", "text": "I want to run a marathon in Turin", "direction": "in" },
            { "content_type": "real_time_user_audio_video_asset_pointer", "audio_asset_pointer": { "asset_pointer": "sediment://x" } }
        ] }),
        json!({ "content_type": "audio_transcription", "text": "I want to run a marathon in Turin" }),
        json!({ "parts": [{ "text": " I want to run a marathon in Turin " }, ""] }),
        json!({ "content_type": "text", "parts": "I want to run a marathon in Turin" }),
        json!("I want to run a marathon in Turin"),
        json!(["I want to run a marathon in Turin"]),
    ] {
        let parsed = read(json!([chat(&[by("user", content.clone())])]).to_string().as_bytes(), &PLAIN);
        assert_eq!(said(&parsed), ["I want to run a marathon in Turin"], "{content}");
    }
    let thinks = json!({ "content_type": "thoughts", "thoughts": [{ "content": "hm" }], "content": "hm" });
    let answer = json!({ "content_type": "multimodal_text", "parts": [{ "content_type": "audio_transcription", "text": "Lovely" }] });
    let parsed = read(json!([chat(&[by("assistant", thinks), by("assistant", answer)])]).to_string().as_bytes(), &ALL);
    assert_eq!((said(&parsed), left_out(&parsed)), (vec!["Lovely".to_owned()], vec![("no_text", 1)]));
}

#[test]
fn claudes_messages_are_read_one_by_one_with_what_was_pasted() {
    let human = |more: Value| {
        let mut message = json!({ "sender": "human", "created_at": "2025-01-01T12:00:00Z" });
        message.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        message
    };
    let pasted = |name: Value, text: &str| json!({ "file_name": name, "extracted_content": text });
    let conversation = json!({ "uuid": "c-1", "name": null, "chat_messages": [
        human(json!({ "text": "", "attachments": [pasted(json!(""), "The lease ends in May")] })),
        human(json!({ "text": null, "content": null, "attachments": [pasted(json!("cv.pdf"), "Ann is a welder"), pasted(json!(null), "")] })),
        human(json!({ "text": "Look at this", "attachments": [pasted(json!("paste.txt"), "Note of Monday"), pasted(json!("book.pdf"), "Chapter 1")] })),
        human(json!({ "content": [{ "type": "voice_note", "text": "I sing" }, { "type": "tool_result", "content": "42" }, null, 5] })),
        human(json!({ "content": "in one piece" })),
        human(json!({ "text": "", "attachments": "none", "files": [{ "file_name": "x.png" }] })),
        json!({ "sender": null, "text": "x" }),
        json!({ "text": "x" }),
        json!(null),
        json!("x"),
        json!({ "sender": "assistant", "text": "Hello", "attachments": [pasted(json!(""), "x")] }),
        human(json!({ "text": "dated oddly", "created_at": 5.5e300 })),
    ] });
    // As a list, alone, and after another one in a line of its own.
    let alone = conversation.to_string();
    for file in [format!("[{alone}]"), alone.clone(), format!("{{\"conversations\": [{alone}]}}"), format!("\u{feff}\n {alone}")] {
        let parsed = read(file.as_bytes(), &PLAIN);
        let expected =
            ["The lease ends in May", "Ann is a welder", "Look at this", "Note of Monday", "I sing", "in one piece", "dated oddly"];
        assert_eq!(said(&parsed), expected);
        let without = [("assistant", 1), ("attachments", 1), ("no_text", 1), ("unknown_speaker", 2), ("unreadable", 2)];
        assert_eq!(left_out(&parsed), without);
        assert_eq!((parsed.memories[1].1.metadata["file"].as_str(), &parsed.memories[6].1.occurred_at), (Some("cv.pdf"), &None));
    }
    assert_eq!(said(&read(format!("{alone}\n{alone}\n").as_bytes(), &PLAIN)).len(), 14);
}

fn utf16(text: &str, unit: fn(u16) -> [u8; 2]) -> Vec<u8> {
    format!("\u{feff}{text}").encode_utf16().flat_map(unit).collect()
}

#[test]
fn marks_of_an_encoding_are_no_part_of_a_file() {
    let list = r#"[{"text": "Größe 42"}, "two"]"#;
    let lines = "{\"text\": \"Größe 42\"}\r\n\u{feff}{\"text\": \"two\"}\r\n";
    let object = r#" {"data": [{"memory": "Größe 42"}, {"memory": "two"}]}"#;
    let talk = json!([chat(&[by("user", "Größe 42"), by("user", "two")])]).to_string();
    for text in [list, lines, object, &talk] {
        let marked = format!("\u{feff}{text}");
        for file in [
            text.as_bytes().to_vec(),
            marked.as_bytes().to_vec(),
            gzip(&marked),
            utf16(text, u16::to_le_bytes),
            utf16(text, u16::to_be_bytes),
        ] {
            assert_eq!(said(&read(&file, &PLAIN)), ["Größe 42", "two"], "{text}");
        }
    }
    let conversations = archive(&[("conversations.json", format!("\u{feff}{talk}").as_bytes())]);
    assert_eq!(said(&read(&conversations, &PLAIN)), ["Größe 42", "two"]);
    let remembered = format!("\u{feff}{}", json!({ "conversations_memory": "Ann sails." }));
    assert_eq!(said(&read(&archive(&[("memories.json", remembered.as_bytes())]), &PLAIN)), ["Ann sails."]);
}

#[test]
fn labels_and_times_are_taken_in_every_form() {
    let read = |memory: Value| parse(&memory.to_string()).expect("readable").memories.remove(0).1;
    for (given, expected) in [
        (json!({ "tags": "hobby, board" }), vec!["hobby", "board"]),
        (json!({ "tags": " hobby ,, board,hobby" }), vec!["hobby", "board"]),
        (json!({ "tags": ["hobby", "a, b", 7, { "name": "board" }, null, ""] }), vec!["hobby", "a, b", "7", "board"]),
        (json!({ "tags": "[\"hobby\", \"board\"]" }), vec!["hobby", "board"]),
        (json!({ "categories": "hobby" }), vec!["hobby"]),
        (json!({ "tags": null, "categories": ["hobby"] }), vec!["hobby"]),
        (json!({ "tags": ["hobby"], "categories": [{ "name": "board" }, { "name": "hobby" }] }), vec!["hobby", "board"]),
        (json!({ "tags": { "name": "hobby" } }), vec!["hobby"]),
        (json!({ "tags": true }), vec![]),
    ] {
        let mut memory = given.clone();
        memory["text"] = json!("plays chess");
        assert_eq!(read(memory).tags, expected, "{given}");
    }
    let memory = read(json!({ "text": "x", "created_at": 1_700_000_000_000_i64, "occurred_at": "20231114", "metadata": "{\"k\": 1}" }));
    assert_eq!(memory.created_at.as_deref(), Some("2023-11-14T22:13:20.000000Z"));
    assert_eq!((memory.occurred_at.as_deref(), memory.metadata["k"].clone()), (Some("2023-11-14T00:00:00.000000Z"), json!(1)));
    let memory = read(json!({ "content": [{ "type": "text", "text": "in parts" }], "created_at": "last spring", "metadata": ["odd"] }));
    assert_eq!((memory.text.as_str(), memory.created_at), ("in parts", None));
    assert_eq!(
        memory.metadata,
        serde_json::Map::from_iter([("created_at".into(), json!("last spring")), ("metadata".into(), json!(["odd"]))])
    );
}

#[test]
fn a_file_in_which_nothing_was_found_says_what_it_is_and_why() {
    let talk = |message: Value| json!([chat(&[message])]).to_string().into_bytes();
    for (file, says) in [
        (b"hello".to_vec(), vec!["lines (1)", "This line is not JSON"]),
        (b"[]".to_vec(), vec!["entries of a JSON list (0)", "nothing in it"]),
        (br#"[{"name": "x"}, 5]"#.to_vec(), vec!["entries of a JSON list (2)", "no text, memory or content"]),
        (br#"{"users": []}"#.to_vec(), vec!["JSON objects (1)", "no text"]),
        (br#"{"mapping": [1]}"#.to_vec(), vec!["conversations of ChatGPT (1)", "'mapping'"]),
        (br#"[{"chat_messages": []}]"#.to_vec(), vec!["conversations of Claude (1)", "nothing in it"]),
        (archive(&[("memories.json", b"{}")]), vec!["what Claude remembers (1)", "nothing in it"]),
        (archive(&[("a/holiday.json", b"{}"), ("b.html", b"")]), vec!["archive of 2 files", "holiday.json, b.html"]),
    ] {
        let (code, detail) = refused(&file, &PLAIN);
        assert!(code == Code::InvalidArgument && says.iter().all(|part| detail.contains(part)), "{detail}");
    }
    let parsed = read(&talk(by("assistant", words(&["Hello"]))), &PLAIN);
    let warning = parsed.report.warning.expect("a warning");
    assert!(warning.contains("conversations of ChatGPT (1)") && warning.contains("assistant (1)"), "{warning}");
    let empty = "{\"type\":\"header\",\"format\":\"jonathans-memory\",\"version\":1,\"exported_at\":\"x\"}\n{\"type\":\"end\",\"projects\":0,\"memories\":0}\n";
    assert_eq!(read(empty.as_bytes(), &PLAIN).report.warning, None, "an export of nothing is whole");
}

#[test]
fn an_odd_entry_costs_no_list_and_reasons_have_an_end() {
    let sound = chat(&[by("user", words(&["I live in Turin"]))]);
    let list = json!([null, "x", ["mapping"], { "mapping": null }, { "mapping": 5 }, sound]).to_string();
    let parsed = read(list.as_bytes(), &PLAIN);
    assert_eq!((said(&parsed).len(), parsed.report.failed.total()), (1, 5));
    let lines = "odd\n".repeat(250) + "{\"text\": \"sound\"}\n";
    let parsed = read(lines.as_bytes(), &PLAIN);
    assert_eq!((said(&parsed).len(), parsed.report.failed.len(), parsed.report.failed.more()), (1, 100, 150));
}
