//! Known secrets go through a whole life of the program, at the loudest log level; then they are looked for wherever
//! something could have kept them.

use std::{fmt::Write, process::Stdio};

use serde_json::{Value, json};

use crate::support::{
    openai::{DIMENSION, OpenAiDouble},
    otlp::OtlpDouble,
    process::{Served, call_tool, jmem, json_of},
    qdrant::QdrantDouble,
};

#[tokio::test(flavor = "multi_thread")]
async fn no_secret_is_kept_or_shown() {
    let dir = tempfile::tempdir().expect("a directory");
    let data = dir.path().join("data");
    let log = dir.path().join("log");
    let master = "c0ffee".repeat(11)[..64].to_owned();
    let (model, index, collector) = (OpenAiDouble::start().await, QdrantDouble::start().await, OtlpDouble::start().await);
    let (model_key, index_key) = ("sk-proj-0f2b7c91d4", "qdrant-key-77aa41");
    let with = |mut command: std::process::Command| {
        command
            .env("JM_SECRET_KEY", &master)
            .env("JM_LOG", "trace")
            .env("LLM_PROVIDER", "openai")
            .env("OPENAI_BASE_URL", &model.url)
            .env("OPENAI_API_KEY", model_key)
            .env("EMBEDDER_PROVIDER", "openai")
            .env("EMBEDDER_MODEL", "made-up")
            .env("JM__EMBEDDER__DIMENSIONS", DIMENSION.to_string())
            .env("INDEX_PROVIDER", "qdrant")
            .env("QDRANT_URL", &index.url)
            .env("QDRANT_API_KEY", index_key)
            .env("OTEL_EXPORTER_OTLP_ENDPOINT", &collector.url)
            .stderr(Stdio::from(std::fs::OpenOptions::new().create(true).append(true).open(&log).expect("a log file")));
        command
    };
    let password = "tr0ub4dor-and-three";
    let served = Served::start(&mut with(jmem(&data)));
    let client = reqwest::Client::new();
    let mut bodies = String::new();
    let mut secrets = vec![master.clone(), password.to_owned(), model_key.to_owned(), index_key.to_owned()];

    let post = |path: &str, body: Value| client.post(format!("{}{path}", served.base)).json(&body).send();
    let registered: Value = post("/api/v1/auth/register", json!({ "email": "s@example.com", "password": password }))
        .await
        .expect("sent")
        .json()
        .await
        .expect("JSON");
    let refresh = registered["refresh_token"].as_str().expect("a token").to_owned();
    let jwt = registered["access_token"].as_str().expect("a token").to_owned();
    let rotated: Value = post("/api/v1/auth/refresh", json!({ "refresh_token": refresh })).await.expect("sent").json().await.expect("JSON");
    secrets.extend([refresh, jwt, rotated["refresh_token"].as_str().expect("a token").to_owned()]);

    let endpoint = json_of(with(jmem(&data)).args(["endpoint", "create", "--user", "s@example.com", "--client", "test", "--json"]));
    let key = json_of(with(jmem(&data)).args(["key", "create", "--user", "s@example.com", "--json"]));
    let secret = endpoint["secret"].as_str().expect("a secret").to_owned();
    let api_key = key["api_key"].as_str().expect("a key").to_owned();
    secrets.extend([secret.clone(), api_key.clone()]);

    let url = format!("{}/mcp/test/http/{secret}", served.base);
    // What people say is no secret of the database, but one of the log, also where a model repeats it and talks nonsense.
    let said = "the otter of Zanzibar sings";
    model.says(&format!("{{ {said}"));
    call_tool(&client, &url, "add_memories", json!({ "text": said })).await.expect("an answer");
    call_tool(&client, &url, "search_memory", json!({ "query": "fact" })).await.expect("an answer");

    // Errors, odd paths, wrong methods and discovery probes, all with the secret in them.
    let odd = [
        format!("/mcp/test/http/{secret}/extra"),
        format!("/mcp/test/sse/{secret}"),
        format!("/mcp/other/http/{secret}"),
        format!("/.well-known/oauth-protected-resource/mcp/test/http/{secret}"),
        format!("/nothing/{secret}?token={api_key}"),
        format!("/mcp?api_key={api_key}"),
        format!("/api/v1/memories/{secret}"),
    ];
    for path in &odd {
        for request in [client.get(format!("{}{path}", served.base)), client.post(format!("{}{path}", served.base)).body("{")] {
            let response = request.bearer_auth(&api_key).send().await.expect("an answer");
            write!(bodies, "{:?}", response.headers()).expect("a string takes it");
            bodies.push_str(&response.text().await.unwrap_or_default());
        }
    }
    for path in ["/metrics", "/health/ready", "/openapi.json"] {
        bodies.push_str(&client.get(format!("{}{path}", served.base)).send().await.expect("an answer").text().await.expect("text"));
    }
    let wrong = post("/api/v1/auth/login", json!({ "email": "s@example.com", "password": format!("{password}-not") })).await.expect("sent");
    bodies.push_str(&wrong.text().await.expect("text"));

    let mut served = served;
    let in_use = kept_in(&data);
    assert!(served.terminate().success(), "a clean stop");
    let kept = [("the database files in use", in_use), ("the database files after the stop", kept_in(&data))];
    let shown =
        [("the log", std::fs::read(&log).expect("the log")), ("answers", bodies.into_bytes()), ("spans", collector.text().into_bytes())];
    assert!(shown[0].1.len() > 10_000, "the log was not at trace level");
    assert!(model.chats().len() > 1 && !index.keys().is_empty(), "both were asked");
    assert!(collector.spans().len() > 20, "nothing was traced");
    for (place, bytes) in [&shown[0], &shown[2]] {
        assert!(!bytes.windows(said.len()).any(|w| w == said.as_bytes()), "{place}: it tells what was said");
    }
    for secret in &secrets {
        for (place, bytes) in kept.iter().chain(&shown) {
            let found = bytes.windows(secret.len()).any(|w| w == secret.as_bytes());
            assert!(!found, "the secret {}… is in {place}", &secret[..8.min(secret.len())]);
        }
    }
}

/// Every byte of every file of the data directory.
fn kept_in(data: &std::path::Path) -> Vec<u8> {
    let files = std::fs::read_dir(data).expect("the data directory").map(|entry| entry.expect("an entry").path());
    let bytes: Vec<u8> = files.flat_map(|path| std::fs::read(path).expect("a file")).collect();
    assert!(bytes.len() > 50_000, "the database is not where it is looked for");
    bytes
}
