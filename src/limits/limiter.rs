//! One action, counted for each key.

use std::{hash::Hash, sync::Arc, time::Duration};

use rate_limits::{Decision, Rate, RateLimit, Strategy};

use super::Action;
use crate::{clock::Clock, error::Error};

/// Most keys remembered at once by one limit; about 10 MB.
pub(super) const MOST_KEYS: usize = 100_000;

/// Lets an action through as often as the table says, for each key.
pub(crate) struct Limiter<K> {
    action: Action,
    limit: Box<dyn RateLimit<K>>,
    clock: Arc<dyn Clock>,
}

/// That an action was done too often. Becomes the [`Error`] that tells so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Exceeded {
    action: Action,
    /// Until the next one, at least 1.
    secs: u64,
}

impl<K: Hash + Eq + Clone + Send + Sync + 'static> Limiter<K> {
    pub(crate) fn new(action: Action, clock: &Arc<dyn Clock>) -> Self {
        Self::with_burst(action, action.rate().amount, clock)
    }

    /// The same with the number that was configured in place of the table's.
    pub(crate) fn with_burst(action: Action, amount: u32, clock: &Arc<dyn Clock>) -> Self {
        let rate = Rate::new(amount, action.rate().period);
        Self { action, limit: rate_limits::of(Strategy::Gcra, rate, MOST_KEYS), clock: clock.clone() }
    }

    /// Counts one, unless there were too many.
    pub(crate) fn take(&self, key: &K) -> Result<(), Exceeded> {
        let Decision { allowed, wait, .. } = self.limit.take(key, 1, self.clock.elapsed());
        if allowed { Ok(()) } else { Err(Exceeded { action: self.action, secs: secs(wait) }) }
    }

    /// Gives one back: it did not count after all.
    pub(crate) fn give_back(&self, key: &K) {
        self.limit.give_back(key, 1, self.clock.elapsed());
    }

    /// Forgets what was counted of a key.
    pub(crate) fn clear(&self, key: &K) {
        self.limit.clear(key);
    }
}

/// Whole seconds to wait, at least one; what never passes is tried again in an hour.
pub(super) fn secs(wait: Option<Duration>) -> u64 {
    wait.map_or(3_600, |wait| wait.as_secs() + u64::from(wait.subsec_nanos() > 0)).max(1)
}

impl From<Exceeded> for Error {
    fn from(Exceeded { action, secs }: Exceeded) -> Self {
        action.refusal(secs)
    }
}
