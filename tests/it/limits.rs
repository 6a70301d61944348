//! How often callers may ask: told before it is too often, waited out where that is short, shared by nodes, and no reason for others
//! to wait.

use std::time::Duration;

use futures::{StreamExt, stream};
use jonathans_memory::{adapters::sql::Engine, app::Outside};
use serde_json::json;
use tokio::time::Instant;

use crate::support::{app::TestApp, db, eventually};

async fn start(rates: &str) -> TestApp {
    TestApp::start_with(&[("JM__LIMITS__RATES", rates)], Outside::default()).await
}

async fn get(app: &TestApp, token: &str, path: &str) -> reqwest::Response {
    app.http.get(format!("{}{path}", app.base)).bearer_auth(token).send().await.expect("an answer")
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_tell_where_a_caller_stands_and_refusals_when_to_come_back() {
    let app = start("tenant 5/hour, credential search 2/hour burst 2").await;
    let (ann, eve) = (app.person("ann").await, app.person("eve").await);
    let first = get(&app, &ann.jwt, "/api/v1/stats").await;
    assert_eq!(first.headers()["ratelimit-policy"], "\"tenant\";q=5;w=3600");
    assert_eq!(first.headers()["ratelimit"], "\"tenant\";r=4;t=720");
    let search = async |token: &str| app.rest(token, "POST", "/api/v1/memories/search", Some(json!({ "query": "boat" }))).await;
    assert_eq!((search(&ann.jwt).await.0, search(&ann.jwt).await.0), (200, 200));
    let (status, body) = search(&ann.jwt).await;
    assert_eq!((status, &body["code"], &body["violated-policies"]), (429, &json!("rate_limited"), &json!(["credential-search"])), "{body}");
    // What was refused counted nowhere: two of five are left.
    let fourth = get(&app, &ann.jwt, "/api/v1/stats").await;
    assert_eq!(fourth.headers()["ratelimit"], "\"tenant\";r=1;t=2880");
    assert_eq!(get(&app, &ann.jwt, "/api/v1/stats").await.status().as_u16(), 200);
    let refused = get(&app, &ann.jwt, "/api/v1/stats").await;
    assert_eq!(refused.status().as_u16(), 429);
    assert_eq!(refused.headers()["ratelimit"], "\"tenant\";r=0;t=720");
    assert_eq!(refused.headers()["retry-after"], "720");
    assert_eq!(get(&app, &eve.jwt, "/api/v1/stats").await.status().as_u16(), 200, "another account has its own");
    assert_eq!(get(&app, &ann.jwt, "/health/live").await.status().as_u16(), 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_waits_a_moment_and_is_told_by_the_tool_where_it_would_be_long() {
    let app = start("tenant search 60/minute burst 1").await;
    let ann = app.person("ann").await;
    let call = async || app.tool(&ann, "search_memory", json!({ "query": "boat" })).await;
    call().await;
    let start = Instant::now();
    assert_ne!(call().await["isError"], true, "one a second: it waits for its turn");
    assert!(start.elapsed() >= Duration::from_millis(700), "{:?}", start.elapsed());
    let app = self::start("tenant search 1/hour").await;
    let ann = app.person("ann").await;
    let call = async || app.tool(&ann, "search_memory", json!({ "query": "boat" })).await;
    call().await;
    let refused = call().await;
    assert_eq!((&refused["isError"], &refused["structuredContent"]["retry_after"]), (&json!(true), &json!(3_600)), "{refused}");
    assert!(refused["content"][0]["text"].as_str().is_some_and(|text| text.contains("Try again in 3600 seconds")), "{refused}");
    assert_ne!(app.tool(&ann, "list_memories", json!({})).await["isError"], true, "only searches are limited");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_scope_counts_whom_it_names() {
    for (rate, others_too, whole_account) in [
        ("global 3/hour", true, true),
        ("network 3/hour", true, true),
        ("tenant read 3/hour", false, true),
        ("user read 3/hour", false, true),
        ("credential read 3/hour", false, false),
    ] {
        let app = start(rate).await;
        let (ann, eve) = (app.person("ann").await, app.person("eve").await);
        for _ in 0..3 {
            assert_eq!(get(&app, &ann.jwt, "/api/v1/stats").await.status().as_u16(), 200, "{rate}");
        }
        let refused = |status: u16, expected: bool| assert_eq!(status == 429, expected, "{rate}");
        refused(get(&app, &ann.jwt, "/api/v1/stats").await.status().as_u16(), true);
        refused(get(&app, &ann.api_key, "/api/v1/stats").await.status().as_u16(), whole_account);
        refused(get(&app, &eve.jwt, "/api/v1/stats").await.status().as_u16(), others_too);
    }
}

#[test]
fn nodes_share_a_limit() {
    db::run(Engine::Postgres, async |db| {
        let key = "5c".repeat(32);
        let env = [("DATABASE_URL", db.url.as_str()), ("JM_SECRET_KEY", &key), ("JM__LIMITS__RATES", "tenant read 100/hour")];
        let nodes = [TestApp::start_with(&env, Outside::default()).await, TestApp::start_with(&env, Outside::default()).await];
        let ann = nodes[0].person("ann").await;
        // A node that came first learns of the other at its next heartbeat; what it let through meanwhile is at most a burst.
        eventually("both know of each other", async || nodes.iter().all(|node| node.app.edges.nodes() == 2)).await;
        let calls = stream::iter(0..300usize).map(async |n| get(&nodes[n % 2], &ann.jwt, "/api/v1/stats").await.status().as_u16());
        let answers: Vec<_> = calls.buffer_unordered(8).collect().await;
        let passed = answers.iter().filter(|status| **status == 200).count();
        assert!((90..=102).contains(&passed), "{passed} of 100");
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_service_says_so_and_goes_on_for_the_health_check() {
    let app =
        TestApp::start_with(&[("JM__LIMITS__REQUESTS_AT_ONCE", "1"), ("JM__LIMITS__RATES", "tenant 100000/second")], Outside::default())
            .await;
    let ann = app.person("ann").await;
    let calls = stream::iter(0..200).map(async |n| {
        let body = json!({ "text": format!("note number {n}") });
        app.http.post(format!("{}/api/v1/memories/", app.base)).bearer_auth(&ann.jwt).json(&body).send().await.expect("an answer")
    });
    let answers: Vec<_> = calls.buffer_unordered(64).collect().await;
    let (taken, shed): (Vec<_>, Vec<_>) = answers.into_iter().partition(|answer| answer.status().as_u16() == 200);
    assert!(!taken.is_empty() && !shed.is_empty(), "{} taken, {} shed", taken.len(), shed.len());
    assert!(shed.iter().all(|answer| answer.status().as_u16() == 503 && answer.headers()["retry-after"] == "1"));
    assert_eq!(get(&app, "", "/health/live").await.status().as_u16(), 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn long_answers_leave_compressed_for_whoever_takes_that() {
    let app = TestApp::start().await;
    let ann = app.person("ann").await;
    for n in 0..20 {
        app.add(&ann, &format!("a note that is long enough to be worth it, number {n}")).await;
    }
    let ask = async |encoding: &str, path: &str| {
        let request = app.http.get(format!("{}{path}", app.base)).bearer_auth(&ann.jwt).header("accept-encoding", encoding);
        request.send().await.expect("an answer")
    };
    for encoding in ["gzip", "br"] {
        let answer = ask(encoding, "/api/v1/memories/").await;
        assert_eq!(answer.headers()["content-encoding"], encoding);
        assert!(answer.headers()["vary"].to_str().is_ok_and(|vary| vary.to_lowercase().contains("accept-encoding")));
        assert!(answer.bytes().await.expect("bytes").len() < 3_000);
    }
    for (encoding, path) in
        [("identity", "/api/v1/memories/"), ("gzip", "/api/v1/stats"), ("gzip", "/api/v1/export"), ("gzip", "/api/v1/events")]
    {
        assert!(!ask(encoding, path).await.headers().contains_key("content-encoding"), "{encoding} {path}");
    }
}
