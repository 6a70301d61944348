//! Embeddings of a server that is far and fails: nothing that was acknowledged is lost, search goes on by words, and what
//! waits is made up for by itself.

use jonathans_memory::jobs::JobQueue;
use std::time::Duration;

use jonathans_memory::app::Outside;
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::support::{
    app::{Person, TestApp},
    eventually,
    openai::{DIMENSION, Fault, NOT_A_NUMBER, OpenAiDouble, POISON},
    patience,
};

const KEY: &str = "sk-the-service-itself";

async fn start(double: &OpenAiDouble) -> TestApp {
    let env = [
        ("EMBEDDER_PROVIDER", "openai"),
        ("EMBEDDER_MODEL", "made-up"),
        ("JM__EMBEDDER__DIMENSIONS", &DIMENSION.to_string()),
        ("JM__EMBEDDER__QUERY_TIMEOUT_MS", "300"),
        ("JM__OPENAI__TIMEOUT_SECS", "1"),
        ("OPENAI_BASE_URL", &double.url),
        ("OPENAI_API_KEY", KEY),
    ];
    TestApp::start_with(&env, Outside::default()).await
}

async fn search(app: &TestApp, person: &Person, query: &str) -> Value {
    let (status, answer) = app.rest(&person.jwt, "POST", "/api/v1/memories/search", Some(json!({ "query": query, "threshold": 0 }))).await;
    assert_eq!(status, 200, "{answer}");
    answer
}

/// Whether the best hit is `id`, and was found by meaning too.
fn found_by_meaning(answer: &Value, id: &str) -> bool {
    let best = &answer["results"][0];
    answer["degraded"] == json!(false) && best["id"] == json!(id) && best["scores"]["dense"].is_number()
}

