//! Undo: one memory goes back to an earlier version, or everything that one app, credential or conversation wrote does.
//! An undo is a change like any other: it makes a new version, and can itself be undone.

use super::{Author, Past, Reversal, Reverted, Revisions, Window, Written, at, is};
use crate::{
    auth::{Principal, Scope},
    error::{Code, Error, Result},
    ids::MemoryId,
    memory::{
        embedding::Spoken,
        model::{Actor, Memory, Revision, State},
        text::checked_label,
    },
};

/// Memories that one transaction of an undo changes: others may write in between.
const BATCH: usize = 200;

/// What an undo of many did, or would do.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Undone {
    /// Memories that began in the window; they are deleted, and can be restored for a while.
    pub deleted: Vec<MemoryId>,
    /// Memories that are again what they were before.
    pub restored: Vec<MemoryId>,
    /// Memories that stay as they are, with the reason: `changed_since` or `same_text`.
    pub conflicts: Vec<(MemoryId, &'static str)>,
    /// How many were as they should be already.
    pub unchanged: usize,
}

/// Somebody else has built on it, or the author has after the window.
const CHANGED_SINCE: &str = "changed_since";
/// Another live memory of the project has the text or key that would come back.
const SAME_TEXT: &str = "same_text";

impl Revisions {
    /// Brings back what a memory was at `version`, or before its last change, as a new version. A deleted memory comes back
    /// as well.
    ///
    /// # Errors
    /// `not_found`, `version_conflict` when `expected_version` is not the current one, `invalid_argument` when there is no
    /// such version, `conflict` when another memory has that text, `insufficient_scope`, `app_paused`.
    pub async fn undo(&self, by: &Principal, id: MemoryId, expected_version: Option<i64>, version: Option<i64>) -> Result<Memory> {
        by.require(Scope::MemoryWrite)?;
        let (_, actor) = self.reach.actor(by).await?;
        let Past { memory, steps } = self.past_of(by, id).await?;
        if let Some(expected) = expected_version.filter(|expected| *expected != memory.version) {
            return Err(Error::new(
                Code::VersionConflict,
                format!(
                    "The memory is at version {}, not {expected}. Read it again, then repeat your undo with that version.",
                    memory.version
                ),
            ));
        }
        let step = match version {
            Some(version) => steps
                .iter()
                .find(|step| step.version == version && version < memory.version)
                .ok_or_else(|| Error::invalid(format!("version must be one of its history before {}, the current one.", memory.version)))?,
            None => steps.iter().rfind(|step| step.version < memory.version).ok_or_else(|| {
                Error::invalid("It has not changed since it was added: there is nothing to undo. Delete it if it should not be there.")
            })?,
        };
        if step.state == State::Deleted {
            return Err(Error::invalid(format!(
                "At version {} the memory was deleted. Delete it again, or name another version.",
                step.version
            )));
        }
        let earlier = at(&memory, step);
        self.bring_back(by, &actor, vec![(&memory, earlier)], "memory.undo").await?.pop().map_or_else(
            || Err(Error::internal(anyhow::anyhow!("an undo of one memory answered none"))),
            |reverted| reverted_or(reverted, "undo"),
        )?;
        self.any_state(by, id).await
    }

    /// Takes back everything that one author wrote within a time: what began then is deleted, what was changed is again what
    /// it was before. A memory that somebody else has changed since stays, and is reported. In batches; what is cut off is
    /// finished by the same call again. `dry_run` only looks.
    ///
    /// # Errors
    /// `insufficient_scope` (it can remove much, so it needs `memory:delete_all`), `app_paused`, `unavailable`.
    pub async fn undo_window(&self, by: &Principal, window: &Window, dry_run: bool) -> Result<Undone> {
        by.require(Scope::MemoryDeleteAll)?;
        if let Author::Session(session) = &window.author {
            checked_label("session_id", session)?;
        }
        let (_, actor) = self.reach.actor(by).await?;
        let mut undone = Undone::default();
        // Page by page, so that what is cut off has got somewhere. What goes makes room for the texts that come back.
        let mut after = None;
        let mut any_return = false;
        while let Some((deletions, returns)) = self.next_written(by, window, &mut after, Some(&mut undone)).await? {
            any_return |= !returns.is_empty();
            if dry_run {
                undone.deleted.extend(deletions.iter().map(|reversal| reversal.id));
                undone.restored.extend(returns.iter().map(|reversal| reversal.id));
            } else {
                let (done, _) = self.revert_many(by, &actor, deletions, &mut undone.conflicts).await?;
                undone.deleted.extend(done);
            }
        }
        if dry_run {
            return Ok(undone);
        }
        let mut blocked = Vec::new();
        after = None;
        while any_return && let Some((_, returns)) = self.next_written(by, window, &mut after, None).await? {
            let (done, duplicates) = self.revert_many(by, &actor, returns, &mut undone.conflicts).await?;
            undone.restored.extend(done);
            blocked.extend(duplicates);
        }
        self.untangle(by, &actor, blocked, &mut undone).await?;
        self.wake.index.notify_one();
        metrics::counter!("memory_operations_total", "operation" => "undo")
            .increment((undone.deleted.len() + undone.restored.len()) as u64);
        Ok(undone)
    }

