//! The end of deleted memories: their rows and everything that hangs on them go for good.

use sqlx::types::Json;
use uuid::Uuid;

use super::{SqlMemoryStore, write::audit};
use crate::{
    adapters::sql::{Session, Sql, failed, hold_tenant, id_list, ids_in, jobs, on, statements},
    error::Result,
    ids::MemoryId,
    jobs::{JobKind, Priority},
    memory::{Actor, Added, Doomed},
    tenancy::TenantScope,
};

macro_rules! of_ids {
    ($e:ident) => {
        concat!(
            "SELECT id FROM memories WHERE tenant_id = $1 AND state = 'deleted' AND (project_id = $3 OR $3 IS NULL) AND id IN ",
            ids_in!($e, "$2"),
            " ORDER BY id LIMIT $4"
        )
    };
}
macro_rules! note_purge {
    ($e:ident) => {
        concat!(
            "UPDATE tenants SET purged_seq = (SELECT CASE WHEN MAX(m.seq) > tenants.purged_seq THEN MAX(m.seq) ELSE tenants.purged_seq END \
             FROM memories m WHERE m.tenant_id = $1 AND m.id IN ",
            ids_in!($e, "$2"),
            ") WHERE id = $1"
        )
    };
}
macro_rules! links {
    ($e:ident) => {
        concat!(
            "DELETE FROM memory_links WHERE tenant_id = $1 AND (from_id IN ",
            ids_in!($e, "$2"),
            " OR to_id IN ",
            ids_in!($e, "$2"),
            ")"
        )
    };
}
macro_rules! of_memories {
    ($e:ident, $table:literal) => {
        concat!("DELETE FROM ", $table, " WHERE tenant_id = $1 AND memory_id IN ", ids_in!($e, "$2"))
    };
}
macro_rules! learning {
    ($e:ident) => {
        of_memories!($e, "learning_events")
    };
}
macro_rules! reviews {
    ($e:ident) => {
        of_memories!($e, "reviews")
    };
}
macro_rules! access_log {
    ($e:ident) => {
        of_memories!($e, "access_log")
    };
}
macro_rules! history {
    ($e:ident) => {
        of_memories!($e, "memory_history")
    };
}
macro_rules! vectors {
    ($e:ident) => {
        of_memories!($e, "memory_vectors")
    };
}
macro_rules! rows {
    ($e:ident) => {
        concat!("DELETE FROM memories WHERE tenant_id = $1 AND state = 'deleted' AND id IN ", ids_in!($e, "$2"))
    };
}

statements! {
    DELETED_BEFORE: "SELECT id FROM memories WHERE tenant_id = $1 AND state = 'deleted' AND deleted_at < $2 ORDER BY deleted_at LIMIT $3";
    OF_IDS: of_ids;
    OF_PROJECT: "SELECT id FROM memories WHERE tenant_id = $1 AND project_id = $2 AND state = 'deleted'";
    NOTE_PURGE: note_purge;
    LINKS: links;
    LEARNING: learning;
    REVIEWS: reviews;
    ACCESS_LOG: access_log;
    HISTORY: history;
    VECTORS: vectors;
    ROWS: rows;
    ANSWERS: "SELECT operation, key, response FROM idempotency_keys WHERE tenant_id = $1";
    BLANK_ANSWER: "UPDATE idempotency_keys SET response = $4 WHERE tenant_id = $1 AND operation = $2 AND key = $3";
    RESULTS: "SELECT id, results FROM operations WHERE tenant_id = $1 AND state <> 'queued'";
    BLANK_RESULTS: "UPDATE operations SET results = $3 WHERE tenant_id = $1 AND id = $2";
}

/// In an order that no foreign key minds. The first one notes how far the tombstones go while they are there.
const STEPS: [Sql; 8] = [NOTE_PURGE, LINKS, LEARNING, REVIEWS, ACCESS_LOG, HISTORY, VECTORS, ROWS];

