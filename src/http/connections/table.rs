//! The open connections: how many there may be, and which one goes when another comes.

use std::{
    collections::HashMap,
    net::{IpAddr, Ipv6Addr},
    sync::Arc,
};

use parking_lot::Mutex;
use tokio::time::Instant;

use super::pulse::{End, Patience, Pulse};

/// Connections beyond the limit, on which health is told.
const SURPLUS: usize = 16;
/// So large a part of a limit is freed at a time, so that a flood does not have the table searched for each newcomer.
const PART: usize = 64;

/// Who a connection counts for. What one customer of a network has of IPv6 is no single address but a /64.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Source(IpAddr);

impl Source {
    fn of(peer: IpAddr) -> Self {
        match peer.to_canonical() {
            IpAddr::V6(address) => Self(Ipv6Addr::from_bits(address.to_bits() & (!0 << 64)).into()),
            address @ IpAddr::V4(_) => Self(address),
        }
    }
}

struct Entry {
    pulse: Arc<Pulse>,
    source: Source,
    surplus: bool,
}

#[derive(Default)]
struct Open {
    next: u64,
    entries: HashMap<u64, Entry>,
    sources: HashMap<Source, usize>,
    surplus: usize,
}

impl Open {
    fn regular(&self) -> usize {
        self.entries.len() - self.surplus
    }

    fn remove(&mut self, id: u64) -> Option<Entry> {
        let entry = self.entries.remove(&id)?;
        if entry.surplus {
            self.surplus -= 1;
        } else if let Some(count) = self.sources.get_mut(&entry.source) {
            *count -= 1;
            if *count == 0 {
                self.sources.remove(&entry.source);
            }
        }
        Some(entry)
    }

    /// Ends up to `most` of these connections, those first that have waited longest for a request. None that works.
    fn evict(&mut self, most: usize, these: impl Fn(&Entry) -> bool) {
        let waiting = self.entries.iter().filter(|(_, entry)| these(entry));
        let mut waiting: Vec<_> = waiting.filter_map(|(id, entry)| Some((entry.pulse.waiting_since()?, *id))).collect();
        if waiting.len() > most {
            waiting.select_nth_unstable(most);
            waiting.truncate(most);
        }
        for (_, id) in waiting {
            self.end(id, End::Evicted);
        }
    }

    fn end(&mut self, id: u64, why: End) {
        if let Some(entry) = self.remove(id) {
            entry.pulse.end(why);
        }
    }
}

/// All open connections of this process.
pub(super) struct Table {
    open: Mutex<Open>,
    most: usize,
    per_source: Option<usize>,
}

/// A connection's place, given up when dropped.
pub(super) struct Seat {
    table: Arc<Table>,
    id: u64,
    /// What the connection is doing.
    pub(super) pulse: Arc<Pulse>,
    /// Whether it is one too many.
    pub(super) surplus: bool,
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.table.open.lock().remove(self.id);
        metrics::gauge!("open_connections").decrement(1.0);
    }
}

impl Table {
    /// For at most so many in all and from one address.
    pub(super) fn new(most: usize, per_source: Option<usize>) -> Arc<Self> {
        Arc::new(Self { open: Mutex::default(), most, per_source })
    }

    /// A place for a new connection, that of the one that has waited longest if there is no other; `None` where even those
    /// beyond the limit are taken.
    pub(super) fn admit(self: &Arc<Self>, peer: IpAddr) -> Option<Seat> {
        let source = Source::of(peer);
        let mut open = self.open.lock();
        if self.crowded(&open, source) {
            // Who fills the places of one address makes room of them, not of others'.
            open.evict(self.per_source.unwrap_or_default().div_ceil(PART), |entry| !entry.surplus && entry.source == source);
        } else if open.regular() >= self.most {
            open.evict(self.most.div_ceil(PART), |entry| !entry.surplus);
        }
        let surplus = self.crowded(&open, source) || open.regular() >= self.most;
        if surplus && open.surplus >= SURPLUS {
            open.evict(1, |entry| entry.surplus);
            if open.surplus >= SURPLUS {
                return None;
            }
        }
        let (id, pulse) = (open.next, Pulse::new());
        open.next += 1;
        open.entries.insert(id, Entry { pulse: pulse.clone(), source, surplus });
        if surplus {
            open.surplus += 1;
        } else {
            *open.sources.entry(source).or_default() += 1;
        }
        drop(open);
        metrics::gauge!("open_connections").increment(1.0);
        Some(Seat { table: self.clone(), id, pulse, surplus })
    }

    fn crowded(&self, open: &Open, source: Source) -> bool {
        self.per_source.is_some_and(|most| open.sources.get(&source).is_some_and(|count| *count >= most))
    }

    /// Ends some that wait for a request, those that have waited longest.
    pub(super) fn make_room(&self) {
        self.open.lock().evict(self.most.div_ceil(PART), |_| true);
    }

    /// Ends those whose time is over at `now`.
    pub(super) fn end_overdue(&self, now: Instant, patience: &Patience) {
        let mut open = self.open.lock();
        let due = |entry: &Entry| entry.pulse.due(patience).filter(|(at, _)| *at <= now);
        let over: Vec<_> = open.entries.iter().filter_map(|(id, entry)| Some((*id, due(entry)?.1))).collect();
        for (id, why) in over {
            open.end(id, why);
        }
    }

    /// Ends those with the most that nobody takes, until no more than `bytes` of that are left. To be called between two looks
    /// of the same length.
    pub(super) fn end_hoarding(&self, bytes: usize) {
        let mut open = self.open.lock();
        let mut hoards: Vec<_> = open.entries.iter().map(|(id, entry)| (entry.pulse.hoarded(), *id)).collect();
        let mut all: usize = hoards.iter().map(|(hoard, _)| hoard).sum();
        if all <= bytes {
            return;
        }
        hoards.sort_unstable();
        while all > bytes
            && let Some((hoard, id)) = hoards.pop()
        {
            all -= hoard;
            open.end(id, End::Hoards);
        }
    }

