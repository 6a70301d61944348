//! What every client reads at its start: names, order, schemas, hints, and how large they are.

use serde_json::{Value, json};

use super::*;

fn listed() -> Vec<Value> {
    all().iter().map(|entry| serde_json::to_value(&entry.tool).expect("plain data")).collect()
}

fn all() -> &'static [Entry] {
    &*TABLE
}

#[test]
fn the_list_is_small() {
    for client in ["claude", "chatgpt"] {
        let tools: Vec<_> = all().iter().filter(|entry| entry.audience.has(client)).map(|entry| &entry.tool).collect();
        let body = json!({"jsonrpc": "2.0", "id": 1, "result": {"tools": tools}}).to_string();
        println!("tools/list of {client}: {} bytes\n{body}", body.len());
        // GPT-4o's tokenizer (o200k) makes a token of 4.17 bytes of this list: 1,500 tokens are 6,255 bytes. `tests/clients` counts them.
        assert!(body.len() < 6_200, "tools/list of {client} has {} bytes; 1,500 tokens are the limit: {body}", body.len());
    }
}

#[test]
fn names_and_order_are_those_that_clients_know() {
    let names = |client| all().iter().filter(|entry| entry.audience.has(client)).map(|entry| entry.tool.name.as_ref()).collect::<Vec<_>>();
    let others = [
        "add_memories",
        "search_memory",
        "list_memories",
        "get_memory",
        "update_memory",
        "memory_feedback",
        "delete_memories",
        "delete_all_memories",
    ];
    assert_eq!(names("claude"), others);
    let chatgpt = others.map(|name| match name {
        "search_memory" => "search",
        "get_memory" => "fetch",
        name => name,
    });
    assert_eq!((names("chatgpt"), names("openai-mcp")), (chatgpt.to_vec(), chatgpt.to_vec()));
    assert!(all().iter().all(|entry| find(&entry.tool.name).is_some_and(|found| std::ptr::eq(found, entry))));
    assert!(find("delete_everything").is_none());
}

#[test]
fn every_tool_says_what_it_takes_gives_and_does() {
    for tool in listed() {
        for part in ["title", "description", "inputSchema", "outputSchema", "annotations"] {
            assert!(!tool[part].is_null(), "{part} is missing in {tool}");
        }
        assert_eq!((&tool["inputSchema"]["type"], &tool["outputSchema"]["type"]), (&json!("object"), &json!("object")));
        assert_eq!(tool["annotations"]["openWorldHint"], false);
        assert!(tool["annotations"]["destructiveHint"].is_boolean() && tool["annotations"]["idempotentHint"].is_boolean(), "{tool}");
        let name = tool["name"].as_str().expect("a name");
        assert_eq!(
            tool["annotations"]["readOnlyHint"],
            ["search", "list", "get", "fetch"].iter().any(|reads| name.starts_with(reads)),
            "{name}"
        );
        if name.starts_with("delete") {
            assert_eq!(tool["annotations"]["destructiveHint"], true, "{name}");
        }
    }
}

#[test]
fn schemas_are_portable_and_free_of_noise() {
    fn visit(value: &Value, path: &str) {
        if let Value::Object(object) = value {
            // Several hosts do not take a list of types, which is what an optional field would become.
            assert!(object.get("type").is_none_or(|kind| kind.is_string() || kind.is_object()), "{path}: {object:?}");
            for word in ["$schema", "$ref", "$defs", "format", "anyOf", "oneOf"] {
                assert!(!object.contains_key(word), "{path} has {word}");
            }
            object.iter().for_each(|(key, inner)| visit(inner, &format!("{path}/{key}")));
        }
    }
    for entry in all() {
        visit(&Value::Object((*entry.tool.input_schema).clone()), &entry.tool.name);
        visit(&Value::Object((**entry.tool.output_schema.as_ref().expect("has one")).clone()), &entry.tool.name);
    }
    let search = &find("search_memory").expect("is there").tool.input_schema;
    assert_eq!(search["required"], json!(["query"]));
    assert_eq!(search["properties"]["limit"], json!({"type": "integer", "default": 10, "minimum": 1, "maximum": 100}));
    assert!(schema::summary(search).contains("query (string, required)"));
}

#[test]
fn optional_arguments_may_be_empty() {
    assert_eq!(given("  ".into()), None);
    assert_eq!(period("from", " ").expect("absent"), None);
    let day = period("to", "2026-03-01").expect("a date").expect("given");
    assert_eq!(day.last().rfc3339(), "2026-03-01T23:59:59.999999Z", "all of it");
    let error = period("from", "yesterday").expect_err("no time");
    assert!(error.detail().starts_with("from must be an RFC 3339 time"), "{}", error.detail());
}
