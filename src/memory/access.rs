//! Notes who read what without slowing the read: equal reads are counted together in memory, and a background task
//! writes the counts down every few seconds. Only this bookkeeping can be lost with the process, never a memory.

use std::{collections::HashMap, sync::Arc};

use parking_lot::Mutex;

use super::{
    model::Access,
    store::{AccessRecord, AccessStore},
};
use crate::{
    clock::Timestamp,
    ids::{AppId, MemoryId},
    tenancy::TenantScope,
};

/// Different reads kept while the database is away; more are given up, and counted in a metric.
const CAPACITY: usize = 200_000;
/// Notes written in one transaction.
const BATCH: usize = 5_000;

type Key = (TenantScope, MemoryId, AppId, Access);

/// The notes; cheap to clone.
#[derive(Clone)]
pub struct AccessRecorder {
    store: Arc<dyn AccessStore>,
    notes: Arc<Mutex<HashMap<Key, (i64, Timestamp)>>>,
}

impl AccessRecorder {
    /// Writes to `store`.
    #[must_use]
    pub fn new(store: Arc<dyn AccessStore>) -> Self {
        Self { store, notes: Arc::default() }
    }

    /// Notes one read of each memory.
    pub fn note(&self, scope: &TenantScope, app: AppId, access: Access, at: Timestamp, memories: impl IntoIterator<Item = MemoryId>) {
        let mut notes = self.notes.lock();
        for memory in memories {
            let full = notes.len() >= CAPACITY;
            match notes.get_mut(&(*scope, memory, app, access)) {
                Some((count, last)) => {
                    *count += 1;
                    *last = at;
                }
                None if full => metrics::counter!("access_log_dropped_total").increment(1),
                None => {
                    notes.insert((*scope, memory, app, access), (1, at));
                }
            }
        }
    }

    /// Drops the notes of a tenant.
    pub fn forget(&self, scope: &TenantScope) {
        self.notes.lock().retain(|(of, ..), _| of != scope);
    }

    /// Writes everything noted so far; what fails to be written is noted again.
    pub async fn flush(&self) {
        let mut records: Vec<_> = std::mem::take(&mut *self.notes.lock())
            .into_iter()
            .map(|((scope, memory, app, access), (count, at))| AccessRecord { scope, memory, app, access, at, count })
            .collect();
        records.sort_unstable_by_key(|r| r.scope.tenant());
        let mut batches = records.chunks(BATCH);
        while let Some(batch) = batches.next() {
            if let Err(error) = self.store.record_access(batch).await {
                tracing::warn!(%error, cause = ?error.cause(), "access notes could not be written; trying again later");
                let mut notes = self.notes.lock();
                for r in batch.iter().chain(batches.flatten()) {
                    let note = notes.entry((r.scope, r.memory, r.app, r.access)).or_insert((0, r.at));
                    *note = (note.0 + r.count, note.1.max(r.at));
                }
                return;
            }
        }
    }
}
