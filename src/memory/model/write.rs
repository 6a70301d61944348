//! What is written: a memory on its way in, a change, and what became of each.

use serde::{Deserialize, Serialize};

use super::{Content, ContentChange, Memory, Origin, ReviewKind, State};
use crate::{
    clock::Timestamp,
    error::{Code, Error, Result},
    ids::{MemoryId, ProjectId},
};

/// How the memories of a call came about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Voice {
    /// A client stores what it was told to.
    #[default]
    Client,
    /// A transcript was fed, facts were taken from it, or a file was imported: nobody chose these words one by one. It brings
    /// nothing back that a person has deleted or put away.
    Automatic,
    /// Memories that were chosen to be kept elsewhere come here. What is there already is left as it is.
    Import,
}

/// A memory ready to be stored: validated, hashed, with its ids and times.
#[derive(Debug, Clone)]
pub struct Insert {
    pub id: MemoryId,
    pub project: ProjectId,
    pub content: Content,
    pub origin: Origin,
    /// Lower-case hex SHA-256 of the text.
    pub hash: String,
    pub pattern_signature: Option<String>,
    /// When it was added elsewhere; now when absent.
    pub created_at: Option<Timestamp>,
    /// The memory whose place it takes.
    pub supersedes: Option<MemoryId>,
    /// Memories that it is linked with.
    pub related: Vec<MemoryId>,
    /// Until when it held elsewhere: it is stored as superseded then.
    pub superseded_at: Option<Timestamp>,
    /// How far its source is trusted.
    pub trust: f64,
    /// What the write gate noticed.
    pub flags: Vec<String>,
    /// Why it is held back: it is stored as held then.
    pub held_for: Option<String>,
    pub voice: Voice,
    /// A person's own word: what was put away comes back by it.
    pub force: bool,
    /// Why a person should look at it, and which other memory that is about.
    pub review: Vec<(ReviewKind, Option<MemoryId>)>,
    /// The unit vectors of its windows, end to end, when they could be made before the write.
    pub vector: Option<Vec<f32>>,
}

/// One memory of an add, after the write gate.
#[derive(Debug, Clone)]
pub enum Gated {
    /// To be stored.
    Store(Insert),
    /// A memory has this text already: whether the next search finds that one decides. Stored after all where it has gone.
    Again {
        /// That memory.
        id: MemoryId,
        /// What was to be stored.
        insert: Insert,
    },
    /// Not to be stored; the answer to it.
    Settled(Added),
}

impl From<Insert> for Gated {
    fn from(insert: Insert) -> Self {
        Self::Store(insert)
    }
}

/// A retry-safe write: the same key and body answer the same, another body is refused.
#[derive(Debug, Clone)]
pub struct Idempotency {
    /// Operation that the key belongs to.
    pub operation: &'static str,
    /// The client's key, at most 255 bytes.
    pub key: String,
    /// Hash of what was asked.
    pub request_hash: String,
}

/// How a guarded write ended.
#[derive(Debug)]
pub enum Guarded<T> {
    /// Done now.
    Done(T),
    /// Done by an earlier call with the same key; the stored answer.
    Replayed(T),
    /// The key was used for something else.
    Mismatch,
}

impl<T> Guarded<T> {
    /// What was answered, now or by an earlier call.
    ///
    /// # Errors
    /// `idempotency_mismatch`.
    pub fn settled(self) -> Result<T> {
        match self {
            Self::Done(answer) | Self::Replayed(answer) => Ok(answer),
            Self::Mismatch => Err(Error::new(
                Code::IdempotencyMismatch,
                "This Idempotency-Key was used with another request. Use a new key for a new request.",
            )),
        }
    }
}

/// How a versioned update ended.
#[derive(Debug)]
pub enum Updated {
    /// Changed; the memory as it is now.
    Changed(Box<Memory>),
    /// No live memory of that id.
    Unknown,
    /// Another live memory of the project has this text.
    Duplicate,
    /// The version is another one.
    VersionConflict {
        /// The current version.
        current: i64,
    },
}

/// A change as the store applies it.
#[derive(Debug, Clone, Default)]
pub struct Update {
    /// Only when the current version is this one.
    pub expected_version: Option<i64>,
    pub project: Option<ProjectId>,
    pub change: ContentChange,
    /// What the write gate notes about the new text, and how far it is trusted.
    pub noted: Option<(Vec<String>, f64)>,
    /// Unit vectors of the new text's windows, end to end, when they could be made before the write.
    pub vector: Option<Vec<f32>>,
}

/// What a memory becomes: an earlier version of it, or another one.
#[derive(Debug, Clone)]
pub struct Revision {
    pub content: Content,
    pub state: State,
    /// What took its place, if the state says so.
    pub superseded_by: Option<MemoryId>,
    /// What the write gate notes about the text.
    pub flags: Vec<String>,
    /// How far it is trusted.
    pub trust: f64,
    /// Unit vectors of the text's windows, end to end, when they could be made before the write.
    pub vector: Option<Vec<f32>>,
}

impl Revision {
    /// What `memory` is, in a state.
    #[must_use]
    pub fn of(memory: &Memory, state: State) -> Self {
        Self {
            content: memory.content.clone(),
            state,
            superseded_by: memory.superseded_by.filter(|_| state == State::Superseded),
            flags: memory.flags.clone(),
            trust: memory.trust,
            vector: None,
        }
    }
}

/// What became of one memory of an add.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum AddEvent {
    /// Stored as a new memory.
    Add,
    /// The memory with the same key was changed.
    Update,
    /// A memory that no longer holds was deleted.
    Delete,
    /// Nothing is found that was not found before: it is known, refused, or held back.
    None,
}

/// The answer to one memory of an add: OpenMemory's `{id, memory, event}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Added {
    /// The memory that now holds the text; `None` where none does.
    pub id: Option<MemoryId>,
    pub memory: String,
    pub event: AddEvent,
    /// Why: `duplicate`, `held_…`, `secret_…`, `forgotten_before`, `was_archived`, …; see [`Added::sentence`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The state of the memory where that is not active.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<State>,
    /// What was noticed about what was stored: `redacted`, `instructions`, `hidden_text`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub flags: Vec<String>,
}

impl Added {
    /// Without anything to remark.
    #[must_use]
    pub const fn plain(id: MemoryId, memory: String, event: AddEvent) -> Self {
        Self { id: Some(id), memory, event, reason: None, state: None, flags: Vec::new() }
    }

    /// Nothing holds the text.
    #[must_use]
    pub const fn nothing(memory: String) -> Self {
        Self { id: None, memory, event: AddEvent::None, reason: None, state: None, flags: Vec::new() }
    }
}
