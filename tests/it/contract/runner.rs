//! The runner over the real queue and store, with an embedder that can be broken.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use jonathans_memory::{
    adapters::sql::SqlPlaceStore,
    jobs::{IndexJob, IndexQueue, JobQueue, Runner},
    memory::{ChangeLog, Embedder, Embedders, EmbeddingModel, IndexWatch, ModelError},
    tenancy::TenantScope,
};

use crate::support::db::{TestDb, both, model};

/// Refuses the text "poison"; is down on demand.
struct Moody {
    model: EmbeddingModel,
    down: AtomicBool,
}

#[async_trait]
impl Embedder for Moody {
    fn model(&self) -> &EmbeddingModel {
        &self.model
    }

    fn is_local(&self) -> bool {
        false
    }

    async fn embed(&self, _: &TenantScope, texts: Vec<String>) -> Result<Vec<Vec<f32>>, ModelError> {
        if self.down.load(Ordering::SeqCst) {
            return Err(ModelError::Unavailable("down".into()));
        }
        if texts.iter().any(|text| text.contains("poison")) {
            return Err(ModelError::Refused("poison".into()));
        }
        Ok(texts.iter().map(|_| vec![0.0, 1.0, 0.0]).collect())
    }
}

fn runner(db: &TestDb) -> (Runner, Arc<Moody>) {
    let embedder = Arc::new(Moody { model: model(), down: AtomicBool::new(false) });
    let job = IndexJob {
        store: db.memories(),
        changes: db.memories(),
        embedders: Embedders::new(embedder.clone(), None),
        index: None,
        places: SqlPlaceStore::shared(&db.db),
        watch: IndexWatch::default(),
        noted: Arc::default(),
        wake: Arc::default(),
    };
    (Runner { queue: db.jobs(), jobs: vec![Arc::new(job)], clock: Arc::clone(&db.clock) as _ }, embedder)
}

async fn embedded(db: &TestDb, who: &crate::support::db::Person) -> Vec<(String, bool)> {
    let changes = db.memories().changes_since(&who.scope, &[model()], true, 0, 1000).await.expect("answers");
    let mut all: Vec<_> = changes.memories.into_iter().map(|m| (m.memory.content.text, m.vector.is_some())).collect();
    all.sort();
    all
}

both! {
    async fn one_poisonous_text_does_not_hold_up_the_others(db: TestDb) {
        let (ada, eve) = (db.person("ada").await, db.person("eve").await);
        db.add(&ada, vec![ada.unembedded("a"), ada.unembedded("poison"), ada.unembedded("b")]).await;
        db.add(&eve, vec![eve.unembedded("c")]).await;
        let (runner, _) = runner(&db);
        assert_eq!(runner.drain().await.expect("drained").attempts(), 4);
        assert_eq!(embedded(&db, &ada).await, [("a".into(), true), ("b".into(), true), ("poison".into(), false)]);
        assert_eq!(embedded(&db, &eve).await, [("c".into(), true)]);
        let dead = db.jobs().dead(10).await.expect("listed");
        assert_eq!(dead.iter().map(|d| d.attempts).collect::<Vec<_>>(), [1], "trying again would not help");
        assert!(!dead[0].error.as_deref().unwrap_or_default().is_empty());
    }

    async fn an_embedder_that_is_down_is_waited_for(db: TestDb) {
        let ada = db.person("ada").await;
        db.add(&ada, vec![ada.unembedded("a"), ada.unembedded("b")]).await;
        let (runner, embedder) = runner(&db);
        embedder.down.store(true, Ordering::SeqCst);
        assert_eq!(runner.drain().await.expect("drained").failed, 2, "each tried once, then put off");
        embedder.down.store(false, Ordering::SeqCst);
        assert_eq!(runner.drain().await.expect("drained").attempts(), 0, "not before its time");
        db.clock.advance(Duration::from_secs(1));
        assert_eq!(runner.drain().await.expect("drained").done, 2);
        assert_eq!(embedded(&db, &ada).await, [("a".into(), true), ("b".into(), true)]);
        assert_eq!(db.jobs().stats().await.expect("counted"), jonathans_memory::jobs::QueueStats::default());
    }

    async fn reindexing_makes_vectors_anew_only_when_asked(db: TestDb) {
        let ada = db.person("ada").await;
        db.add_text(&ada, "a").await;
        let (runner, _) = runner(&db);
        let vector = async || db.memories().changes_since(&ada.scope, &[model()], true, 0, 10).await.expect("answers").memories[0].vector.clone();
        assert_eq!(db.jobs().reindex(&ada.scope, false).await.expect("queued"), 1);
        runner.drain().await.expect("drained");
        assert_eq!(vector().await, Some(vec![1.0, 0.0, 0.0]), "paid for once");
        assert_eq!(db.jobs().reindex(&ada.scope, true).await.expect("queued"), 1);
        runner.drain().await.expect("drained");
        assert_eq!(vector().await, Some(vec![0.0, 1.0, 0.0]));
    }
}
