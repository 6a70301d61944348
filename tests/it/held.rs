//! What the write gate holds back: stored, hidden, listed, kept by one call, erased after its time; and a person's own word.

use std::{sync::Arc, time::Duration};

use jonathans_memory::{
    app::Outside,
    clock::{Clock, ManualClock, SystemClock},
};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use crate::support::app::{Person, TestApp};

async fn start() -> (TestApp, Arc<ManualClock>) {
    let clock = Arc::new(ManualClock::at(SystemClock.now()));
    let outside = Outside { clock: clock.clone(), ..Outside::default() };
    (TestApp::start_with(&[("JM__GATE__JUNK", "true")], outside).await, clock)
}

async fn create(app: &TestApp, person: &Person, body: Value) -> Value {
    let (status, answer) = app.rest(&person.api_key, "POST", "/api/v1/memories/", Some(body)).await;
    assert_eq!(status, 200, "{answer}");
    answer
}

async fn listed(app: &TestApp, person: &Person, query: &str) -> Vec<Value> {
    let (status, page) = app.rest(&person.api_key, "GET", &format!("/api/v1/memories/?{query}"), None).await;
    assert_eq!(status, 200, "{page}");
    page["items"].as_array().expect("items").clone()
}

async fn searched(app: &TestApp, person: &Person, query: &str) -> usize {
    let (_, found) = app.rest(&person.api_key, "POST", "/api/v1/memories/search", Some(json!({ "query": query }))).await;
    found["results"].as_array().expect("results").len()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_held_is_hidden_listed_kept_by_one_call_and_erased_after_its_time() {
    let (app, clock) = start().await;
    let ann = app.person("ann").await;
    let held = create(&app, &ann, json!({ "text": "ok, thanks!" })).await;
    assert_eq!((&held["event"], &held["state"]), (&json!("NONE"), &json!("held")), "{held}");
    assert!(held["reason"].as_str().is_some_and(|reason| reason.starts_with("held_")), "{held}");
    assert!(held["message"].as_str().is_some_and(|message| message.contains("Held back")), "{held}");
    let id = held["id"].as_str().expect("it is stored").to_owned();
    assert_eq!(searched(&app, &ann, "ok, thanks!").await, 0);
    assert!(listed(&app, &ann, "size=10").await.is_empty());
    let (_, context) = app.rest(&ann.api_key, "POST", "/api/v1/context", Some(json!({ "query": "thanks" }))).await;
    assert_eq!(context["text"], json!(""), "{context}");
    let waiting = listed(&app, &ann, "state=held").await;
    assert_eq!((waiting.len(), &waiting[0]["id"], &waiting[0]["held_for"]), (1, &json!(id), &json!("empty_talk")), "{waiting:?}");
    // Said again, it is held once; it is nobody else's.
    let again = create(&app, &ann, json!({ "text": "Ok, thanks" })).await;
    assert_eq!((&again["id"], &again["state"]), (&json!(id), &json!("held")), "{again}");
    let eve = app.person("eve").await;
    let (status, _) = app.rest(&eve.api_key, "POST", &format!("/api/v1/memories/{id}/keep"), None).await;
    assert_eq!(status, 404);
    let (_, moved) = app.rest(&eve.api_key, "POST", "/api/v1/memories/actions/keep", Some(json!([id]))).await;
    assert_eq!(moved["updated"], 0);

    let (status, kept) = app.rest(&ann.api_key, "POST", &format!("/api/v1/memories/{id}/keep"), None).await;
    assert_eq!((status, &kept["state"]), (200, &json!("active")), "{kept}");
    assert_eq!((searched(&app, &ann, "ok, thanks!").await, listed(&app, &ann, "state=held").await.len()), (1, 0));
    let known = create(&app, &ann, json!({ "text": "ok, thanks!" })).await;
    assert_eq!((&known["reason"], &known["state"]), (&json!("duplicate"), &json!("active")), "{known}");

    let gone = create(&app, &ann, json!({ "text": "lol" })).await["id"].as_str().expect("an id").to_owned();
    let stop = CancellationToken::new();
    clock.advance(Duration::from_hours(24 * 29));
    app.tasks(&stop).await;
    assert_eq!(listed(&app, &ann, "state=held").await.len(), 1, "thirty days are not over");
    clock.advance(Duration::from_hours(25));
    app.tasks(&stop).await;
    app.tasks(&stop).await;
    let (status, _) = app.rest(&ann.api_key, "POST", &format!("/api/v1/memories/{gone}/restore"), None).await;
    assert_eq!((status, listed(&app, &ann, "state=held").await.len()), (404, 0), "it is erased");
    assert_eq!(searched(&app, &ann, "ok, thanks!").await, 1, "what was kept stays");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_persons_own_word_is_law() {
    let (app, _) = start().await;
    let ann = app.person("ann").await;
    let forced = create(&app, &ann, json!({ "text": "ok, thanks!", "force": true })).await;
    assert_eq!((&forced["event"], &forced["state"]), (&json!("ADD"), &json!("active")), "{forced}");
    let added = app.tool(&ann, "add_memories", json!({ "text": "thank you!!", "infer": false })).await;
    assert_eq!(added["structuredContent"]["results"][0]["event"], "ADD", "{added}");
    for text in [
        "Remember: ok",
        "Remember that I have asthma.",
        "Please remember: yes",
        "Merk dir: ja",
        "Recuerda: gracias",
        "Retiens : oui",
        "Lembre-se: sim",
        "Запомни: да",
        "记住：好的",
        "覚えておいて：はい",
        "기억해: 네",
        "تذكر: نعم",
        "याद रखना: हाँ",
        "จำไว้: ใช่",
        "Ricorda: grazie",
    ] {
        let added = app.tool(&ann, "add_memories", json!({ "text": text })).await;
        assert_eq!(added["structuredContent"]["results"][0]["event"], "ADD", "{text}: {added}");
    }
    // What was held comes back by the same door.
    let held = app.tool(&ann, "add_memories", json!({ "text": "haha nice" })).await;
    let result = &held["structuredContent"]["results"][0];
    assert_eq!(result["event"], "NONE", "{held}");
    let kept = app.tool(&ann, "add_memories", json!({ "text": "haha nice", "force": true })).await;
    let again = &kept["structuredContent"]["results"][0];
    assert_eq!((&again["event"], &again["reason"], &again["id"]), (&json!("UPDATE"), &json!("was_held"), &result["id"]), "{kept}");
}
