//! [`JobQueue`] on SQL.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use async_trait::async_trait;
use sqlx::FromRow;
use uuid::Uuid;

use super::{Db, Engine, Session, hold_tenant, id_list, ids_in, statements};
use crate::{
    clock::Timestamp,
    error::Result,
    failpoint,
    ids::{MemoryId, TenantId},
    jobs::{
        Claimed, DeadJob, IdempotencyRecords, IndexQueue, JobKind, JobQueue, Left, Outcome, Priority, QueueStats, ScheduleStore,
        TenantDirectory,
    },
    tenancy::TenantScope,
};

fn claim_sql(e: Engine) -> String {
    let (open, close) = match e {
        Engine::Sqlite => ("IN (", ")"),
        // Runners of other nodes pass over rows that are being claimed. An array is made once; a list could be asked for
        // again for each row, and then lock more than the limit.
        Engine::Postgres => ("= ANY (ARRAY(", " FOR UPDATE SKIP LOCKED))"),
    };
    format!(
        "UPDATE jobs SET state = 'running', lease_token = $1, lease_until = $2, attempts = attempts + 1 WHERE id {open}\
         SELECT id FROM jobs WHERE kind = $5 AND ((state = 'queued' AND run_at <= $3) OR (state = 'running' AND lease_until <= $3)) \
         ORDER BY priority, run_at LIMIT $4{close} RETURNING id, tenant_id, subject_id, generation, attempts, priority, run_at"
    )
}

/// Jobs of a list. On Postgres their rows are taken in the order in which writers take them, so that nobody waits in a
/// circle; on SQLite there is one writer.
fn jobs_in(e: Engine, parameter: &str) -> String {
    let ids = ids_in(e, parameter);
    match e {
        Engine::Sqlite => format!("IN {ids}"),
        Engine::Postgres => format!("= ANY (ARRAY(SELECT id FROM jobs WHERE id IN {ids} ORDER BY tenant_id, subject_id FOR UPDATE))"),
    }
}
fn delete_done(e: Engine) -> String {
    format!("DELETE FROM jobs WHERE lease_token = $1 AND generation = $2 AND id {}", jobs_in(e, "$3"))
}

fn requeue_changed_sql(e: Engine) -> String {
    format!("UPDATE jobs SET state = 'queued', lease_token = NULL, lease_until = NULL WHERE lease_token = $1 AND id {}", jobs_in(e, "$2"))
}

/// Repairs queued in one transaction: others wait for the database no longer than that.
const REPAIRS: usize = 500;

