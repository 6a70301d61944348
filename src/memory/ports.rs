//! What the memory domain needs from the outside: a relational store, an embedder and a vector index.

use std::collections::{HashMap, HashSet};

use async_trait::async_trait;

use super::{
    gate::{Clean, Voice},
    infer::{Answer, Fact, InferInput, Message, Operation, Resolution, Step},
    model::{
        Access, AccessEntry, Actor, Added, Filter, HistoryEntry, ListQuery, Memory, MemoryType, Metadata, Page, Placement, Selection,
        Source, State, StoredMemory,
    },
    review::ReviewKind,
    text,
};
use crate::{
    clock::Timestamp,
    error::Result,
    ids::{AppId, MemoryId, OperationId, ProjectId},
    tenancy::TenantScope,
};

/// Which model made a vector. Vectors of different models are never compared.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct EmbeddingModel {
    /// Stable name, stored with every vector.
    pub id: String,
    /// Length of its vectors.
    pub dimension: usize,
    /// How much of a text one vector stands for, as [`windows::cut`](super::windows::cut) counts it.
    pub window: usize,
}

impl EmbeddingModel {
    /// A model that reads long texts: some 350 words are of one topic more often than not.
    #[must_use]
    pub fn new(id: impl Into<String>, dimension: usize) -> Self {
        Self { id: id.into(), dimension, window: 2_000 }
    }
}

/// Why a model gave no answer. A write goes on without it; search goes on lexically. The reasons are for the operator
/// and never hold text of a tenant.
#[derive(Debug, Clone, thiserror::Error)]
pub enum ModelError {
    /// It does not answer now; what was asked is not at fault.
    #[error("the model is not available: {0}")]
    Unavailable(String),
    /// It will never take what was asked.
    #[error("the model refused the request: {0}")]
    Refused(String),
    /// It answered something useless; the next answer may be better.
    #[error("the model's answer is of no use: {0}")]
    Faulty(String),
}

/// Turns text into unit vectors.
#[async_trait]
pub trait Embedder: Send + Sync {
    /// The model; constant for the life of the embedder.
    fn model(&self) -> &EmbeddingModel;
    /// True when embedding costs only CPU in this process, so that an add may wait for it.
    fn is_local(&self) -> bool;
    /// Whether the model did its work the last time that it was asked.
    fn answers(&self) -> bool {
        true
    }
    /// Whether the model was taught the script that most of a question is written in. Where it was not, words count for more.
    fn knows(&self, _question: &str) -> bool {
        true
    }
    /// One unit vector of `model().dimension` per text, in order. The tenant is who waits: tenants share an embedder
    /// fairly.
    async fn embed(&self, scope: &TenantScope, texts: Vec<String>) -> Result<Vec<Vec<f32>>, ModelError>;
    /// The cosine from which two texts may say the same, if their words agree as well. Measured for `MiniLM` on 4,000 facts and
    /// turns of talk: 76 to 80 of 100 texts in other dress reach 0.96, and 4 of 10,000 that are new; 0.92 would be 91 to 93, and
    /// 25 to 83. Other models set the like of different texts lower, so that it is on the safe side for them.
    fn near_duplicate(&self) -> f32 {
        0.96
    }
    /// Drops what is kept in memory of the tenant's texts.
    fn forget(&self, _: &TenantScope) {}
}

/// A vector on its way to the store.
#[derive(Debug, Clone)]
pub struct Embedding {
    /// The memory that it stands for…
    pub id: MemoryId,
    /// …while that has this hash.
    pub hash: String,
    /// The unit vectors of its windows, end to end.
    pub vector: Vec<f32>,
}

/// A memory on its way to an index.
#[derive(Debug, Clone)]
pub struct Point {
    /// The memory, as it was when the vectors were made.
    pub memory: Memory,
    /// Unit vectors of its windows, end to end: all that the tenant needs, as the index replaces what it had.
    pub vectors: Vec<(EmbeddingModel, Vec<f32>)>,
}

