//! What each app was given lately. A client that stores what it was told by its memory makes the memory an echo of itself;
//! known from a product whose store came to be nothing else.

use std::{
    collections::{HashMap, VecDeque},
    sync::Arc,
    time::Duration,
};

use moka::sync::Cache;
use parking_lot::Mutex;

use super::Gist;
use crate::{
    ids::{AppId, MemoryId},
    memory::WorkingSet,
    tenancy::TenantScope,
};

/// How long an app that gets nothing new is remembered.
const KEPT: Duration = Duration::from_mins(30);
/// Memories remembered of each app.
const LAST: usize = 200;
/// Part of a text that must have been served for it to be an echo, of 10.
const ECHO: usize = 8;
/// Shortest text that can be one, in runs of three words.
const SHORTEST: usize = 2;

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

/// Runs of three words of what was served, with the memory that each is from.
#[derive(Default)]
pub struct Shingles(HashMap<u64, MemoryId>);

/// Of those memories that the set still holds.
pub fn shingles(set: &WorkingSet, served: &[MemoryId]) -> Shingles {
    let memories = served.iter().filter_map(|id| set.memory(set.slot_of(*id)?));
    Shingles(memories.flat_map(|memory| Gist::of(&memory.text).shingles().map(|run| (run, memory.id)).collect::<Vec<_>>()).collect())
}

impl Shingles {
    /// A memory that the text was put together from, if nearly all of it was served.
    pub fn echoed(&self, text: &str) -> Option<MemoryId> {
        // By sentences: where two that were served are joined, nothing new is said.
        let sentences = text.split(['.', '!', '?', ';', '\n']).filter(|sentence| !sentence.trim().is_empty());
        let runs: Vec<_> = sentences.flat_map(|sentence| Gist::of(sentence).shingles().collect::<Vec<_>>()).collect();
        let known: Vec<_> = runs.iter().filter_map(|run| self.0.get(run)).collect();
        (runs.len() >= SHORTEST && known.len() * 10 >= runs.len() * ECHO).then(|| *known[0])
    }
}
