//! What a person should look at: what was inferred, flagged, held back, or is nearly the same as, or contrary to, what is
//! there. All of it stands in one queue. A decision is kept with the versions before it, so that it can be undone; what is
//! dropped is deleted, and remembered as forgotten.

use std::sync::Arc;

use async_trait::async_trait;

use super::{
    gate,
    model::{ContentChange, Indexing, Memory, ReviewKind, Selection, State, word_enum},
    reach::Reach,
    revise::{LifecycleStore, Restored, Revisions},
    store::ChangeLog,
    write::{MAX_IDS, Writer},
};
use crate::{
    auth::{Principal, Scope},
    error::{Code, Error, Result},
    ids::{MemoryId, ProjectId},
    tenancy::{Nudges, TenantScope},
};

/// Most entries of one page of the queue.
const MOST: u32 = 200;

word_enum! {
    /// What a person decides.
    ReviewDecision: "decision" {
        /// It stays, and is found.
        Keep = "keep",
        /// It stays with another text.
        Edit = "edit",
        /// It takes the other one's place, with a text of both where one is given.
        Merge = "merge",
        /// It goes, and is remembered as forgotten.
        Drop = "drop",
    }
}

/// A memory in the queue.
#[derive(Debug, Clone)]
pub struct ReviewEntry {
    /// The memory as it is.
    pub memory: Memory,
    pub kinds: Vec<ReviewKind>,
    /// The one that it is like, or contrary to, while that is there.
    pub other: Option<Memory>,
}

/// Part of the queue.
#[derive(Debug, Clone)]
pub struct ReviewPage {
    /// Newest first.
    pub entries: Vec<ReviewEntry>,
    pub total: i64,
    /// The same by kind; one memory may be of several.
    pub counts: Vec<(ReviewKind, i64)>,
    /// Where the next part starts.
    pub next: Option<MemoryId>,
}

/// A row of the queue.
#[derive(Debug, Clone)]
pub struct ReviewRow {
    pub memory: MemoryId,
    pub kind: ReviewKind,
    pub other: Option<MemoryId>,
}

/// A decision with what an undo needs.
#[derive(Debug, Clone)]
pub struct Decided {
    pub decision: ReviewDecision,
    pub version: i64,
    /// The other memory and its version before, where that was changed.
    pub other: Option<(MemoryId, i64)>,
}

/// The queue, and what was deliberately forgotten, in the relational truth. Rows of the queue are made with their memories.
#[async_trait]
pub trait ReviewStore: Send + Sync {
    /// Open rows of at most `limit` memories, newest memory first, after one.
    async fn open(
        &self,
        scope: &TenantScope,
        project: Option<ProjectId>,
        kind: Option<ReviewKind>,
        after: Option<MemoryId>,
        limit: u32,
    ) -> Result<Vec<ReviewRow>>;
    /// Memories with open rows, and those rows by kind.
    async fn counts(&self, scope: &TenantScope, project: Option<ProjectId>) -> Result<(i64, Vec<(ReviewKind, i64)>)>;
    /// The rows of one memory, decided or not.
    async fn of(&self, scope: &TenantScope, memory: MemoryId) -> Result<Vec<ReviewRow>>;
    /// Closes the open rows of memories.
    async fn close(&self, scope: &TenantScope, memories: &[MemoryId], decided: &Decided) -> Result<()>;
    /// The last decision about a memory.
    async fn decided(&self, scope: &TenantScope, memory: MemoryId) -> Result<Option<Decided>>;
    /// Opens the rows of a memory again.
    async fn reopen(&self, scope: &TenantScope, memory: MemoryId) -> Result<()>;
}

/// The queue of a process; cheap to clone.
#[derive(Clone)]
pub struct Reviews {
    pub reach: Reach,
    pub store: Arc<dyn ReviewStore>,
    pub changes: Arc<dyn ChangeLog>,
    /// Gives one memory the place of another.
    pub lifecycle: Arc<dyn LifecycleStore>,
    pub writer: Writer,
    pub revisions: Revisions,
    /// Whose vectors are in use.
    pub indexing: Arc<Indexing>,
    pub nudges: Nudges,
}

