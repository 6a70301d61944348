//! Embeddings that were made before, by tenant and text: what one tenant asked must not show in how fast another is
//! answered.

use std::sync::Arc;

use async_trait::async_trait;
use moka::sync::Cache;
use ranking::chance::Usual;
use sha2::{Digest, Sha256};
use tracing::Instrument;

use crate::{
    ids::TenantId,
    memory::{Embedder, EmbeddingModel, ModelError},
    telemetry::part,
    tenancy::TenantScope,
};

type Key = (TenantId, [u8; 32]);

/// Another embedder behind a bounded memory of its answers.
pub struct CachedEmbedder {
    inner: Arc<dyn Embedder>,
    made: Cache<Key, Arc<[f32]>>,
}

impl CachedEmbedder {
    /// Keeps about `bytes` of vectors.
    #[must_use]
    pub fn new(inner: Arc<dyn Embedder>, bytes: u64) -> Self {
        let weigh = |_: &Key, vector: &Arc<[f32]>| u32::try_from(size_of_val(&**vector) + size_of::<Key>() + 64).unwrap_or(u32::MAX);
        let made = Cache::builder().weigher(weigh).max_capacity(bytes).support_invalidation_closures().build();
        Self { inner, made }
    }
}

#[async_trait]
impl Embedder for CachedEmbedder {
    fn model(&self) -> &EmbeddingModel {
        self.inner.model()
    }

    fn knows(&self, question: &str) -> bool {
        self.inner.knows(question)
    }

    fn answers(&self) -> bool {
        self.inner.answers()
    }

    fn is_local(&self) -> bool {
        self.inner.is_local()
    }

    fn usual(&self) -> Usual {
        self.inner.usual()
    }

    fn near_duplicate(&self) -> f32 {
        self.inner.near_duplicate()
    }

    async fn embed(&self, scope: &TenantScope, texts: Vec<String>) -> Result<Vec<Vec<f32>>, ModelError> {
        let keys: Vec<Key> = texts.iter().map(|text| (scope.tenant(), Sha256::digest(text).into())).collect();
        let mut vectors: Vec<_> = keys.iter().map(|key| self.made.get(key).map(|vector| vector.to_vec())).collect();
        let missing: Vec<_> = (0..texts.len()).filter(|at| vectors[*at].is_none()).collect();
        if !missing.is_empty() {
            let asked = missing.iter().map(|at| texts[*at].clone()).collect();
            let span = part!("embed", model = self.model().id, texts = missing.len());
            for (at, vector) in missing.iter().zip(self.inner.embed(scope, asked).instrument(span).await?) {
                self.made.insert(keys[*at], vector.as_slice().into());
                vectors[*at] = Some(vector);
            }
        }
        Ok(vectors.into_iter().flatten().collect())
    }

    async fn embed_question(&self, scope: &TenantScope, question: &str) -> Result<Vec<f32>, ModelError> {
        // The vector of a question is another than that of a memory with the same text.
        let key: Key = (scope.tenant(), Sha256::new().chain_update(b"question:\0").chain_update(question).finalize().into());
        if let Some(made) = self.made.get(&key) {
            return Ok(made.to_vec());
        }
        let span = part!("embed", model = self.model().id, texts = 1);
        let vector = self.inner.embed_question(scope, question).instrument(span).await?;
        self.made.insert(key, vector.as_slice().into());
        Ok(vector)
    }

    fn forget(&self, scope: &TenantScope) {
        let tenant = scope.tenant();
        // It fails only for a cache that was built without support for it.
        let _ = self.made.invalidate_entries_if(move |(owner, _), _| *owner == tenant);
    }
}
