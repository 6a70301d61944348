//! [`MemoryStore`] on SQL: `read` and `write` hold the statements, `rows` what they answer.
//!
//! Every write takes the tenant's row first (`UPDATE tenants … RETURNING change_seq`): on Postgres that orders the
//! tenant's writers, so that sequence numbers become visible in their order.

mod operations;
mod read;
mod rows;
mod write;

use std::sync::Arc;

use async_trait::async_trait;

use super::Db;
use crate::{
    error::Result,
    ids::{AppId, MemoryId, ProjectId},
    memory::{
        AccessEntry, AccessRecord, Actor, Added, Changes, EmbeddingModel, Guarded, HistoryEntry, Idempotency, Insert, ListQuery, Memory,
        MemoryStore, OperationStore, Page, Placement, Point, Selection, State, StoredMemory, Update, Updated,
    },
    tenancy::TenantScope,
};

pub(super) use {
    operations::STATEMENTS as OPERATION_STATEMENTS,
    read::STATEMENTS as READ_STATEMENTS,
    write::{STATEMENTS as WRITE_STATEMENTS, audit},
};

/// Memories in SQL.
pub struct SqlMemoryStore {
    db: Db,
}

impl SqlMemoryStore {
    /// A store over a database.
    #[must_use]
    pub fn shared(db: &Db) -> Arc<dyn MemoryStore> {
        Arc::new(Self { db: db.clone() })
    }

    /// The same as a store of operations.
    #[must_use]
    pub fn operations(db: &Db) -> Arc<dyn OperationStore> {
        Arc::new(Self { db: db.clone() })
    }
}

#[async_trait]
impl MemoryStore for SqlMemoryStore {
    async fn insert(
        &self,
        scope: &TenantScope,
        actor: &Actor,
        model: &EmbeddingModel,
        memories: Vec<Insert>,
        index_job: bool,
        idempotency: Option<&Idempotency>,
    ) -> Result<Guarded<Vec<Added>>> {
        self.do_insert(scope, actor, model, memories, index_job, idempotency).await
    }

    async fn get(&self, scope: &TenantScope, project: Option<ProjectId>, id: MemoryId) -> Result<Option<Memory>> {
        let mut session = self.db.read(scope).await?;
        read::memory(&mut session, scope, project, id).await
    }

    async fn sequence(&self, scope: &TenantScope) -> Result<i64> {
        self.do_sequence(scope).await
    }

    async fn list(&self, scope: &TenantScope, query: &ListQuery) -> Result<Page<Memory>> {
        self.do_list(scope, query).await
    }

    async fn update(
        &self,
        scope: &TenantScope,
        actor: &Actor,
        model: &EmbeddingModel,
        id: MemoryId,
        update: Update,
        index_job: bool,
    ) -> Result<Updated> {
        self.do_update(scope, actor, model, id, update, index_job).await
    }

    async fn set_state(
        &self,
        scope: &TenantScope,
        actor: &Actor,
        selection: &Selection,
        state: State,
        index_job: bool,
    ) -> Result<Vec<MemoryId>> {
        self.do_set_state(scope, actor, selection, state, index_job).await
    }

    async fn changes_since(
        &self,
        scope: &TenantScope,
        model: &EmbeddingModel,
        vectors: bool,
        sequence: i64,
        limit: usize,
    ) -> Result<Changes> {
        self.do_changes_since(scope, model, vectors, sequence, limit).await
    }

    async fn placement(&self, scope: &TenantScope) -> Result<Placement> {
        read::placement(&mut self.db.read(scope).await?, scope).await
    }

    async fn place(&self, scope: &TenantScope, placement: &Placement) -> Result<()> {
        self.do_place(scope, placement).await
    }

    async fn store_vectors(&self, scope: &TenantScope, model: &EmbeddingModel, points: &[Point]) -> Result<()> {
        self.do_store_vectors(scope, model, points).await
    }

    async fn stored(&self, scope: &TenantScope, model: &EmbeddingModel, ids: &[MemoryId]) -> Result<Vec<StoredMemory>> {
        self.do_stored(scope, model, ids).await
    }

    async fn history(&self, scope: &TenantScope, id: MemoryId) -> Result<Vec<HistoryEntry>> {
        self.do_history(scope, id).await
    }

    async fn access_log(&self, scope: &TenantScope, id: MemoryId, page: u32, size: u32) -> Result<(Vec<AccessEntry>, i64)> {
        self.do_access_log(scope, id, page, size).await
    }

    async fn accessed_by(
        &self,
        scope: &TenantScope,
        project: Option<ProjectId>,
        app: AppId,
        page: u32,
        size: u32,
    ) -> Result<(Vec<(Memory, i64)>, i64)> {
        self.do_accessed_by(scope, project, app, page, size).await
    }

    async fn record_access(&self, records: &[AccessRecord]) -> Result<()> {
        self.do_record_access(records).await
    }

    async fn tags(&self, scope: &TenantScope, project: Option<ProjectId>) -> Result<Vec<(String, i64)>> {
        self.do_tags(scope, project).await
    }
}
