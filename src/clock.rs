//! Time: one clock port, so that tests can move it, one timestamp type, equal on both databases, and one type for time as
//! clients write it.

mod period;

use std::{
    fmt,
    sync::{
        LazyLock,
        atomic::{AtomicI64, Ordering},
    },
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Deserialize, Serialize};

pub use period::Period;

/// Microseconds since 1970-01-01T00:00:00Z: what Postgres can hold, stored as an integer on both engines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// The moment `d` later; saturates.
    #[must_use]
    pub fn plus(self, d: Duration) -> Self {
        Self(self.0.saturating_add(i64::try_from(d.as_micros()).unwrap_or(i64::MAX)))
    }

    /// The moment `d` earlier; saturates.
    #[must_use]
    pub fn minus(self, d: Duration) -> Self {
        Self(self.0.saturating_sub(i64::try_from(d.as_micros()).unwrap_or(i64::MAX)))
    }

    /// A date without a time is midnight in UTC: where the reader's clock is `ahead` of it by so many microseconds, their
    /// midnight of that date; any other moment as it is.
    #[must_use]
    pub const fn on_a_calendar(self, ahead: i64) -> Self {
        const DAY: i64 = 86_400_000_000;
        if self.0.rem_euclid(DAY) == 0 { Self(self.0.saturating_sub(ahead)) } else { self }
    }

    /// Whole seconds since the epoch, as OpenMemory's REST shapes carry them.
    #[must_use]
    pub const fn secs(self) -> i64 {
        self.0.div_euclid(1_000_000)
    }

    /// From whole seconds since the epoch.
    #[must_use]
    pub const fn from_secs(secs: i64) -> Self {
        Self(secs.saturating_mul(1_000_000))
    }

    /// RFC 3339 in UTC with microseconds.
    #[must_use]
    pub fn rfc3339(self) -> String {
        self.date_time().to_rfc3339_opts(SecondsFormat::Micros, true)
    }

    /// The same moment as a calendar type.
    #[must_use]
    pub fn date_time(self) -> DateTime<Utc> {
        DateTime::from_timestamp_micros(self.0).unwrap_or(DateTime::UNIX_EPOCH)
    }

    /// The time of something that was written in any form of a [`Period`]: where that is a date, its first moment.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Period::parse(text).map(Period::first)
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.rfc3339())
    }
}

/// Where the current time comes from.
pub trait Clock: Send + Sync {
    /// The current moment, truncated to microseconds. It may be set back, as any wall clock: whatever waits counts by
    /// [`Self::elapsed`].
    fn now(&self) -> Timestamp;
    /// Time since some fixed moment of this process; it never goes back.
    fn elapsed(&self) -> Duration;
}

/// The machine's clock.
#[derive(Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "everybody else asks here")]
    fn now(&self) -> Timestamp {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Timestamp(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
    }

    fn elapsed(&self) -> Duration {
        static START: LazyLock<Instant> = LazyLock::new(Instant::now);
        START.elapsed()
    }
}

/// A clock that moves only when told to, for tests.
#[derive(Debug)]
pub struct ManualClock {
    now: AtomicI64,
    elapsed: AtomicI64,
}

impl ManualClock {
    /// Starts at `at`.
    #[must_use]
    pub const fn at(at: Timestamp) -> Self {
        Self { now: AtomicI64::new(at.0), elapsed: AtomicI64::new(0) }
    }

    /// Lets `d` pass.
    pub fn advance(&self, d: Duration) {
        let micros = i64::try_from(d.as_micros()).unwrap_or(0);
        self.now.fetch_add(micros, Ordering::SeqCst);
        self.elapsed.fetch_add(micros, Ordering::SeqCst);
    }

    /// Somebody sets the wall clock back by `d`; no time passes.
    pub fn set_back(&self, d: Duration) {
        self.now.fetch_sub(i64::try_from(d.as_micros()).unwrap_or(0), Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.now.load(Ordering::SeqCst))
    }

    fn elapsed(&self) -> Duration {
        Duration::from_micros(u64::try_from(self.elapsed.load(Ordering::SeqCst)).unwrap_or(0))
    }
}
