//! What the memory domain needs from the outside: a relational store, an embedder and a vector index.

use async_trait::async_trait;

use super::{
    infer::{Answer, Fact, InferInput, Message, Operation, Resolution, Step},
    model::{
        Access, AccessEntry, Actor, Added, Filter, HistoryEntry, ListQuery, Memory, MemoryType, Metadata, NewMemory, Page, Placement,
        Selection, State, StoredMemory,
    },
    text,
    working_set::WorkingSet,
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
    /// One unit vector of `model().dimension` per text, in order. The tenant is who waits: tenants share an embedder
    /// fairly.
    async fn embed(&self, scope: &TenantScope, texts: Vec<String>) -> Result<Vec<Vec<f32>>, ModelError>;
    /// Drops what is kept in memory of the tenant's texts.
    fn forget(&self, _: &TenantScope) {}
}

/// A vector on its way to the store or an index.
#[derive(Debug, Clone)]
pub struct Point {
    /// The memory that it stands for, as it was when the vector was made: it does so while the memory has this hash.
    pub memory: Memory,
    /// The unit vector.
    pub vector: Vec<f32>,
}

/// Scores of the dense leg.
#[derive(Debug, Default)]
pub struct DenseScores {
    /// Cosines by slot of the working set that was searched.
    pub scores: Vec<(u32, f32)>,
    /// True when only the best were looked for: an embedded memory that is missing is less like the query than those.
    pub best_only: bool,
}

/// Where dense candidates come from. Derived from SQL and rebuilt at will: its answers are checked against SQL.
#[async_trait]
pub trait VectorIndex: Send + Sync {
    /// True when the index lies outside SQL and must be told of each change by a job. The embedded index follows the
    /// vectors that SQL keeps and needs no telling.
    fn is_external(&self) -> bool;
    /// Cosine of `query` to the memories of `set` that have a vector of `model`; those that `filter` leaves out may be
    /// missing.
    async fn search(
        &self,
        scope: &TenantScope,
        set: &WorkingSet,
        model: &EmbeddingModel,
        filter: &Filter,
        query: &[f32],
    ) -> Result<DenseScores>;
    /// Inserts or replaces; returns when searchable. Safe to repeat.
    async fn upsert(&self, scope: &TenantScope, placement: &Placement, model: &EmbeddingModel, points: Vec<Point>) -> Result<()>;
    /// Removes; unknown ids are fine.
    async fn delete(&self, scope: &TenantScope, placement: &Placement, ids: &[MemoryId]) -> Result<()>;
    /// Removes everything of the tenant.
    async fn delete_tenant(&self, scope: &TenantScope, placement: &Placement) -> Result<()>;
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
    /// When it was added elsewhere; now when absent.
    pub created_at: Option<Timestamp>,
    /// The unit vector, when it could be made before the write.
    pub vector: Option<Vec<f32>>,
}

impl Insert {
    /// A checked memory with an id of its own, without a vector yet.
    #[must_use]
    pub(super) fn of(memory: NewMemory, project: ProjectId) -> Self {
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
            created_at: memory.created_at,
            vector: None,
        }
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

/// All that changed after a point in a tenant's change sequence.
#[derive(Debug)]
pub struct Changes {
    /// The sequence number that the changes lead up to.
    pub sequence: i64,
    /// Changed memories, each once, in order of their change.
    pub memories: Vec<StoredMemory>,
    /// False when `limit` cut the list; ask again from the last sequence.
    pub complete: bool,
    /// Where an external index keeps the tenant; a new placement counts as a change.
    pub placement: Placement,
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
    /// Stores memories in order. A live memory with the same project and hash answers `None` (no write); one with the
    /// same project and `pattern_signature` is updated. A job is queued where `index_job` asks or a vector is missing.
    async fn insert(
        &self,
        scope: &TenantScope,
        actor: &Actor,
        model: &EmbeddingModel,
        memories: Vec<Insert>,
        index_job: bool,
        idempotency: Option<&Idempotency>,
    ) -> Result<Guarded<Vec<Added>>>;
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
    /// What changed after `sequence`, oldest first, at most `limit` memories, with or without their vectors.
    async fn changes_since(
        &self,
        scope: &TenantScope,
        model: &EmbeddingModel,
        vectors: bool,
        sequence: i64,
        limit: usize,
    ) -> Result<Changes>;
    /// Where an external index keeps the tenant.
    async fn placement(&self, scope: &TenantScope) -> Result<Placement>;
    /// Moves the tenant's place in an external index.
    async fn place(&self, scope: &TenantScope, placement: &Placement) -> Result<()>;
    /// Keeps the vectors of texts that are still current, and moves the sequence on so that every working set sees them.
    async fn store_vectors(&self, scope: &TenantScope, model: &EmbeddingModel, points: &[Point]) -> Result<()>;
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
    /// Tags in use with their number of live memories.
    async fn tags(&self, scope: &TenantScope, project: Option<ProjectId>) -> Result<Vec<(String, i64)>>;
}

/// Takes facts from text: a model.
#[async_trait]
pub trait Extractor: Send + Sync {
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
    /// New metadata.
    pub metadata: Option<Metadata>,
    /// New labels.
    pub tags: Option<Vec<String>>,
    /// New kind.
    pub memory_type: Option<MemoryType>,
    /// New confidence.
    pub confidence: Option<f64>,
    /// Vector of the new text.
    pub vector: Option<Vec<f32>>,
}
