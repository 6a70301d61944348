//! Watching a tenant: when to look, what was told already, and how many may watch.

use std::{
    collections::{HashSet, VecDeque},
    hash::Hash,
    sync::Arc,
    time::Duration,
};

use super::model::{Activity, Event, LiveStore, Read};
use crate::{
    auth::{Authenticator, Principal, Scope},
    clock::{Clock, Timestamp},
    error::{Error, Result},
    ids::{MemoryId, UserId},
    limits::{Resource, Slot, Slots},
    memory::Access,
    tenancy::{Nudges, TenantScope, Watch},
};

/// How often a watcher looks without being nudged: for what other nodes wrote, and what is noted in batches.
const LOOK: Duration = Duration::from_secs(2);
/// A burst of writes is told together.
const GATHER: Duration = Duration::from_millis(100);
/// Reads and uses are noted by every node within this time; they are looked for that far back, and told once.
const NOTED_WITHIN: Duration = Duration::from_mins(1);
/// What a transaction dates may become visible so much later.
const IN_FLIGHT: Duration = Duration::from_secs(5);
/// Most changes of one look; the next one goes on from there.
const CHANGES: u32 = 500;
/// Latest reads of one look; more are left out, for they are in the access log.
const READS: u32 = 200;
/// Events that a watcher remembers having told.
const TOLD: usize = 4_000;
/// Most events of the past that a watcher may begin with.
const MAX_RECENT: i64 = 100;

/// Events of one look, perhaps none, with the place in the change sequence that they lead up to.
#[derive(Debug)]
pub struct Batch {
    /// Oldest first.
    pub events: Vec<Event>,
    /// Where to go on after a break.
    pub seq: i64,
}

/// Opens watches and answers what happened.
#[derive(Clone)]
pub struct LiveService {
    store: Arc<dyn LiveStore>,
    authenticator: Arc<Authenticator>,
    nudges: Nudges,
    clock: Arc<dyn Clock>,
    slots: Slots<UserId>,
}

impl LiveService {
    /// Over its store; at most `per_user` watches of one person at a time.
    #[must_use]
    pub fn new(
        store: Arc<dyn LiveStore>,
        authenticator: Arc<Authenticator>,
        nudges: Nudges,
        clock: Arc<dyn Clock>,
        per_user: usize,
    ) -> Self {
        Self { store, authenticator, nudges, clock, slots: Slots::new(Resource::EventStream, per_user) }
    }

    /// What happened on each of the last `days` days, this one included.
    ///
    /// # Errors
    /// `insufficient_scope`, `invalid_argument`.
    pub async fn activity(&self, by: &Principal, days: u32) -> Result<Activity> {
        by.require(Scope::MemoryRead)?;
        if !(1..=366).contains(&days) {
            return Err(Error::invalid("days must be 1 to 366."));
        }
        let today = self.clock.now().0.div_euclid(DAY);
        self.store.activity(&by.scope, by.project, Timestamp((today + 1 - i64::from(days)) * DAY)).await
    }

    /// Watches the caller's tenant from now on: after the change `from` where a watch goes on, else with the last `recent`
    /// changes.
    ///
    /// # Errors
    /// `insufficient_scope`; `rate_limited` when the person has as many watches open as allowed.
    pub async fn watch(&self, by: Principal, from: Option<i64>, recent: i64) -> Result<Watching> {
        by.require(Scope::MemoryRead)?;
        let slot = self.slots.take(by.user)?;
        // Watched before the first look, so that nothing falls between the two.
        let nudged = self.nudges.watch(&by.scope);
        let newest = self.store.sequence(&by.scope).await?;
        let seq = from.map_or(newest - recent.clamp(0, MAX_RECENT), |from| from.clamp(0, newest)).max(0);
        let began = self.clock.now();
        Ok(Watching {
            service: self.clone(),
            seq,
            newest,
            began,
            // A new watcher is told of reads and uses from now on, not of the minute before.
            noted_after: if recent > 0 { began.minus(NOTED_WITHIN) } else { began },
            told_changes: Told::default(),
            told_reads: Told::default(),
            told_uses: Told::default(),
            nudged,
            by,
            catch_up: from.is_some() || recent > 0,
            _slot: slot,
        })
    }
}

/// Microseconds of a day.
const DAY: i64 = 86_400_000_000;

/// One open watch.
pub struct Watching {
    service: LiveService,
    by: Principal,
    seq: i64,
    newest: i64,
    began: Timestamp,
    noted_after: Timestamp,
    told_changes: Told<(MemoryId, i64)>,
    told_reads: Told<i64>,
    told_uses: Told<(crate::ids::CredentialId, Timestamp)>,
    nudged: Watch,
    /// What happened before is told first, without waiting.
    catch_up: bool,
    _slot: Slot<UserId>,
}

