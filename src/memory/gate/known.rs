//! Whether something was said before. A turn of another conversation, another day or another speaker is another event,
//! whatever its words.

use std::collections::HashMap;

use crate::{
    clock::Timestamp,
    ids::MemoryId,
    memory::{
        gist::{Gist, fold_key, same_text},
        model::{Insert, Memory, State},
        recall::WorkingSet,
    },
};

/// The memory of the project that has the candidate's text, whether it is seen or not; one that is seen comes first.
pub(super) fn in_set(set: &WorkingSet, candidate: &Insert, gist: &Gist, now: Timestamp) -> Option<MemoryId> {
    let same = |memory: &&Memory| {
        memory.project == candidate.project
            && !matches!(memory.state, State::Superseded | State::Deleted)
            && same_event(candidate, &Event::of(memory))
            && same_text(&memory.content.text, &candidate.content.text)
    };
    let found = set.of_gist(gist.fingerprint()).iter().filter_map(|slot| set.memory(*slot)).filter(same);
    found.min_by_key(|memory| !is_found(memory, now)).map(|memory| memory.id)
}

/// A memory that the next search finds and that says nearly the same: in other dress, or so near in meaning that a person may
/// want to merge the two.
pub(super) fn alike(set: &WorkingSet, candidate: &Insert, gist: &Gist, near: Option<f32>, now: Timestamp) -> Option<MemoryId> {
    let fits = |slot: u32| {
        set.memory(slot)
            .filter(|memory| memory.project == candidate.project && is_found(memory, now) && same_event(candidate, &Event::of(memory)))
    };
    if let Some(memory) = set.of_gist(gist.fingerprint()).iter().copied().find_map(fits) {
        return Some(memory.id);
    }
    // What is near to one part of a long text says nothing of the whole.
    let (vector, near) = (candidate.vector.as_ref().filter(|vector| vector.len() == set.model().dimension)?, near?);
    let short = |slot: u32| set.vectors().windows(slot) == 1;
    let mut nearest: Vec<_> = set.vectors().scores(vector).into_iter().filter(|(slot, cosine)| *cosine >= near && short(*slot)).collect();
    nearest.sort_unstable_by(|a, b| b.1.total_cmp(&a.1));
    nearest.into_iter().find_map(|(slot, _)| fits(slot)).map(|memory| memory.id)
}

fn is_found(memory: &Memory, now: Timestamp) -> bool {
    memory.state == State::Active && !memory.is_expired(now)
}

/// What one call has let pass so far.
#[derive(Default)]
pub(super) struct Batch {
    taken: Vec<(u64, Insert)>,
}

impl Batch {
    /// Remembers a candidate that passed.
    pub(super) fn take(&mut self, candidate: &Insert, gist: &Gist) {
        // Whatever has a key may be changed by the next that has it.
        if candidate.pattern_signature.is_some() {
            return;
        }
        self.taken.push((gist.fingerprint(), Insert { vector: None, review: Vec::new(), ..candidate.clone() }));
    }

    /// The candidate of this call that has the same text.
    pub(super) fn known(&self, candidate: &Insert, gist: &Gist) -> Option<MemoryId> {
        let fingerprint = gist.fingerprint();
        let same = |(other, insert): &&(u64, Insert)| {
            *other == fingerprint
                && insert.project == candidate.project
                && insert.superseded_at.is_none()
                && same_event(candidate, &Event::of_insert(insert))
                && same_text(&insert.content.text, &candidate.content.text)
        };
        self.taken.iter().find(same).map(|(_, insert)| insert.id)
    }
}

/// What tells one event from another besides its words.
struct Event<'a> {
    speaker: Option<&'a str>,
    session: Option<&'a str>,
    position: Option<i64>,
    at: Option<Timestamp>,
}

impl<'a> Event<'a> {
    fn of(memory: &'a Memory) -> Self {
        Self {
            speaker: memory.origin.speaker.as_deref(),
            session: memory.origin.session_id.as_deref(),
            position: memory.origin.position,
            at: memory.origin.occurred_at,
        }
    }

    fn of_insert(insert: &'a Insert) -> Self {
        Self {
            speaker: insert.origin.speaker.as_deref(),
            session: insert.origin.session_id.as_deref(),
            position: insert.origin.position,
            at: insert.origin.occurred_at,
        }
    }
}

fn same_event(new: &Insert, known: &Event<'_>) -> bool {
    fn differ<T: PartialEq>(a: Option<T>, b: Option<T>) -> bool {
        a.zip(b).is_some_and(|(a, b)| a != b)
    }
    let day = |at: Timestamp| at.date_time().date_naive();
    let other_speaker =
        new.origin.speaker.is_some() && new.origin.speaker.as_deref().map(str::to_lowercase) != known.speaker.map(str::to_lowercase);
    // Without a speaker it is a fact, and a fact is the same in every conversation.
    let other_talk = new.origin.speaker.is_some() && differ(new.origin.session_id.as_deref(), known.session);
    let other_turn = !differ(new.origin.session_id.as_deref(), known.session) && differ(new.origin.position, known.position);
    // A day that the known one does not tell would be lost with it.
    let other_day = new.origin.occurred_at.is_some() && known.at.is_none();
    !(other_speaker || other_talk || other_turn || other_day || differ(new.origin.occurred_at.map(day), known.at.map(day)))
}

/// The memories of one page of a list, near repeats under the newest of them, with how many stand under each.
#[must_use]
pub fn folded(page: Vec<Memory>) -> Vec<(Memory, usize)> {
    let keys: Vec<u64> = page.iter().map(|memory| fold_key(memory, &Gist::of(&memory.content.text))).collect();
    let mut groups: HashMap<u64, (usize, usize)> = HashMap::new();
    for (at, key) in keys.iter().enumerate() {
        let (newest, count) = groups.entry(*key).or_insert((at, 0));
        *count += 1;
        if (page[at].created_at, page[at].id) > (page[*newest].created_at, page[*newest].id) {
            *newest = at;
        }
    }
    let stands = |at: usize| groups.get(&keys[at]).filter(|(newest, _)| *newest == at).map(|(_, count)| count - 1);
    page.into_iter().enumerate().filter_map(|(at, memory)| Some((memory, stands(at)?))).collect()
}
