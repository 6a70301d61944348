//! Six ways to limit how often something is done, for each key, in bounded memory. Pure: the time is told by the caller.
//!
//! [`of`] makes a [`RateLimit`] of a [`Strategy`] and a [`Rate`]. All of them count in whole microseconds and exact fractions of
//! them, so that nothing is gained or lost by rounding, however long they run.
//!
//! | Strategy | Lets through | For each key |
//! |---|---|---|
//! | [`FixedWindow`](Strategy::FixedWindow) | `amount` in each period by the clock, so twice that around its end | two numbers |
//! | [`SlidingWindow`](Strategy::SlidingWindow) | about `amount` in any period, as if the takes of the one before were spread evenly | four numbers |
//! | [`SlidingLog`](Strategy::SlidingLog) | `amount` in any period, exactly | up to `amount` entries |
//! | [`TokenBucket`](Strategy::TokenBucket) | `burst` at once, and `amount` in each period as it is refilled | two numbers |
//! | [`LeakyBucket`](Strategy::LeakyBucket) | the same, told as a level that drains | two numbers |
//! | [`Gcra`](Strategy::Gcra) | the same, told as the time at which all is drained | one number |
//!
//! Threads read the clock before they wait for the lock, so times come slightly out of order. One up to a second earlier than the
//! latest is taken for the latest. One earlier still is that of a clock set back: time goes on from where it was, and nobody waits
//! for the clock to catch up.
#![forbid(unsafe_code)]

mod clock;
mod fixed_window;
mod gcra;
mod keyed;
mod leaky_bucket;
mod sliding_log;
mod sliding_window;
mod state;
mod token_bucket;

use std::{hash::Hash, str::FromStr, time::Duration};

use keyed::Keyed;
use state::Limit;

/// So much in each period; at most `burst` at once. An amount of 0 lets nothing through.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Rate {
    pub amount: u32,
    pub period: Duration,
    /// Only the buckets and the generic cell rate know it; windows let the whole amount through at once.
    pub burst: u32,
}

impl Rate {
    /// All of the amount may be taken at once.
    #[must_use]
    pub const fn new(amount: u32, period: Duration) -> Self {
        Self { amount, period, burst: amount }
    }

    #[must_use]
    pub const fn with_burst(self, burst: u32) -> Self {
        Self { burst, ..self }
    }
}

/// How takes are counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Strategy {
    FixedWindow,
    SlidingWindow,
    SlidingLog,
    TokenBucket,
    LeakyBucket,
    #[default]
    Gcra,
}

impl Strategy {
    pub const ALL: [Self; 6] = [Self::FixedWindow, Self::SlidingWindow, Self::SlidingLog, Self::TokenBucket, Self::LeakyBucket, Self::Gcra];

    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::FixedWindow => "fixed_window",
            Self::SlidingWindow => "sliding_window",
            Self::SlidingLog => "sliding_log",
            Self::TokenBucket => "token_bucket",
            Self::LeakyBucket => "leaky_bucket",
            Self::Gcra => "gcra",
        }
    }
}

impl FromStr for Strategy {
    /// What is wrong, for those who wrote it.
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        let known = || Self::ALL.map(Self::as_str).join(", ");
        Self::ALL.into_iter().find(|strategy| strategy.as_str() == name).ok_or_else(|| format!("{name:?} is none of {}", known()))
    }
}

/// What one try came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decision {
    pub allowed: bool,
    /// What could still be taken at once after this.
    pub remaining: u32,
    /// How long until nothing counts against the key any more.
    pub reset: Duration,
    /// After how long the same weight would pass if nobody else took: zero when allowed, nothing where it never can.
    pub wait: Option<Duration>,
}

/// A limit for each key. `now` is the time since some start of a monotonic clock, the same for all calls.
pub trait RateLimit<K>: Send + Sync {
    /// Takes all of `weight` or nothing.
    fn take(&self, key: &K, weight: u32, now: Duration) -> Decision;

    /// What a take of nothing would come to. Changes nothing.
    fn look(&self, key: &K, now: Duration) -> Decision;

    /// Gives back what was taken for something that did not count after all, the newest first. Nothing is saved up above full.
    fn give_back(&self, key: &K, weight: u32, now: Duration);

    /// Starts the key afresh.
    fn clear(&self, key: &K);
}

/// A limit that remembers at most `most_keys` (at least one). In a full table a new key takes the place of the one against which
/// nothing counts any more, or soonest will not.
#[must_use]
pub fn of<K: Hash + Eq + Clone + Send + Sync + 'static>(strategy: Strategy, rate: Rate, most_keys: usize) -> Box<dyn RateLimit<K>> {
    let (window, bucket) = (Limit::window(rate), Limit::bucket(rate));
    match strategy {
        Strategy::FixedWindow => Box::new(Keyed::<fixed_window::State, K>::new(window, most_keys)),
        Strategy::SlidingWindow => Box::new(Keyed::<sliding_window::State, K>::new(window, most_keys)),
        Strategy::SlidingLog => Box::new(Keyed::<sliding_log::State, K>::new(window, most_keys)),
        Strategy::TokenBucket => Box::new(Keyed::<token_bucket::State, K>::new(bucket, most_keys)),
        Strategy::LeakyBucket => Box::new(Keyed::<leaky_bucket::State, K>::new(bucket, most_keys)),
        Strategy::Gcra => Box::new(Keyed::<gcra::State, K>::new(bucket, most_keys)),
    }
}