statements! {
    ENQUEUE: "INSERT INTO jobs (id, tenant_id, kind, subject_id, priority, state, generation, attempts, run_at, created_at) \
        VALUES ($1, $2, $3, $4, $5, 'queued', 1, 0, $6, $6) ON CONFLICT (tenant_id, kind, subject_id) DO UPDATE SET \
        generation = jobs.generation + 1, run_at = excluded.run_at, attempts = 0, \
        priority = CASE WHEN jobs.priority < excluded.priority THEN jobs.priority ELSE excluded.priority END, \
        state = CASE WHEN jobs.state = 'running' THEN 'running' ELSE 'queued' END";
    ENQUEUE_NEW: "INSERT INTO jobs (id, tenant_id, kind, subject_id, priority, state, generation, attempts, run_at, created_at) \
        VALUES ($1, $2, $3, $4, $5, 'queued', 1, 0, $6, $6) ON CONFLICT (tenant_id, kind, subject_id) DO NOTHING";
    CLAIM: claim_sql;
    RENEW: "UPDATE jobs SET lease_until = $2 WHERE lease_token = $1 AND state = 'running'";
    DELETE_DONE: delete_done;
    REQUEUE_CHANGED: requeue_changed_sql;
    RETRY: "UPDATE jobs SET state = 'queued', lease_token = NULL, lease_until = NULL, run_at = $3, last_error = $4 \
        WHERE id = $1 AND lease_token = $2";
    BURY: "UPDATE jobs SET state = 'dead', lease_token = NULL, lease_until = NULL, last_error = $4 \
        WHERE id = $1 AND lease_token = $2 AND generation = $3";
    NEXT_DUE: "SELECT MIN(CASE WHEN state = 'running' THEN lease_until ELSE run_at END) FROM jobs \
        WHERE kind = $1 AND state IN ('queued', 'running')";
    BY_STATE: "SELECT state, COUNT(*), MIN(run_at) FROM jobs GROUP BY state";
    LEFT: "SELECT COALESCE(SUM(CASE WHEN state = 'dead' THEN 0 ELSE 1 END), 0), COALESCE(SUM(CASE WHEN state = 'dead' THEN 1 ELSE 0 END), 0) \
        FROM jobs WHERE tenant_id = $1";
    DEAD: "SELECT id, tenant_id, kind, subject_id, attempts, last_error FROM jobs WHERE state = 'dead' ORDER BY created_at LIMIT $1";
    REVIVE: "UPDATE jobs SET state = 'queued', attempts = 0, run_at = $1 WHERE state = 'dead'";
    TENANTS: "SELECT id FROM tenants ORDER BY id";
    LIVE_MEMORIES: "SELECT id FROM memories WHERE tenant_id = $1 AND state <> 'deleted' ORDER BY id";
    FORGET_VECTORS: "DELETE FROM memory_vectors WHERE tenant_id = $1";
    DUE_AT: "SELECT due_at FROM schedules WHERE name = $1";
    TAKE_SCHEDULE: "INSERT INTO schedules (name, due_at, taken_at) VALUES ($1, $3, $2) ON CONFLICT (name) DO UPDATE \
        SET due_at = excluded.due_at, taken_at = excluded.taken_at WHERE schedules.due_at <= $2";
    FORGET_KEYS: "DELETE FROM idempotency_keys WHERE created_at < $1";
}

#[derive(FromRow)]
struct ClaimedRow {
    id: Uuid,
    tenant_id: Uuid,
    subject_id: Uuid,
    generation: i64,
    attempts: i32,
    priority: i32,
    run_at: i64,
}

#[derive(FromRow)]
struct DeadRow {
    id: Uuid,
    tenant_id: Uuid,
    kind: String,
    subject_id: Uuid,
    attempts: i32,
    last_error: Option<String>,
}

/// Queues a job in the caller's transaction.
pub(super) async fn enqueue(
    session: &mut Session,
    scope: &TenantScope,
    kind: JobKind,
    subject: Uuid,
    priority: Priority,
    now: Timestamp,
) -> Result<()> {
    session
        .query(&ENQUEUE)
        .bind(Uuid::now_v7())
        .bind(scope.tenant().0)
        .bind(kind.as_str())
        .bind(subject)
        .bind(priority as i32)
        .bind(now.0)
        .execute()
        .await
        .map(drop)
}

/// Queues jobs again whose subject changed meanwhile: what was decided about the old one does not hold for the new one.
async fn requeue_changed(session: &mut Session, lease: Uuid, ids: &[Uuid]) -> Result<()> {
    let list = id_list(ids.iter().copied());
    session.query(&REQUEUE_CHANGED).bind(lease).bind(&list).execute().await.map(drop)
}

/// Jobs in SQL.
pub struct SqlJobQueue {
    db: Db,
}

impl SqlJobQueue {
    /// A queue over a database.
    #[must_use]
    pub fn shared(db: &Db) -> Arc<Self> {
        Arc::new(Self { db: db.clone() })
    }
}

