//! Another embedding model, while people go on searching.

use jonathans_memory::{
    adapters::sql::Engine,
    app::Outside,
    ids::MemoryId,
    jobs::{IndexQueue, JobQueue},
};
use serde_json::{Value, json};

use crate::support::{
    app::{Person, TestApp},
    db::{TestDb, both},
    eventually,
    openai::{DIMENSION, Fault, OpenAiDouble, POISON},
    qdrant::QdrantDouble,
};

const MEMORIES: usize = 300;

async fn search(app: &TestApp, person: &Person, query: &str) -> Value {
    let (status, answer) = app.rest(&person.jwt, "POST", "/api/v1/memories/search", Some(json!({ "query": query, "threshold": 0 }))).await;
    assert_eq!(status, 200, "{answer}");
    answer
}

async fn progress(app: &TestApp, person: &Person) -> Value {
    let (status, answer) = app.rest(&person.jwt, "GET", "/api/v1/stats/embedding", None).await;
    assert_eq!(status, 200, "{answer}");
    answer
}

/// The best hit was found by meaning, and is this one.
fn means(answer: &Value, text: &str) {
    let best = &answer["results"][0];
    assert_eq!((&answer["degraded"], &best["memory"]), (&json!(false), &json!(text)), "{answer}");
    assert!(best["scores"]["dense"].is_number(), "{answer}");
}