    /// Ends all that have waited for a request since before `then`: the server stops.
    pub(super) fn end_waiting(&self, then: Instant) {
        self.end_those(|pulse| pulse.waiting_since().is_some_and(|since| since <= then));
    }

    /// Ends all, whatever they do.
    pub(super) fn end_all(&self) {
        self.end_those(|_| true);
    }

    fn end_those(&self, which: impl Fn(&Pulse) -> bool) {
        let mut open = self.open.lock();
        let these: Vec<_> = open.entries.iter().filter(|(_, entry)| which(&entry.pulse)).map(|(id, _)| *id).collect();
        for id in these {
            open.end(id, End::Stop);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn address(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    async fn is_ended(seat: &Seat) -> bool {
        // Polled once: it is ended or it is not.
        tokio::time::timeout(Duration::ZERO, seat.pulse.ended()).await.is_ok()
    }

    #[tokio::test]
    async fn who_waits_longest_makes_room() {
        let table = Table::new(3, None);
        let mut seats = Vec::new();
        for _ in 0..3 {
            seats.push(table.admit(address("10.0.0.1")).expect("free"));
        }
        // The first one works, the second was used last.
        let running = seats[0].pulse.begin(false);
        drop(seats[1].pulse.begin(false));
        let fourth = table.admit(address("10.0.0.2")).expect("a place");
        assert!(!fourth.surplus);
        let ended = [is_ended(&seats[0]).await, is_ended(&seats[1]).await, is_ended(&seats[2]).await];
        assert_eq!(ended, [false, false, true]);
        drop(running);
    }

    #[tokio::test]
    async fn where_all_work_some_are_told_so_and_then_nobody() {
        let table = Table::new(2, None);
        let seats: Vec<_> = (0..2).filter_map(|_| table.admit(address("10.0.0.1"))).collect();
        let running: Vec<_> = seats.iter().map(|seat| seat.pulse.begin(false)).collect();
        let beyond: Vec<_> = (0..SURPLUS).filter_map(|_| table.admit(address("10.0.0.1"))).collect();
        assert!(beyond.len() == SURPLUS && beyond.iter().all(|seat| seat.surplus));
        let newest = table.admit(address("10.0.0.1")).expect("the oldest of them made room");
        assert!(newest.surplus && is_ended(&beyond[0]).await && !is_ended(&beyond[1]).await);
        let asked: Vec<_> = beyond.iter().chain([&newest]).map(|seat| seat.pulse.begin(false)).collect();
        assert!(table.admit(address("10.0.0.1")).is_none());
        drop((asked, running, seats));
        assert!(!table.admit(address("10.0.0.1")).expect("free again").surplus);
    }

    #[tokio::test]
    async fn one_address_has_its_own_places() {
        let table = Table::new(9, Some(2));
        let other = table.admit(address("2001:db8::1")).expect("free");
        let one = table.admit(address("::ffff:10.0.0.1")).expect("free");
        let two = table.admit(address("10.0.0.1")).expect("free");
        let three = table.admit(address("10.0.0.1")).expect("the first of this address made room");
        assert!(is_ended(&one).await && !is_ended(&two).await && !is_ended(&other).await);
        let running = [two.pulse.begin(false), three.pulse.begin(false)];
        assert!(table.admit(address("10.0.0.1")).expect("beyond").surplus);
        assert!(!table.admit(address("10.0.0.2")).expect("free").surplus);
        drop(running);
        assert_eq!(Source::of(address("2001:db8::1")), Source::of(address("2001:db8:0:0:ffff::9")));
        assert_ne!(Source::of(address("2001:db8::1")), Source::of(address("2001:db8:0:1::1")));
    }

    #[tokio::test]
    async fn who_takes_nothing_of_the_most_goes() {
        let table = Table::new(9, None);
        let seats: Vec<_> = (0..4).filter_map(|_| table.admit(address("10.0.0.1"))).collect();
        for (seat, bytes) in seats.iter().zip([500, 9_000, 4_000, 20_000]) {
            seat.pulse.queued(bytes);
        }
        // Large, and on its way.
        seats[3].pulse.sent(5_000);
        table.end_hoarding(14_000);
        assert!(!is_ended(&seats[1]).await);
        seats[3].pulse.sent(5_000);
        table.end_hoarding(5_000);
        let mut ended = Vec::new();
        for seat in &seats {
            ended.push(is_ended(seat).await);
        }
        assert_eq!(ended, [false, true, false, false]);
    }

    #[tokio::test]
    async fn what_is_over_is_ended_and_the_rest_is_not() {
        let patience = Patience { head: Duration::from_secs(10), idle: Duration::from_secs(75) };
        let table = Table::new(9, None);
        let (silent, used) = (table.admit(address("10.0.0.1")).expect("free"), table.admit(address("10.0.0.1")).expect("free"));
        drop(used.pulse.begin(false));
        table.end_overdue(Instant::now() + Duration::from_secs(11), &patience);
        assert!(is_ended(&silent).await && !is_ended(&used).await);
        let works = table.admit(address("10.0.0.1")).expect("free");
        let running = works.pulse.begin(false);
        table.end_waiting(Instant::now());
        assert!(is_ended(&used).await && !is_ended(&works).await);
        table.end_all();
        assert!(is_ended(&works).await);
        drop((running, silent, used, works));
        assert!(table.open.lock().entries.is_empty() && table.open.lock().sources.is_empty());
    }
}
