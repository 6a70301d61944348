//! The queue as the runner sees it.

use std::{collections::BTreeMap, time::Duration};

use async_trait::async_trait;
use uuid::Uuid;

use crate::{
    clock::Timestamp,
    error::Result,
    ids::{MemoryId, TenantId},
    tenancy::TenantScope,
};

/// Which jobs go first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(i32)]
pub enum Priority {
    /// Somebody waits for it.
    High = 1,
    /// Ordinary work.
    Normal = 2,
    /// Can wait.
    Low = 3,
    /// Rebuilding in bulk.
    Bulk = 4,
}

/// The storage name of a kind of job. Each kind is named in its own file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct JobKind(pub(super) &'static str);

impl JobKind {
    /// The storage name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        self.0
    }
}

/// A job in this runner's hands until the lease ends.
#[derive(Debug, Clone)]
pub struct Claimed {
    pub id: Uuid,
    pub tenant: TenantId,
    /// What the job is about.
    pub subject: Uuid,
    /// Grows when the subject changes while the job is queued or running.
    pub generation: i64,
    /// How often it was claimed, this time included.
    pub attempts: i32,
    /// Proof of the lease; one for all jobs of a claim.
    pub lease: Uuid,
}

/// How an attempt ended.
#[derive(Debug, Clone)]
pub enum Outcome {
    /// Nothing is left to do, unless the subject changed meanwhile.
    Done,
    /// Try again at this time.
    Retry {
        /// When.
        at: Timestamp,
        /// Why, for the operator; never tenant text.
        error: String,
    },
    /// Give up until an operator looks.
    Dead {
        /// Why.
        error: String,
    },
}

/// Jobs by state, for `jmem doctor` and the metrics.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct QueueStats {
    /// Number of jobs by state (`queued`, `running`, `dead`).
    pub by_state: BTreeMap<String, i64>,
    /// When the oldest queued job became due.
    pub oldest_due: Option<Timestamp>,
}

/// What is left to do for one tenant.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Left {
    /// Jobs that wait or run.
    pub waiting: i64,
    /// Jobs that were given up.
    pub dead: i64,
}

/// A job that was given up.
#[derive(Debug, Clone)]
pub struct DeadJob {
    pub id: Uuid,
    pub tenant: TenantId,
    pub kind: String,
    pub subject: Uuid,
    /// How often it was tried.
    pub attempts: i32,
    pub error: Option<String>,
}

/// Jobs in the relational truth. Stores queue them in their own transactions.
#[async_trait]
pub trait JobQueue: Send + Sync {
    /// Takes up to `limit` due jobs of a kind, most urgent first, and those whose lease ran out.
    async fn claim(&self, kind: JobKind, limit: u32, lease: Duration) -> Result<Vec<Claimed>>;
    /// Makes the leases of a claim last from now.
    async fn renew(&self, claim: Uuid, lease: Duration) -> Result<()>;
    /// Ends attempts. A job whose lease was lost stays as it is; one whose subject changed is queued again.
    async fn finish(&self, attempts: &[(Claimed, Outcome)]) -> Result<()>;
    /// When the next job of a kind becomes due, if one waits.
    async fn next_due(&self, kind: JobKind) -> Result<Option<Timestamp>>;
    /// Counts.
    async fn stats(&self) -> Result<QueueStats>;
    /// What is left to do for a tenant.
    async fn left(&self, scope: &TenantScope) -> Result<Left>;
    /// Jobs that were given up, oldest first.
    async fn dead(&self, limit: u32) -> Result<Vec<DeadJob>>;
    /// Queues every dead job again; answers how many.
    async fn revive(&self) -> Result<u64>;
}

/// Every tenant, for whoever goes through all.
#[async_trait]
pub trait TenantDirectory: Send + Sync {
    /// All of them, those that were erased too.
    async fn tenants(&self) -> Result<Vec<TenantScope>>;
}

/// Queues work on the vectors of a tenant.
#[async_trait]
pub trait IndexQueue: Send + Sync {
    /// Queues an index job for every live memory of the tenant; answers how many. With `forget_vectors`, the vectors
    /// are made anew too.
    async fn reindex(&self, scope: &TenantScope, forget_vectors: bool) -> Result<u64>;
    /// Queues an index job for each of these, memories or not, that has none; answers how many.
    async fn index(&self, scope: &TenantScope, ids: &[MemoryId]) -> Result<u64>;
    /// Queues the tenant's move to the configured embedding model.
    async fn reembed(&self, scope: &TenantScope) -> Result<()>;
}