impl Reviews {
    /// Part of the queue, newest first.
    ///
    /// # Errors
    /// `insufficient_scope`, `app_paused`, `invalid_argument`, `unavailable`.
    pub async fn page(&self, by: &Principal, kind: Option<ReviewKind>, after: Option<MemoryId>, limit: u32) -> Result<ReviewPage> {
        by.require(Scope::MemoryRead)?;
        if !(1..=MOST).contains(&limit) {
            return Err(Error::invalid(format!("limit must be 1 to {MOST}.")));
        }
        self.reach.actor(by).await?;
        let rows = self.store.open(&by.scope, by.project, kind, after, limit).await?;
        let mut ids: Vec<_> = rows.iter().flat_map(|row| [Some(row.memory), row.other]).flatten().collect();
        ids.sort_unstable();
        ids.dedup();
        let stored = self.changes.stored(&by.scope, &self.indexing.model, &ids).await?;
        let memory = |id: MemoryId| stored.iter().find(|stored| stored.memory.id == id).map(|stored| stored.memory.clone());
        let mut entries: Vec<ReviewEntry> = Vec::new();
        for row in &rows {
            match entries.last_mut().filter(|entry| entry.memory.id == row.memory) {
                Some(entry) => entry.kinds.push(row.kind),
                None => entries.extend(memory(row.memory).map(|memory| ReviewEntry { memory, kinds: vec![row.kind], other: None })),
            }
            if let (Some(other), Some(entry)) = (row.other, entries.last_mut().filter(|entry| entry.memory.id == row.memory)) {
                entry.other = memory(other);
            }
        }
        let mut seen: Vec<_> = rows.iter().map(|row| row.memory).collect();
        seen.dedup();
        let next = if seen.len() >= limit as usize { seen.last().copied() } else { None };
        let (total, counts) = self.store.counts(&by.scope, by.project).await?;
        Ok(ReviewPage { entries, total, counts, next })
    }

    /// Decides about a memory of the queue; answers it as it is then.
    ///
    /// # Errors
    /// `not_found` (it is not in the queue), `invalid_argument`, `conflict`, `insufficient_scope`, `app_paused`.
    pub async fn decide(&self, by: &Principal, id: MemoryId, decision: ReviewDecision, text: Option<String>) -> Result<Memory> {
        by.require(if decision == ReviewDecision::Drop { Scope::MemoryDelete } else { Scope::MemoryWrite })?;
        let before = self.reach.visible(by, id).await?;
        let rows = self.store.of(&by.scope, id).await?;
        if rows.is_empty() {
            return Err(Error::not_found("review"));
        }
        if text.is_some() != (decision == ReviewDecision::Edit) && decision != ReviewDecision::Merge {
            return Err(Error::invalid("'edit' needs text, the new text; 'keep' and 'drop' take none."));
        }
        let mut decided = Decided { decision, version: before.version, other: None };
        match decision {
            ReviewDecision::Keep => {}
            ReviewDecision::Drop => drop(self.writer.delete(by, Selection { ids: vec![id], ..Selection::default() }).await?),
            ReviewDecision::Edit => drop(self.writer.update(by, id, None, ContentChange { text, ..ContentChange::default() }).await?),
            ReviewDecision::Merge => {
                let other = rows
                    .iter()
                    .find_map(|row| row.other)
                    .ok_or_else(|| Error::invalid("Nothing to merge with: it is not like another memory. Keep, edit or drop it."))?;
                let other = self.reach.visible(by, other).await?;
                decided.other = Some((other.id, other.version));
                // First the other one gives up its place, and its text with it.
                self.lifecycle.supersede(&by.scope, &self.reach.actor(by).await?.1, other.id, id).await?;
                if let Some(text) = text {
                    self.writer.update(by, id, None, ContentChange { text: Some(text), ..ContentChange::default() }).await?;
                }
            }
        }
        if before.state == State::Held && decision != ReviewDecision::Drop {
            self.revisions.restore_one(by, id).await?;
        }
        self.store.close(&by.scope, &[id], &decided).await?;
        self.nudges.nudge(&by.scope);
        self.revisions.any_state(by, id).await
    }

