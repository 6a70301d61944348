//! Plain types of the memory domain.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    clock::Timestamp,
    ids::{AppId, CredentialId, MemoryId, ProjectId, UserId},
};

use super::{
    order::{Cursor, SortColumn},
    ports::EmbeddingModel,
};

/// Free-form JSON object that a client attaches to a memory.
pub type Metadata = serde_json::Map<String, Value>;

macro_rules! word_enum {
    ($(#[$doc:meta])* $name:ident: $what:literal { $($(#[$vdoc:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum $name { $($(#[$vdoc])* $variant),+ }

        impl $name {
            /// Every value.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The wire and storage name.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }
        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
        impl std::str::FromStr for $name {
            type Err = $crate::error::Error;
            fn from_str(text: &str) -> Result<Self, $crate::error::Error> {
                match text {
                    $($word => Ok(Self::$variant),)+
                    other => Err($crate::error::Error::invalid(format!(
                        concat!("Unknown ", $what, " '{}'. Known: {}."),
                        other,
                        [$($word),+].join(", "),
                    ))),
                }
            }
        }
    };
}

pub(super) use word_enum;

word_enum! {
    /// What kind of thing a memory records.
    MemoryType: "memory type" {
        /// Something that happened.
        Episodic = "episodic",
        /// A fact.
        Semantic = "semantic",
        /// How to do something.
        Procedural = "procedural",
        /// Short-lived, of one session.
        Working = "working",
        /// A link between memories.
        Associative = "associative",
    }
}

word_enum! {
    /// Whether a memory is seen.
    State: "state" {
        /// Found and listed.
        Active = "active",
        /// Kept, hidden from every client.
        Paused = "paused",
        /// Kept, hidden unless archived memories are asked for.
        Archived = "archived",
        /// Held back by the write gate: hidden until somebody keeps it, erased after a while.
        Held = "held",
        /// Held once; kept, hidden unless asked for or `as_of` a time when it held.
        Superseded = "superseded",
        /// Can be restored for a while, then it is erased.
        Deleted = "deleted",
    }
}

word_enum! {
    /// What a history entry tells.
    Event: "event" {
        /// The first version.
        Created = "created",
        /// Text, tags or metadata changed.
        Updated = "updated",
        /// The state changed.
        StateChanged = "state_changed",
        /// Deleted; it can be restored for a while.
        Deleted = "deleted",
        /// Another memory took its place, or it was found to hold no longer.
        Superseded = "superseded",
        /// An earlier version came back.
        Restored = "restored",
    }
}

word_enum! {
    /// How a memory was read.
    Access: "access type" {
        /// Returned by a search.
        Search = "search",
        /// Returned by a list, which shows everything whatever it is worth: noted, and no use that strengthens it.
        List = "list",
        /// Opened by its id.
        Get = "get",
        /// Put into a context, which no one asked for by name: noted, and no use either.
        Context = "context",
        /// Shown in the list of what fades: noted, and no use either.
        Inspect = "inspect",
    }
}

word_enum! {
    /// How far an operation is.
    OperationState: "operation state" {
        /// A job will do it.
        Queued = "queued",
        /// Its results are stored.
        Done = "done",
        /// It cannot be done; its reason says why.
        Failed = "failed",
    }
}

impl Access {
    /// Whether it counts as a use of the memory: somebody asked for it.
    #[must_use]
    pub const fn is_use(self) -> bool {
        matches!(self, Self::Search | Self::Get)
    }
}

/// Who changed or read something: the provenance stamped by the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Actor {
    /// The person.
    pub user: UserId,
    /// Their stored credential; `None` for a JWT.
    pub credential: Option<CredentialId>,
    /// The client program.
    pub app: AppId,
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
    /// That program's name.
    pub app_name: String,
    /// The person whose memory it is.
    pub user: UserId,
    /// The credential that wrote it; `None` for a JWT.
    pub credential: Option<CredentialId>,
    /// The text, verbatim.
    pub text: String,
    /// Lower-case hex SHA-256 of the text and its context (speaker, time, conversation).
    pub hash: String,
    /// The client's own JSON object.
    pub metadata: Metadata,
    /// Labels, in the order given, without repeats.
    pub tags: Vec<String>,
    /// Kind of memory.
    pub memory_type: MemoryType,
    /// Key that is unique in its project, where given.
    pub pattern_signature: Option<String>,
    /// Strength in `0..=1`, used by ranking once feedback exists.
    pub strength: f64,
    /// Confidence in `0..=1`, shown to the agent.
    pub confidence: f64,
    /// How often a search found it or somebody opened it.
    pub access_count: i64,
    /// When it last was, or feedback spoke for it.
    pub last_accessed_at: Option<Timestamp>,
    /// Who said it, where the client told.
    pub speaker: Option<String>,
    /// When it happened, where the client told.
    pub occurred_at: Option<Timestamp>,
    /// The conversation that it came from, where the client told.
    pub session_id: Option<String>,
    /// Its place in that conversation, where the client told.
    pub position: Option<i64>,
    /// Whether it is seen.
    pub state: State,
    /// Never expires, never decays, and comes first in a context.
    pub pinned: bool,
    /// When it is no longer seen.
    pub expires_at: Option<Timestamp>,
    /// The memory that took its place.
    pub superseded_by: Option<MemoryId>,
    /// Until when it held.
    pub superseded_at: Option<Timestamp>,
    /// How far its source is trusted, in `0..=1`: the write gate lowers it.
    pub trust: f64,
    /// What the write gate noticed: `instructions`, `redacted`, ….
    pub flags: Vec<String>,
    /// Why the write gate holds it back, while it does: `empty_talk`, `tool_output`, …, `review`.
    pub held_for: Option<String>,
    /// What it was taken from, where it was not said in these words.
    pub source: Option<Source>,
    /// Grows by one with each change.
    pub version: i64,
    /// When it was added.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// When it was deleted; `None` unless it is.
    pub deleted_at: Option<Timestamp>,
}

impl Memory {
    /// Strength of a memory of which nobody has said anything.
    pub const NEW_STRENGTH: f64 = 0.5;

    /// Whether it is over at `now`.
    #[must_use]
    pub fn is_expired(&self, now: Timestamp) -> bool {
        !self.pinned && self.expires_at.is_some_and(|end| end <= now)
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

/// Where an external vector index keeps a tenant, and by which vectors the tenant is read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Placement {
    /// A collection of the tenant's own; `None` for the one that tenants share.
    pub collection: Option<String>,
    /// A collection that is being filled and takes over when that is done.
    pub moving_to: Option<String>,
    /// The id of the embedding model; `None` before the first vector.
    pub model: Option<String>,
}

impl Placement {
    /// Where the tenant is read; `shared` is the collection of those that have none of their own.
    #[must_use]
    pub fn home<'a>(&'a self, shared: &'a str) -> &'a str {
        self.collection.as_deref().unwrap_or(shared)
    }

    /// Where the tenant is written: both places while it moves.
    pub fn in_use<'a>(&'a self, shared: &'a str) -> impl Iterator<Item = &'a str> {
        std::iter::once(self.home(shared)).chain(self.moving_to.as_deref())
    }

    /// Which of a service's models, the configured one first, the tenant is read by: an unknown one cannot be, so the
    /// configured one takes its place.
    #[must_use]
    pub fn reads<'a>(&self, models: &'a [EmbeddingModel]) -> &'a EmbeddingModel {
        models.iter().find(|model| Some(&model.id) == self.model.as_ref()).unwrap_or(&models[0])
    }
}

