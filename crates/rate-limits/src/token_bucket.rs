//! A bucket of tokens, full at first, that is refilled at the rate.

use crate::state::{self, Limit};

#[derive(Clone)]
pub(crate) struct State {
    /// In parts.
    tokens: u128,
    /// When there were so many.
    at: u64,
}

impl state::State for State {
    fn fresh(limit: &Limit) -> Self {
        Self { tokens: limit.cost(limit.capacity), at: 0 }
    }

    fn advance(&mut self, limit: &Limit, now: u64) {
        self.tokens = (self.tokens + limit.gain(now - self.at)).min(limit.cost(limit.capacity));
        self.at = now;
    }

    fn free(&self, limit: &Limit, _: u64) -> u32 {
        limit.weight(self.tokens)
    }

    fn add(&mut self, limit: &Limit, weight: u32, _: u64) {
        self.tokens -= limit.cost(weight);
    }

    fn give_back(&mut self, limit: &Limit, weight: u32, _: u64) {
        self.tokens = (self.tokens + limit.cost(weight)).min(limit.cost(limit.capacity));
    }

    fn ready_at(&self, limit: &Limit, weight: u32) -> u64 {
        self.at.saturating_add(limit.time(limit.cost(weight) - self.tokens))
    }

    fn idle_at(&self, limit: &Limit) -> u64 {
        self.at.saturating_add(limit.time(limit.cost(limit.capacity) - self.tokens))
    }
}