#[tokio::test(flavor = "multi_thread")]
async fn no_fault_loses_a_memory_or_stops_a_search() {
    let double = OpenAiDouble::start().await;
    let app = start(&double).await;
    let faults = [
        Fault::Status(401, None),
        Fault::Status(404, None),
        Fault::Status(429, Some("1")),
        Fault::Status(500, None),
        Fault::Status(503, None),
        Fault::Truncated,
        Fault::WrongDimension,
        Fault::Hang,
    ];
    for (n, fault) in faults.into_iter().enumerate() {
        let person = app.person(&format!("fault{n}")).await;
        double.always(fault.clone());
        let id = app.add(&person, "the lighthouse keeper is called Ingrid").await;
        let start = Instant::now();
        let answer = search(&app, &person, "lighthouse keeper").await;
        assert!(start.elapsed() < patience(Duration::from_secs(2)), "{fault:?}: a search waited {:?}", start.elapsed());
        assert_eq!((&answer["degraded"], &answer["results"][0]["id"]), (&json!(true), &json!(id)), "{fault:?}: {answer}");
        double.heal();
        eventually(&format!("the memory is embedded after {fault:?}"), async || {
            found_by_meaning(&search(&app, &person, "lighthouse keeper").await, &id)
        })
        .await;
    }
    assert_eq!(app.app.queue.dead(10).await.expect("listed").len(), 0);
    let calls = double.calls();
    assert!(calls.iter().all(|call| call.authorization == format!("Bearer {KEY}")), "nobody else's credential leaves");
    assert!(calls.iter().all(|call| call.body["encoding_format"] == "base64" && call.body.get("dimensions").is_none()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_that_no_model_takes_goes_to_the_dead_letter_alone() {
    let double = OpenAiDouble::start().await;
    let app = start(&double).await;
    let (ann, bob) = (app.person("ann").await, app.person("bob").await);
    let batch = json!({ "memories": [{ "text": "apples" }, { "text": format!("{POISON} pears") }, { "text": "plums" }] });
    let (status, added) = app.rest(&ann.jwt, "POST", "/api/v1/memories/batch", Some(batch)).await;
    assert_eq!(status, 200, "{added}");
    let strange = app.add(&bob, &format!("a text with {NOT_A_NUMBER} in its vector")).await;
    let cherry = app.add(&bob, "cherries").await;
    let id = |n: usize| added["results"][n]["id"].as_str().expect("an id");
    eventually("the others are embedded", async || {
        found_by_meaning(&search(&app, &ann, "apples").await, id(0))
            && found_by_meaning(&search(&app, &ann, "plums").await, id(2))
            && found_by_meaning(&search(&app, &bob, "cherries").await, &cherry)
    })
    .await;
    eventually("the poison is given up", async || app.app.queue.dead(10).await.expect("listed").len() == 1).await;
    let dead = app.app.queue.dead(10).await.expect("listed").remove(0);
    assert_eq!(dead.subject.to_string(), id(1));
    let why = dead.error.expect("a reason");
    assert!(why.contains("400") && !why.contains(POISON), "a reason without the text: {why}");
    assert_eq!(search(&app, &ann, "pears").await["results"][0]["id"], json!(id(1)), "it is there all the same");
    assert_eq!(search(&app, &bob, "strange text").await["results"][0]["id"], json!(strange), "and so is the other");
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_share_calls() {
    let double = OpenAiDouble::start().await;
    double.latency(Duration::from_millis(50));
    let app = start(&double).await;
    let person = app.person("ann").await;
    let texts: Vec<_> = (0..60).map(|n| format!("memory number {n}")).collect();
    let adds = texts.iter().map(|text| app.rest(&person.jwt, "POST", "/api/v1/memories/?wait=true", Some(json!({ "text": text }))));
    for (status, added) in futures::future::join_all(adds).await {
        assert_eq!(status, 200, "{added}");
    }
    let calls = double.calls();
    let mut sent: Vec<_> = calls.iter().flat_map(|call| call.texts.clone()).collect();
    sent.sort();
    let mut asked = texts.clone();
    asked.sort();
    assert_eq!(sent, asked, "each text once, and no job did it again");
    assert!(calls.len() <= 20, "{} calls for 60 texts", calls.len());
    assert!(double.most_at_a_time() <= 8);

    double.once(Fault::Numbers);
    assert_eq!(search(&app, &person, "memory number 7").await["degraded"], json!(false), "numbers are as good as base64");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_down_is_asked_once_a_second() {
    let double = OpenAiDouble::start().await;
    let app = start(&double).await;
    let person = app.person("ann").await;
    app.add(&person, "tea").await;
    double.always(Fault::Status(500, None));
    let start = Instant::now();
    let mut searches = 0;
    while start.elapsed() < Duration::from_secs(4) {
        assert_eq!(search(&app, &person, &format!("tea {searches}")).await["results"].as_array().map(Vec::len), Some(1));
        searches += 1;
    }
    let calls: Vec<_> = double.calls().into_iter().filter(|call| call.at >= start).collect();
    assert!(searches > 40 && calls.len() <= 3 + 5 + 1, "{} calls for {searches} searches in 4 s", calls.len());
    let ready = app.ready().await;
    assert_eq!((&ready["status"], &ready["checks"]["embedder"]), (&json!("degraded"), &json!("degraded")), "{ready}");
    double.heal();
    eventually("readiness says that it is back", async || {
        search(&app, &person, "tea").await;
        app.ready().await["checks"]["embedder"] == "ok"
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_names_a_time_is_left_alone_until_then() {
    let double = OpenAiDouble::start().await;
    let app = start(&double).await;
    let person = app.person("ann").await;
    double.once(Fault::Status(429, Some("2")));
    // Who waits comes back when the refusal has been heard: a search beside it could be on its way already.
    let (_, row) = app.rest(&person.jwt, "POST", "/api/v1/memories/?wait=true", Some(json!({ "text": "tea" }))).await;
    let id = row["id"].as_str().expect("an id").to_owned();
    eventually("the memory is embedded", async || found_by_meaning(&search(&app, &person, "tea").await, &id)).await;
    let calls = double.calls();
    let pause = calls[1].at - calls[0].at;
    assert!(pause >= Duration::from_millis(1_950), "it asked for two seconds and got {pause:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_embedded_is_remembered_for_its_tenant_alone() {
    let double = OpenAiDouble::start().await;
    let app = start(&double).await;
    let (ann, bob) = (app.person("ann").await, app.person("bob").await);
    for person in [&ann, &bob] {
        let (status, _) = app.rest(&person.jwt, "POST", "/api/v1/memories/?wait=true", Some(json!({ "text": "tea" }))).await;
        assert_eq!(status, 200);
    }
    let asked = || double.calls().iter().filter(|call| call.texts == ["who drinks tea"]).count();
    for (person, calls) in [(&ann, 1), (&ann, 1), (&bob, 2), (&bob, 2)] {
        assert_eq!(search(&app, person, "who drinks tea").await["degraded"], json!(false));
        assert_eq!(asked(), calls);
    }
}