/// How far a tenant's move to the configured embedding model is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EmbeddingProgress {
    /// The id of the model that searches use.
    pub reads: String,
    /// The id of the configured model.
    pub current: String,
    /// Live memories.
    pub memories: i64,
    /// Those that have a vector of the configured model.
    pub embedded: i64,
}

/// Where a fact was taken from.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// The conversation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session_id: Option<String>,
    /// The message of it, from 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<usize>,
    /// The words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quote: Option<String>,
}

/// A memory that a client wants to add.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct NewMemory {
    /// The text, verbatim.
    pub text: String,
    /// Project; the credential's or default one when absent.
    pub project: Option<ProjectId>,
    /// The client's own JSON object.
    pub metadata: Metadata,
    /// Labels.
    pub tags: Vec<String>,
    /// Kind; semantic when absent.
    pub memory_type: Option<MemoryType>,
    /// Key, unique in its project: adding it again updates the memory that has it.
    pub pattern_signature: Option<String>,
    /// Confidence in `0..=1`; 1 when absent.
    pub confidence: Option<f64>,
    /// Who said it.
    pub speaker: Option<String>,
    /// When it happened.
    pub occurred_at: Option<Timestamp>,
    /// The conversation that it came from.
    pub session_id: Option<String>,
    /// Its place in that conversation; the order of adding when absent.
    pub position: Option<i64>,
    /// When it was added elsewhere, before it was brought here; now when absent.
    pub created_at: Option<Timestamp>,
    /// Never expires, never decays, and comes first in a context.
    pub pinned: bool,
    /// When it is no longer seen.
    pub expires_at: Option<Timestamp>,
    /// The memory whose place it takes.
    pub supersedes: Option<MemoryId>,
    /// Memories that it is linked with.
    pub related: Vec<MemoryId>,
    /// A person's own word: it is not held back. Secrets stay out of it all the same.
    pub force: bool,
    /// Why it was held back elsewhere, before it was brought here: it is held back here.
    pub held_for: Option<String>,
    /// What it was taken from.
    pub source: Option<Source>,
    /// Until when it held elsewhere, before it was brought here: it is stored as superseded.
    pub superseded_at: Option<Timestamp>,
    /// How far it was trusted elsewhere, in `0..=1`: the most that it is trusted here.
    pub trust: Option<f64>,
    /// What had been noticed elsewhere.
    pub flags: Vec<String>,
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
    /// Its text.
    pub memory: String,
    /// What happened.
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

