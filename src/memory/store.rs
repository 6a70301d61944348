//! What the domain needs of the relational truth: memories, their changes, their lists, and who read them.

use async_trait::async_trait;

use super::model::{
    Access, AccessEntry, Actor, Added, EmbeddingModel, Gated, Guarded, HistoryEntry, Idempotency, ListQuery, Memory, Page, Placement,
    Selection, State, StoredMemory, Update, Updated,
};
use crate::{
    clock::Timestamp,
    error::Result,
    ids::{AppId, MemoryId, ProjectId, ShortId},
    tenancy::TenantScope,
};

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
    pub scope: TenantScope,
    pub memory: MemoryId,
    pub app: AppId,
    pub access: Access,
    /// The latest of them.
    pub at: Timestamp,
    pub count: i64,
}

/// Memories in the relational truth. Every write commits the memory, its history, its index job, the audit row and
/// the tenant's new sequence number in one transaction.
#[async_trait]
pub trait MemoryStore: Send + Sync {
    /// Stores memories in order. One whose text a memory of the project has that the next search finds is not stored again;
    /// one that is put away comes back, unless the write is automatic. One with the same project and `pattern_signature` is
    /// updated. A job is queued where the indexes need one or a vector is missing.
    async fn insert(
        &self,
        scope: &TenantScope,
        actor: &Actor,
        memories: Vec<Gated>,
        idempotency: Option<&Idempotency>,
    ) -> Result<Guarded<Vec<Added>>>;
    /// How an earlier call with this key ended; `None` when there was none.
    async fn recorded(&self, scope: &TenantScope, key: &Idempotency) -> Result<Option<Guarded<Vec<Added>>>>;
    /// One live memory.
    async fn get(&self, scope: &TenantScope, project: Option<ProjectId>, id: MemoryId) -> Result<Option<Memory>>;
    /// Changes one memory; `vector` is that of the new text, when it could be made before the write.
    async fn update(&self, scope: &TenantScope, actor: &Actor, id: MemoryId, update: Update) -> Result<Updated>;
    /// Moves the selected live memories to `state`; answers the ids that moved. `Deleted` makes tombstones.
    async fn set_state(&self, scope: &TenantScope, actor: &Actor, selection: &Selection, state: State) -> Result<Vec<MemoryId>>;
}

/// A tenant's memories as a sequence of changes.
#[async_trait]
pub trait ChangeLog: Send + Sync {
    /// The number of the tenant's newest change. Every change that was acknowledged before the call is at or below it.
    async fn sequence(&self, scope: &TenantScope) -> Result<i64>;
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
    /// The memories of these ids as they now are; deleted ones are absent.
    async fn stored(&self, scope: &TenantScope, model: &EmbeddingModel, ids: &[MemoryId]) -> Result<Vec<StoredMemory>>;
}

/// Memories as people look through them.
#[async_trait]
pub trait ListStore: Send + Sync {
    /// Part of the memories that match.
    async fn list(&self, scope: &TenantScope, query: &ListQuery) -> Result<Page<Memory>>;
    /// The steps in the life of a memory, oldest first.
    async fn history(&self, scope: &TenantScope, id: MemoryId) -> Result<Vec<HistoryEntry>>;
    /// Tags in use with their number of live memories.
    async fn tags(&self, scope: &TenantScope, project: Option<ProjectId>) -> Result<Vec<(String, i64)>>;
    /// Memories of a short id, whatever their state: at most two, which is one too many.
    async fn of_short_id(&self, scope: &TenantScope, short: ShortId) -> Result<Vec<MemoryId>>;
}

/// Who read what.
#[async_trait]
pub trait AccessStore: Send + Sync {
    /// Writes reads down and counts them on the memories.
    async fn record_access(&self, records: &[AccessRecord]) -> Result<()>;
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
}
