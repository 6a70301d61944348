//! Counts the takes of each period by the clock.

use crate::state::{self, Limit};

#[derive(Clone)]
pub(crate) struct State {
    /// Which period.
    window: u64,
    taken: u32,
}

impl state::State for State {
    fn fresh(_: &Limit) -> Self {
        Self { window: 0, taken: 0 }
    }

    fn advance(&mut self, limit: &Limit, now: u64) {
        let window = now / limit.period;
        if window != self.window {
            *self = Self { window, taken: 0 };
        }
    }

    fn free(&self, limit: &Limit, _: u64) -> u32 {
        limit.capacity - self.taken
    }

    fn add(&mut self, _: &Limit, weight: u32, _: u64) {
        self.taken += weight;
    }

    fn give_back(&mut self, _: &Limit, weight: u32, _: u64) {
        self.taken = self.taken.saturating_sub(weight);
    }

    fn ready_at(&self, limit: &Limit, _: u32) -> u64 {
        (self.window + 1) * limit.period
    }

    fn idle_at(&self, limit: &Limit) -> u64 {
        if self.taken == 0 { 0 } else { (self.window + 1) * limit.period }
    }
}
