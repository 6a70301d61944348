//! A state for each key, in bounded memory.

use std::{
    collections::{BTreeMap, HashMap},
    hash::Hash,
    time::Duration,
};

use parking_lot::Mutex;

use crate::{
    Decision, RateLimit,
    clock::Clock,
    state::{Limit, State},
};

pub(crate) struct Keyed<S, K> {
    limit: Limit,
    most_keys: usize,
    table: Mutex<Table<S, K>>,
}

struct Table<S, K> {
    clock: Clock,
    keys: HashMap<K, Entry<S>>,
    /// All keys in the order in which they may be forgotten. Kept at each take, so that no take has to search for one.
    places: BTreeMap<Place, K>,
    /// How many keys came so far.
    arrivals: u64,
}

struct Entry<S> {
    state: S,
    place: Place,
}

/// Who is forgotten first: whoever is idle first, among those who are at once, as windows end at once for all, whoever has most
/// left, and then whoever came first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    idle_at: u64,
    taken: u32,
    arrival: u64,
}

impl<S: State, K: Hash + Eq + Clone> Keyed<S, K> {
    pub(crate) fn new(limit: Limit, most_keys: usize) -> Self {
        let table = Table { clock: Clock::default(), keys: HashMap::new(), places: BTreeMap::new(), arrivals: 0 };
        Self { limit, most_keys: most_keys.max(1), table: Mutex::new(table) }
    }

    /// Changes what is remembered of a key.
    fn change<T>(&self, key: &K, now: Duration, change: impl FnOnce(&mut S, u64) -> T) -> T {
        let mut table = self.table.lock();
        let now = table.clock.see(now);
        let Table { keys, places, arrivals, .. } = &mut *table;
        let place = |state: &S, arrival| {
            let taken = self.limit.capacity - state.free(&self.limit, now);
            Place { idle_at: state.idle_at(&self.limit), taken, arrival }
        };
        if let Some(entry) = keys.get_mut(key) {
            let result = change(&mut entry.state, now);
            let new = place(&entry.state, entry.place.arrival);
            if new != entry.place
                && let Some(key) = places.remove(&entry.place)
            {
                places.insert(new, key);
                entry.place = new;
            }
            return result;
        }
        let mut state = S::fresh(&self.limit);
        let result = change(&mut state, now);
        let place = place(&state, *arrivals);
        if place.idle_at > now {
            if keys.len() >= self.most_keys
                && let Some((_, forgotten)) = places.pop_first()
            {
                keys.remove(&forgotten);
            }
            *arrivals += 1;
            places.insert(place, key.clone());
            keys.insert(key.clone(), Entry { state, place });
        }
        result
    }
}

impl<S: State, K: Hash + Eq + Clone + Send + Sync> RateLimit<K> for Keyed<S, K> {
    fn take(&self, key: &K, weight: u32, now: Duration) -> Decision {
        self.change(key, now, |state, now| state.take(&self.limit, weight, now))
    }

    fn look(&self, key: &K, now: Duration) -> Decision {
        let table = self.table.lock();
        // A copy of the clock sees it.
        let now = { table.clock }.see(now);
        let mut state = table.keys.get(key).map_or_else(|| S::fresh(&self.limit), |entry| entry.state.clone());
        state.take(&self.limit, 0, now)
    }

    fn give_back(&self, key: &K, weight: u32, now: Duration) {
        self.change(key, now, |state, now| {
            state.advance(&self.limit, now);
            state.give_back(&self.limit, weight, now);
        });
    }

    fn clear(&self, key: &K) {
        let mut table = self.table.lock();
        if let Some(entry) = table.keys.remove(key) {
            table.places.remove(&entry.place);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Rate, gcra};

    fn sizes<S, K>(limit: &Keyed<S, K>) -> (usize, usize) {
        let table = limit.table.lock();
        (table.keys.len(), table.places.len())
    }

    #[test]
    fn memory_is_bounded() {
        let limit = Keyed::<gcra::State, u32>::new(Limit::bucket(Rate::new(20, Duration::from_mins(1))), 100);
        for key in 0..1_000 {
            assert!(limit.take(&key, 1, Duration::ZERO).allowed);
            limit.take(&(key / 2), 1, Duration::from_millis(u64::from(key)));
        }
        assert_eq!(sizes(&limit), (100, 100));
        for key in 0..1_000 {
            limit.clear(&key);
        }
        assert_eq!(sizes(&limit), (0, 0));
    }

    #[test]
    fn nothing_is_remembered_of_those_who_took_nothing() {
        let limit = Keyed::<gcra::State, u32>::new(Limit::bucket(Rate::new(20, Duration::from_mins(1))), 100);
        let now = Duration::from_secs(5);
        limit.take(&1, 0, now);
        limit.take(&1, 21, now);
        limit.look(&1, now);
        limit.give_back(&1, 1, now);
        assert_eq!(sizes(&limit), (0, 0));
    }
}
