//! Remembers each take for a period.

use std::collections::VecDeque;

use crate::state::{self, Limit};

#[derive(Clone)]
pub(crate) struct State {
    /// When how much was taken, the oldest first. No weight is 0, so there are never more than the capacity.
    takes: VecDeque<(u64, u32)>,
    taken: u32,
}

impl state::State for State {
    fn fresh(_: &Limit) -> Self {
        Self { takes: VecDeque::new(), taken: 0 }
    }

    fn advance(&mut self, limit: &Limit, now: u64) {
        while let Some((_, weight)) = self.takes.pop_front_if(|(time, _)| *time + limit.period <= now) {
            self.taken -= weight;
        }
    }

    fn free(&self, limit: &Limit, _: u64) -> u32 {
        limit.capacity - self.taken
    }

    fn add(&mut self, _: &Limit, weight: u32, now: u64) {
        self.taken += weight;
        match self.takes.back_mut() {
            Some((time, taken)) if *time == now => *taken += weight,
            _ if weight > 0 => self.takes.push_back((now, weight)),
            _ => {}
        }
    }

    fn give_back(&mut self, _: &Limit, weight: u32, _: u64) {
        let mut left = weight.min(self.taken);
        self.taken -= left;
        while let Some((time, taken)) = self.takes.pop_back() {
            if taken > left {
                self.takes.push_back((time, taken - left));
                break;
            }
            left -= taken;
        }
    }

    fn ready_at(&self, limit: &Limit, weight: u32) -> u64 {
        let mut stay = self.taken;
        let frees_enough = self.takes.iter().find(|(_, taken)| {
            stay -= taken;
            stay <= limit.capacity - weight
        });
        frees_enough.map_or(0, |(time, _)| time + limit.period)
    }

    fn idle_at(&self, limit: &Limit) -> u64 {
        self.takes.back().map_or(0, |(time, _)| time + limit.period)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::{Rate, state::State as _};

    #[test]
    fn there_are_no_more_entries_than_can_be_taken() {
        let limit = Limit::window(Rate::new(5, Duration::from_millis(1)));
        let mut state = State::fresh(&limit);
        for now in 0..10_000 {
            state.take(&limit, u32::from(now % 2 == 0), now / 4);
            assert!(state.takes.len() <= 5);
            assert_eq!(state.taken, state.takes.iter().map(|(_, taken)| taken).sum::<u32>());
        }
        state.give_back(&limit, 10, 2_500);
        assert_eq!((state.takes.len(), state.taken), (0, 0));
    }
}