    /// Takes a decision back: the memory, and the one that it was merged with, are again what they were, and it stands in the
    /// queue again.
    ///
    /// # Errors
    /// `not_found` (nothing was decided), `conflict`, `insufficient_scope`, `app_paused`.
    pub async fn undo_decision(&self, by: &Principal, id: MemoryId) -> Result<Memory> {
        by.require(Scope::MemoryWrite)?;
        let decided = self.store.decided(&by.scope, id).await?.ok_or_else(|| Error::not_found("review"))?;
        for (memory, version) in [Some((id, decided.version)), decided.other].into_iter().flatten() {
            let now = self.revisions.any_state(by, memory).await?;
            if now.version > version {
                match self.revisions.undo(by, memory, None, Some(version)).await {
                    Err(error) if error.code() != Code::InvalidArgument => return Err(error),
                    _ => {}
                }
            }
        }
        self.store.reopen(&by.scope, id).await?;
        self.revisions.any_state(by, id).await
    }

    /// Keeps memories that the write gate holds back: they are active and found from now on. Answers which.
    ///
    /// # Errors
    /// `insufficient_scope`, `app_paused`, `invalid_argument`.
    pub async fn keep(&self, by: &Principal, ids: Vec<MemoryId>) -> Result<Restored> {
        let held: Vec<_> = self.held_among(by, ids).await?;
        if held.is_empty() {
            return Ok(Restored::default());
        }
        let kept = self.revisions.restore(by, held.iter().map(|(id, _)| *id).collect()).await?;
        for (id, version) in held.iter().filter(|(id, _)| kept.restored.contains(id)) {
            let decided = Decided { decision: ReviewDecision::Keep, version: *version, other: None };
            self.store.close(&by.scope, &[*id], &decided).await?;
        }
        Ok(kept)
    }

    /// Keeps one; one that is not held stays as it is. Answers it.
    ///
    /// # Errors
    /// `not_found`, and those of [`Self::keep`].
    pub async fn keep_one(&self, by: &Principal, id: MemoryId) -> Result<Memory> {
        by.require(Scope::MemoryWrite)?;
        self.reach.visible(by, id).await?;
        let kept = self.keep(by, vec![id]).await?;
        if !kept.conflicts.is_empty() {
            return Err(Error::new(Code::Conflict, "Another memory of this project has its text by now: that one is kept."));
        }
        self.reach.visible(by, id).await
    }

    async fn held_among(&self, by: &Principal, ids: Vec<MemoryId>) -> Result<Vec<(MemoryId, i64)>> {
        by.require(Scope::MemoryWrite)?;
        if ids.is_empty() || ids.len() > MAX_IDS {
            return Err(Error::invalid(format!("Send 1 to {MAX_IDS} ids in one call.")));
        }
        let stored = self.changes.stored(&by.scope, &self.indexing.model, &ids).await?;
        let held = |memory: &Memory| memory.state == State::Held && by.project.is_none_or(|project| project == memory.project);
        Ok(stored.into_iter().map(|stored| stored.memory).filter(held).map(|memory| (memory.id, memory.version)).collect())
    }
}

/// Why a memory stands in the queue, in words.
#[must_use]
pub fn why(entry: &ReviewEntry) -> String {
    let held = || match entry.memory.held_for.as_deref() {
        Some(gate::FOR_REVIEW) => "it waits for your approval".to_owned(),
        Some(why) => format!("it {}", gate::held_because(why)),
        None => "it was held back".to_owned(),
    };
    let one = |kind: &ReviewKind| match kind {
        ReviewKind::Held => held(),
        ReviewKind::Inferred => "it was taken from a text, in other words than were said".to_owned(),
        ReviewKind::Flagged => "it speaks to agents, or hides letters".to_owned(),
        ReviewKind::Alike => "it is nearly the same as another memory".to_owned(),
        ReviewKind::Contradicts => "it changes what another memory says".to_owned(),
    };
    entry.kinds.iter().map(one).collect::<Vec<_>>().join("; ")
}
