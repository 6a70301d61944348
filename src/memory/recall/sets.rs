//! The working sets of recently active tenants, within a budget of bytes, each brought forward when SQL has moved on.

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicU64, AtomicUsize, Ordering as Atomic},
    },
};

use parking_lot::Mutex;
use tokio::sync::{OwnedRwLockReadGuard, OwnedRwLockWriteGuard, RwLock};

use super::WorkingSet;
use crate::{
    error::Result,
    ids::TenantId,
    memory::{
        model::EmbeddingModel,
        store::{ChangeLog, Changes},
    },
    tenancy::TenantScope,
    turns,
};

/// Memories read from SQL at a time while a set is brought forward.
const CHUNK: usize = 5_000;

/// More changes than this take a turn to be taken in, which lasts more than a millisecond.
const FEW: usize = 20;

type Writing = OwnedRwLockWriteGuard<WorkingSet>;

struct Entry {
    set: Arc<RwLock<WorkingSet>>,
    used: AtomicU64,
    bytes: AtomicUsize,
}

/// The working sets of recently active tenants; cheap to clone.
#[derive(Clone)]
pub struct WorkingSets(Arc<Inner>);

struct Inner {
    store: Arc<dyn ChangeLog>,
    /// What a tenant may be read by, the configured one first.
    models: Vec<EmbeddingModel>,
    /// Whether the sets hold the vectors; an external index has its own.
    vectors: bool,
    budget: usize,
    entries: Mutex<HashMap<TenantId, Arc<Entry>>>,
    ticks: AtomicU64,
}

impl WorkingSets {
    /// Sets over `store`, with or without vectors of `models`, holding about `budget` bytes in all.
    #[must_use]
    pub fn new(store: Arc<dyn ChangeLog>, models: Vec<EmbeddingModel>, vectors: bool, budget: usize) -> Self {
        Self(Arc::new(Inner { store, models, vectors, budget, entries: Mutex::default(), ticks: AtomicU64::new(0) }))
    }

    /// The tenant's set, at least as new as `sequence`; loaded when it is not in memory.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn at_least(&self, scope: &TenantScope, sequence: i64) -> Result<OwnedRwLockReadGuard<WorkingSet>> {
        let entry = self.entry(scope);
        let set = entry.set.clone().read_owned().await;
        if set.sequence >= sequence && set.sequence > 0 {
            return Ok(set);
        }
        drop(set);
        let mut set = entry.set.clone().write_owned().await;
        // Another search may have done it while this one waited.
        if set.sequence < sequence || set.sequence == 0 {
            set = self.bring_forward(scope, set).await?;
            entry.bytes.store(set.bytes(), Atomic::Relaxed);
            self.keep_budget(scope.tenant());
        }
        Ok(set.downgrade())
    }

    /// Drops the tenant's set.
    pub fn forget(&self, scope: &TenantScope) {
        self.0.entries.lock().remove(&scope.tenant());
    }

    /// Bytes held by all sets, as last measured.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.0.entries.lock().values().map(|e| e.bytes.load(Atomic::Relaxed)).sum()
    }

    async fn bring_forward(&self, scope: &TenantScope, mut set: Writing) -> Result<Writing> {
        loop {
            let changes = self.0.store.changes_since(scope, &self.0.models, self.0.vectors, set.sequence, CHUNK).await?;
            let model = changes.placement.reads(&self.0.models);
            let missed = set.sequence < changes.purged && set.purged != changes.purged;
            if model != set.model() || missed {
                // The tenant has moved to another model, or tombstones that this set has not seen are gone: all is read anew.
                let partial = set.sequence > 0;
                *set = WorkingSet::new(model.clone());
                if partial {
                    continue;
                }
            }
            let complete = changes.complete;
            if changes.memories.len() > FEW {
                set = turns::run(scope, move || {
                    take_in(&mut set, changes);
                    set
                })
                .await?;
            } else {
                take_in(&mut set, changes);
            }
            if complete {
                return Ok(set);
            }
        }
    }

    fn entry(&self, scope: &TenantScope) -> Arc<Entry> {
        let tick = self.0.ticks.fetch_add(1, Atomic::Relaxed);
        let mut entries = self.0.entries.lock();
        let entry = entries.entry(scope.tenant()).or_insert_with(|| {
            let set = Arc::new(RwLock::new(WorkingSet::new(self.0.models[0].clone())));
            Arc::new(Entry { set, used: AtomicU64::new(tick), bytes: AtomicUsize::new(0) })
        });
        entry.used.store(tick, Atomic::Relaxed);
        entry.clone()
    }

    /// Lets the least recently used tenants go until the rest fits; the one in use stays.
    fn keep_budget(&self, current: TenantId) {
        let mut entries = self.0.entries.lock();
        let mut total: usize = entries.values().map(|e| e.bytes.load(Atomic::Relaxed)).sum();
        while total > self.0.budget {
            let oldest = entries.iter().filter(|(t, _)| **t != current).min_by_key(|(_, e)| e.used.load(Atomic::Relaxed));
            let Some((tenant, bytes)) = oldest.map(|(t, e)| (*t, e.bytes.load(Atomic::Relaxed))) else { return };
            entries.remove(&tenant);
            total -= bytes;
        }
    }
}

fn take_in(set: &mut WorkingSet, changes: Changes) {
    for change in changes.memories {
        set.apply(change);
    }
    set.sequence = changes.sequence;
    set.purged = changes.purged;
    set.placement = changes.placement;
    if changes.complete {
        set.settle();
    }
}
