//! The end of deleted memories: their rows and everything that hangs on them go for good.

use async_trait::async_trait;
use sqlx::types::Json;
use uuid::Uuid;

use super::SqlMemoryStore;
use crate::{
    adapters::sql::{Engine, Session, Sql, audit::audit, hold_tenant, id_list, ids_in, jobs, statements},
    clock::Timestamp,
    error::Result,
    ids::{AppId, MemoryId, UserId},
    jobs::{JobKind, Priority},
    memory::{Actor, Added, Doomed, ErasureStore, Selection, State},
    metering::Allowance,
    tenancy::TenantScope,
};

fn of_ids(e: Engine) -> String {
    format!(
        "SELECT id FROM memories WHERE tenant_id = $1 AND state = 'deleted' AND (project_id = $3 OR $3 IS NULL) AND id IN {} ORDER BY id LIMIT $4",
        ids_in(e, "$2")
    )
}

fn links(e: Engine) -> String {
    format!("DELETE FROM memory_links WHERE tenant_id = $1 AND (from_id IN {} OR to_id IN {})", ids_in(e, "$2"), ids_in(e, "$2"))
}

fn of_memories(e: Engine, table: &str) -> String {
    format!("DELETE FROM {table} WHERE tenant_id = $1 AND memory_id IN {}", ids_in(e, "$2"))
}

fn rows(e: Engine) -> String {
    format!("DELETE FROM memories WHERE tenant_id = $1 AND state = 'deleted' AND id IN {}", ids_in(e, "$2"))
}

statements! {
    HELD_BEFORE: "SELECT id, user_id, app_id FROM memories WHERE tenant_id = $1 AND state = 'held' AND held_for <> 'review' AND updated_at < $2 \
        ORDER BY updated_at LIMIT $3";
    // The next purge finds it, however long deleted memories are kept.
    LET_GO: "UPDATE memories SET deleted_at = 0 WHERE tenant_id = $1 AND seq = $2 AND state = 'deleted'";
    DELETED_BEFORE: "SELECT id FROM memories WHERE tenant_id = $1 AND state = 'deleted' AND deleted_at < $2 ORDER BY deleted_at LIMIT $3";
    OF_IDS: of_ids;
    OF_PROJECT: "SELECT id FROM memories WHERE tenant_id = $1 AND project_id = $2 AND state = 'deleted'";
    NOTE_PURGE: (|e| format!("UPDATE tenants SET purged_seq = (SELECT CASE WHEN MAX(m.seq) > tenants.purged_seq THEN MAX(m.seq) ELSE tenants.purged_seq END \
             FROM memories m WHERE m.tenant_id = $1 AND m.id IN {}) WHERE id = $1", ids_in(e, "$2")));
    LINKS: links;
    LEARNING: (|e| of_memories(e, "learning_events"));
    REVIEWS: (|e| of_memories(e, "reviews"));
    ACCESS_LOG: (|e| of_memories(e, "access_log"));
    HISTORY: (|e| of_memories(e, "memory_history"));
    VECTORS: (|e| of_memories(e, "memory_vectors"));
    ROWS: rows;
    ANSWERS: "SELECT operation, key, response FROM idempotency_keys WHERE tenant_id = $1";
    BLANK_ANSWER: "UPDATE idempotency_keys SET response = $4 WHERE tenant_id = $1 AND operation = $2 AND key = $3";
    RESULTS: "SELECT id, results FROM operations WHERE tenant_id = $1 AND state <> 'queued'";
    BLANK_RESULTS: "UPDATE operations SET results = $3 WHERE tenant_id = $1 AND id = $2";
}

/// In an order that no foreign key minds. The first one notes how far the tombstones go while they are there.
static STEPS: [&Sql; 8] = [&NOTE_PURGE, &LINKS, &LEARNING, &REVIEWS, &ACCESS_LOG, &HISTORY, &VECTORS, &ROWS];

