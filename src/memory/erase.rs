//! The end of a tenant: everything of it leaves every store, index and cache of this process.

use std::{collections::BTreeMap, time::Duration};

use super::service::MemoryService;
use crate::{clock::Timestamp, error::Result, ids::TenantId, tenancy::TenantScope};

/// How long a change of another node may still be on its way to the index when the rows are gone.
const GRACE: Duration = Duration::from_secs(1);

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
    /// backup.
    ///
    /// # Errors
    /// `unavailable` when a store or the index does not answer; what was erased until then stays erased.
    pub async fn erase(&self, scope: &TenantScope) -> Result<Receipt> {
        let placement = self.parts.store.placement(scope).await?;
        // Before the rows: without those nobody would know whose points they are.
        if let Some(index) = &self.parts.index {
            index.delete_tenant(scope, &placement).await?;
        }
        let rows = self.parts.tenancy.erase(scope).await?;
        if let Some(index) = &self.parts.index {
            // An index job may have been in the middle of its work.
            tokio::time::sleep(GRACE).await;
            index.delete_tenant(scope, &placement).await?;
        }
        self.parts.access.forget(scope);
        self.parts.served.forget(scope);
        self.parts.gate_counts.forget(scope);
        self.parts.sets.forget(scope);
        self.parts.learning.forget(scope);
        self.parts.embedders.forget(scope);
        // Backups made before hold it still: after a restore, this line tells what to erase again.
        tracing::info!(tenant_id = %scope.tenant(), "account erased");
        Ok(Receipt { tenant: scope.tenant(), erased_at: self.parts.clock.now(), rows })
    }
}