    /// The next memories that the author wrote: those that are to go, and those that come back. What stays as it is is noted once.
    async fn next_written(
        &self,
        by: &Principal,
        window: &Window,
        after: &mut Option<MemoryId>,
        undone: Option<&mut Undone>,
    ) -> Result<Option<(Vec<Reversal>, Vec<Reversal>)>> {
        let limit = u32::try_from(BATCH).unwrap_or(u32::MAX);
        let page = self.store.written(&by.scope, by.project, window, *after, limit).await?;
        let Some(last) = page.last() else { return Ok(None) };
        *after = Some(last.memory.id);
        let (mut deletions, mut returns) = (Vec::new(), Vec::new());
        let mut noted = Undone::default();
        let noted = undone.unwrap_or(&mut noted);
        for written in page {
            sort_out(written, noted, &mut deletions, &mut returns);
        }
        Ok(Some((deletions, returns)))
    }

    /// One may have the text that another had before: what could not come back yet is tried again while others do.
    async fn untangle(&self, by: &Principal, actor: &Actor, mut blocked: Vec<Reversal>, undone: &mut Undone) -> Result<()> {
        while !blocked.is_empty() {
            let (waiting, mut still) = (blocked.len(), Vec::new());
            for batch in blocked.chunks(BATCH) {
                let (done, duplicates) = self.revert_many(by, actor, batch.to_vec(), &mut undone.conflicts).await?;
                undone.restored.extend(done);
                still.extend(duplicates);
            }
            if still.len() == waiting {
                undone.conflicts.extend(still.iter().map(|reversal| (reversal.id, SAME_TEXT)));
                break;
            }
            blocked = still;
        }
        Ok(())
    }

    /// Answers what was done, and what waits for another text to go.
    async fn revert_many(
        &self,
        by: &Principal,
        actor: &Actor,
        batch: Vec<Reversal>,
        conflicts: &mut Vec<(MemoryId, &'static str)>,
    ) -> Result<(Vec<MemoryId>, Vec<Reversal>)> {
        if batch.is_empty() {
            return Ok((Vec::new(), Vec::new()));
        }
        let ends = self.store.revert(&by.scope, actor, batch.clone(), "memory.undo_window").await?;
        let (mut done, mut blocked) = (Vec::new(), Vec::new());
        for (reversal, end) in batch.into_iter().zip(ends) {
            match end {
                Reverted::Done => done.push(reversal.id),
                Reverted::Duplicate => blocked.push(reversal),
                Reverted::VersionConflict { .. } => conflicts.push((reversal.id, CHANGED_SINCE)),
                Reverted::Unknown => {}
            }
        }
        Ok((done, blocked))
    }

    /// Makes what vectors are cheap, and writes.
    pub(super) async fn bring_back(
        &self,
        by: &Principal,
        actor: &Actor,
        mut returns: Vec<(&Memory, Revision)>,
        action: &'static str,
    ) -> Result<Vec<Reverted>> {
        let needs = |memory: &Memory, earlier: &Revision| {
            matches!(memory.state, State::Deleted | State::Held) || earlier.content.text != memory.content.text
        };
        let missing: Vec<_> = returns.iter().filter(|(memory, earlier)| needs(memory, earlier)).collect();
        let texts: Vec<Spoken<'_>> =
            missing.iter().map(|(memory, earlier)| (memory.origin.speaker.as_deref(), earlier.content.text.as_str())).collect();
        if let Some(vectors) = self.embeddings.before_write(&by.scope, &texts, false).await {
            let waiting = returns.iter_mut().filter(|(memory, earlier)| needs(memory, earlier));
            waiting.zip(vectors).for_each(|((_, earlier), vector)| earlier.vector = Some(vector));
        }
        let reversals = returns
            .into_iter()
            .map(|(memory, earlier)| Reversal { id: memory.id, expected_version: memory.version, to: Some(earlier) })
            .collect();
        let ends = self.store.revert(&by.scope, actor, reversals, action).await?;
        self.wake.index.notify_one();
        Ok(ends)
    }

    /// The memory in whatever state, if this principal may see it.
    pub(super) async fn past_of(&self, by: &Principal, id: MemoryId) -> Result<Past> {
        self.store.past(&by.scope, by.project, &[id]).await?.pop().ok_or_else(|| Error::not_found("memory"))
    }

    pub(in crate::memory) async fn any_state(&self, by: &Principal, id: MemoryId) -> Result<Memory> {
        Ok(self.past_of(by, id).await?.memory)
    }
}

/// What a reversal of one memory tells its caller.
pub(super) fn reverted_or(reverted: Reverted, what: &str) -> Result<()> {
    match reverted {
        Reverted::Done => Ok(()),
        Reverted::Unknown => Err(Error::not_found("memory")),
        Reverted::Duplicate => Err(Error::new(
            Code::Conflict,
            format!("Another memory of this project has its text or key by now. Delete or change that one, then {what} again."),
        )),
        Reverted::VersionConflict { current } => Err(Error::new(
            Code::VersionConflict,
            format!("The memory has changed meanwhile; its version is now {current}. Read it again, then {what} again."),
        )),
    }
}

/// Decides about one memory.
fn sort_out(written: Written, undone: &mut Undone, deletions: &mut Vec<Reversal>, returns: &mut Vec<Reversal>) {
    let Written { memory, created, before, contested } = written;
    let earlier = before.as_ref().filter(|step| step.state != State::Deleted).map(|step| at(&memory, step));
    let there = earlier.as_ref().map_or(memory.state == State::Deleted, |earlier| is(&memory, earlier));
    // Without a step before it that is known, nobody can say what it was.
    let unknown = before.is_none() && !created;
    if there {
        undone.unchanged += 1;
    } else if contested || unknown {
        undone.conflicts.push((memory.id, CHANGED_SINCE));
    } else {
        let list = if earlier.is_none() { deletions } else { returns };
        list.push(Reversal { id: memory.id, expected_version: memory.version, to: earlier });
    }
}
