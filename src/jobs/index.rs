//! The index job: brings SQL's vectors and the vector index to what the memory now is.

use std::{collections::HashMap, sync::Arc};

use super::failure::{Cure, Failure};
use crate::{
    error::{Code, Error, Result},
    failpoint,
    ids::MemoryId,
    memory::{Embedder, Embedders, Embedding, Memory, MemoryStore, ModelError, Placement, Point, StoredMemory, VectorIndex, dense_text},
    tenancy::TenantScope,
};

/// What a round of index jobs of one tenant needs.
#[derive(Clone)]
pub struct IndexJob {
    /// The truth.
    pub store: Arc<dyn MemoryStore>,
    /// Text to vectors.
    pub embedders: Embedders,
    /// The vector index outside this process, where there is one.
    pub index: Option<Arc<dyn VectorIndex>>,
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
        let mut placement = Placement::default();
        if self.index.is_some() || self.embedders.is_moving() {
            placement = self.store.placement(scope).await.map_err(|e| away(&e))?;
        }
        let mut points: HashMap<MemoryId, Point> = HashMap::new();
        for embedder in self.embedders.needed(&placement) {
            for (memory, vector) in self.vectors(scope, embedder, ids).await? {
                let point = points.entry(memory.id).or_insert_with(|| Point { memory, vectors: Vec::new() });
                point.vectors.push((embedder.model().clone(), vector));
            }
        }
        let Some(index) = &self.index else { return Ok(()) };
        let gone: Vec<_> = ids.iter().copied().filter(|id| !points.contains_key(id)).collect();
        if !points.is_empty() {
            index.upsert(scope, &placement, points.into_values().collect()).await.map_err(|e| away(&e))?;
            failpoint::reached("index.upserted").map_err(|e| away(&e))?;
        }
        if !gone.is_empty() {
            index.delete(scope, &placement, &gone).await.map_err(|e| away(&e))?;
            failpoint::reached("index.deleted").map_err(|e| away(&e))?;
        }
        Ok(())
    }

    /// The memories that are still there with their vectors; those that SQL did not have are made, and kept there.
    async fn vectors(&self, scope: &TenantScope, embedder: &dyn Embedder, ids: &[MemoryId]) -> Result<Vec<(Memory, Vec<f32>)>, Failure> {
        let model = embedder.model();
        let (mut ready, mut missing) = (Vec::new(), Vec::new());
        for StoredMemory { memory, vector, .. } in self.store.stored(scope, model, ids).await.map_err(|e| away(&e))? {
            match vector {
                Some(vector) => ready.push((memory, vector)),
                None => missing.push(memory),
            }
        }
        if missing.is_empty() {
            return Ok(ready);
        }
        let texts = missing.iter().map(|m| dense_text(m.speaker.as_deref(), &m.text)).collect();
        let vectors = embedder.embed(scope, texts).await.map_err(|error| Failure {
            cure: match error {
                ModelError::Unavailable(_) => Cure::Wait,
                ModelError::Faulty(_) => Cure::Retry,
                ModelError::Refused(_) => Cure::None,
            },
            error: error.to_string(),
        })?;
        let made: Vec<_> =
            missing.iter().zip(&vectors).map(|(m, v)| Embedding { id: m.id, hash: m.hash.clone(), vector: v.clone() }).collect();
        failpoint::reached("index.embedded").map_err(|e| away(&e))?;
        self.store.store_vectors(scope, model, &made).await.map_err(|e| away(&e))?;
        failpoint::reached("index.stored").map_err(|e| away(&e))?;
        ready.extend(missing.into_iter().zip(vectors));
        Ok(ready)
    }
}

/// What the stores report: trouble that can heal is waited for, a fault of ours is tried again a few times.
pub(super) fn away(error: &Error) -> Failure {
    let cure = if error.code() == Code::Unavailable { Cure::Wait } else { Cure::Retry };
    Failure { cure, error: error.to_string() }
}
