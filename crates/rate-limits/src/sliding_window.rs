//! Counts the takes of each period by the clock, and those of the one before by the share of it that a period up to now overlaps.

use crate::state::{self, Limit};

#[derive(Clone)]
pub(crate) struct State {
    /// Which period.
    window: u64,
    taken: u32,
    taken_before: u32,
    /// What counts of those before. Rounded up, so that nobody gains.
    counted_before: u32,
}

impl state::State for State {
    fn fresh(_: &Limit) -> Self {
        Self { window: 0, taken: 0, taken_before: 0, counted_before: 0 }
    }

    fn advance(&mut self, limit: &Limit, now: u64) {
        let window = now / limit.period;
        if window != self.window {
            self.taken_before = if window == self.window + 1 { self.taken } else { 0 };
            self.taken = 0;
            self.window = window;
        }
        self.weigh(limit, now);
    }

    fn free(&self, limit: &Limit, _: u64) -> u32 {
        limit.capacity.saturating_sub(self.taken + self.counted_before)
    }

    fn add(&mut self, _: &Limit, weight: u32, _: u64) {
        self.taken += weight;
    }

    fn give_back(&mut self, limit: &Limit, weight: u32, now: u64) {
        self.taken_before = self.taken_before.saturating_sub(weight.saturating_sub(self.taken));
        self.taken = self.taken.saturating_sub(weight);
        self.weigh(limit, now);
    }

    fn ready_at(&self, limit: &Limit, weight: u32) -> u64 {
        let end = (self.window + 1) * limit.period;
        let spare = limit.capacity - weight;
        // Either enough of those before leave until this window ends, or all of them and then some of its own.
        let (end, leaving, may_stay) =
            if self.taken <= spare { (end, self.taken_before, spare - self.taken) } else { (end + limit.period, self.taken, spare) };
        // More leave than may stay, or the weight would be free.
        let overlap = limit.cost(may_stay) / u128::from(leaving);
        end - u64::try_from(overlap).unwrap_or(limit.period)
    }

    fn idle_at(&self, limit: &Limit) -> u64 {
        match (self.taken, self.taken_before) {
            (0, 0) => 0,
            (0, _) => (self.window + 1) * limit.period,
            _ => (self.window + 2) * limit.period,
        }
    }
}

impl State {
    fn weigh(&mut self, limit: &Limit, now: u64) {
        let overlap = limit.period - now % limit.period;
        let counted = (u128::from(self.taken_before) * u128::from(overlap)).div_ceil(u128::from(limit.period));
        self.counted_before = u32::try_from(counted).unwrap_or(u32::MAX);
    }
}
