//! The generic cell rate algorithm: when the next take is due if all come evenly. One may come early by as much as the burst allows.

use crate::state::{self, Limit};

#[derive(Clone)]
pub(crate) struct State {
    /// The theoretical arrival time, in parts of which a microsecond has `amount`.
    due: u128,
}

impl state::State for State {
    fn fresh(_: &Limit) -> Self {
        Self { due: 0 }
    }

    fn advance(&mut self, limit: &Limit, now: u64) {
        self.due = self.due.max(limit.gain(now));
    }

    fn free(&self, limit: &Limit, now: u64) -> u32 {
        limit.weight(limit.gain(now) + limit.cost(limit.capacity) - self.due)
    }

    fn add(&mut self, limit: &Limit, weight: u32, _: u64) {
        self.due += limit.cost(weight);
    }

    fn give_back(&mut self, limit: &Limit, weight: u32, now: u64) {
        self.due = self.due.saturating_sub(limit.cost(weight)).max(limit.gain(now));
    }

    fn ready_at(&self, limit: &Limit, weight: u32) -> u64 {
        limit.time(self.due + limit.cost(weight) - limit.cost(limit.capacity))
    }

    fn idle_at(&self, limit: &Limit) -> u64 {
        limit.time(self.due)
    }
}
