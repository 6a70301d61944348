//! What this process knows of gaps in an external index. Searches tell what they miss and ask what is known; the upkeep
//! (`jobs::upkeep`) compares the tenants that are named here with SQL and tells what it found.

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use parking_lot::Mutex;
use tokio::{sync::Notify, time::Instant};

use super::{WorkingSet, dense::DenseScores};
use crate::{clock::Timestamp, tenancy::TenantScope};

/// A tenant that is suspected again waits this long after a comparison: what is on its way has arrived then.
const AGAIN: Duration = Duration::from_secs(10);
/// How often a tenant is compared whose searches cannot tell what is missing, for each [`LARGE`] of its memories.
const UNSEEN: Duration = Duration::from_secs(30);
const LARGE: usize = 50_000;

/// The tenants that are known or suspected to have gaps; cheap to clone.
#[derive(Clone, Default)]
pub struct IndexWatch(Arc<Inner>);

#[derive(Default)]
struct Inner {
    tenants: Mutex<HashMap<TenantScope, Known>>,
    all: AtomicBool,
    wake: Notify,
}

#[derive(Clone, Copy, Default)]
struct Known {
    missing: usize,
    suspected: bool,
    compared: Option<Instant>,
}

impl IndexWatch {
    /// A search missed something of this tenant, or had no answer: it is compared soon.
    pub fn suspect(&self, scope: &TenantScope) {
        if !std::mem::replace(&mut self.0.tenants.lock().entry(*scope).or_default().suspected, true) {
            self.0.wake.notify_one();
        }
    }

    /// Everybody is compared soon.
    pub fn suspect_all(&self) {
        self.0.all.store(true, Ordering::Relaxed);
        self.0.wake.notify_one();
    }

    /// Whether an answer of the index lacks memories that it should have; what changed after `settled` may be on its way. A tenant
    /// that misses any is compared soon.
    pub(super) fn sees_gap(&self, scope: &TenantScope, set: &WorkingSet, dense: &DenseScores, settled: Timestamp) -> bool {
        let gap = if dense.best_only { self.unseen(scope, set.len()) } else { set.lacks_any(&dense.scores, settled) };
        if gap {
            self.suspect(scope);
        }
        gap
    }

    /// For a tenant of so many memories whose searches ask for the best alone: those cannot see what is missing, so that it is
    /// compared from time to time while it searches. Answers whether something is known to be missing.
    fn unseen(&self, scope: &TenantScope, memories: usize) -> bool {
        let every = UNSEEN * u32::try_from(memories / LARGE + 1).unwrap_or(u32::MAX);
        let mut tenants = self.0.tenants.lock();
        let known = tenants.entry(*scope).or_default();
        if known.compared.is_none_or(|at| at.elapsed() >= every) && !std::mem::replace(&mut known.suspected, true) {
            self.0.wake.notify_one();
        }
        known.missing > 0
    }

    /// Memories that are known to be missing.
    #[must_use]
    pub fn missing(&self) -> usize {
        self.0.tenants.lock().values().map(|known| known.missing).sum()
    }

    /// Drops what is known of a tenant.
    pub(in crate::memory) fn forget(&self, scope: &TenantScope) {
        self.0.tenants.lock().remove(scope);
    }

    /// Waits until somebody is suspected.
    pub async fn woken(&self) {
        self.0.wake.notified().await;
    }

    /// Whether everybody is to be compared; asked for no more then.
    #[must_use]
    pub fn take_all(&self) -> bool {
        self.0.all.swap(false, Ordering::Relaxed)
    }

    /// Those to be compared now: suspected, or with a gap that may have been filled.
    #[must_use]
    pub fn due(&self) -> Vec<TenantScope> {
        let mut tenants = self.0.tenants.lock();
        tenants.retain(|_, known| known.missing > 0 || known.suspected || known.compared.is_some_and(|at| at.elapsed() < UNSEEN));
        let due = tenants.iter().filter(|(_, k)| (k.suspected || k.missing > 0) && k.compared.is_none_or(|at| at.elapsed() >= AGAIN));
        due.map(|(scope, _)| *scope).collect()
    }

    /// What a comparison found missing.
    pub fn compared(&self, scope: &TenantScope, missing: usize) {
        let known = Known { missing, suspected: false, compared: Some(Instant::now()) };
        self.0.tenants.lock().insert(*scope, known);
    }
}
