//! One action, counted for each key.

use std::{hash::Hash, sync::Arc};

use super::{Action, action::Rate, throttle::Throttle};
use crate::{clock::Clock, error::Error};

/// Lets an action through as often as the table says, for each key.
pub(crate) struct Limiter<K> {
    action: Action,
    throttle: Throttle<K>,
}

/// That an action was done too often. Becomes the [`Error`] that tells so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Exceeded {
    action: Action,
    /// Until the next one, at least 1.
    secs: u64,
}

impl<K: Hash + Eq + Clone> Limiter<K> {
    pub(crate) fn new(action: Action, clock: &Arc<dyn Clock>) -> Self {
        Self::with_burst(action, action.rate().burst, clock)
    }

    /// The same with the number that was configured in place of the table's.
    pub(crate) fn with_burst(action: Action, burst: u32, clock: &Arc<dyn Clock>) -> Self {
        let Rate { period, .. } = action.rate();
        Self { action, throttle: Throttle::new(burst, period, clock.clone()) }
    }

    /// Counts one, unless there were too many.
    pub(crate) fn take(&self, key: &K) -> Result<(), Exceeded> {
        self.throttle.take(key).map_err(|secs| Exceeded { action: self.action, secs })
    }

    /// Gives one back: it did not count after all.
    pub(crate) fn give_back(&self, key: &K) {
        self.throttle.give_back(key);
    }

    /// Forgets what was counted of a key.
    pub(crate) fn clear(&self, key: &K) {
        self.throttle.clear(key);
    }
}

impl From<Exceeded> for Error {
    fn from(Exceeded { action, secs }: Exceeded) -> Self {
        action.refusal(secs)
    }
}
