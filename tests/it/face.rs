//! The public face as files, so that a change of it is seen in review: what REST, MCP and the configuration tell others.
//! `FACE=write cargo test --test it face` writes them anew.

use std::{fs, path::Path};

use jonathans_memory::config::Config;
use serde_json::{Value, json};

use crate::support::app::TestApp;

fn shown(value: &Value) -> String {
    serde_json::to_string_pretty(value).expect("JSON") + "\n"
}

#[tokio::test]
async fn is_what_it_was() {
    let app = TestApp::start().await;
    let person = app.person("ann").await;
    let (_, openapi) = app.rest("", "GET", "/openapi.json", None).await;
    let list = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/list" });
    let request =
        app.http.post(format!("{}/mcp/test/http/{}", app.base, person.endpoint)).header("accept", "application/json, text/event-stream");
    let tools: Value = request.json(&list).send().await.expect("an answer").json().await.expect("JSON");
    let faces =
        [("openapi.json", shown(&openapi)), ("tools.json", shown(&tools["result"])), ("configuration.toml", Config::default().redacted())];
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/face");
    let mut changed = Vec::new();
    for (name, now) in faces {
        let file = folder.join(name);
        if std::env::var("FACE").is_ok_and(|what| what == "write") {
            fs::create_dir_all(&folder).expect("a folder");
            fs::write(&file, &now).expect("written");
        } else if fs::read_to_string(&file).unwrap_or_default() != now {
            changed.push(name);
        }
    }
    assert!(changed.is_empty(), "{changed:?} are not what tests/it/face says. Where that is meant: FACE=write cargo test --test it face");
}