/// A change to a memory; absent fields stay.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Change {
    /// New text; re-embedded.
    pub text: Option<String>,
    /// New metadata, replacing the old object.
    pub metadata: Option<Metadata>,
    /// New labels, replacing the old ones.
    pub tags: Option<Vec<String>>,
    /// New kind.
    pub memory_type: Option<MemoryType>,
    /// New confidence.
    pub confidence: Option<f64>,
    /// Pins or unpins.
    pub pinned: Option<bool>,
    /// A new end, or none.
    pub expires_at: Option<Option<Timestamp>>,
}

/// Conditions that a memory must meet; empty lists and `None` ask for nothing.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Filter {
    /// In this project.
    pub project: Option<ProjectId>,
    /// Written by one of these apps.
    pub apps: Vec<AppId>,
    /// With at least one of these tags.
    pub tags: Vec<String>,
    /// Of one of these types.
    pub types: Vec<MemoryType>,
    /// In one of these states; empty means active only.
    pub states: Vec<State>,
    /// Of this conversation.
    pub session_id: Option<String>,
    /// Happened (or, where that is unknown, was added) at or after.
    pub from: Option<Timestamp>,
    /// Happened (or was added) at or before.
    pub to: Option<Timestamp>,
    /// Microseconds by which the reader's clock is ahead of UTC: what happened on a date, without a time, happened on that day of
    /// theirs.
    pub ahead: i64,
    /// What was known and held at this time, superseded memories included.
    pub as_of: Option<Timestamp>,
    /// Also those that are over.
    pub show_expired: bool,
}

impl Filter {
    /// Whether it asks for nothing, but perhaps for states.
    pub(super) fn is_open(&self) -> bool {
        *self == Self { states: self.states.clone(), show_expired: self.show_expired, ..Self::default() }
    }

    /// The states that it asks for. What held at a past time is what holds still, and what has been superseded since.
    #[must_use]
    pub fn wanted_states(&self) -> &[State] {
        match (self.states.as_slice(), self.as_of) {
            ([], None) => &[State::Active],
            ([], Some(_)) => &[State::Active, State::Superseded],
            (asked, _) => asked,
        }
    }

    /// Whether a memory meets every condition but that on its state.
    pub(super) fn admits(&self, memory: &Memory) -> bool {
        let when = memory.occurred_at.map_or(memory.created_at, |at| at.on_a_calendar(self.ahead));
        self.project.is_none_or(|p| p == memory.project)
            && (self.apps.is_empty() || self.apps.contains(&memory.app))
            && (self.types.is_empty() || self.types.contains(&memory.memory_type))
            && (self.tags.is_empty() || self.tags.iter().any(|t| memory.tags.contains(t)))
            && self.session_id.as_ref().is_none_or(|s| Some(s) == memory.session_id.as_ref())
            && self.from.is_none_or(|from| when >= from)
            && self.to.is_none_or(|to| when <= to)
            && self.as_of.is_none_or(|at| memory.held_at(at))
    }
}

/// What to search for.
#[derive(Debug, Clone)]
pub struct SearchQuery {
    /// The question or words.
    pub text: String,
    /// How many results at most, `1..=100`.
    pub limit: usize,
    /// Hits with a lower score are left out; `0` keeps all.
    pub threshold: f64,
    /// Conditions.
    pub filter: Filter,
}

