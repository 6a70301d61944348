//! The end for good: of deleted memories whose time is over, and of those that are to leave no trace.

use std::time::Duration;

use super::{Doomed, Erasure};
use crate::{auth::Principal, clock::Timestamp, error::Result, ids::MemoryId, memory::model::Selection, tenancy::TenantScope};

/// Memories erased in one transaction, so that writers wait for milliseconds.
const BATCH: u32 = 500;
/// How long what was forgotten on purpose is known again.
const FORGOTTEN: Duration = Duration::from_hours(2 * 365 * 24);

impl Erasure {
    /// Deletes the selected memories and erases them at once, those among them that were deleted before as well; answers the
    /// ids. Cut off half-way, they are deleted, and the same call erases the rest.
    ///
    /// # Errors
    /// Those of [`Writer::delete`](crate::memory::Writer::delete).
    pub async fn erase_memories(&self, by: &Principal, selection: Selection) -> Result<Vec<MemoryId>> {
        let mut ids = selection.ids.clone();
        ids.extend(self.writer.delete(by, selection).await?);
        let (_, actor) = self.reach.actor(by).await?;
        // Noted reads that are still on their way would be of memories that nobody has.
        self.access.flush().await;
        ids.sort_unstable();
        ids.dedup();
        let mut erased = Vec::new();
        for batch in ids.chunks(BATCH as usize) {
            let doomed = Doomed::These { ids: batch.to_vec(), project: by.project };
            erased.extend(self.store.erase(&by.scope, Some(&actor), &doomed, BATCH).await?);
        }
        self.forget_erased(&by.scope, &erased);
        Ok(erased)
    }

    /// Erases the tenant's memories that were deleted before a time, and lets go of those that were held back before another, which
    /// the next purge erases. What was forgotten on purpose is forgotten for good after two years. Answers how many were erased.
    ///
    /// # Errors
    /// Those of the store; what was erased until then stays erased.
    pub async fn purge(&self, scope: &TenantScope, deleted_before: Timestamp, held_before: Timestamp) -> Result<usize> {
        let store = &self.store;
        while store.let_go(scope, held_before, BATCH).await? == BATCH as usize {}
        self.forgotten.forget_forgotten(scope, self.clock.now().minus(FORGOTTEN)).await?;
        self.operations.forget(scope).await?;
        let mut all = 0;
        loop {
            let doomed = Doomed::DeletedBefore(deleted_before);
            let erased = self.store.erase(scope, None, &doomed, BATCH).await?;
            all += erased.len();
            if erased.len() < BATCH as usize {
                return Ok(all);
            }
        }
    }

    fn forget_erased(&self, scope: &TenantScope, erased: &[MemoryId]) {
        if erased.is_empty() {
            return;
        }
        // Texts that the embedder still remembers.
        self.embedders.forget(scope);
        self.wake.index.notify_one();
        metrics::counter!("memory_operations_total", "operation" => "erase").increment(erased.len() as u64);
    }
}
