//! [`MemoryStore`] on SQL: `read` and `write` hold the statements, `rows` what they answer.
//!
//! Every write takes the tenant's row first (`UPDATE tenants … RETURNING change_seq`): on Postgres that orders the
//! tenant's writers, so that sequence numbers become visible in their order.

mod access;
mod again;
mod erasing;
mod learning;
mod lifecycle;
mod operations;
mod read;
mod review;
mod rows;
mod settings;
mod supersede;
mod vectors;
mod write;

use std::{collections::HashSet, sync::Arc};

use async_trait::async_trait;

use super::{Db, Sql};
use crate::{
    error::Result,
    ids::{AppId, MemoryId, ProjectId},
    memory::{
        AccessEntry, AccessRecord, Actor, Added, Changes, Embedding, EmbeddingModel, Gated, Guarded, HistoryEntry, Idempotency, ListQuery,
        Memory, MemoryStore, OnRoll, Page, Placement, Sayings, Selection, State, StoredMemory, Update, Updated,
    },
    tenancy::TenantScope,
};

pub(super) use {erasing::erase_deleted_of, write::audit};

/// The statements of memories, for the test that prepares them.
pub(super) fn statements() -> impl Iterator<Item = &'static [&'static Sql]> {
    [
        access::STATEMENTS,
        again::STATEMENTS,
        erasing::STATEMENTS,
        learning::STATEMENTS,
        lifecycle::STATEMENTS,
        operations::STATEMENTS,
        read::STATEMENTS,
        review::STATEMENTS,
        settings::STATEMENTS,
        supersede::STATEMENTS,
        vectors::STATEMENTS,
        write::STATEMENTS,
    ]
    .into_iter()
}

/// Memories in SQL.
#[derive(Clone)]
pub struct SqlMemoryStore {
    db: Db,
    /// Hashes what is deliberately forgotten.
    sayings: Sayings,
}

impl SqlMemoryStore {
    /// A store over a database: of memories, of their lives, of what is learned, of operations and of reviews.
    #[must_use]
    pub fn new(db: &Db, sayings: Sayings) -> Arc<Self> {
        Arc::new(Self { db: db.clone(), sayings })
    }
}

#[async_trait]
impl MemoryStore for SqlMemoryStore {
    async fn insert(
        &self,
        scope: &TenantScope,
        actor: &Actor,
        model: &EmbeddingModel,
        memories: Vec<Gated>,
        index_job: bool,
        idempotency: Option<&Idempotency>,
    ) -> Result<Guarded<Vec<Added>>> {
        self.do_insert(scope, actor, model, memories, index_job, idempotency).await
    }

    async fn recorded(&self, scope: &TenantScope, key: &Idempotency) -> Result<Option<Guarded<Vec<Added>>>> {
        write::recorded(&mut self.db.read(scope).await?, scope, key).await
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
        models: &[EmbeddingModel],
        vectors: bool,
        sequence: i64,
        limit: usize,
    ) -> Result<Changes> {
        self.do_changes_since(scope, models, vectors, sequence, limit).await
    }

    async fn placement(&self, scope: &TenantScope) -> Result<Placement> {
        read::placement(&mut self.db.read(scope).await?, scope).await
    }

    async fn place(&self, scope: &TenantScope, placement: &Placement) -> Result<()> {
        self.do_place(scope, placement).await
    }

    async fn read_by(&self, scope: &TenantScope, model: &EmbeddingModel, without: i64) -> Result<bool> {
        self.do_read_by(scope, model, without).await
    }

    async fn live(&self, scope: &TenantScope, ids: &[MemoryId]) -> Result<HashSet<MemoryId>> {
        self.do_live(scope, ids).await
    }

    async fn roll(&self, scope: &TenantScope, model: &EmbeddingModel) -> Result<Vec<OnRoll>> {
        self.do_roll(scope, model).await
    }

    async fn unembedded(&self, scope: &TenantScope, model: &EmbeddingModel, after: Option<MemoryId>, limit: u32) -> Result<Vec<MemoryId>> {
        self.do_unembedded(scope, model, after, limit).await
    }

    async fn embedded(&self, scope: &TenantScope, model: &EmbeddingModel) -> Result<(i64, i64)> {
        self.do_embedded(scope, model).await
    }

    async fn drop_other_vectors(&self, scope: &TenantScope, keep: &[String]) -> Result<u64> {
        self.do_drop_other_vectors(scope, keep).await
    }

    async fn store_vectors(&self, scope: &TenantScope, model: &EmbeddingModel, embeddings: &[Embedding]) -> Result<()> {
        self.do_store_vectors(scope, model, embeddings).await
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

    async fn settings(&self, scope: &TenantScope) -> Result<serde_json::Value> {
        self.do_settings(scope).await
    }

    async fn set_setting(&self, scope: &TenantScope, actor: &Actor, key: &str, value: &serde_json::Value) -> Result<()> {
        self.do_set_setting(scope, actor, key, value).await
    }

    async fn add_gate_counts(&self, scope: &TenantScope, counts: &[(i64, String, i64)]) -> Result<()> {
        self.do_add_gate_counts(scope, counts).await
    }

    async fn gate_counts(&self, scope: &TenantScope, from_day: i64) -> Result<Vec<(String, i64)>> {
        self.do_gate_counts(scope, from_day).await
    }

    async fn tags(&self, scope: &TenantScope, project: Option<ProjectId>) -> Result<Vec<(String, i64)>> {
        self.do_tags(scope, project).await
    }
}

#[cfg(test)]
mod tests {
    use sqlx::{Connection, Row, SqliteConnection};

    use super::*;
    use crate::adapters::sql::Engine;

    #[tokio::test]
    async fn nothing_walks_through_all_memories_of_a_tenant() {
        let mut c = SqliteConnection::connect("sqlite::memory:").await.expect("a database");
        sqlx::migrate!("migrations/sqlite").run_direct(None, &mut c, false).await.expect("a schema");
        for (name, index) in
            [("SAME_TEXT", "memories_text"), ("SAME_KEY", "memories_key"), ("TOUCH_SEQUENCE", "memories_tenant_id (tenant_id=? AND id=?)")]
        {
            let sql = statements().flatten().find(|sql| sql.name == name).expect("the statement");
            let explained = format!("EXPLAIN QUERY PLAN {}", sql.of(Engine::Sqlite));
            let plan = sqlx::query(&*explained.leak()).fetch_one(&mut c).await.expect("a plan");
            let detail: String = plan.get("detail");
            assert!(detail.contains(index), "{name}: {detail}");
        }
    }
}