impl Watching {
    /// The place in the change sequence that has been told.
    #[must_use]
    pub const fn seq(&self) -> i64 {
        self.seq
    }

    /// The newest change when the watch began: what is told up to there lies in the past.
    #[must_use]
    pub const fn newest(&self) -> i64 {
        self.newest
    }

    /// Whose tenant it is.
    #[must_use]
    pub const fn by(&self) -> &Principal {
        &self.by
    }

    /// Waits until it is time to look, and looks. An empty batch is an answer too: the caller is alive.
    ///
    /// # Errors
    /// Only those of the store; the next call tries again.
    pub async fn next(&mut self) -> Result<Batch> {
        let catching_up = std::mem::take(&mut self.catch_up);
        let nudged = !catching_up
            && tokio::select! {
                () = self.nudged.nudged() => true,
                () = tokio::time::sleep(LOOK) => false,
            };
        if nudged {
            tokio::time::sleep(GATHER).await;
            // It may be the first use of a credential: that is written down now, for somebody waits for it, not in some seconds.
            self.service.authenticator.flush_last_used().await?;
        }
        let store = &self.service.store;
        let (scope, project): (&TenantScope, _) = (&self.by.scope, self.by.project);
        let mut events = Vec::new();
        let changes = store.changes(scope, project, self.seq, CHANGES).await?;
        let stale = self.service.clock.now().minus(NOTED_WITHIN).max(self.began.minus(IN_FLIGHT));
        for change in changes {
            self.seq = self.seq.max(change.seq);
            // A memory also moves in the sequence when its vector is made; that is nobody's news. What happened while nobody
            // watched is told first, however long ago it was.
            if (catching_up || change.at >= stale) && self.told_changes.first(&(change.memory, change.version)) {
                events.push(Event::Memory(change));
            }
        }
        let since = self.service.clock.now().minus(NOTED_WITHIN).max(self.noted_after);
        let own = &self.by.client;
        let reads = store.reads(scope, project, since, READS).await?;
        let told = &mut self.told_reads;
        events.extend(gathered(reads.into_iter().filter(|read| told.first(&read.id) && read.app != *own)));
        if project.is_none() {
            for used in store.uses(scope, since).await? {
                if Some(used.credential) != self.by.credential && self.told_uses.first(&(used.credential, used.at)) {
                    events.push(Event::Credential(used));
                }
            }
        }
        Ok(Batch { events, seq: self.seq })
    }
}

/// Reads of one app in one way at one moment are one event.
fn gathered(reads: impl Iterator<Item = Read>) -> Vec<Event> {
    let mut gathered: Vec<(String, Access, Timestamp, Vec<MemoryId>)> = Vec::new();
    for read in reads {
        match gathered.last_mut() {
            Some((app, access, at, memories)) if *app == read.app && *access == read.access && *at == read.at => memories.push(read.memory),
            _ => gathered.push((read.app, read.access, read.at, vec![read.memory])),
        }
    }
    gathered.into_iter().map(|(app, access, at, memories)| Event::Read { app, access, memories, at }).collect()
}

/// What was told, up to a bound: the oldest is forgotten first.
struct Told<T> {
    known: HashSet<T>,
    order: VecDeque<T>,
}

impl<T> Default for Told<T> {
    fn default() -> Self {
        Self { known: HashSet::new(), order: VecDeque::new() }
    }
}

impl<T: Hash + Eq + Clone> Told<T> {
    /// Whether this is told for the first time; it counts as told from now on.
    fn first(&mut self, what: &T) -> bool {
        if !self.known.insert(what.clone()) {
            return false;
        }
        self.order.push_back(what.clone());
        if self.order.len() > TOLD
            && let Some(oldest) = self.order.pop_front()
        {
            self.known.remove(&oldest);
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_told_twice_and_memory_is_bounded() {
        let mut told = Told::default();
        assert!(told.first(&0) && !told.first(&0));
        for n in 1..=TOLD {
            assert!(told.first(&n));
        }
        assert_eq!((told.known.len(), told.order.len()), (TOLD, TOLD));
        assert!(told.first(&0), "the oldest was forgotten");
    }

    #[test]
    fn reads_of_one_search_are_one_event() {
        let read =
            |id, app: &str, at| Read { id, memory: MemoryId::new(), app: app.into(), access: Access::Search, at: Timestamp(at), count: 1 };
        let events = gathered([read(1, "claude", 5), read(2, "claude", 5), read(3, "cursor", 5), read(4, "claude", 9)].into_iter());
        let sizes: Vec<usize> = events.iter().map(|e| if let Event::Read { memories, .. } = e { memories.len() } else { 0 }).collect();
        assert_eq!(sizes, [2, 1, 1]);
    }
}
