//! Out of the bin: deleted memories keep their content for a while, and come back as they were.

use super::{Past, Reverted, Revisions, undo::reverted_or};
use crate::{
    auth::{Principal, Scope},
    error::{Error, Result},
    ids::MemoryId,
    memory::{
        model::{Memory, Revision, State},
        write::MAX_IDS,
    },
};

/// Memories whose past is read at a time.
const BATCH: usize = 100;

/// What a restore did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Restored {
    /// Memories that are seen again.
    pub restored: Vec<MemoryId>,
    /// Memories that stay as they are: another live one of the project has their text or key.
    pub conflicts: Vec<MemoryId>,
}

impl Revisions {
    /// Makes memories seen again: deleted ones come back in the state that they had, within the time that they are kept;
    /// paused, archived and superseded ones become active.
    ///
    /// # Errors
    /// `insufficient_scope`, `app_paused`, `invalid_argument`.
    pub async fn restore(&self, by: &Principal, mut ids: Vec<MemoryId>) -> Result<Restored> {
        by.require(Scope::MemoryWrite)?;
        if ids.is_empty() || ids.len() > MAX_IDS {
            return Err(Error::invalid(format!("Send 1 to {MAX_IDS} ids in one call.")));
        }
        let (_, actor) = self.reach.actor(by).await?;
        ids.sort_unstable();
        ids.dedup();
        let mut answer = Restored::default();
        for batch in ids.chunks(BATCH) {
            let pasts = self.store.past(&by.scope, by.project, batch).await?;
            let hidden: Vec<_> = pasts.iter().filter(|past| past.memory.state != State::Active).collect();
            let returns = hidden.iter().map(|past| (&past.memory, seen_again(past))).collect();
            let ends = self.bring_back(by, &actor, returns, "memory.restore").await?;
            for (past, end) in hidden.iter().zip(ends) {
                match end {
                    Reverted::Done => answer.restored.push(past.memory.id),
                    Reverted::Duplicate => answer.conflicts.push(past.memory.id),
                    // It changed a moment ago: whoever did that saw it.
                    Reverted::Unknown | Reverted::VersionConflict { .. } => {}
                }
            }
        }
        metrics::counter!("memory_operations_total", "operation" => "restore").increment(answer.restored.len() as u64);
        Ok(answer)
    }

    /// The same for one memory; answers it as it is then.
    ///
    /// # Errors
    /// `not_found`, `conflict` when another live memory of the project has its text or key, and those of [`Self::restore`].
    pub async fn restore_one(&self, by: &Principal, id: MemoryId) -> Result<Memory> {
        by.require(Scope::MemoryWrite)?;
        let (_, actor) = self.reach.actor(by).await?;
        let past = self.past_of(by, id).await?;
        if past.memory.state == State::Active {
            return Ok(past.memory);
        }
        let ends = self.bring_back(by, &actor, vec![(&past.memory, seen_again(&past))], "memory.restore").await?;
        ends.into_iter().try_for_each(|end| reverted_or(end, "restore"))?;
        self.any_state(by, id).await
    }
}

fn seen_again(Past { memory, steps }: &Past) -> Revision {
    if memory.state != State::Deleted {
        return Revision::of(memory, State::Active);
    }
    // What was paused comes back paused: a restore shows nobody what they did not see before.
    let before = steps.iter().rev().map(|step| step.state).find(|state| *state != State::Deleted);
    Revision::of(memory, before.unwrap_or(State::Active))
}
