//! What all strategies have in common.

use std::time::Duration;

use crate::{Decision, Rate};

/// Longer periods are taken for this one, so that no sum overflows. 36,000 years, in microseconds.
const LONGEST: u64 = 1 << 60;

/// A rate as it is counted.
///
/// Fractions are counted in *parts*: what is taken costs `period` parts, and each microsecond brings `amount` of them. Both are
/// whole, so nothing is rounded before the end.
#[derive(Clone, Copy)]
pub(crate) struct Limit {
    amount: u32,
    /// In microseconds.
    pub(crate) period: u64,
    /// Most that can be taken at once.
    pub(crate) capacity: u32,
}

impl Limit {
    pub(crate) fn window(rate: Rate) -> Self {
        let period = u64::try_from(rate.period.as_nanos().div_ceil(1_000)).unwrap_or(LONGEST).clamp(1, LONGEST);
        Self { amount: rate.amount.max(1), period, capacity: rate.amount }
    }

    pub(crate) fn bucket(rate: Rate) -> Self {
        // What is never refilled is no rate.
        Self { capacity: if rate.amount == 0 { 0 } else { rate.burst }, ..Self::window(rate) }
    }

    /// The parts that a weight costs.
    pub(crate) fn cost(&self, weight: u32) -> u128 {
        u128::from(weight) * u128::from(self.period)
    }

    /// The parts that come in so many microseconds.
    pub(crate) fn gain(&self, micros: u64) -> u128 {
        u128::from(micros) * u128::from(self.amount)
    }

    /// The microseconds until so many parts have come.
    pub(crate) fn time(&self, parts: u128) -> u64 {
        u64::try_from(parts.div_ceil(u128::from(self.amount))).unwrap_or(u64::MAX)
    }

    /// The weight that so many parts pay for.
    pub(crate) fn weight(&self, parts: u128) -> u32 {
        u32::try_from(parts / u128::from(self.period)).unwrap_or(u32::MAX)
    }
}

/// What a strategy remembers of one key. Times are in microseconds and never go back; all but [`fresh`](Self::fresh) and
/// [`advance`](Self::advance) are asked of a state advanced to now.
pub(crate) trait State: Clone + Send {
    /// That of a key of which nothing is known.
    fn fresh(limit: &Limit) -> Self;

    /// Forgets what counts no longer.
    fn advance(&mut self, limit: &Limit, now: u64);

    /// What can be taken at once.
    fn free(&self, limit: &Limit, now: u64) -> u32;

    /// Counts a weight that is free.
    fn add(&mut self, limit: &Limit, weight: u32, now: u64);

    /// Takes back the newest of what was counted, as far as there is any.
    fn give_back(&mut self, limit: &Limit, weight: u32, now: u64);

    /// When a weight will be free that is not, but within the capacity.
    fn ready_at(&self, limit: &Limit, weight: u32) -> u64;

    /// From when on it is as good as a fresh one; any time up to now if it is.
    fn idle_at(&self, limit: &Limit) -> u64;

    /// Takes all of a weight or nothing.
    fn take(&mut self, limit: &Limit, weight: u32, now: u64) -> Decision {
        self.advance(limit, now);
        let free = self.free(limit, now);
        let allowed = weight <= free;
        if allowed {
            self.add(limit, weight, now);
        }
        let until = |time: u64| Duration::from_micros(time.saturating_sub(now));
        Decision {
            allowed,
            remaining: if allowed { free - weight } else { free },
            reset: until(self.idle_at(limit)),
            wait: (weight <= limit.capacity).then(|| if allowed { Duration::ZERO } else { until(self.ready_at(limit, weight)) }),
        }
    }
}