#[async_trait]
impl JobQueue for SqlJobQueue {
    async fn claim(&self, kind: JobKind, limit: u32, lease: Duration) -> Result<Vec<Claimed>> {
        // Most rounds find nothing; those must not take the writer.
        let now = self.db.clock.now();
        if self.next_due(kind).await?.is_none_or(|due| due > now) {
            return Ok(Vec::new());
        }
        let token = Uuid::new_v4();
        let mut session = self.db.system_write().await?;
        let rows = session
            .query(&CLAIM)
            .bind(token)
            .bind(now.plus(lease).0)
            .bind(now.0)
            .bind(i64::from(limit))
            .bind(kind.as_str())
            .fetch_all::<ClaimedRow>()
            .await;
        let mut rows = rows?;
        // What an UPDATE returns has no order.
        rows.sort_by_key(|row| (row.priority, row.run_at, row.id));
        let claimed = rows.into_iter().map(|row| Claimed {
            id: row.id,
            tenant: TenantId(row.tenant_id),
            subject: row.subject_id,
            generation: row.generation,
            attempts: row.attempts,
            lease: token,
        });
        let claimed = claimed.collect();
        session.commit().await?;
        failpoint::reached("jobs.claimed")?;
        Ok(claimed)
    }

    async fn finish(&self, attempts: &[(Claimed, Outcome)]) -> Result<()> {
        // Most attempts end well, and those end together; see `jobs_in` for the order.
        let mut attempts: Vec<_> = attempts.iter().collect();
        attempts.sort_by_key(|(job, _)| (job.tenant, job.subject));
        let mut done: BTreeMap<(Uuid, i64), Vec<Uuid>> = BTreeMap::new();
        let mut session = self.db.system_write().await?;
        for (job, outcome) in attempts {
            let ended = match outcome {
                Outcome::Done => {
                    done.entry((job.lease, job.generation)).or_default().push(job.id);
                    continue;
                }
                Outcome::Retry { at, error } => session.query(&RETRY).bind(job.id).bind(job.lease).bind(at.0).bind(error).execute().await,
                Outcome::Dead { error } => {
                    session.query(&BURY).bind(job.id).bind(job.lease).bind(job.generation).bind(error).execute().await
                }
            };
            if ended? == 0 {
                requeue_changed(&mut session, job.lease, &[job.id]).await?;
            }
        }
        for ((lease, generation), ids) in done {
            let list = id_list(ids.iter().copied());
            let ended = session.query(&DELETE_DONE).bind(lease).bind(generation).bind(&list).execute().await;
            if ended? < ids.len() as u64 {
                requeue_changed(&mut session, lease, &ids).await?;
            }
        }
        failpoint::reached("jobs.marked")?;
        session.commit().await?;
        failpoint::reached("jobs.finished")
    }

    async fn renew(&self, claim: Uuid, lease: Duration) -> Result<()> {
        let until = self.db.clock.now().plus(lease);
        let mut session = self.db.system_write().await?;
        session.query(&RENEW).bind(claim).bind(until.0).execute().await?;
        session.commit().await
    }

    async fn next_due(&self, kind: JobKind) -> Result<Option<Timestamp>> {
        let mut session = self.db.system_read().await?;
        let due = session.query(&NEXT_DUE).bind(kind.as_str()).scalar::<Option<i64>>().await;
        Ok(due?.map(Timestamp))
    }

    async fn stats(&self) -> Result<QueueStats> {
        let mut session = self.db.system_read().await?;
        let rows = session.query(&BY_STATE).fetch_all::<(String, i64, Option<i64>)>().await;
        let mut stats = QueueStats::default();
        for (state, count, oldest) in rows? {
            if state == "queued" {
                stats.oldest_due = oldest.map(Timestamp);
            }
            stats.by_state.insert(state, count);
        }
        Ok(stats)
    }

    async fn left(&self, scope: &TenantScope) -> Result<Left> {
        let mut session = self.db.read(scope).await?;
        let row = session.query(&LEFT).bind(scope.tenant().0).fetch_one::<(i64, i64)>().await;
        let (waiting, dead) = row?;
        Ok(Left { waiting, dead })
    }

