//! What each app was given lately.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use moka::sync::Cache;
use parking_lot::Mutex;

use crate::{
    ids::{AppId, MemoryId},
    tenancy::TenantScope,
};

/// How long an app that gets nothing new is remembered.
const KEPT: Duration = Duration::from_mins(30);
/// Memories remembered of each app.
const LAST: usize = 200;
/// The last memories that each app was given; cheap to clone.
#[derive(Clone)]
pub struct Served(Cache<(TenantScope, AppId), Arc<Mutex<VecDeque<MemoryId>>>>);

impl Default for Served {
    fn default() -> Self {
        Self(Cache::builder().max_capacity(10_000).time_to_idle(KEPT).build())
    }
}

impl Served {
    /// Notes what an app was given.
    pub fn note(&self, scope: &TenantScope, app: AppId, memories: impl IntoIterator<Item = MemoryId>) {
        let given = self.0.get_with((*scope, app), Arc::default);
        let mut given = given.lock();
        given.extend(memories);
        let surplus = given.len().saturating_sub(LAST);
        given.drain(..surplus);
    }

    /// What an app was given.
    #[must_use]
    pub fn to(&self, scope: &TenantScope, app: AppId) -> Vec<MemoryId> {
        self.0.get(&(*scope, app)).map(|given| given.lock().iter().copied().collect()).unwrap_or_default()
    }

    /// Drops what was noted of a tenant.
    pub fn forget(&self, scope: &TenantScope) {
        let apps: Vec<_> = self.0.iter().map(|(key, _)| *key).filter(|(of, _)| of == scope).collect();
        for key in &apps {
            self.0.invalidate(key);
        }
    }
}