/// The parts of a hit's score.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Scores {
    /// Raw cosine to the query in `-1..=1`; `None` while the memory has no embedding.
    pub dense: Option<f32>,
    /// Raw BM25; 0 where no word matches.
    pub lexical: f32,
    /// Both together in `0..=1`.
    pub fused: f32,
    /// What is added for a date that the question names.
    pub date: f32,
    /// What is added for the memories before and after it in its session.
    pub neighbours: f32,
    /// What is added for the speaker whom the question names.
    pub speaker: f32,
    /// What the sum is multiplied by for feedback and trust, `0.3..=1.5`.
    pub quality: f32,
    /// The whole in `0..=1`, as a part of what the best possible hit would reach; the order follows it.
    pub score: f32,
}

/// One result of a search.
#[derive(Debug, Clone)]
pub struct Hit {
    /// The memory as of the newest change at the time of the search; counts of its reads may be old.
    pub memory: Memory,
    /// Why it stands where it stands.
    pub scores: Scores,
    /// Older memories that say the same in other dress, and stand under this one.
    pub alike: usize,
    /// The part of a long text that is nearest to the question.
    pub part: Option<String>,
}

/// What was left out of a search or list, by reason: `below_threshold`, `filtered`, `paused`, `archived`, ….
pub type LeftOut = BTreeMap<&'static str, usize>;

/// The answer to a search.
#[derive(Debug, Clone)]
pub struct SearchAnswer {
    /// Best first.
    pub hits: Vec<Hit>,
    /// True when only the lexical leg could answer.
    pub degraded: bool,
    /// Why the answer is empty or short: `empty_tenant`, `below_threshold`, `filtered`, `paused`, …; `None` when it is full.
    pub reason: Option<&'static str>,
    /// How many memories were left out, by reason.
    pub left_out: LeftOut,
}

/// Which part of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PageRequest {
    /// OpenMemory's page numbers, from 1.
    Number {
        /// From 1.
        page: u32,
        /// Entries per page.
        size: u32,
    },
    /// The entries after a cursor that an earlier page returned.
    After {
        /// Where the earlier page ended; `None` for the first page.
        cursor: Option<Cursor>,
        /// Entries per page.
        size: u32,
    },
}

/// What to list.
#[derive(Debug, Clone)]
pub struct ListQuery {
    /// Conditions.
    pub filter: Filter,
    /// Case-insensitive substring of the text.
    pub contains: Option<String>,
    /// Order; that of the cursor, where there is one.
    pub sort: SortColumn,
    /// Direction.
    pub descending: bool,
    /// Which part.
    pub page: PageRequest,
}

/// Part of a list.
#[derive(Debug, Clone)]
pub struct Page<T> {
    /// The entries.
    pub items: Vec<T>,
    /// How many match in all.
    pub total: i64,
    /// Where the next page starts; `None` at the end or for page numbers.
    pub next: Option<Cursor>,
}

/// Which memories an action works on.
#[derive(Debug, Clone, Default)]
pub struct Selection {
    /// These ids…
    pub ids: Vec<MemoryId>,
    /// …and all of this app…
    pub app: Option<AppId>,
    /// …and all with one of these tags…
    pub tags: Vec<String>,
    /// …or every memory that the caller may see.
    pub all: bool,
    /// Stays within this project.
    pub project: Option<ProjectId>,
    /// Only those that are in one of these states; empty means any.
    pub from: Vec<State>,
}

/// One step in the life of a memory.
#[derive(Debug, Clone, PartialEq)]
pub struct HistoryEntry {
    /// The version that the step made.
    pub version: i64,
    /// What happened.
    pub event: Event,
    /// Text after the step.
    pub text: String,
    /// The client's JSON object after it.
    pub metadata: Metadata,
    /// Labels after it.
    pub tags: Vec<String>,
    /// Kind after it; this and the next three are not known of steps that older programs wrote.
    pub memory_type: Option<MemoryType>,
    /// Confidence after it.
    pub confidence: Option<f64>,
    /// Whether it was pinned after it.
    pub pinned: Option<bool>,
    /// Its end after it.
    pub expires_at: Option<Timestamp>,
    /// The memory that took its place.
    pub superseded_by: Option<MemoryId>,
    /// State after the step.
    pub state: State,
    /// The app that did it.
    pub app_name: String,
    /// When.
    pub changed_at: Timestamp,
}

/// Reads of a memory by one app within a few seconds.
#[derive(Debug, Clone, PartialEq)]
pub struct AccessEntry {
    /// Identifier of the entry.
    pub id: i64,
    /// The memory that was read.
    pub memory: MemoryId,
    /// The app that read it.
    pub app: AppId,
    /// Its name.
    pub app_name: String,
    /// How.
    pub access: Access,
    /// The latest of them.
    pub accessed_at: Timestamp,
    /// How many.
    pub count: i64,
}
