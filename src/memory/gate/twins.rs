//! Whether something was said before: by its gist, or by a vector so near that only dress can differ. A turn of another
//! conversation, another day or another speaker is another event, whatever its words.

use super::{Gist, Twin};
use crate::{
    clock::Timestamp,
    ids::MemoryId,
    memory::{Insert, Memory, State, WorkingSet},
};

/// The memory of the tenant that says what the candidate says. `limit` is the cosine from which vectors may mean the same;
/// `None` where they cannot be compared.
pub fn in_set(set: &WorkingSet, candidate: &Insert, gist: &Gist, limit: Option<f32>, now: Timestamp) -> Option<Twin> {
    let live = |memory: &Memory| {
        memory.project == candidate.project && !matches!(memory.state, State::Superseded | State::Deleted) && !memory.is_expired(now)
    };
    let fits = |slot: u32| set.memory(slot).filter(|memory| live(memory) && same_event(candidate, &Event::of(memory)));
    let equal = set.of_gist(gist.fingerprint()).iter().copied().filter_map(fits).find(|memory| Gist::of(&memory.text) == *gist);
    if let Some(memory) = equal {
        return Some((memory.id, "duplicate"));
    }
    let (vector, limit) = (candidate.vector.as_ref()?, limit?);
    let near = set.vectors().scores(vector).into_iter().filter(|(_, cosine)| *cosine >= limit);
    let twin = near.filter_map(|(slot, _)| fits(slot)).find(|memory| Gist::of(&memory.text).agrees(gist));
    twin.map(|memory| (memory.id, "near_duplicate"))
}

/// What one call has let pass so far.
#[derive(Default)]
pub struct Batch {
    taken: Vec<(Gist, MemoryId, Option<Vec<f32>>, OwnedEvent)>,
}

impl Batch {
    /// Remembers a candidate that passed.
    pub fn take(&mut self, candidate: &Insert, gist: Gist) {
        self.taken.push((gist, candidate.id, candidate.vector.clone(), OwnedEvent::of(candidate)));
    }

    /// The candidate of this call that said the same.
    pub fn twin(&self, candidate: &Insert, gist: &Gist, limit: Option<f32>) -> Option<Twin> {
        let near = |vector: &Option<Vec<f32>>| match (vector, &candidate.vector, limit) {
            (Some(a), Some(b), Some(limit)) => a.iter().zip(b).map(|(x, y)| x * y).sum::<f32>() >= limit,
            _ => false,
        };
        self.taken.iter().find_map(|(other, id, vector, event)| {
            if !same_event(candidate, &event.borrowed()) {
                return None;
            }
            if other == gist {
                return Some((*id, "duplicate"));
            }
            (near(vector) && other.agrees(gist)).then_some((*id, "near_duplicate"))
        })
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
            speaker: memory.speaker.as_deref(),
            session: memory.session_id.as_deref(),
            position: memory.position,
            at: memory.occurred_at,
        }
    }
}

struct OwnedEvent {
    speaker: Option<String>,
    session: Option<String>,
    position: Option<i64>,
    at: Option<Timestamp>,
}

impl OwnedEvent {
    fn of(insert: &Insert) -> Self {
        Self { speaker: insert.speaker.clone(), session: insert.session_id.clone(), position: insert.position, at: insert.occurred_at }
    }

    fn borrowed(&self) -> Event<'_> {
        Event { speaker: self.speaker.as_deref(), session: self.session.as_deref(), position: self.position, at: self.at }
    }
}

fn same_event(new: &Insert, known: &Event<'_>) -> bool {
    fn differ<T: PartialEq>(a: Option<T>, b: Option<T>) -> bool {
        a.zip(b).is_some_and(|(a, b)| a != b)
    }
    let day = |at: Timestamp| at.date_time().date_naive();
    let other_speaker = new.speaker.is_some() && new.speaker.as_deref().map(str::to_lowercase) != known.speaker.map(str::to_lowercase);
    // Without a speaker it is a fact, and a fact is the same in every conversation.
    let other_talk = new.speaker.is_some() && differ(new.session_id.as_deref(), known.session);
    let other_turn = !differ(new.session_id.as_deref(), known.session) && differ(new.position, known.position);
    !(other_speaker || other_talk || other_turn || differ(new.occurred_at.map(day), known.at.map(day)))
}
