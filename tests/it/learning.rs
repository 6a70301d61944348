//! Feedback and what is learned from it, over REST and MCP.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use jonathans_memory::{
    app::Outside,
    auth::{CredentialKind, Maker, NewCredential, Scopes},
    clock::{ManualClock, Timestamp},
    memory::{AddOptions, Content, Embedder, EmbeddingModel, MemoryType, ModelError, NewMemory},
    tenancy::TenantScope,
};
use serde_json::{Value, json};

use crate::support::app::{Person, TestApp};

async fn give(app: &TestApp, who: &Person, body: Value) -> (u16, Value) {
    app.rest(&who.jwt, "POST", "/api/v1/learning/feedback", Some(body)).await
}

async fn memory(app: &TestApp, who: &Person, id: &str) -> Value {
    app.rest(&who.jwt, "GET", &format!("/api/v1/memories/{id}"), None).await.1
}

#[tokio::test(flavor = "multi_thread")]
async fn feedback_is_given_read_and_taken_back() {
    let app = TestApp::start().await;
    let ann = app.person("ann").await;
    let id = app.add(&ann, "Ann drinks tea.").await;
    for (kind, confidence, expected) in
        [("positive", 1.0, 0.6), ("CONFIRMATION", 0.5, 0.64), ("Negative", 1.0, 0.54), ("NEUTRAL", 1.0, 0.54), ("CORRECTION", 1.0, 0.59)]
    {
        let (status, answer) = give(&app, &ann, json!({ "memory_id": id, "feedback": kind, "confidence": confidence })).await;
        assert_eq!((status, &answer["memory_id"], &answer["feedback"]), (200, &json!(id), &json!(kind.to_uppercase())), "{answer}");
        assert!((answer["strength_after"].as_f64().expect("a number") - expected).abs() < 1e-9, "{kind}: {answer}");
    }
    let now = memory(&app, &ann, &id).await;
    assert_eq!((&now["version"], &now["text"]), (&json!(1), &json!("Ann drinks tea.")), "no change of content");
    // The working set has it as well: search answers come from there.
    let (_, found) = app.rest(&ann.jwt, "POST", "/api/v1/context", Some(json!({ "query": "tea" }))).await;
    assert_eq!(found["memories"][0]["id"], json!(id));

    let (_, list) = app.rest(&ann.jwt, "GET", &format!("/api/v1/memories/{id}/feedback"), None).await;
    let kinds: Vec<_> = list["feedback"].as_array().expect("a list").iter().map(|e| e["feedback"].as_str().expect("a word")).collect();
    assert_eq!(kinds, ["POSITIVE", "CONFIRMATION", "NEGATIVE", "NEUTRAL", "CORRECTION"]);
    let event = format!("/api/v1/learning/feedback/{}", list["feedback"][2]["id"].as_str().expect("an id"));
    let (status, entry) = app.rest(&ann.jwt, "DELETE", &event, None).await;
    assert_eq!((status, &entry["reverts"]), (200, &list["feedback"][2]["id"]));
    assert!((memory(&app, &ann, &id).await["strength"].as_f64().expect("a number") - 0.69).abs() < 1e-9);
    let (status, again) = app.rest(&ann.jwt, "DELETE", &event, None).await;
    assert_eq!((status, &again["code"]), (409, &json!("conflict")));

    for (body, status) in [
        (json!({ "memory_id": id, "feedback": "great" }), 422),
        (json!({ "memory_id": id, "feedback": "POSITIVE", "confidence": 1.1 }), 422),
        (json!({ "memory_id": id, "feedback": "POSITIVE", "text": "x" }), 422),
        (json!({ "memory_id": id, "feedback": "CORRECTION", "text": "Ann drinks tea." }), 422),
        (json!({ "memory_id": id, "feedback": "POSITIVE", "query": "x".repeat(10_000) }), 413),
        (json!({ "memory_id": id, "feedback": "POSITIVE", "strength": 1 }), 422),
    ] {
        let (got, answer) = give(&app, &ann, body).await;
        assert_eq!(got, status, "{answer}");
    }
    let answer = app.tool(&ann, "memory_feedback", json!({ "memory_id": id, "feedback": "confirmation", "query": null })).await;
    assert!((answer["structuredContent"]["strength_after"].as_f64().expect("a number") - 0.77).abs() < 1e-9, "{answer}");
    let answer = app.tool(&ann, "memory_feedback", json!({ "memory_id": id, "feedback": "super" })).await;
    assert!(answer["isError"] == json!(true) && answer.to_string().contains("Known: positive"), "{answer}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_correction_takes_the_place_of_what_was_wrong() {
    let app = TestApp::start().await;
    let ann = app.person("ann").await;
    let new = json!({ "text": "Ann lives in Bonn.", "tags": ["home"], "memory_type": "episodic", "speaker": "Ann" });
    let old = app.rest(&ann.jwt, "POST", "/api/v1/memories/", Some(new)).await.1["id"].as_str().expect("an id").to_owned();
    let said = json!({ "memory_id": old, "feedback": "CORRECTION", "text": "Ann lives in Berlin." });
    let (status, answer) = give(&app, &ann, said.clone()).await;
    assert_eq!((status, &answer["replacement"]["event"]), (200, &json!("ADD")), "{answer}");
    let new = memory(&app, &ann, answer["replacement"]["id"].as_str().expect("an id")).await;
    assert_eq!(
        (&new["text"], &new["tags"], &new["memory_type"], &new["speaker"]),
        (&json!("Ann lives in Berlin."), &json!(["home"]), &json!("episodic"), &json!("Ann"))
    );
    let replaced = memory(&app, &ann, &old).await;
    assert_eq!((&replaced["state"], &replaced["superseded_by"]), (&json!("superseded"), &new["id"]));
    let (_, found) = app.rest(&ann.jwt, "POST", "/api/v1/memories/search", Some(json!({ "query": "Where does Ann live?" }))).await;
    let texts: Vec<_> = found["results"].as_array().expect("results").iter().map(|hit| hit["memory"].clone()).collect();
    assert_eq!(texts, [json!("Ann lives in Berlin.")]);

    // What has a key keeps it, and so changes in its place.
    let keyed = json!({ "text": "Ann is 30.", "pattern_signature": "age" });
    let id = app.rest(&ann.jwt, "POST", "/api/v1/memories/", Some(keyed)).await.1["id"].as_str().expect("an id").to_owned();
    let answer = app.tool(&ann, "memory_feedback", json!({ "memory_id": id, "feedback": "CORRECTION", "text": "Ann is 31." })).await;
    assert_eq!(answer["structuredContent"]["replaced_by"], json!(id), "{answer}");
    let now = memory(&app, &ann, &id).await;
    assert_eq!((&now["text"], &now["version"], &now["pattern_signature"]), (&json!("Ann is 31."), &json!(2), &json!("age")));
}

#[tokio::test(flavor = "multi_thread")]
async fn scopes_and_project_bindings_hold() {
    let app = TestApp::start().await;
    let ann = app.person("ann").await;
    let id = app.add(&ann, "Ann drinks tea.").await;
    let project: Value = app.rest(&ann.jwt, "POST", "/api/v1/projects", Some(json!({ "name": "work" }))).await.1;
    let work = project["id"].as_str().expect("an id");
    let made = async |scopes: &[&str], project: Option<&str>| {
        let new = NewCredential {
            kind: CredentialKind::ApiKey,
            name: "k".into(),
            client: None,
            scopes: Some(Scopes::parse(scopes).expect("scopes")),
            project: project.map(|id| id.parse().expect("an id")),
            expires_at: None,
        };
        app.app.credentials.create(&Maker::operator(&ann.member), new).await.expect("a key").secret.expose().to_owned()
    };
    let (reads, writes) = (made(&["memory:read"], None).await, made(&["memory:write"], None).await);
    let bound = made(&["memory:read", "memory:write", "account:manage"], Some(work)).await;
    let like = json!({ "memory_id": id, "feedback": "POSITIVE" });
    let post = async |token: &str, path: &str, body: Option<Value>| app.rest(token, "POST", path, body).await.0;
    assert_eq!(post(&reads, "/api/v1/learning/feedback", Some(like.clone())).await, 403);
    assert_eq!(post(&writes, "/api/v1/learning/feedback", Some(like.clone())).await, 200);
    assert_eq!(post(&bound, "/api/v1/learning/feedback", Some(like)).await, 404);
    assert_eq!(post(&writes, "/api/v1/context", Some(json!({}))).await, 403);
    for token in [&reads, &writes, &bound] {
        assert_eq!(post(token, "/api/v1/learning/policy", None).await, 403);
    }
    assert_eq!(post(&ann.api_key, "/api/v1/learning/policy", None).await, 200);
    let own = format!("/api/v1/learning/analytics/{work}");
    let other = format!("/api/v1/learning/analytics/{}", ann.member.default_project);
    let get = async |token: &str, path: &str| app.rest(token, "GET", path, None).await;
    assert_eq!((get(&bound, &own).await.0, get(&bound, &other).await.0, get(&reads, &other).await.0), (200, 404, 200));
    assert_eq!(
        get(&reads, &other).await.1["feedback_statistics"],
        json!([{ "feedback_type": "POSITIVE", "count": 1, "avg_confidence": 1.0 }])
    );
    assert_eq!(get(&bound, "/api/v1/learning/fading").await.1["fading"], json!([]));
    assert_eq!(app.rest(&bound, "POST", "/api/v1/context", Some(json!({}))).await.1["memories"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_used_is_shown_as_fading() {
    let clock = Arc::new(ManualClock::at(Timestamp::from_secs(1_800_000_000)));
    let app = TestApp::start_with(&[], Outside { clock: clock.clone(), ..Outside::default() }).await;
    let ann = app.person("ann").await;
    let kinds = [MemoryType::Semantic, MemoryType::Episodic, MemoryType::Procedural, MemoryType::Episodic, MemoryType::Episodic];
    let new = kinds.iter().zip(["a fact", "an event", "a skill", "a pinned event", "a used event"]).map(|(kind, text)| NewMemory {
        content: Content { text: text.into(), memory_type: *kind, pinned: text.contains("pinned"), ..Content::default() },
        ..NewMemory::default()
    });
    let added = app.app.memories.writer.add(&ann.principal, new.collect(), AddOptions::default()).await.expect("added");
    clock.advance(Duration::from_hours(24 * 180));
    app.rest(&ann.api_key, "GET", &format!("/api/v1/memories/{}", added[4].id.expect("stored")), None).await;
    let fading = async || app.rest(&ann.api_key, "GET", "/api/v1/learning/fading", None).await.1;
    let list = fading().await;
    assert_eq!(list["decay"], json!(false), "off unless the tenant wants it");
    let texts: Vec<_> =
        list["fading"].as_array().expect("a list").iter().map(|f| f["memory"]["memory"].as_str().expect("a text")).collect();
    assert_eq!(texts, ["an event", "a fact"], "not what is pinned, a skill, or in use");
    let left = list["fading"][0]["effective_strength"].as_f64().expect("a number");
    assert!((left - 0.2).abs() < 1e-3, "two half-lives: {left}");
    assert_eq!(fading().await, list, "looking is no use");
    app.add(&ann, "a new fact").await;
    assert_eq!(fading().await, list, "nor has what is new lost anything");
    for (kind, event_fades) in [("NEGATIVE", true), ("CONFIRMATION", false)] {
        let said = json!({ "memory_id": added[1].id.expect("stored"), "feedback": kind });
        assert_eq!(app.rest(&ann.api_key, "POST", "/api/v1/learning/feedback", Some(said)).await.0, 200);
        let fades = fading().await["fading"].to_string().contains("an event");
        assert_eq!(fades, event_fades, "what is spoken for starts anew: {kind}");
    }
}

/// How much a note means what its query means.
const LIKE: f32 = 0.58;

/// Query n means entry n; its words are those of note n, which means it in part.
struct Riddle(EmbeddingModel);

#[async_trait]
impl Embedder for Riddle {
    fn model(&self) -> &EmbeddingModel {
        &self.0
    }
    fn is_local(&self) -> bool {
        true
    }
    async fn embed(&self, _: &TenantScope, texts: Vec<String>) -> Result<Vec<Vec<f32>>, ModelError> {
        let vector = |text: &String| {
            let n: usize = text.chars().filter(char::is_ascii_digit).collect::<String>().parse().expect("a number");
            let mut vector = vec![0.0; self.0.dimension];
            let like = if text.contains("note") { LIKE } else { 1.0 };
            vector[n] = like;
            vector[self.0.dimension - 1] = (1.0 - like * like).sqrt();
            vector
        };
        Ok(texts.iter().map(vector).collect())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tenant_learns_its_own_ranking_and_nobody_elses() {
    const QUERIES: usize = 20;
    let app = TestApp::start_embedding_by(Arc::new(Riddle(EmbeddingModel::new("riddle", 40)))).await;
    let (ann, bob) = (app.person("ann").await, app.person("bob").await);
    let mut entries = Vec::new();
    for person in [&ann, &bob] {
        let new = (0..=QUERIES).flat_map(|n| [format!("entry {n}"), format!("zebra{n} note")]);
        let new = new.map(|text| NewMemory { content: Content { text, ..Content::default() }, ..NewMemory::default() }).collect();
        let added = app.app.memories.writer.add(&person.principal, new, AddOptions::default()).await.expect("added");
        entries = if entries.is_empty() { added.iter().step_by(2).map(|a| a.id).collect() } else { entries };
    }
    let best = async |who: &Person, n: usize| {
        let answer =
            app.rest(&who.jwt, "POST", "/api/v1/memories/search", Some(json!({ "query": format!("zebra{n}"), "threshold": 0 }))).await.1;
        answer["results"][0]["memory"].as_str().expect("a text").to_owned()
    };
    assert_eq!(best(&ann, QUERIES).await, format!("zebra{QUERIES} note"), "with the fixed weight, words win");
    let learn = async |who: &Person| app.rest(&who.jwt, "POST", "/api/v1/learning/policy", None).await.1;
    let none = learn(&ann).await;
    assert_eq!((&none["n"], &none["switched_on"]), (&json!(0), &json!(false)));
    for (n, entry) in entries.iter().take(QUERIES).enumerate() {
        if n == QUERIES - 1 {
            let few = learn(&ann).await;
            assert_eq!((&few["n"], &few["switched_on"]), (&json!(QUERIES - 1), &json!(false)), "too few: {few}");
        }
        let liked = json!({ "memory_id": entry, "feedback": "POSITIVE", "query": format!("zebra{n}") });
        assert_eq!(give(&app, &ann, liked).await.0, 200);
    }
    let learned = learn(&ann).await;
    assert_eq!((&learned["n"], &learned["switched_on"], &learned["best"]), (&json!(QUERIES), &json!(true), &json!(0.7)), "{learned}");
    assert!(learned["learned"].as_f64() > learned["fixed"].as_f64());
    assert_eq!(app.rest(&ann.jwt, "GET", "/api/v1/learning/policy", None).await.1, learned);
    assert_eq!(best(&ann, QUERIES).await, format!("entry {QUERIES}"), "a query that was never rated is ranked by it too");
    assert_eq!(best(&bob, QUERIES).await, format!("zebra{QUERIES} note"));
    assert_eq!(learn(&bob).await["n"], json!(0));

    // Ann's taste changes: the newest rating of a memory for a query counts.
    for (n, entry) in entries.iter().take(QUERIES).enumerate() {
        let disliked = json!({ "memory_id": entry, "feedback": "NEGATIVE", "query": format!("ZEBRA{n}") });
        assert_eq!(give(&app, &ann, disliked).await.0, 200);
    }
    let off = learn(&ann).await;
    assert_eq!((&off["n"], &off["switched_on"]), (&json!(0), &json!(false)));
    assert_eq!(best(&ann, QUERIES).await, format!("zebra{QUERIES} note"), "and the fixed weight is back");
}
