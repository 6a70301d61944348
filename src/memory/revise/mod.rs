//! What becomes of a memory after it was stored: undo, restore, links. Changes of its text and state are in `write`, the end for
//! good in `erase`; what an add does to the memory whose place it takes is done by the store, in the add's transaction.

mod links;
mod restore;
mod undo;

use std::sync::Arc;

use async_trait::async_trait;

pub use {restore::Restored, undo::Undone};

use super::{
    access::AccessRecorder,
    embedding::Embeddings,
    gate,
    model::{Actor, Content, HistoryEntry, Memory, Revision, State},
    reach::Reach,
    signals::Wake,
};
use crate::{
    clock::{Clock, Timestamp},
    error::Result,
    ids::{AppId, CredentialId, MemoryId, ProjectId},
    tenancy::TenantScope,
};

/// A memory in whatever state, and its steps, oldest first.
#[derive(Debug, Clone)]
pub struct Past {
    pub memory: Memory,
    pub steps: Vec<HistoryEntry>,
}

/// Whose writes are meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Author {
    /// Those of one client program.
    App(AppId),
    /// Those of one credential, whatever app it spoke for.
    Credential(CredentialId),
    /// Memories of one conversation, and what those took the place of.
    Session(String),
}

/// Writes of one author within a time, both ends included.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Window {
    pub author: Author,
    /// At or after; since ever when absent.
    pub from: Option<Timestamp>,
    pub to: Timestamp,
}

/// What an author did to one memory within a window.
#[derive(Debug, Clone)]
pub struct Written {
    /// As it is, deleted or not.
    pub memory: Memory,
    /// Whether its first step is the author's.
    pub created: bool,
    /// The step before the author's first; `None` where that was the first of all, or history does not know.
    pub before: Option<HistoryEntry>,
    /// Whether a step after the author's first is not the author's, or lies after the window.
    pub contested: bool,
}

/// What `memory` was after a step. What older programs did not write down stays as it is.
fn at(memory: &Memory, step: &HistoryEntry) -> Revision {
    let same = step.content.text == memory.content.text;
    let (flags, trust) = if same { (memory.flags.clone(), memory.trust) } else { gate::noted(&step.content.text) };
    let content = if step.is_whole {
        step.content.clone()
    } else {
        let Content { text, metadata, tags, .. } = step.content.clone();
        Content { text, metadata, tags, ..memory.content.clone() }
    };
    let superseded_by = step.superseded_by.filter(|_| step.state == State::Superseded);
    Revision { content, state: step.state, superseded_by, flags, trust, vector: None }
}

/// Whether `memory` is this already.
fn is(memory: &Memory, revision: &Revision) -> bool {
    revision.state == memory.state
        && revision.content == memory.content
        && (revision.state != State::Superseded || revision.superseded_by == memory.superseded_by)
}

/// One memory on its way back.
#[derive(Debug, Clone)]
pub struct Reversal {
    pub id: MemoryId,
    /// Only while this is its version.
    pub expected_version: i64,
    /// To what; `None` deletes it.
    pub to: Option<Revision>,
}

/// How a reversal ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reverted {
    /// It is what was asked for.
    Done,
    /// No memory of that id.
    Unknown,
    /// Another live memory of the project has its text or key.
    Duplicate,
    /// The version is another one.
    VersionConflict {
        /// The current version.
        current: i64,
    },
}

/// The lives of memories in the relational truth. Writes commit as those of [`MemoryStore`](super::MemoryStore) do.
#[async_trait]
pub trait LifecycleStore: Send + Sync {
    /// Memories of these ids in any state, deleted ones too, in the order of their ids; unknown ones are left out.
    async fn past(&self, scope: &TenantScope, project: Option<ProjectId>, ids: &[MemoryId]) -> Result<Vec<Past>>;
    /// What an author wrote, by the id of the memory, after an id; at most `limit` memories.
    async fn written(
        &self,
        scope: &TenantScope,
        project: Option<ProjectId>,
        window: &Window,
        after: Option<MemoryId>,
        limit: u32,
    ) -> Result<Vec<Written>>;
    /// Brings memories back, or deletes them, in one transaction with an audit row of this action; answers in their order.
    async fn revert(&self, scope: &TenantScope, actor: &Actor, reversals: Vec<Reversal>, action: &'static str) -> Result<Vec<Reverted>>;
    /// One memory takes the place of another of its project.
    async fn supersede(&self, scope: &TenantScope, actor: &Actor, old: MemoryId, new: MemoryId) -> Result<()>;
    /// Links two memories of one project; false when one of them is not there.
    async fn link(&self, scope: &TenantScope, actor: &Actor, project: Option<ProjectId>, one: MemoryId, other: MemoryId) -> Result<bool>;
    /// Takes a link away; false when there is none.
    async fn unlink(&self, scope: &TenantScope, actor: &Actor, project: Option<ProjectId>, one: MemoryId, other: MemoryId) -> Result<bool>;
    /// Active memories that are linked with one, newest link first.
    async fn linked(&self, scope: &TenantScope, project: Option<ProjectId>, id: MemoryId, limit: u32) -> Result<Vec<Memory>>;
}

/// Takes memories of one tenant at a time back to what they were; cheap to clone.
#[derive(Clone)]
pub struct Revisions {
    pub reach: Reach,
    pub store: Arc<dyn LifecycleStore>,
    /// Vectors for texts that come back.
    pub embeddings: Embeddings,
    pub access: AccessRecorder,
    /// Wakes the job runner when a write left a job behind.
    pub wake: Arc<Wake>,
    pub clock: Arc<dyn Clock>,
}
