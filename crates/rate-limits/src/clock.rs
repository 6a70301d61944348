//! Of the times that callers tell, one that never goes back.

use std::time::Duration;

/// How much earlier than the latest a time may be only because its caller was slow to come, in microseconds.
const MOST_SKEW: u64 = 1_000_000;

/// Later times are taken for this one, so that no sum overflows. In 146,000 years.
const LAST: u64 = 1 << 62;

#[derive(Clone, Copy, Default)]
pub(crate) struct Clock {
    latest: u64,
    /// What the callers' clock was set back by.
    behind: u64,
}

impl Clock {
    /// The time now, in microseconds.
    pub(crate) fn see(&mut self, now: Duration) -> u64 {
        let now = u64::try_from(now.as_micros()).unwrap_or(LAST).saturating_add(self.behind).min(LAST);
        let back = self.latest.saturating_sub(now);
        // Within the skew the latest stands: if each of two threads moved it, time would run twice as fast.
        if back > MOST_SKEW {
            self.behind += back;
        }
        self.latest = self.latest.max(now);
        self.latest
    }
}
