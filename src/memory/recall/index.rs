//! A vector index outside this process.

use std::collections::HashMap;

use async_trait::async_trait;

use crate::{
    error::Result,
    ids::MemoryId,
    memory::model::{EmbeddingModel, Filter, Memory, Placement},
    tenancy::TenantScope,
};

/// A memory on its way to an index.
#[derive(Debug, Clone)]
pub struct Point {
    /// The memory, as it was when the vectors were made.
    pub memory: Memory,
    /// Unit vectors of its windows, end to end: all that the tenant needs, as the index replaces what it had.
    pub vectors: Vec<(EmbeddingModel, Vec<f32>)>,
}

/// What a search asks of an index outside this process.
#[derive(Debug)]
pub struct DenseQuery<'a> {
    pub placement: &'a Placement,
    pub model: &'a EmbeddingModel,
    pub memories: usize,
    /// Whether one of them has more than one window.
    pub long: bool,
    /// What a search asks for; memories that it leaves out may be missing in the answer.
    pub filter: &'a Filter,
    /// The unit vector of the question.
    pub vector: &'a [f32],
}

/// What an index found.
#[derive(Debug, Default)]
pub struct Neighbours {
    /// Cosines: that of the nearest window where a memory has several.
    pub scores: Vec<(MemoryId, f32)>,
    /// True when only the best were looked for: an embedded memory that is missing is less like the query than those.
    pub best_only: bool,
}

/// A vector index outside this process, told of each change by a job. Derived from SQL and rebuilt at will: an id that it
/// names and the working set does not hold is no answer. A service without one scans the vectors of the working set. A call that
/// cannot be answered now, or that somebody has to see to, is `unavailable` with its reason.
#[async_trait]
pub trait VectorIndex: Send + Sync {
    /// The memories nearest to a question.
    async fn search(&self, scope: &TenantScope, query: &DenseQuery<'_>) -> Result<Neighbours>;
    /// Looks into ids that it answered and the tenant does not have: most often memories deleted a moment ago. Nothing of
    /// them leaves, but if one is another tenant's, somebody should know.
    async fn look_into(&self, scope: &TenantScope, placement: &Placement, unknown: &[MemoryId]);
    /// The collection of the tenants that have none of their own.
    fn shared(&self) -> &str;
    /// Whether it did its work when it was last asked to.
    fn answers(&self) -> bool;
    /// Inserts or replaces, in every collection that the placement names; returns when searchable. Safe to repeat. True where a
    /// collection had been lost and was made anew: whatever else was in it is not there any more.
    async fn upsert(&self, scope: &TenantScope, placement: &Placement, points: Vec<Point>) -> Result<bool>;
    /// Removes; unknown ids are fine.
    async fn delete(&self, scope: &TenantScope, collection: &str, ids: &[MemoryId]) -> Result<()>;
    /// Removes everything of the tenant.
    async fn clear(&self, scope: &TenantScope, collection: &str) -> Result<()>;
    /// The tenant's points, and whether each has a vector of `model`; none where there is no such collection.
    async fn held(&self, scope: &TenantScope, collection: &str, model: &EmbeddingModel) -> Result<HashMap<MemoryId, bool>>;
}
