//! Events and activity, and what they need from a database.

use async_trait::async_trait;

use crate::{
    clock::Timestamp,
    error::Result,
    ids::{CredentialId, MemoryId, ProjectId},
    memory::{Access, State},
    tenancy::TenantScope,
};

/// The latest change of one memory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemoryChange {
    /// Its place in the tenant's change sequence.
    pub seq: i64,
    pub memory: MemoryId,
    /// The version that the change made; 1 for a new memory.
    pub version: i64,
    pub state: State,
    /// The app that did it.
    pub app: String,
    pub at: Timestamp,
}

/// Reads of one memory by one app, as the access log has them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Read {
    /// Row of the access log.
    pub id: i64,
    pub memory: MemoryId,
    /// The app that read it.
    pub app: String,
    pub access: Access,
    /// The latest of them.
    pub at: Timestamp,
    pub count: i64,
}

/// The latest use of a stored credential.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CredentialUse {
    pub credential: CredentialId,
    /// The app that it speaks for.
    pub app: String,
    pub at: Timestamp,
}

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// A memory was added, changed or deleted.
    Memory(MemoryChange),
    /// An app read memories.
    Read {
        /// The app.
        app: String,
        /// How.
        access: Access,
        /// Which, each once.
        memories: Vec<MemoryId>,
        /// When.
        at: Timestamp,
    },
    /// A credential was used.
    Credential(CredentialUse),
}

/// What one app did on one day (UTC).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Day {
    /// Days since 1970.
    pub day: i64,
    /// `created`, `updated`, `state_changed`, `deleted` for changes; `search`, `context`, `list`, `get`, `inspect` for reads.
    pub operation: String,
    pub app: String,
    /// How many memories it concerned.
    pub count: i64,
}

/// Live memories of one kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TypeCount {
    pub memory_type: String,
    pub count: i64,
}

/// What happened since a day, and what there is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Activity {
    /// By day, operation and app, in no order.
    pub days: Vec<Day>,
    pub types: Vec<TypeCount>,
}

/// Events and activity in the relational truth. `project` is the only one that the caller sees.
#[async_trait]
pub trait LiveStore: Send + Sync {
    /// The number of the tenant's newest change.
    async fn sequence(&self, scope: &TenantScope) -> Result<i64>;
    /// Memories that changed after `seq`, oldest change first, each once.
    async fn changes(&self, scope: &TenantScope, project: Option<ProjectId>, seq: i64, limit: u32) -> Result<Vec<MemoryChange>>;
    /// The latest reads since `since`, oldest first.
    async fn reads(&self, scope: &TenantScope, project: Option<ProjectId>, since: Timestamp, limit: u32) -> Result<Vec<Read>>;
    /// Credentials whose latest use is after `since`.
    async fn uses(&self, scope: &TenantScope, since: Timestamp) -> Result<Vec<CredentialUse>>;
    /// What happened since.
    async fn activity(&self, scope: &TenantScope, project: Option<ProjectId>, since: Timestamp) -> Result<Activity>;
}
