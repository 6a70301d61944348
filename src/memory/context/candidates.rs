//! What a context could hold apart from answers: the stable facts of the user, and what is new.

use std::{cmp::Reverse, time::Duration};

use crate::{
    clock::Timestamp,
    ids::ProjectId,
    memory::{
        model::{Memory, MemoryType, State},
        recall::WorkingSet,
        strength::effective_strength,
    },
};

/// Whatever was added within this time is recent; what happened stays so for as long as nothing newer did.
const LATELY: Duration = Duration::from_hours(7 * 24);

/// Which memories of a working set may be in a context, and how they are ordered.
pub(super) struct Candidates<'a> {
    pub(super) project: Option<ProjectId>,
    pub(super) session: Option<&'a str>,
    pub(super) now: Timestamp,
    pub(super) decay: bool,
    pub(super) most: usize,
}

impl Candidates<'_> {
    /// Live, not over, of the project, and (working memories) of the session.
    pub(super) fn admits(&self, memory: &Memory) -> bool {
        memory.state == State::Active
            && !memory.is_expired(self.now)
            && self.project.is_none_or(|project| project == memory.project)
            && (memory.content.memory_type != MemoryType::Working || self.of_session(memory))
    }

    /// The profile and the recent memories, best first.
    pub(super) fn of<'s>(&self, set: &'s WorkingSet) -> (Vec<&'s Memory>, Vec<&'s Memory>) {
        let (mut profile, mut recent) = (Vec::with_capacity(set.len()), Vec::with_capacity(set.len()));
        let slots = u32::try_from(set.slot_count()).unwrap_or(u32::MAX);
        for memory in (0..slots).filter_map(|slot| set.memory(slot)).filter(|memory| self.admits(memory)) {
            if memory.content.pinned || matches!(memory.content.memory_type, MemoryType::Semantic | MemoryType::Procedural) {
                profile.push((memory.content.pinned, self.standing(memory), memory.created_at, memory));
            }
            let lately = memory.created_at >= self.now.minus(LATELY);
            if lately || memory.content.memory_type == MemoryType::Episodic {
                recent.push((self.of_session(memory), memory.created_at, memory.id, memory));
            }
        }
        let order = |a: &(bool, f64, Timestamp, &Memory), b: &(bool, f64, Timestamp, &Memory)| {
            let by_standing = b.0.cmp(&a.0).then_with(|| b.1.total_cmp(&a.1));
            by_standing.then_with(|| b.2.cmp(&a.2)).then_with(|| b.3.id.cmp(&a.3.id))
        };
        first(&mut profile, self.most, order);
        first(&mut recent, self.most, |a, b| Reverse((a.0, a.1, a.2)).cmp(&Reverse((b.0, b.1, b.2))));
        (profile.into_iter().map(|(.., memory)| memory).collect(), recent.into_iter().map(|(.., memory)| memory).collect())
    }

    /// How much a fact stands for the user: its strength, grown with the logarithm of its uses, less where its source is not
    /// trusted.
    fn standing(&self, memory: &Memory) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "counts are far below 2^53")]
        let uses = memory.access_count.max(0) as f64;
        effective_strength(memory, self.now, self.decay) * (1.0 + uses.ln_1p()) * memory.trust
    }

    fn of_session(&self, memory: &Memory) -> bool {
        self.session.is_some() && self.session == memory.origin.session_id.as_deref()
    }
}

/// Keeps the first `most` in order.
fn first<T>(items: &mut Vec<T>, most: usize, order: impl Fn(&T, &T) -> std::cmp::Ordering) {
    if items.len() > most && most > 0 {
        items.select_nth_unstable_by(most - 1, &order);
        items.truncate(most);
    }
    items.sort_unstable_by(order);
}
