//! Exact search in this process. The vectors lie in the tenant's working set, which follows SQL, so there is nothing to
//! tell this index and nothing that could disagree with the truth.

use async_trait::async_trait;

use crate::{
    error::Result,
    ids::MemoryId,
    memory::{DenseScores, EmbeddingModel, Filter, Placement, Point, VectorIndex, WorkingSet},
    tenancy::TenantScope,
};

/// Scans one tenant's vectors: about 0.1 ms per thousand.
#[derive(Debug, Default)]
pub struct EmbeddedIndex;

#[async_trait]
impl VectorIndex for EmbeddedIndex {
    fn is_external(&self) -> bool {
        false
    }

    async fn search(&self, _: &TenantScope, set: &WorkingSet, _: &EmbeddingModel, _: &Filter, query: &[f32]) -> Result<DenseScores> {
        Ok(DenseScores { scores: set.vectors().scores(query), best_only: false })
    }

    async fn upsert(&self, _: &TenantScope, _: &Placement, _: &EmbeddingModel, _: Vec<Point>) -> Result<()> {
        Ok(())
    }

    async fn delete(&self, _: &TenantScope, _: &Placement, _: &[MemoryId]) -> Result<()> {
        Ok(())
    }

    async fn delete_tenant(&self, _: &TenantScope, _: &Placement) -> Result<()> {
        Ok(())
    }
}
