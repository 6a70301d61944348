//! What befalls an index outside the process, and what must not come of it; on both databases, with a Qdrant of the tests' own.

mod erasing;
mod gaps;
mod operating;

use std::{
    collections::HashSet,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicI64, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use jonathans_memory::{
    app::{App, Outside},
    clock::{Clock, SystemClock, Timestamp},
    config::Config,
    jobs::{JobQueue, relocate},
    memory::{Embedder, EmbeddingModel, ModelError},
    tenancy::TenantScope,
};
use serde_json::{Value, json};
use tokio::time::Instant;
use tonic::Code;
use uuid::Uuid;

use crate::support::{
    app::{Person, TestApp},
    db::{TestDb, both},
    eventually,
    openai::{DIMENSION, OpenAiDouble},
    process::jmem,
    qdrant::{Fault, QdrantDouble},
};

/// The machine's clock and an offset: what has been there for a while is told from what is on its way.
#[derive(Default)]
struct Later(AtomicI64);

impl Later {
    fn pass(&self, time: Duration) {
        self.0.fetch_add(i64::try_from(time.as_micros()).expect("short"), Ordering::SeqCst);
    }
}

impl Clock for Later {
    fn now(&self) -> Timestamp {
        Timestamp(SystemClock.now().0 + self.0.load(Ordering::SeqCst))
    }

    fn elapsed(&self) -> Duration {
        SystemClock.elapsed() + Duration::from_micros(u64::try_from(self.0.load(Ordering::SeqCst)).expect("it goes on"))
    }
}

/// A distant model that answers when it may.
struct Gated {
    model: EmbeddingModel,
    open: AtomicBool,
}

impl Gated {
    fn shut() -> Arc<Self> {
        Arc::new(Self { model: EmbeddingModel::new("gated", 8), open: AtomicBool::new(false) })
    }
}

#[async_trait]
impl Embedder for Gated {
    fn model(&self) -> &EmbeddingModel {
        &self.model
    }

    fn is_local(&self) -> bool {
        false
    }

    async fn embed(&self, _: &TenantScope, texts: Vec<String>) -> Result<Vec<Vec<f32>>, ModelError> {
        while !self.open.load(Ordering::SeqCst) {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        let vector = |text: &String| {
            let mut vector = vec![0.0; 8];
            vector[text.len() % 8] = 1.0;
            vector
        };
        Ok(texts.iter().map(vector).collect())
    }
}

fn env<'a>(db: &'a TestDb, qdrant: &'a QdrantDouble) -> Vec<(&'a str, &'a str)> {
    vec![
        ("DATABASE_URL", db.url.as_str()),
        ("INDEX_PROVIDER", "qdrant"),
        ("QDRANT_URL", qdrant.url.as_str()),
        ("QDRANT_API_KEY", "k"),
        ("MAIN_QDRANT_COLLECTION_NAME", "shared"),
        ("JM_SECRET_KEY", "5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c"),
    ]
}

async fn start(db: &TestDb, qdrant: &QdrantDouble, more: &[(&str, &str)]) -> (TestApp, Arc<Later>) {
    let clock = Arc::<Later>::default();
    let outside = Outside { clock: clock.clone(), ..Outside::default() };
    (TestApp::start_with(&[&env(db, qdrant)[..], more].concat(), outside).await, clock)
}

fn tenant(person: &Person) -> Uuid {
    person.principal.scope.tenant().0
}

async fn add_many(app: &TestApp, person: &Person, from: usize, to: usize, wait: bool) {
    for start in (from..to).step_by(50) {
        let batch: Vec<_> =
            (start..to.min(start + 50)).map(|n| json!({ "text": format!("lantern {n} hangs in room {}", n * 7) })).collect();
        let path = format!("/api/v1/memories/batch?wait={wait}");
        let (status, answer) = app.rest(&person.jwt, "POST", &path, Some(json!({ "memories": batch }))).await;
        assert_eq!(status, 200, "{answer}");
    }
}

async fn idle(app: &TestApp) {
    eventually("every job is done", async || app.app.queue.stats().await.is_ok_and(|stats| stats.by_state.is_empty())).await;
}

/// Everything of a person: with whether the answer is whole, and whether it says so.
async fn search(app: &TestApp, person: &Person, limit: usize) -> (usize, bool, bool) {
    let body = json!({ "query": "lantern in room 49", "limit": limit, "threshold": 0 });
    let (status, answer) = app.rest(&person.jwt, "POST", "/api/v1/memories/search", Some(body)).await;
    assert_eq!(status, 200, "{answer}");
    let hits = answer["results"].as_array().expect("results");
    (hits.len(), hits.iter().all(|hit| hit["scores"]["dense"].is_number()), answer["degraded"] == json!(true))
}

async fn erase(app: &TestApp, person: &Person) -> (u16, Value) {
    app.rest(&person.jwt, "DELETE", "/api/v1/account", Some(json!({ "confirm": true }))).await
}
