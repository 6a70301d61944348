//! A memory, and one on its way in.

use serde::{Deserialize, Serialize};

use super::{Content, Origin, State};
use crate::{
    clock::Timestamp,
    ids::{AppId, CredentialId, MemoryId, ProjectId, UserId},
    metering::Allowance,
};

/// Who changed or read something: the provenance stamped by the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Actor {
    pub user: UserId,
    /// Their stored credential; `None` for a JWT.
    pub credential: Option<CredentialId>,
    pub app: AppId,
    /// How much they may still store.
    pub allowance: Allowance,
}

/// One live or deleted memory as SQL holds it.
#[derive(Debug, Clone, PartialEq)]
pub struct Memory {
    /// Identifier, the same in every index.
    pub id: MemoryId,
    /// The project that it lies in.
    pub project: ProjectId,
    /// The client program that wrote it.
    pub app: AppId,
    pub app_name: String,
    /// The person whose memory it is.
    pub user: UserId,
    /// The credential that wrote it; `None` for a JWT.
    pub credential: Option<CredentialId>,
    pub content: Content,
    pub origin: Origin,
    /// Lower-case hex SHA-256 of the text and its context (speaker, time, conversation).
    pub hash: String,
    /// Key that is unique in its project, where given.
    pub pattern_signature: Option<String>,
    /// Strength in `0..=1`, used by ranking once feedback exists.
    pub strength: f64,
    /// How often a search found it or somebody opened it.
    pub access_count: i64,
    /// When it last was, or feedback spoke for it.
    pub last_accessed_at: Option<Timestamp>,
    pub state: State,
    /// The memory that took its place.
    pub superseded_by: Option<MemoryId>,
    pub superseded_at: Option<Timestamp>,
    /// How far its source is trusted, in `0..=1`: the write gate lowers it.
    pub trust: f64,
    /// What the write gate noticed: `instructions`, `redacted`, ….
    pub flags: Vec<String>,
    /// Why the write gate holds it back, while it does: `empty_talk`, `tool_output`, …, `review`.
    pub held_for: Option<String>,
    /// Grows by one with each change.
    pub version: i64,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    /// When it was deleted; `None` unless it is.
    pub deleted_at: Option<Timestamp>,
}

impl NewMemory {
    /// A text of which nothing else is told.
    #[must_use]
    pub fn of(text: impl Into<String>) -> Self {
        Self { content: Content { text: text.into(), ..Content::default() }, ..Self::default() }
    }
}

impl Memory {
    /// Strength of a memory of which nobody has said anything.
    pub const NEW_STRENGTH: f64 = 0.5;

    /// Whether it is over at `now`.
    #[must_use]
    pub fn is_expired(&self, now: Timestamp) -> bool {
        !self.content.pinned && self.content.expires_at.is_some_and(|end| end <= now)
    }

    /// Whether it was known and held at a time.
    #[must_use]
    pub fn held_at(&self, at: Timestamp) -> bool {
        self.created_at <= at && self.superseded_at.is_none_or(|end| end > at)
    }
}

/// A memory with its vector, as SQL keeps both.
#[derive(Debug, Clone)]
pub struct StoredMemory {
    /// The memory, a deleted one too. Reads of it are no change: its counts of them may be old.
    pub memory: Memory,
    /// Whether SQL has a vector of the asked model for this text.
    pub embedded: bool,
    /// The unit vectors of its windows, end to end, where they were asked for.
    pub vector: Option<Vec<f32>>,
}

/// A memory that a client wants to add.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct NewMemory {
    /// What it is to hold.
    #[serde(flatten)]
    pub content: Content,
    /// Where it came from; the order of adding where it has no position.
    #[serde(flatten)]
    pub origin: Origin,
    /// Project; the credential's or default one when absent.
    pub project: Option<ProjectId>,
    /// Key, unique in its project: adding it again updates the memory that has it.
    pub pattern_signature: Option<String>,
    /// When it was added elsewhere, before it was brought here; now when absent.
    pub created_at: Option<Timestamp>,
    /// The memory whose place it takes.
    pub supersedes: Option<MemoryId>,
    /// Memories that it is linked with.
    pub related: Vec<MemoryId>,
    /// A person's own word: it is not held back. Secrets stay out of it all the same.
    pub force: bool,
    /// Why it was held back elsewhere, before it was brought here: it is held back here.
    pub held_for: Option<String>,
    /// Until when it held elsewhere, before it was brought here: it is stored as superseded.
    pub superseded_at: Option<Timestamp>,
    /// How far it was trusted elsewhere, in `0..=1`: the most that it is trusted here.
    pub trust: Option<f64>,
    /// What had been noticed elsewhere.
    pub flags: Vec<String>,
}
