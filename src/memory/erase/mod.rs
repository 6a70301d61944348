//! The end: of memories for good, and of a tenant, of which everything leaves every store, index and cache of this process.

mod purge;

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use async_trait::async_trait;

use super::{
    access::AccessRecorder,
    embedding::{Embedders, EmbeddingStore, PlaceStore},
    gate::{ForgottenStore, GateCounts},
    infer::OperationStore,
    model::Actor,
    reach::Reach,
    recall::{IndexWatch, VectorIndex, WorkingSets},
    served::Served,
    settings::Settings,
    signals::Wake,
    write::Writer,
};
use crate::{
    clock::{Clock, Timestamp},
    error::{Error, Result},
    ids::{MemoryId, ProjectId, TenantId},
    metering::Reads,
    tenancy::{TenancyService, TenantScope},
};

/// How long a change of another node may still be on its way to the index when the rows are gone.
const GRACE: Duration = Duration::from_secs(1);
/// How often a place is cleared again in which something turned up.
const ATTEMPTS: u32 = 3;

/// What was erased.
#[derive(Debug, Clone)]
pub struct Receipt {
    pub tenant: TenantId,
    pub erased_at: Timestamp,
    pub rows: BTreeMap<&'static str, u64>,
}

/// Which deleted memories are erased. Others are passed over.
#[derive(Debug, Clone)]
pub enum Doomed {
    /// Those that were deleted before.
    DeletedBefore(Timestamp),
    /// These.
    These {
        /// Ids.
        ids: Vec<MemoryId>,
        /// Only within this project.
        project: Option<ProjectId>,
    },
}

/// The end of memories in the relational truth.
#[async_trait]
pub trait ErasureStore: Send + Sync {
    /// Erases at most `limit` deleted memories with their history, vectors, links, reads and feedback; answers which.
    async fn erase(&self, scope: &TenantScope, actor: Option<&Actor>, doomed: &Doomed, limit: u32) -> Result<Vec<MemoryId>>;
    /// Deletes at most `limit` memories that were held back before a time and that nobody is asked to approve, so that the next
    /// purge erases them; answers how many.
    async fn let_go(&self, scope: &TenantScope, held_before: Timestamp, limit: u32) -> Result<usize>;
}

/// Ends memories, and tenants; cheap to clone.
#[derive(Clone)]
pub struct Erasure {
    pub reach: Reach,
    pub store: Arc<dyn ErasureStore>,
    /// Deletes first.
    pub writer: Writer,
    pub tenancy: TenancyService,
    pub forgotten: Arc<dyn ForgottenStore>,
    /// What is acknowledged before it is done.
    pub operations: Arc<dyn OperationStore>,
    /// Where the tenant's vectors are.
    pub vectors: Arc<dyn EmbeddingStore>,
    /// The vector index outside this process, where there is one.
    pub index: Option<Arc<dyn VectorIndex>>,
    /// Where its points lie, or may.
    pub places: Arc<dyn PlaceStore>,
    /// What is known of gaps in it.
    pub watch: IndexWatch,
    /// What the models keep in memory.
    pub embedders: Embedders,
    /// What is in memory of each tenant.
    pub sets: WorkingSets,
    /// Reads that are not written yet.
    pub access: AccessRecorder,
    /// What each app was given lately.
    pub served: Served,
    /// Counts that are not written yet.
    pub gate_counts: GateCounts,
    pub reads: Reads,
    pub settings: Settings,
    pub wake: Arc<Wake>,
    pub clock: Arc<dyn Clock>,
}

impl Erasure {
    /// Erases a tenant with its users. May be killed anywhere and repeated; nothing of it can be brought back but from a
    /// backup. The receipt says that no place of the index held a point any more; what a job wrote there all the same, which
    /// was under way, is found by the job itself, or by the upkeep, which goes on looking for a while.
    ///
    /// # Errors
    /// `unavailable` when a store or the index does not answer: before the rows are gone, the account goes on and the upkeep fills
    /// what it lacks in the index; afterwards the upkeep clears the index as soon as that answers.
    pub async fn erase(&self, scope: &TenantScope) -> Result<Receipt> {
        if let Some(index) = &self.index {
            let placement = self.vectors.placement(scope).await?;
            let places: Vec<_> = placement.in_use(index.shared()).collect();
            self.places.note(scope, &places).await?;
            self.clear_places(&**index, scope).await?;
        }
        let rows = self.tenancy.erase(scope).await?;
        self.access.forget(scope);
        self.served.forget(scope);
        self.gate_counts.forget(scope);
        self.reads.forget(scope);
        self.sets.forget(scope);
        self.watch.forget(scope);
        self.settings.forget(scope);
        self.embedders.forget(scope);
        // Backups made before hold it still: after a restore, this line tells what to erase again.
        tracing::info!(tenant_id = %scope.tenant(), "account erased");
        if let Some(index) = &self.index {
            // An index job may have been in the middle of its work.
            tokio::time::sleep(GRACE).await;
            self.clear_for_good(&**index, scope).await?;
        }
        Ok(Receipt { tenant: scope.tenant(), erased_at: self.clock.now(), rows })
    }

    async fn clear_places(&self, index: &dyn VectorIndex, scope: &TenantScope) -> Result<()> {
        for collection in self.places.noted(scope).await? {
            index.clear(scope, &collection).await?;
        }
        Ok(())
    }

    /// Clears every place that points of the tenant may lie in, and looks whether they are empty.
    async fn clear_for_good(&self, index: &dyn VectorIndex, scope: &TenantScope) -> Result<()> {
        let left = |source: anyhow::Error| {
            let detail = "The account is erased, but the vector index has not confirmed that it holds nothing of it any more (it never \
                          had the texts). That is looked after as soon as it answers; nobody has to do anything.";
            Error::unavailable(detail, 60).with_source(source)
        };
        for collection in self.places.noted(scope).await? {
            let mut attempts = 0;
            let model = self.embedders.current().model();
            while attempts == 0 || !index.held(scope, &collection, model).await.map_err(|error| left(error.into()))?.is_empty() {
                if attempts == ATTEMPTS {
                    return Err(left(anyhow::anyhow!("points are still in '{collection}'")));
                }
                index.clear(scope, &collection).await.map_err(|error| left(error.into()))?;
                attempts += 1;
            }
        }
        Ok(())
    }
}