    async fn dead(&self, limit: u32) -> Result<Vec<DeadJob>> {
        let mut session = self.db.system_read().await?;
        let rows = session.query(&DEAD).bind(i64::from(limit)).fetch_all::<DeadRow>().await;
        let job = |row: DeadRow| DeadJob {
            id: row.id,
            tenant: TenantId(row.tenant_id),
            kind: row.kind,
            subject: row.subject_id,
            attempts: row.attempts,
            error: row.last_error,
        };
        Ok(rows?.into_iter().map(job).collect())
    }

    async fn revive(&self) -> Result<u64> {
        let now = self.db.clock.now();
        let mut session = self.db.system_write().await?;
        let done = session.query(&REVIVE).bind(now.0).execute().await;
        let revived = done?;
        session.commit().await?;
        Ok(revived)
    }
}

#[async_trait]
impl TenantDirectory for SqlJobQueue {
    async fn tenants(&self) -> Result<Vec<TenantScope>> {
        let mut session = self.db.system_read().await?;
        let ids = session.query(&TENANTS).scalars::<Uuid>().await;
        Ok(ids?.into_iter().map(|id| TenantScope::verified(TenantId(id))).collect())
    }
}

#[async_trait]
impl IndexQueue for SqlJobQueue {
    async fn reindex(&self, scope: &TenantScope, forget_vectors: bool) -> Result<u64> {
        let (tenant, now) = (scope.tenant().0, self.db.clock.now());
        let mut session = self.db.write(scope).await?;
        hold_tenant(&mut session, scope).await?;
        if forget_vectors {
            session.query(&FORGET_VECTORS).bind(tenant).execute().await?;
        }
        let ids = session.query(&LIVE_MEMORIES).bind(tenant).scalars::<Uuid>().await?;
        for id in &ids {
            enqueue(&mut session, scope, JobKind::INDEX, *id, Priority::Bulk, now).await?;
        }
        session.commit().await?;
        Ok(ids.len() as u64)
    }

    async fn index(&self, scope: &TenantScope, ids: &[MemoryId]) -> Result<u64> {
        let now = self.db.clock.now();
        let mut queued = 0;
        for ids in ids.chunks(REPAIRS) {
            let mut session = self.db.write(scope).await?;
            hold_tenant(&mut session, scope).await?;
            for id in ids {
                queued += session
                    .query(&ENQUEUE_NEW)
                    .bind(Uuid::now_v7())
                    .bind(scope.tenant().0)
                    .bind(JobKind::INDEX.as_str())
                    .bind(id.0)
                    .bind(Priority::Bulk as i32)
                    .bind(now.0)
                    .execute()
                    .await?;
            }
            session.commit().await?;
        }
        Ok(queued)
    }

    async fn reembed(&self, scope: &TenantScope) -> Result<()> {
        let mut session = self.db.write(scope).await?;
        hold_tenant(&mut session, scope).await?;
        enqueue(&mut session, scope, JobKind::REEMBED, scope.tenant().0, Priority::Bulk, self.db.clock.now()).await?;
        session.commit().await
    }
}

#[async_trait]
impl IdempotencyRecords for SqlJobQueue {
    async fn forget_idempotency_keys(&self, before: Timestamp) -> Result<u64> {
        let mut session = self.db.system_write().await?;
        let done = session.query(&FORGET_KEYS).bind(before.0).execute().await;
        let dropped = done?;
        session.commit().await?;
        Ok(dropped)
    }
}

#[async_trait]
impl ScheduleStore for SqlJobQueue {
    async fn take_if_due(&self, name: &str, every: Duration) -> Result<bool> {
        let now = self.db.clock.now();
        // Most looks find nothing due; those must not take the writer.
        let mut session = self.db.system_read().await?;
        let due = session.query(&DUE_AT).bind(name).scalar_optional::<i64>().await?;
        drop(session);
        if due.is_some_and(|due| due > now.0) {
            return Ok(false);
        }
        let mut session = self.db.system_write().await?;
        let taken = session.query(&TAKE_SCHEDULE).bind(name).bind(now.0).bind(now.plus(every).0).execute().await?;
        session.commit().await?;
        Ok(taken > 0)
    }
}
