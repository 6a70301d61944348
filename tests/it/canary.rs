//! Many tenants whose memories all have the same vector and the same words, each with a canary of its own: nothing but
//! the tenant tells them apart.

use std::sync::Arc;

use async_trait::async_trait;
use jonathans_memory::{
    memory::{AddOptions, Content, Embedder, EmbeddingModel, ModelError, NewMemory},
    tenancy::TenantScope,
};
use serde_json::json;

use crate::support::app::{Person, TestApp};

const TENANTS: usize = 50;
const MEMORIES: usize = 200;
const READS: usize = 10_000;

/// One vector for everything.
struct Constant(EmbeddingModel);

#[async_trait]
impl Embedder for Constant {
    fn model(&self) -> &EmbeddingModel {
        &self.0
    }
    fn is_local(&self) -> bool {
        true
    }
    async fn embed(&self, _: &TenantScope, texts: Vec<String>) -> Result<Vec<Vec<f32>>, ModelError> {
        Ok(texts.iter().map(|_| vec![0.5; 4]).collect())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_read_shows_a_foreign_canary() {
    let app = Arc::new(TestApp::start_embedding_by(Arc::new(Constant(EmbeddingModel::new("constant", 4)))).await);
    let mut people = Vec::new();
    for n in 0..TENANTS {
        let person = app.person(&format!("canary{n}")).await;
        let texts = (0..MEMORIES).map(|m| NewMemory {
            content: Content { text: format!("the secret word is canary-{n}-end number {m}"), ..Content::default() },
            ..NewMemory::default()
        });
        app.app.memories.writer.add(&person.principal, texts.collect(), AddOptions::default()).await.expect("added");
        people.push(person);
    }
    let people = Arc::new(people);
    let workers: Vec<_> = (0..8u64).map(|w| tokio::spawn(read(app.clone(), people.clone(), w, READS / 8))).collect();
    let mut results = 0;
    for worker in workers {
        results += worker.await.expect("no foreign canary");
    }
    assert!(results > READS, "{READS} reads answered {results} memories");
    println!("{READS} reads, {results} memories, 0 foreign canaries");
}

async fn read(app: Arc<TestApp>, people: Arc<Vec<Person>>, seed: u64, reads: usize) -> usize {
    let mut random = seed.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let mut results = 0;
    for _ in 0..reads {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        let n = usize::try_from(random % TENANTS as u64).expect("small");
        let foreign = usize::try_from((random >> 20) % TENANTS as u64).expect("small");
        let query = format!("canary-{foreign}-end");
        let person = &people[n];
        let answer = match (random >> 40) % 5 {
            0 => app.tool(person, "search_memory", json!({ "query": query, "limit": 20 })).await,
            1 => app.tool(person, "list_memories", json!({ "limit": 20 })).await,
            2 => app.rest(&person.jwt, "POST", "/api/v1/memories/search", Some(json!({ "query": query, "limit": 20 }))).await.1,
            3 => app.rest(&person.jwt, "POST", "/api/v1/context", Some(json!({ "query": query }))).await.1["text"].clone(),
            _ => app.rest(&person.api_key, "GET", "/api/v1/memories/?page=2&size=20", None).await.1,
        };
        let text = answer.to_string();
        let own = format!("canary-{n}-end");
        let (all, owned) = (text.matches("word is canary-").count(), text.matches(&format!("word is {own}")).count());
        assert!(all > 0, "tenant {n} got nothing: {text}");
        assert_eq!(all, owned, "tenant {n} saw a foreign canary: {text}");
        results += owned;
    }
    results
}
