//! Two nodes on one Postgres: what one does, the other knows.

use std::time::Duration;

use futures::StreamExt;
use jonathans_memory::{adapters::sql::Engine, app::Outside, jobs::JobQueue};
use serde_json::json;
use tokio::time::Instant;

use crate::support::{
    app::TestApp,
    db::{self, TestDb},
    eventually,
    openai::{DIMENSION, OpenAiDouble},
    patience,
};

async fn node(db: &TestDb, more: &[(&str, &str)]) -> TestApp {
    let key = "5c".repeat(32);
    let env = [("DATABASE_URL", db.url.as_str()), ("JM_SECRET_KEY", key.as_str())];
    TestApp::start_with(&[&env[..], more].concat(), Outside::default()).await
}

#[test]
fn what_one_node_stores_the_other_finds_at_once() {
    let rounds: usize = std::env::var("NODE_ROUNDS").map_or(1000, |n| n.parse().expect("a number"));
    db::run(Engine::Postgres, async move |db| {
        let nodes = [node(&db, &[]).await, node(&db, &[]).await];
        let ann = nodes[0].person("ann").await;
        for n in 0..rounds {
            let (here, there) = (&nodes[n % 2], &nodes[(n + 1) % 2]);
            let id = here.add(&ann, &format!("note number {n} of the pair, marked w{n}x")).await;
            let found = there.tool(&ann, "search_memory", json!({ "query": format!("w{n}x"), "limit": 1 })).await;
            assert_eq!(found["structuredContent"]["results"][0]["id"], json!(id), "round {n}");
        }
    });
}

#[test]
fn a_credential_revoked_on_one_node_is_refused_by_the_other() {
    db::run(Engine::Postgres, async |db| {
        let (one, other) = (node(&db, &[]).await, node(&db, &[]).await);
        let ann = one.person("ann").await;
        let url = format!("{}/mcp/test/sse/{}", other.base, ann.endpoint);
        let opened = other.http.get(&url).header("accept", "text/event-stream").send().await.expect("an answer");
        assert_eq!(opened.status().as_u16(), 200);
        let mut events = opened.bytes_stream();
        events.next().await.expect("an event").expect("the address");
        other.tool(&ann, "search_memory", json!({ "query": "anything" })).await;

        let start = Instant::now();
        let credential = ann.principal.credential.expect("an endpoint");
        let (status, _) = one.rest(&ann.jwt, "DELETE", &format!("/api/v1/endpoints/{credential}"), None).await;
        assert_eq!(status, 200);
        let call = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/list" });
        let http = url.replace("/sse/", "/http/");
        eventually("the other node refuses it", async || {
            let request = other.http.post(&http).header("accept", "application/json, text/event-stream").json(&call);
            request.send().await.expect("an answer").status().as_u16() == 404
        })
        .await;
        assert!(start.elapsed() < patience(Duration::from_secs(5)), "refused after {:?}", start.elapsed());
        let closed =
            tokio::time::timeout(patience(Duration::from_secs(6)), async { while events.next().await.is_some_and(|e| e.is_ok()) {} });
        closed.await.expect("its open stream ends");
    });
}

#[test]
fn no_job_is_done_twice() {
    db::run(Engine::Postgres, async |db| {
        let double = OpenAiDouble::start().await;
        double.latency(Duration::from_millis(20));
        let env = [
            ("EMBEDDER_PROVIDER", "openai"),
            ("EMBEDDER_MODEL", "made-up"),
            ("JM__EMBEDDER__DIMENSIONS", &DIMENSION.to_string()),
            ("OPENAI_BASE_URL", &double.url),
        ];
        let nodes = [node(&db, &env).await, node(&db, &env).await];
        let ann = nodes[0].person("ann").await;
        let texts: Vec<_> = (0..200).map(|n| format!("note number {n}")).collect();
        let mut adds = futures::stream::iter(texts.iter().enumerate())
            .map(|(n, text)| nodes[n % 2].rest(&ann.jwt, "POST", "/api/v1/memories/", Some(json!({ "text": text }))))
            .buffer_unordered(8);
        while let Some((status, added)) = adds.next().await {
            assert_eq!(status, 200, "{added}");
        }
        eventually("every job is done", async || nodes[0].app.queue.stats().await.is_ok_and(|s| s.by_state.is_empty())).await;
        let mut sent: Vec<_> = double.calls().into_iter().flat_map(|call| call.texts).collect();
        let mut asked = texts.clone();
        sent.sort();
        asked.sort();
        assert_eq!(sent, asked, "each text went out once");
    });
}

#[test]
fn a_legacy_stream_lives_on_the_node_that_opened_it() {
    db::run(Engine::Postgres, async |db| {
        let (one, other) = (node(&db, &[]).await, node(&db, &[]).await);
        let ann = one.person("ann").await;
        let opened = one.http.get(format!("{}/mcp/test/sse/{}", one.base, ann.endpoint)).header("accept", "text/event-stream").send();
        let mut events = opened.await.expect("an answer").bytes_stream();
        let first = String::from_utf8(events.next().await.expect("an event").expect("the address").to_vec()).expect("text");
        let address = first.lines().find_map(|line| line.strip_prefix("data: ")).expect("an address").to_owned();
        let start = json!({ "jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {
            "protocolVersion": "2024-11-05", "capabilities": {}, "clientInfo": { "name": "test", "version": "1" } } });
        let send = async |node: &TestApp| {
            let answer = node.http.post(format!("{}{address}", node.base)).json(&start).send().await.expect("an answer");
            (answer.status().as_u16(), answer.text().await.expect("a body"))
        };
        let (status, body) = send(&other).await;
        assert_eq!(status, 404, "{body}");
        assert!(body.contains("Open your personal URL again"), "it says what to do: {body}");
        assert_eq!(send(&one).await.0, 202, "behind a proxy that keeps a client on its node, it works");
    });
}