impl SqlMemoryStore {
    pub(super) async fn do_erase(
        &self,
        scope: &TenantScope,
        actor: Option<&Actor>,
        doomed: &Doomed,
        limit: u32,
        index_job: bool,
    ) -> Result<Vec<MemoryId>> {
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
        if index_job {
            // The point went with the deletion; should it have stayed, it goes now.
            for id in &ids {
                jobs::enqueue(&mut session, scope, JobKind::Index, *id, Priority::Low, now).await?;
            }
        }
        let detail = serde_json::json!({ "memories": ids.len() });
        // Nobody asks for what the end of its time erases: the nil id stands for the service.
        let (user, credential) = actor.map_or((Uuid::nil(), None), |actor| (actor.user.0, actor.credential.map(|c| c.0)));
        audit(&mut session, scope, user, credential, "memory.erase", None, detail, now).await?;
        session.commit().await?;
        Ok(ids.into_iter().map(MemoryId).collect())
    }
}

async fn find(session: &mut Session, tenant: Uuid, doomed: &Doomed, limit: i64) -> Result<Vec<Uuid>> {
    let found = on!(*session, |c, e| match doomed {
        Doomed::DeletedBefore(time) => {
            sqlx::query_scalar::<_, Uuid>(DELETED_BEFORE.of(e)).bind(tenant).bind(time.0).bind(limit).fetch_all(c).await
        }
        Doomed::These { ids, project } => {
            let list = id_list(ids.iter().map(|id| id.0));
            let query = sqlx::query_scalar::<_, Uuid>(OF_IDS.of(e)).bind(tenant).bind(&list).bind(project.map(|p| p.0));
            query.bind(limit).fetch_all(c).await
        }
    });
    found.map_err(failed)
}

/// Erases deleted memories with everything that hangs on them, in the caller's transaction, which holds the tenant.
async fn erase_rows(session: &mut Session, scope: &TenantScope, ids: &[Uuid]) -> Result<()> {
    let list = id_list(ids.iter().copied());
    for sql in STEPS {
        on!(*session, |c, e| sqlx::query(sql.of(e)).bind(scope.tenant().0).bind(&list).execute(c).await.map(drop)).map_err(failed)?;
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
    let rows = on!(*session, |c, e| sqlx::query_as::<_, (String, String, Json<Vec<Added>>)>(ANSWERS.of(e)).bind(tenant).fetch_all(c).await);
    for (operation, key, mut answer) in rows.map_err(failed)? {
        if blank(&mut answer.0) {
            on!(*session, |c, e| {
                let query = sqlx::query(BLANK_ANSWER.of(e)).bind(tenant).bind(&operation).bind(&key).bind(&answer);
                query.execute(c).await.map(drop)
            })
            .map_err(failed)?;
        }
    }
    let rows = on!(*session, |c, e| sqlx::query_as::<_, (Uuid, Json<Vec<Added>>)>(RESULTS.of(e)).bind(tenant).fetch_all(c).await);
    for (id, mut results) in rows.map_err(failed)? {
        if blank(&mut results.0) {
            on!(*session, |c, e| sqlx::query(BLANK_RESULTS.of(e)).bind(tenant).bind(id).bind(&results).execute(c).await.map(drop))
                .map_err(failed)?;
        }
    }
    Ok(())
}

/// Erases what is deleted of a project that ends.
pub(in crate::adapters::sql) async fn erase_deleted_of(session: &mut Session, scope: &TenantScope, project: Uuid) -> Result<()> {
    let found = on!(*session, |c, e| {
        let query = sqlx::query_scalar::<_, Uuid>(OF_PROJECT.of(e)).bind(scope.tenant().0).bind(project);
        query.fetch_all(c).await
    });
    let ids = found.map_err(failed)?;
    if ids.is_empty() { Ok(()) } else { erase_rows(session, scope, &ids).await }
}
