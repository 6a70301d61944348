//! The index job: brings SQL's vectors and the vector index to what the memory now is.

use std::{collections::HashSet, sync::Arc};

use super::failure::{Cure, Failure};
use crate::{
    error::{Code, Error, Result},
    ids::MemoryId,
    memory::{Embedder, Memory, MemoryStore, ModelError, Point, StoredMemory, VectorIndex, dense_text},
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

impl IndexJob {
    /// Reads the memories' present texts, embeds those without a vector, keeps the vectors in SQL, and brings an
    /// external index up to date. Answers the subjects that failed.
    pub async fn run(&self, scope: &TenantScope, ids: &[MemoryId]) -> Vec<(MemoryId, Failure)> {
        match self.whole(scope, ids).await {
            Ok(()) => Vec::new(),
            Err(failure) if ids.len() == 1 => vec![(ids[0], failure)],
            // One poisonous text must not hold up the others.
            Err(failure) if failure.cure != Cure::Wait => {
                let mut failures = Vec::new();
                for id in ids {
                    if let Err(failure) = self.whole(scope, &[*id]).await {
                        failures.push((*id, failure));
                    }
                }
                failures
            }
            Err(Failure { cure, error }) => ids.iter().map(|id| (*id, Failure { cure, error: error.clone() })).collect(),
        }
    }

    async fn whole(&self, scope: &TenantScope, ids: &[MemoryId]) -> Result<(), Failure> {
        let model = self.embedder.model();
        let stored = self.store.stored(scope, model, ids).await.map_err(|e| away(&e))?;
        let live: HashSet<_> = stored.iter().map(|s| s.memory.id).collect();
        let (mut ready, mut missing) = (Vec::new(), Vec::new());
        for StoredMemory { memory, vector, .. } in stored {
            match vector {
                Some(vector) => ready.push(Point { memory, vector }),
                None => missing.push(memory),
            }
        }
        if !missing.is_empty() {
            let made = self.embed(scope, missing).await?;
            self.store.store_vectors(scope, model, &made).await.map_err(|e| away(&e))?;
            ready.extend(made);
        }
        if self.index.is_external() {
            let placement = self.store.placement(scope).await.map_err(|e| away(&e))?;
            if !ready.is_empty() {
                self.index.upsert(scope, &placement, model, ready).await.map_err(|e| away(&e))?;
            }
            let gone: Vec<_> = ids.iter().copied().filter(|id| !live.contains(id)).collect();
            if !gone.is_empty() {
                self.index.delete(scope, &placement, &gone).await.map_err(|e| away(&e))?;
            }
        }
        Ok(())
    }

    async fn embed(&self, scope: &TenantScope, memories: Vec<Memory>) -> Result<Vec<Point>, Failure> {
        let texts = memories.iter().map(|m| dense_text(m.speaker.as_deref(), &m.text)).collect();
        let vectors = self.embedder.embed(scope, texts).await.map_err(|error| Failure {
            cure: match error {
                ModelError::Unavailable(_) => Cure::Wait,
                ModelError::Faulty(_) => Cure::Retry,
                ModelError::Refused(_) => Cure::None,
            },
            error: error.to_string(),
        })?;
        Ok(memories.into_iter().zip(vectors).map(|(memory, vector)| Point { memory, vector }).collect())
    }
}

/// What the stores report: trouble that can heal is waited for, a fault of ours is tried again a few times.
fn away(error: &Error) -> Failure {
    let cure = if error.code() == Code::Unavailable { Cure::Wait } else { Cure::Retry };
    Failure { cure, error: error.to_string() }
}
