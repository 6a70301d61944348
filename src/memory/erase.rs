//! The end of a tenant: everything of it leaves every store, index and cache of this process.

use std::{collections::BTreeMap, time::Duration};

use super::{ports::VectorIndex, service::MemoryService};
use crate::{
    clock::Timestamp,
    error::{Error, Result},
    ids::TenantId,
    tenancy::TenantScope,
};

/// How long a change of another node may still be on its way to the index when the rows are gone.
const GRACE: Duration = Duration::from_secs(1);
/// How often a place is cleared again in which something turned up.
const ATTEMPTS: u32 = 3;

/// What was erased.
#[derive(Debug, Clone)]
pub struct Receipt {
    /// The tenant that was.
    pub tenant: TenantId,
    /// When it ended.
    pub erased_at: Timestamp,
    /// Rows by table.
    pub rows: BTreeMap<&'static str, u64>,
}

impl MemoryService {
    /// Erases a tenant with its users. May be killed anywhere and repeated; nothing of it can be brought back but from a
    /// backup. The receipt says that no place of the index held a point any more; what a job wrote there all the same, which
    /// was under way, is found by the job itself, or by the upkeep, which goes on looking for a while.
    ///
    /// # Errors
    /// `unavailable` when a store or the index does not answer: before the rows are gone, the account goes on and the upkeep fills
    /// what it lacks in the index; afterwards the upkeep clears the index as soon as that answers.
    pub async fn erase(&self, scope: &TenantScope) -> Result<Receipt> {
        if let Some(index) = &self.parts.index {
            let placement = self.parts.store.placement(scope).await?;
            let places: Vec<_> = placement.in_use(index.shared()).collect();
            self.parts.places.note(scope, &places).await?;
            self.clear_places(&**index, scope).await?;
        }
        let rows = self.parts.tenancy.erase(scope).await?;
        self.parts.access.forget(scope);
        self.parts.served.forget(scope);
        self.parts.gate_counts.forget(scope);
        self.parts.sets.forget(scope);
        self.parts.watch.forget(scope);
        self.parts.learning.forget(scope);
        self.parts.embedders.forget(scope);
        // Backups made before hold it still: after a restore, this line tells what to erase again.
        tracing::info!(tenant_id = %scope.tenant(), "account erased");
        if let Some(index) = &self.parts.index {
            // An index job may have been in the middle of its work.
            tokio::time::sleep(GRACE).await;
            self.clear_for_good(&**index, scope).await?;
        }
        Ok(Receipt { tenant: scope.tenant(), erased_at: self.parts.clock.now(), rows })
    }

    async fn clear_places(&self, index: &dyn VectorIndex, scope: &TenantScope) -> Result<()> {
        for collection in self.parts.places.noted(scope).await? {
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
        for collection in self.parts.places.noted(scope).await? {
            let mut attempts = 0;
            let model = self.parts.embedders.current().model();
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
