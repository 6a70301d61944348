//! A bucket, empty at first, that drains at the rate. What would overflow is refused.

use crate::state::{self, Limit};

#[derive(Clone)]
pub(crate) struct State {
    /// In parts.
    level: u128,
    /// When it stood so high.
    at: u64,
}

impl state::State for State {
    fn fresh(_: &Limit) -> Self {
        Self { level: 0, at: 0 }
    }

    fn advance(&mut self, limit: &Limit, now: u64) {
        self.level = self.level.saturating_sub(limit.gain(now - self.at));
        self.at = now;
    }

    fn free(&self, limit: &Limit, _: u64) -> u32 {
        limit.weight(limit.cost(limit.capacity) - self.level)
    }

    fn add(&mut self, limit: &Limit, weight: u32, _: u64) {
        self.level += limit.cost(weight);
    }

    fn give_back(&mut self, limit: &Limit, weight: u32, _: u64) {
        self.level = self.level.saturating_sub(limit.cost(weight));
    }

    fn ready_at(&self, limit: &Limit, weight: u32) -> u64 {
        let over = self.level + limit.cost(weight) - limit.cost(limit.capacity);
        self.at.saturating_add(limit.time(over))
    }

    fn idle_at(&self, limit: &Limit) -> u64 {
        self.at.saturating_add(limit.time(self.level))
    }
}