#[async_trait]
impl ErasureStore for SqlMemoryStore {
    async fn erase(&self, scope: &TenantScope, actor: Option<&Actor>, doomed: &Doomed, limit: u32) -> Result<Vec<MemoryId>> {
        let (tenant, limit) = (scope.tenant().0, i64::from(limit));
        // Most rounds find nothing; those must not take the writer.
        let mut session = self.db.read(scope).await?;
        if find(&mut session, tenant, doomed, limit).await?.is_empty() {
            return Ok(Vec::new());
        }
        drop(session);
        let mut session = self.db.write(scope).await?;
        hold_tenant(&mut session, scope).await?;
        let ids = find(&mut session, tenant, doomed, limit).await?;
        erase_rows(&mut session, scope, &ids).await?;
        let now = self.db.clock.now();
        if self.indexing.external {
            // The point went with the deletion; should it have stayed, it goes now.
            for id in &ids {
                jobs::enqueue(&mut session, scope, JobKind::INDEX, *id, Priority::Low, now).await?;
            }
        }
        let detail = serde_json::json!({ "memories": ids.len() });
        // Nobody asks for what the end of its time erases: the nil id stands for the service.
        let (user, credential) = actor.map_or((Uuid::nil(), None), |actor| (actor.user.0, actor.credential.map(|c| c.0)));
        audit(&mut session, scope, user, credential, "memory.erase", None, detail, now).await?;
        session.commit().await?;
        Ok(ids.into_iter().map(MemoryId).collect())
    }

    async fn let_go(&self, scope: &TenantScope, held_before: Timestamp, limit: u32) -> Result<usize> {
        let mut session = self.db.read(scope).await?;
        let ids = session
            .query(&HELD_BEFORE)
            .bind(scope.tenant().0)
            .bind(held_before.0)
            .bind(i64::from(limit))
            .fetch_all::<(Uuid, Uuid, Uuid)>()
            .await;
        drop(session);
        let rows = ids?;
        let Some((_, user, app)) = rows.first() else { return Ok(0) };
        let actor = Actor { user: UserId(*user), credential: None, app: AppId(*app), allowance: Allowance::default() };
        let selection =
            Selection { ids: rows.iter().map(|(id, ..)| MemoryId(*id)).collect(), from: vec![State::Held], ..Selection::default() };
        let mut write = self.begin(scope, &actor).await?;
        let gone = write.set_state(&selection, State::Deleted).await?;
        write.session.query(&LET_GO).bind(scope.tenant().0).bind(write.sequence).execute().await?;
        write.audit("memory.let_go", None, serde_json::json!({ "memories": gone.len() })).await?;
        write.commit().await?;
        Ok(gone.len())
    }
}

async fn find(session: &mut Session, tenant: Uuid, doomed: &Doomed, limit: i64) -> Result<Vec<Uuid>> {
    let query = match doomed {
        Doomed::DeletedBefore(time) => session.query(&DELETED_BEFORE).bind(tenant).bind(time.0),
        Doomed::These { ids, project } => {
            session.query(&OF_IDS).bind(tenant).bind(id_list(ids.iter().map(|id| id.0))).bind(project.map(|p| p.0))
        }
    };
    query.bind(limit).scalars().await
}

/// Erases deleted memories with everything that hangs on them, in the caller's transaction, which holds the tenant.
async fn erase_rows(session: &mut Session, scope: &TenantScope, ids: &[Uuid]) -> Result<()> {
    let list = id_list(ids.iter().copied());
    for sql in STEPS {
        session.query(sql).bind(scope.tenant().0).bind(&list).execute().await?;
    }
    blank_answers(session, scope, ids).await
}

/// Answers that are kept for who asks again lose the texts of these memories; what became of them stays.
async fn blank_answers(session: &mut Session, scope: &TenantScope, ids: &[Uuid]) -> Result<()> {
    let tenant = scope.tenant().0;
    let blank = |answers: &mut Vec<Added>| {
        let gone = |added: &&mut Added| added.id.is_some_and(|id| ids.contains(&id.0)) && !added.memory.is_empty();
        answers.iter_mut().filter(gone).map(|added| added.memory.clear()).count() > 0
    };
    let rows = session.query(&ANSWERS).bind(tenant).fetch_all::<(String, String, Json<Vec<Added>>)>().await;
    for (operation, key, mut answer) in rows? {
        if blank(&mut answer.0) {
            session.query(&BLANK_ANSWER).bind(tenant).bind(&operation).bind(&key).bind(&answer).execute().await?;
        }
    }
    let rows = session.query(&RESULTS).bind(tenant).fetch_all::<(Uuid, Json<Vec<Added>>)>().await;
    for (id, mut results) in rows? {
        if blank(&mut results.0) {
            session.query(&BLANK_RESULTS).bind(tenant).bind(id).bind(&results).execute().await?;
        }
    }
    Ok(())
}

/// Erases what is deleted of a project that ends.
pub(in crate::adapters::sql) async fn erase_deleted_of(session: &mut Session, scope: &TenantScope, project: Uuid) -> Result<()> {
    let found = session.query(&OF_PROJECT).bind(scope.tenant().0).bind(project).scalars::<Uuid>().await;
    let ids = found?;
    if ids.is_empty() { Ok(()) } else { erase_rows(session, scope, &ids).await }
}
