//! Changing what is there: new text, another state, the end.

use super::{MAX_IDS, Writer};
use crate::{
    auth::{Principal, Scope},
    error::{Code, Error, Result},
    ids::MemoryId,
    memory::{
        gate,
        model::{ContentChange, Memory, Selection, State, Update, Updated},
        text,
    },
};

impl Writer {
    /// Changes one memory; a new text gets a new vector.
    ///
    /// # Errors
    /// `not_found`, `version_conflict` when `expected_version` is not the current one, `insufficient_scope`,
    /// `app_paused`, `invalid_argument`, `too_large`.
    pub async fn update(&self, by: &Principal, id: MemoryId, expected_version: Option<i64>, change: ContentChange) -> Result<Memory> {
        by.require(Scope::MemoryWrite)?;
        let settings = self.settings.of(&by.scope).await?;
        let change = text::checked_change(gate::cleaned(change, &settings.person.gate)?, &self.limits)?;
        let mut update = Update { expected_version, project: by.project, change, ..Update::default() };
        let (_, actor) = self.reach.actor(by).await?;
        if let Some(text) = &update.change.text {
            let old = self.reach.visible(by, id).await?;
            let spoken = [(old.origin.speaker.as_deref(), text.as_str())];
            update.vector = self.embeddings.before_write(&by.scope, &spoken, false).await.and_then(|v| v.into_iter().next());
            update.noted = Some(gate::noted(text));
        }
        let outcome = self.store.update(&by.scope, &actor, id, update).await?;
        self.wake.index.notify_one();
        match outcome {
            Updated::Changed(memory) => {
                self.nudges.nudge(&by.scope);
                metrics::counter!("memory_operations_total", "operation" => "update").increment(1);
                Ok(*memory)
            }
            Updated::Unknown => Err(Error::not_found("memory")),
            Updated::Duplicate => Err(Error::new(
                Code::Conflict,
                "Another memory of this project has exactly this text. Delete one of the two, or choose another text.",
            )),
            Updated::VersionConflict { current } => Err(Error::new(
                Code::VersionConflict,
                format!("The memory has changed; its version is now {current}. Read it again, then repeat your change with that version."),
            )),
        }
    }

    /// Makes tombstones of the selected memories; answers the ids that were there.
    ///
    /// # Errors
    /// `insufficient_scope` (all at once needs `memory:delete_all`), `app_paused`, `invalid_argument`.
    pub async fn delete(&self, by: &Principal, selection: Selection) -> Result<Vec<MemoryId>> {
        by.require(if selection.all { Scope::MemoryDeleteAll } else { Scope::MemoryDelete })?;
        self.move_to(by, selection, State::Deleted).await
    }

    /// Pauses, archives or reactivates the selected memories; answers the ids that moved.
    ///
    /// # Errors
    /// `insufficient_scope`, `app_paused`, `invalid_argument`.
    pub async fn set_state(&self, by: &Principal, selection: Selection, state: State) -> Result<Vec<MemoryId>> {
        by.require(if state == State::Deleted { Scope::MemoryDelete } else { Scope::MemoryWrite })?;
        self.move_to(by, selection, state).await
    }

    async fn move_to(&self, by: &Principal, mut selection: Selection, state: State) -> Result<Vec<MemoryId>> {
        if selection.ids.len() > MAX_IDS {
            return Err(Error::invalid(format!("Send at most {MAX_IDS} ids in one call.")));
        }
        if selection.ids.is_empty() && selection.app.is_none() && selection.tags.is_empty() && !selection.all {
            return Err(Error::invalid("Nothing is selected. Send the ids of the memories."));
        }
        let (_, actor) = self.reach.actor(by).await?;
        selection.project = by.project;
        let moved = self.store.set_state(&by.scope, &actor, &selection, state).await?;
        if self.indexing.external {
            self.wake.index.notify_one();
        }
        if !moved.is_empty() {
            self.nudges.nudge(&by.scope);
        }
        let operation = if state == State::Deleted { "delete" } else { "set_state" };
        metrics::counter!("memory_operations_total", "operation" => operation).increment(moved.len() as u64);
        Ok(moved)
    }
}