/// A tenant of the hash embedder meets a server whose model is the double's.
async fn moves(index: &[(&str, &str)]) {
    let dir = tempfile::tempdir().expect("a directory");
    let here = [("JM_DATA_DIR", dir.path().to_str().expect("utf-8"))];
    let before = TestApp::start_with(&[&here[..], index].concat(), Outside::default()).await;
    let (ada, eve) = (before.person("ada").await, before.person("eve").await);
    for start in (0..MEMORIES).step_by(100) {
        let batch: Vec<_> =
            (start..start + 100).map(|n| json!({ "text": format!("lantern number {n} hangs in room {}", n * 7) })).collect();
        let (status, answer) = before.rest(&ada.jwt, "POST", "/api/v1/memories/batch", Some(json!({ "memories": batch }))).await;
        assert_eq!(status, 200, "{answer}");
    }
    // Its words are not those of the question: only a vector finds it first.
    before.add(&ada, &format!("the {POISON} is in the blue bottle")).await;
    eventually("all is embedded", async || before.app.queue.stats().await.is_ok_and(|stats| stats.by_state.is_empty())).await;
    means(&search(&before, &ada, "lantern number 7").await, "lantern number 7 hangs in room 49");
    assert_eq!(progress(&before, &ada).await["moving"], json!(false));
    drop(before);

    let double = OpenAiDouble::start().await;
    let dimension = DIMENSION.to_string();
    let newer = [
        ("EMBEDDER_PROVIDER", "openai"),
        ("EMBEDDER_MODEL", "made-up"),
        ("JM__EMBEDDER__DIMENSIONS", dimension.as_str()),
        ("OPENAI_BASE_URL", double.url.as_str()),
        ("OPENAI_API_KEY", "sk-new"),
    ];
    let previous = [("JM__EMBEDDER__PREVIOUS__PROVIDER", "hash")];
    let during = TestApp::start_with(&[&here[..], index, &newer, &previous].concat(), Outside::default()).await;
    means(&search(&during, &ada, "lantern number 8").await, "lantern number 8 hangs in room 56");
    let told = progress(&during, &ada).await;
    assert_eq!((&told["moving"], &told["memories"], &told["embedded"]), (&json!(true), &json!(MEMORIES + 1), &json!(0)), "{told}");
    assert!(double.calls().is_empty(), "a tenant that has not moved is asked in the old model");
    // Who comes now starts with the new model; what is written now gets both.
    let bob = during.person("bob").await;
    during.add(&bob, "a kettle of bob").await;
    during.add(&ada, "an umbrella of ada").await;
    eventually("what is new is found by meaning in either model", async || {
        let found = async |who, query| search(&during, who, query).await["results"][0]["scores"]["dense"].is_number();
        found(&bob, "kettle").await && found(&ada, "umbrella").await
    })
    .await;
    assert_eq!(progress(&during, &bob).await["moving"], json!(false));

    // The new model is away at first; the move waits, searches do not.
    double.always(Fault::Status(503, None));
    for who in [&ada, &eve] {
        during.app.queue.reembed(&who.principal.scope).await.expect("queued");
    }
    means(&search(&during, &ada, "lantern number 9").await, "lantern number 9 hangs in room 63");
    double.heal();
    eventually("the tenant has moved", async || {
        means(&search(&during, &ada, "lantern number 10").await, "lantern number 10 hangs in room 70");
        progress(&during, &ada).await["moving"] == json!(false)
    })
    .await;
    let told = progress(&during, &ada).await;
    assert_eq!((&told["memories"], &told["embedded"]), (&json!(MEMORIES + 2), &json!(MEMORIES + 1)), "one was refused: {told}");
    assert_eq!(search(&during, &ada, "blue bottle").await["results"][0]["memory"], format!("the {POISON} is in the blue bottle"));
    drop(during);

    // The old model is not needed any more.
    let after = TestApp::start_with(&[&here[..], index, &newer].concat(), Outside::default()).await;
    let store = after.app.index_job().clone().store;
    let keep = [told["current"].as_str().expect("a model").to_owned()];
    let dropped = store.drop_other_vectors(&ada.principal.scope, &keep).await.expect("dropped");
    assert_eq!(dropped, MEMORIES as u64 + 2);
    means(&search(&after, &ada, "lantern number 11").await, "lantern number 11 hangs in room 77");
    assert_eq!(search(&after, &eve, "lantern").await["reason"], json!("empty_tenant"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tenant_moves_while_it_is_searched() {
    Box::pin(moves(&[])).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tenant_moves_within_qdrant() {
    let qdrant = QdrantDouble::start().await;
    Box::pin(moves(&[("INDEX_PROVIDER", "qdrant"), ("QDRANT_URL", &qdrant.url), ("QDRANT_API_KEY", "k")])).await;
}

both! {
    async fn long_texts_of_before_get_a_vector_for_each_window(db: TestDb) {
        let env = [("DATABASE_URL", db.url.as_str())];
        let before = TestApp::start_with(&env, Outside::default()).await;
        let ada = before.person("ada").await;
        let long = (0..400).map(|n| format!("Lantern number {n} hangs in room {}. ", n * 7)).collect::<Vec<_>>().concat();
        let id: MemoryId = before.add(&ada, long.trim()).await.parse().expect("an id");
        before.add(&ada, "a short one").await;
        let stored = async |app: &TestApp| {
            let job = app.app.index_job().clone();
            let stored = job.changes.stored(&ada.principal.scope, job.embedders.current().model(), &[id]).await.expect("answers");
            stored[0].vector.as_ref().map_or(0, Vec::len)
        };
        let idle = async |app: &TestApp| {
            eventually("every job is done", async || app.app.queue.stats().await.is_ok_and(|stats| stats.by_state.is_empty())).await;
        };
        idle(&before).await;
        let windows = stored(&before).await;
        assert!(windows > 384 * 5, "{windows}");
        drop(before);
        // As the version before left it, and brought forward.
        db.as_owner("UPDATE memory_vectors SET vector = substr(vector, 1, 1536)".into()).await;
        db.as_owner(match db.db.engine() {
            Engine::Sqlite => include_str!("../../migrations/sqlite/0017_windows.sql").into(),
            Engine::Postgres => include_str!("../../migrations/postgres/0017_windows.sql").into(),
        })
        .await;
        let after = TestApp::start_with(&env, Outside::default()).await;
        eventually("the long text has its windows", async || stored(&after).await == windows).await;
        idle(&after).await;
    }
}

/// A data directory of an older version, whose accounts are read by the model that was built in then.
#[tokio::test(flavor = "multi_thread")]
async fn accounts_of_the_english_model_are_read_by_it_until_they_have_moved() {
    let dir = tempfile::tempdir().expect("a directory");
    let here = ("JM_DATA_DIR", dir.path().to_str().expect("utf-8"));
    let texts = ["Maria is allergic to peanuts", "The keys are under the mat", "Lena plays the cello"];
    let before = TestApp::start_with(&[here, ("EMBEDDER_PROVIDER", "local_english")], Outside::default()).await;
    let ada = before.person("ada").await;
    for text in texts {
        before.add(&ada, text).await;
    }
    eventually("all is embedded", async || before.app.queue.stats().await.is_ok_and(|stats| stats.by_state.is_empty())).await;
    drop(before);

    let after = TestApp::start_with(&[here, ("EMBEDDER_PROVIDER", "local")], Outside::default()).await;
    let question = "Which instrument does she play?";
    means(&search(&after, &ada, question).await, texts[2]);
    let told = progress(&after, &ada).await;
    assert_eq!((&told["reads"], &told["moving"]), (&json!("all-MiniLM-L6-v2-q8"), &json!(true)), "{told}");
    after.app.queue.reembed(&ada.principal.scope).await.expect("queued");
    eventually("the account has moved", async || progress(&after, &ada).await["moving"] == json!(false)).await;
    means(&search(&after, &ada, question).await, texts[2]);
    means(&search(&after, &ada, "钥匙在哪里？").await, texts[1]);
    assert_eq!(progress(&after, &ada).await["reads"], "multilingual-e5-small-q4");
    drop(after);
    // Nobody is read by the old model any more, so that it is not loaded, and nothing is made twice.
    let later = TestApp::start_with(&[here, ("EMBEDDER_PROVIDER", "local")], Outside::default()).await;
    assert!(!later.app.index_job().embedders.is_moving());
}
