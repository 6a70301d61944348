//! A keyed limit, on the clock that nobody can set.
//!
//! Owns counting per key in bounded memory. Generic cell rate: one number for each key.

use std::{collections::HashMap, hash::Hash, sync::Arc, time::Duration};

use parking_lot::Mutex;

use crate::clock::Clock;

/// Most keys remembered at once; about 5 MB.
const MAX_KEYS: usize = 100_000;

/// Allows `burst` takes at once and `burst` per `period` after that, for each key.
pub(super) struct Throttle<K> {
    /// Microseconds that one take costs.
    cost: i64,
    /// How far ahead of now a key's account may run, in microseconds.
    credit: i64,
    clock: Arc<dyn Clock>,
    table: Mutex<Table<K>>,
}

struct Table<K> {
    /// When each key's account is back at zero, in microseconds of [`Clock::elapsed`].
    zero_at: HashMap<K, i64>,
    swept_at: i64,
}

impl<K: Hash + Eq + Clone> Throttle<K> {
    pub(super) fn new(burst: u32, period: Duration, clock: Arc<dyn Clock>) -> Self {
        let period = i64::try_from(period.as_micros()).unwrap_or(i64::MAX);
        let cost = period / i64::from(burst.max(1));
        Self { cost, credit: period - cost, clock, table: Mutex::new(Table { zero_at: HashMap::new(), swept_at: 0 }) }
    }

    /// Takes one; the seconds to wait (at least 1) when there is none left.
    pub(super) fn take(&self, key: &K) -> Result<(), u64> {
        let now = self.now();
        let mut table = self.table.lock();
        let zero_at = table.zero_at.get(key).copied().unwrap_or(now).max(now);
        if let Some(wait) = self.wait(zero_at, now) {
            return Err(wait);
        }
        table.make_room(now, self.cost);
        table.zero_at.insert(key.clone(), zero_at.saturating_add(self.cost));
        Ok(())
    }

    /// Gives one take back: what it was taken for did not count after all.
    pub(super) fn give_back(&self, key: &K) {
        if let Some(zero_at) = self.table.lock().zero_at.get_mut(key) {
            *zero_at = zero_at.saturating_sub(self.cost);
        }
    }

    /// Starts the key afresh.
    pub(super) fn clear(&self, key: &K) {
        self.table.lock().zero_at.remove(key);
    }

    fn now(&self) -> i64 {
        i64::try_from(self.clock.elapsed().as_micros()).unwrap_or(i64::MAX)
    }

    fn wait(&self, zero_at: i64, now: i64) -> Option<u64> {
        let over = zero_at - now - self.credit;
        (over > 0).then(|| u64::try_from(over).unwrap_or(0).div_ceil(1_000_000))
    }
}

impl<K: Hash + Eq + Clone> Table<K> {
    fn make_room(&mut self, now: i64, cost: i64) {
        if self.zero_at.len() < MAX_KEYS {
            return;
        }
        // A sweep reads the whole table, so a flood of new keys must not cause one each.
        if now - self.swept_at >= cost {
            self.zero_at.retain(|_, zero_at| *zero_at > now);
            self.swept_at = now;
        }
        if self.zero_at.len() >= MAX_KEYS
            && let Some(any) = self.zero_at.keys().next().cloned()
        {
            self.zero_at.remove(&any);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::{ManualClock, Timestamp};

    #[test]
    fn allows_a_burst_then_the_rate_and_forgets_in_time() {
        let clock = Arc::new(ManualClock::at(Timestamp::from_secs(1_000_000)));
        let throttle = Throttle::new(20, Duration::from_mins(1), clock.clone());
        for _ in 0..20 {
            assert_eq!(throttle.take(&1), Ok(()));
        }
        assert_eq!(throttle.take(&1), Err(3));
        assert_eq!(throttle.take(&2), Ok(()), "other keys are untouched");
        clock.advance(Duration::from_secs(3));
        assert_eq!(throttle.take(&1), Ok(()));
        assert_eq!(throttle.take(&1), Err(3));
        throttle.clear(&1);
        assert_eq!(throttle.take(&1), Ok(()));
        clock.advance(Duration::from_mins(1));
        assert!((0..20).all(|_| throttle.take(&1).is_ok()));
    }

    #[test]
    fn a_clock_set_back_keeps_nobody_waiting() {
        let clock = Arc::new(ManualClock::at(Timestamp::from_secs(1_000_000)));
        let throttle = Throttle::new(10, Duration::from_mins(1), clock.clone());
        assert!((0..10).all(|_| throttle.take(&1).is_ok()));
        clock.set_back(Duration::from_hours(2));
        assert_eq!(throttle.take(&1), Err(6), "seconds, not hours");
        clock.advance(Duration::from_secs(6));
        assert_eq!(throttle.take(&1), Ok(()));
    }

    #[test]
    fn what_is_given_back_can_be_taken_again() {
        let clock = Arc::new(ManualClock::at(Timestamp::from_secs(1_000_000)));
        let throttle = Throttle::new(2, Duration::from_mins(1), clock);
        assert_eq!((throttle.take(&1), throttle.take(&1), throttle.take(&1)), (Ok(()), Ok(()), Err(30)));
        throttle.give_back(&1);
        assert_eq!((throttle.take(&1), throttle.take(&1)), (Ok(()), Err(30)));
        throttle.give_back(&2);
        assert_eq!((throttle.take(&2), throttle.take(&2), throttle.take(&2)), (Ok(()), Ok(()), Err(30)), "nothing is saved up");
    }

    #[test]
    fn memory_is_bounded() {
        let clock = Arc::new(ManualClock::at(Timestamp::from_secs(1_000_000)));
        let throttle = Throttle::new(20, Duration::from_mins(1), clock);
        for key in 0..MAX_KEYS + 1_000 {
            assert_eq!(throttle.take(&key), Ok(()));
        }
        assert_eq!(throttle.table.lock().zero_at.len(), MAX_KEYS);
    }
}
