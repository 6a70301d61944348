//! What learning needs from the relational store.

use async_trait::async_trait;

use super::{Analytics, FeedbackKind, LearningEvent, Rating, Vitals};
use crate::{
    clock::Timestamp,
    error::Result,
    ids::{FeedbackId, MemoryId, ProjectId},
    memory::model::Actor,
    tenancy::TenantScope,
};

/// How taking feedback back ended.
#[derive(Debug)]
pub enum TakenBack {
    /// Its step is gone from the memory; the entry that says so.
    Done(Box<LearningEvent>),
    /// No feedback of that id on a memory that is there.
    Unknown,
    /// It was taken back before, or is itself a taking back.
    Settled,
}

/// Learning events.
#[async_trait]
pub trait LearningStore: Send + Sync {
    /// Moves the strength of a memory by `kind`'s step times `confidence`, within `0..=1`, and keeps the event and an audit
    /// row in the same transaction. The memory takes a new sequence number and no new version: its content is as it was.
    /// `None` when there is no such memory (in the project).
    #[expect(clippy::too_many_arguments, reason = "the columns of one event")]
    async fn give(
        &self,
        scope: &TenantScope,
        actor: &Actor,
        project: Option<ProjectId>,
        memory: MemoryId,
        kind: FeedbackKind,
        confidence: f64,
        query: Option<&str>,
    ) -> Result<Option<LearningEvent>>;
    /// Adds an event that takes back the step that another one made.
    async fn take_back(&self, scope: &TenantScope, actor: &Actor, project: Option<ProjectId>, id: FeedbackId) -> Result<TakenBack>;
    /// What was said of a memory, oldest first.
    async fn events(&self, scope: &TenantScope, memory: MemoryId) -> Result<Vec<LearningEvent>>;
    /// Statistics of a project; the trend from `since` on.
    async fn analytics(&self, scope: &TenantScope, project: ProjectId, since: Timestamp) -> Result<Analytics>;
    /// What the strength of each active memory that has not ended at `now` depends on.
    async fn vitals(&self, scope: &TenantScope, project: Option<ProjectId>, now: Timestamp) -> Result<Vec<(MemoryId, Vitals)>>;
    /// Ratings with a query that were not taken back, of active memories, newest first, at most `limit`.
    async fn ratings(&self, scope: &TenantScope, limit: u32) -> Result<Vec<Rating>>;
}