/// What a search asks of an index outside this process.
#[derive(Debug)]
pub struct DenseQuery<'a> {
    /// Where the tenant is.
    pub placement: &'a Placement,
    /// Whose vectors are compared.
    pub model: &'a EmbeddingModel,
    /// Memories of the tenant.
    pub memories: usize,
    /// Whether one of them has more than one window.
    pub long: bool,
    /// What a search asks for; memories that it leaves out may be missing in the answer.
    pub filter: &'a Filter,
    /// The unit vector of the question.
    pub vector: &'a [f32],
}

/// What an index found.
#[derive(Debug, Default)]
pub struct Neighbours {
    /// Cosines: that of the nearest window where a memory has several.
    pub scores: Vec<(MemoryId, f32)>,
    /// True when only the best were looked for: an embedded memory that is missing is less like the query than those.
    pub best_only: bool,
}

/// A vector index outside this process, told of each change by a job. Derived from SQL and rebuilt at will: an id that it
/// names and the working set does not hold is no answer. A service without one scans the vectors of the working set. A call that
/// cannot be answered now, or that somebody has to see to, is `unavailable` with its reason.
#[async_trait]
pub trait VectorIndex: Send + Sync {
    /// The memories nearest to a question.
    async fn search(&self, scope: &TenantScope, query: &DenseQuery<'_>) -> Result<Neighbours>;
    /// Looks into ids that it answered and the tenant does not have: most often memories deleted a moment ago. Nothing of
    /// them leaves, but if one is another tenant's, somebody should know.
    async fn look_into(&self, scope: &TenantScope, placement: &Placement, unknown: &[MemoryId]);
    /// The collection of the tenants that have none of their own.
    fn shared(&self) -> &str;
    /// Whether it did its work when it was last asked to.
    fn answers(&self) -> bool;
    /// Inserts or replaces, in every collection that the placement names; returns when searchable. Safe to repeat. True where a
    /// collection had been lost and was made anew: whatever else was in it is not there any more.
    async fn upsert(&self, scope: &TenantScope, placement: &Placement, points: Vec<Point>) -> Result<bool>;
    /// Removes; unknown ids are fine.
    async fn delete(&self, scope: &TenantScope, collection: &str, ids: &[MemoryId]) -> Result<()>;
    /// Removes everything of the tenant.
    async fn clear(&self, scope: &TenantScope, collection: &str) -> Result<()>;
    /// The tenant's points, and whether each has a vector of `model`; none where there is no such collection.
    async fn held(&self, scope: &TenantScope, collection: &str, model: &EmbeddingModel) -> Result<HashMap<MemoryId, bool>>;
}

/// A memory ready to be stored: validated, hashed, with its ids and times.
#[derive(Debug, Clone)]
pub struct Insert {
    /// Identifier.
    pub id: MemoryId,
    /// Project.
    pub project: ProjectId,
    /// Text.
    pub text: String,
    /// Lower-case hex SHA-256 of the text.
    pub hash: String,
    /// Client's JSON.
    pub metadata: Metadata,
    /// Labels.
    pub tags: Vec<String>,
    /// Kind.
    pub memory_type: MemoryType,
    /// Upsert key.
    pub pattern_signature: Option<String>,
    /// Confidence.
    pub confidence: f64,
    /// Who said it.
    pub speaker: Option<String>,
    /// When it happened.
    pub occurred_at: Option<Timestamp>,
    /// Conversation.
    pub session_id: Option<String>,
    /// Place in the conversation.
    pub position: Option<i64>,
    /// When it was added elsewhere; now when absent.
    pub created_at: Option<Timestamp>,
    /// Never expires.
    pub pinned: bool,
    /// End.
    pub expires_at: Option<Timestamp>,
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
    /// What it was taken from.
    pub source: Option<Source>,
    /// How it came about.
    pub voice: Voice,
    /// A person's own word: what was put away comes back by it.
    pub force: bool,
    /// Why a person should look at it, and which other memory that is about.
    pub review: Vec<(ReviewKind, Option<MemoryId>)>,
    /// The unit vectors of its windows, end to end, when they could be made before the write.
    pub vector: Option<Vec<f32>>,
}

impl Insert {
    /// A clean memory with an id of its own, without a vector yet.
    #[must_use]
    pub(super) fn of(clean: Clean, project: ProjectId) -> Self {
        let memory = clean.into_memory();
        Self {
            id: MemoryId::new(),
            project,
            hash: text::hash(&memory.text, memory.speaker.as_deref(), memory.occurred_at, memory.session_id.as_deref()),
            text: memory.text,
            metadata: memory.metadata,
            tags: memory.tags,
            memory_type: memory.memory_type.unwrap_or(MemoryType::Semantic),
            pattern_signature: memory.pattern_signature,
            confidence: memory.confidence.unwrap_or(1.0),
            speaker: memory.speaker,
            occurred_at: memory.occurred_at,
            session_id: memory.session_id,
            position: memory.position,
            created_at: memory.created_at,
            pinned: memory.pinned,
            expires_at: memory.expires_at,
            supersedes: memory.supersedes,
            related: memory.related,
            superseded_at: memory.superseded_at,
            trust: memory.trust.map_or(1.0, |trust| trust.clamp(0.0, 1.0)),
            flags: memory.flags,
            held_for: memory.held_for,
            source: memory.source,
            voice: Voice::default(),
            force: memory.force,
            review: Vec::new(),
            vector: None,
        }
    }
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

/// A live memory as a comparison with an index needs it.
#[derive(Debug, Clone, Copy)]
pub struct OnRoll {
    /// Identifier.
    pub id: MemoryId,
    /// Whether SQL has a vector of the asked model for its text.
    pub embedded: bool,
    /// When it changed last.
    pub updated_at: Timestamp,
}

/// All that changed after a point in a tenant's change sequence.
#[derive(Debug)]
pub struct Changes {
    /// The sequence number that the changes lead up to.
    pub sequence: i64,
    /// Changed memories, each once, in order of their change.
    pub memories: Vec<StoredMemory>,
    /// False when `limit` cut the list; ask again from the last sequence.
    pub complete: bool,
    /// Where the tenant's vectors are; a new placement counts as a change.
    pub placement: Placement,
    /// The newest change among the tombstones that were erased. A reader that had seen less when this moved on starts anew:
    /// what told it of the end of a memory may be among them.
    pub purged: i64,
}

/// Reads of one memory by one app, gathered by the service and written in batches.
#[derive(Debug, Clone)]
pub struct AccessRecord {
    /// Tenant.
    pub scope: TenantScope,
    /// Memory.
    pub memory: MemoryId,
    /// App that read.
    pub app: AppId,
    /// How.
    pub access: Access,
    /// The latest of them.
    pub at: Timestamp,
    /// How many.
    pub count: i64,
}

/// Memories in the relational truth. Every write commits the memory, its history, its index job, the audit row and
/// the tenant's new sequence number in one transaction.
#[async_trait]
pub trait MemoryStore: Send + Sync {
    /// Stores memories in order. One whose text a memory of the project has that the next search finds is not stored again;
    /// one that is put away comes back, unless the write is automatic. One with the same project and `pattern_signature` is
    /// updated. A job is queued where `index_job` asks or a vector is missing.
    async fn insert(
        &self,
        scope: &TenantScope,
        actor: &Actor,
        model: &EmbeddingModel,
        memories: Vec<Gated>,
        index_job: bool,
        idempotency: Option<&Idempotency>,
    ) -> Result<Guarded<Vec<Added>>>;
    /// How an earlier call with this key ended; `None` when there was none.
    async fn recorded(&self, scope: &TenantScope, key: &Idempotency) -> Result<Option<Guarded<Vec<Added>>>>;
    /// One live memory.
    async fn get(&self, scope: &TenantScope, project: Option<ProjectId>, id: MemoryId) -> Result<Option<Memory>>;
    /// The number of the tenant's newest change. Every change that was acknowledged before the call is at or below it.
    async fn sequence(&self, scope: &TenantScope) -> Result<i64>;
    /// Part of the memories that match.
    async fn list(&self, scope: &TenantScope, query: &ListQuery) -> Result<Page<Memory>>;
    /// Changes one memory; `vector` is that of the new text, when it could be made before the write.
    async fn update(
        &self,
        scope: &TenantScope,
        actor: &Actor,
        model: &EmbeddingModel,
        id: MemoryId,
        update: Update,
        index_job: bool,
    ) -> Result<Updated>;
    /// Moves the selected live memories to `state`; answers the ids that moved. `Deleted` makes tombstones.
    async fn set_state(
        &self,
        scope: &TenantScope,
        actor: &Actor,
        selection: &Selection,
        state: State,
        index_job: bool,
    ) -> Result<Vec<MemoryId>>;
    /// What changed after `sequence`, oldest first, at most `limit` memories, with or without their vectors: those of the
    /// one of `models` that the tenant is read by ([`Placement::reads`]).
    async fn changes_since(
        &self,
        scope: &TenantScope,
        models: &[EmbeddingModel],
        vectors: bool,
        sequence: i64,
        limit: usize,
    ) -> Result<Changes>;
    /// Where the tenant's vectors are, and by which it is read.
    async fn placement(&self, scope: &TenantScope) -> Result<Placement>;
    /// Moves the tenant's place in an external index; the model stays. Every other place that is noted counts as left from then
    /// on ([`PlaceStore`](super::PlaceStore)).
    async fn place(&self, scope: &TenantScope, placement: &Placement) -> Result<()>;
    /// Reads the tenant by `model` from now on, if at most `without` live memories have no vector of it; answers whether.
    async fn read_by(&self, scope: &TenantScope, model: &EmbeddingModel, without: i64) -> Result<bool>;
    /// Those of `ids` that are memories and not deleted.
    async fn live(&self, scope: &TenantScope, ids: &[MemoryId]) -> Result<HashSet<MemoryId>>;
    /// Every live memory of the tenant.
    async fn roll(&self, scope: &TenantScope, model: &EmbeddingModel) -> Result<Vec<OnRoll>>;
    /// Live memories without a vector of `model`, by id, after an id.
    async fn unembedded(&self, scope: &TenantScope, model: &EmbeddingModel, after: Option<MemoryId>, limit: u32) -> Result<Vec<MemoryId>>;
    /// Live memories, and those that have a vector of `model`.
    async fn embedded(&self, scope: &TenantScope, model: &EmbeddingModel) -> Result<(i64, i64)>;
    /// Drops the tenant's vectors of every model but these; answers how many.
    async fn drop_other_vectors(&self, scope: &TenantScope, keep: &[String]) -> Result<u64>;
    /// Keeps the vectors of texts that are still current, and moves the sequence on so that every working set sees them.
    async fn store_vectors(&self, scope: &TenantScope, model: &EmbeddingModel, embeddings: &[Embedding]) -> Result<()>;
    /// The memories of these ids as they now are; deleted ones are absent.
    async fn stored(&self, scope: &TenantScope, model: &EmbeddingModel, ids: &[MemoryId]) -> Result<Vec<StoredMemory>>;
    /// The steps in the life of a memory, oldest first.
    async fn history(&self, scope: &TenantScope, id: MemoryId) -> Result<Vec<HistoryEntry>>;
    /// Reads of a memory, newest first, with their number.
    async fn access_log(&self, scope: &TenantScope, id: MemoryId, page: u32, size: u32) -> Result<(Vec<AccessEntry>, i64)>;
    /// Memories that an app read, most read first, with how often, and how many there are.
    async fn accessed_by(
        &self,
        scope: &TenantScope,
        project: Option<ProjectId>,
        app: AppId,
        page: u32,
        size: u32,
    ) -> Result<(Vec<(Memory, i64)>, i64)>;
    /// Writes reads down and counts them on the memories.
    async fn record_access(&self, records: &[AccessRecord]) -> Result<()>;
    /// What the tenant has chosen; an empty object when nothing.
    async fn settings(&self, scope: &TenantScope) -> Result<serde_json::Value>;
    /// Keeps one choice beside the others.
    async fn set_setting(&self, scope: &TenantScope, actor: &Actor, key: &str, value: &serde_json::Value) -> Result<()>;
    /// Adds to the counts of the write gate: days since 1970, reasons, numbers.
    async fn add_gate_counts(&self, scope: &TenantScope, counts: &[(i64, String, i64)]) -> Result<()>;
    /// Counts of the write gate from a day on, by reason.
    async fn gate_counts(&self, scope: &TenantScope, from_day: i64) -> Result<Vec<(String, i64)>>;
    /// Tags in use with their number of live memories.
    async fn tags(&self, scope: &TenantScope, project: Option<ProjectId>) -> Result<Vec<(String, i64)>>;
}

/// Takes facts from text: a model.
#[async_trait]
pub trait Extractor: Send + Sync {
    /// Whether the model did its work the last time that it was asked.
    fn answers(&self) -> bool;
    /// The facts of a conversation that was held on `today`.
    async fn facts(&self, scope: &TenantScope, messages: &[Message], today: Timestamp) -> Result<Answer<Vec<Fact>>, ModelError>;
    /// What each fact changes about the memories that are shown with them, in the order of the facts.
    async fn resolve(&self, scope: &TenantScope, facts: &[Fact], known: &[String]) -> Result<Answer<Vec<Resolution>>, ModelError>;
}

/// Writes that are acknowledged before they are done.
#[async_trait]
pub trait OperationStore: Send + Sync {
    /// Keeps an operation with its job. A repeated key answers the operation that it made first; `None` when that was
    /// asked for something else.
    async fn create(
        &self,
        scope: &TenantScope,
        actor: &Actor,
        project: ProjectId,
        input: &InferInput,
        idempotency: Option<&Idempotency>,
    ) -> Result<Option<Operation>>;
    /// One operation.
    async fn get(&self, scope: &TenantScope, id: OperationId) -> Result<Option<Operation>>;
    /// Tokens of the tenant's operations that ended since.
    async fn tokens_since(&self, scope: &TenantScope, since: Timestamp) -> Result<u64>;
    /// Makes all changes and ends the operation, in one transaction; changes nothing when it has ended already.
    #[expect(clippy::too_many_arguments, reason = "all that one transaction writes")]
    async fn end(
        &self,
        scope: &TenantScope,
        operation: &Operation,
        model: &EmbeddingModel,
        steps: Vec<Step>,
        index_job: bool,
        tokens: u64,
        reason: Option<&str>,
    ) -> Result<()>;
    /// Drops operations that ended longer ago than they can be asked for: their results repeat texts.
    async fn forget(&self, scope: &TenantScope) -> Result<()>;
    /// Ends an operation that cannot be done.
    async fn fail(&self, scope: &TenantScope, id: OperationId, reason: &str) -> Result<()>;
}

/// A change as the store applies it.
#[derive(Debug, Clone, Default)]
pub struct Update {
    /// Only when the current version is this one.
    pub expected_version: Option<i64>,
    /// Only within this project.
    pub project: Option<ProjectId>,
    /// New text with its hash.
    pub text: Option<(String, String)>,
    /// What the write gate notes about the new text, and how far it is trusted.
    pub noted: Option<(Vec<String>, f64)>,
    /// New metadata.
    pub metadata: Option<Metadata>,
    /// New labels.
    pub tags: Option<Vec<String>>,
    /// New kind.
    pub memory_type: Option<MemoryType>,
    /// New confidence.
    pub confidence: Option<f64>,
    /// Pins or unpins.
    pub pinned: Option<bool>,
    /// A new end, or none.
    pub expires_at: Option<Option<Timestamp>>,
    /// Unit vectors of the new text's windows, end to end.
    pub vector: Option<Vec<f32>>,
}
