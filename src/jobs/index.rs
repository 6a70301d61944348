//! The index job: brings SQL's vectors and the vector index to what the memory now is.

use std::{collections::HashSet, sync::Arc};

use crate::{
    error::{Error, Result},
    ids::MemoryId,
    memory::{EmbedError, Embedder, MemoryStore, Point, TextToEmbed, VectorIndex, dense_text},
    tenancy::TenantScope,
};

/// What a round of index jobs of one tenant needs.
#[derive(Clone)]
pub struct IndexJob {
    /// The truth.
    pub store: Arc<dyn MemoryStore>,
    /// Text to vectors.
    pub embedder: Arc<dyn Embedder>,
    /// The derived index.
    pub index: Arc<dyn VectorIndex>,
}

/// Why one subject could not be indexed.
pub struct Failure {
    /// Whether another attempt may help.
    pub retry: bool,
    /// For the operator.
    pub error: String,
}

impl IndexJob {
    /// Reads the memories' present texts, embeds those without a vector, keeps the vectors in SQL, and brings an
    /// external index up to date. Answers the subjects that failed.
    pub async fn run(&self, scope: &TenantScope, ids: &[MemoryId]) -> Vec<(MemoryId, Failure)> {
        match self.whole(scope, ids).await {
            Ok(()) => Vec::new(),
            Err(failure) if ids.len() == 1 => vec![(ids[0], failure)],
            // One poisonous text must not hold up the others.
            Err(_) => {
                let mut failures = Vec::new();
                for id in ids {
                    if let Err(failure) = self.whole(scope, &[*id]).await {
                        failures.push((*id, failure));
                    }
                }
                failures
            }
        }
    }

    async fn whole(&self, scope: &TenantScope, ids: &[MemoryId]) -> Result<(), Failure> {
        let model = self.embedder.model();
        let texts = self.store.texts(scope, model, ids).await.map_err(|e| retry(&e))?;
        let live: HashSet<_> = texts.iter().map(|t| t.id).collect();
        let (ready, missing): (Vec<_>, Vec<_>) = texts.into_iter().partition(|t| t.vector.is_some());
        let made = self.embed(&missing).await?;
        if !made.is_empty() {
            self.store.store_vectors(scope, model, &made).await.map_err(|e| retry(&e))?;
        }
        if self.index.is_external() {
            let kept = ready.into_iter().filter_map(|t| Some(Point { id: t.id, hash: t.hash, vector: t.vector? }));
            let points: Vec<_> = made.into_iter().chain(kept).collect();
            if !points.is_empty() {
                self.index.upsert(scope, model, points).await.map_err(|e| retry(&e))?;
            }
            let gone: Vec<_> = ids.iter().copied().filter(|id| !live.contains(id)).collect();
            if !gone.is_empty() {
                self.index.delete(scope, &gone).await.map_err(|e| retry(&e))?;
            }
        }
        Ok(())
    }

    async fn embed(&self, texts: &[TextToEmbed]) -> Result<Vec<Point>, Failure> {
        if texts.is_empty() {
            return Ok(Vec::new());
        }
        let dense = texts.iter().map(|t| dense_text(t.speaker.as_deref(), &t.text)).collect();
        let vectors = self
            .embedder
            .embed(dense)
            .await
            .map_err(|error| Failure { retry: matches!(error, EmbedError::Unavailable(_)), error: error.to_string() })?;
        let point = |(t, vector): (&TextToEmbed, Vec<f32>)| Point { id: t.id, hash: t.hash.clone(), vector };
        Ok(texts.iter().zip(vectors).map(point).collect())
    }
}

fn retry(error: &Error) -> Failure {
    Failure { retry: true, error: error.to_string() }
}
