//! [`LiveStore`] on SQL: by indexes that are there for other reasons, for a page that is open asks every few seconds.

use std::sync::Arc;

use async_trait::async_trait;
use sqlx::FromRow;
use uuid::Uuid;

use super::{Db, statements};
use crate::{
    clock::Timestamp,
    error::{Error, Result},
    ids::{CredentialId, MemoryId, ProjectId},
    live::{Activity, CredentialUse, Day, LiveStore, MemoryChange, Read, TypeCount},
    tenancy::TenantScope,
};

statements! {
    SEQUENCE: "SELECT change_seq FROM tenants WHERE id = $1";
    CHANGES: "SELECT m.seq, m.id, m.version, m.state, a.name AS app, h.changed_at AS at \
        FROM memories m JOIN memory_history h ON h.memory_id = m.id AND h.version = m.version JOIN apps a ON a.id = h.app_id \
        WHERE m.tenant_id = $1 AND m.seq > $2 AND (m.project_id = $3 OR $3 IS NULL) ORDER BY m.seq LIMIT $4";
    READS: "SELECT l.id, l.memory_id, a.name AS app, l.access_type, l.accessed_at AS at, l.count \
        FROM apps a JOIN access_log l ON l.tenant_id = a.tenant_id AND l.app_id = a.id AND l.accessed_at > $2 \
        JOIN memories m ON m.id = l.memory_id WHERE a.tenant_id = $1 AND (m.project_id = $3 OR $3 IS NULL) \
        ORDER BY l.accessed_at DESC, l.app_id, l.access_type, l.id DESC LIMIT $4";
    USES: "SELECT id, client, last_used_at FROM credentials WHERE tenant_id = $1 AND last_used_at > $2 ORDER BY last_used_at";
    CHANGED_BY_DAY: "SELECT h.changed_at / 86400000000 AS day, h.event AS operation, a.name AS app, COUNT(*) AS count \
        FROM memory_history h JOIN memories m ON m.id = h.memory_id JOIN apps a ON a.id = h.app_id \
        WHERE h.tenant_id = $1 AND h.changed_at >= $2 AND (m.project_id = $3 OR $3 IS NULL) GROUP BY 1, 2, 3";
    READ_BY_DAY: "SELECT l.accessed_at / 86400000000 AS day, l.access_type AS operation, a.name AS app, CAST(SUM(l.count) AS BIGINT) AS count \
        FROM apps a JOIN access_log l ON l.tenant_id = a.tenant_id AND l.app_id = a.id AND l.accessed_at >= $2 \
        JOIN memories m ON m.id = l.memory_id WHERE a.tenant_id = $1 AND (m.project_id = $3 OR $3 IS NULL) GROUP BY 1, 2, 3";
    TYPES: "SELECT memory_type, COUNT(*) AS count FROM memories \
        WHERE tenant_id = $1 AND state <> 'deleted' AND (project_id = $2 OR $2 IS NULL) GROUP BY 1 ORDER BY 2 DESC, 1";
}

#[derive(FromRow)]
struct ChangeRow {
    seq: i64,
    id: Uuid,
    version: i64,
    state: String,
    app: String,
    at: i64,
}

#[derive(FromRow)]
struct ReadRow {
    id: i64,
    memory_id: Uuid,
    app: String,
    access_type: String,
    at: i64,
    count: i64,
}

#[derive(FromRow)]
struct DayRow {
    day: i64,
    operation: String,
    app: String,
    count: i64,
}

/// Events and activity in SQL.
pub struct SqlLiveStore {
    db: Db,
}

impl SqlLiveStore {
    /// A store over a database.
    #[must_use]
    pub fn shared(db: &Db) -> Arc<dyn LiveStore> {
        Arc::new(Self { db: db.clone() })
    }
}

fn word<T: std::str::FromStr<Err = Error>>(text: &str) -> Result<T> {
    text.parse().map_err(|e: Error| Error::internal(anyhow::anyhow!("stored word: {e}")))
}

#[async_trait]
impl LiveStore for SqlLiveStore {
    async fn sequence(&self, scope: &TenantScope) -> Result<i64> {
        let mut session = self.db.read(scope).await?;
        session.query(&SEQUENCE).bind(scope.tenant().0).scalar::<i64>().await
    }

    async fn changes(&self, scope: &TenantScope, project: Option<ProjectId>, seq: i64, limit: u32) -> Result<Vec<MemoryChange>> {
        let mut session = self.db.read(scope).await?;
        let rows = session
            .query(&CHANGES)
            .bind(scope.tenant().0)
            .bind(seq)
            .bind(project.map(|p| p.0))
            .bind(i64::from(limit))
            .fetch_all::<ChangeRow>()
            .await;
        let change = |row: ChangeRow| {
            Ok(MemoryChange {
                seq: row.seq,
                memory: MemoryId(row.id),
                version: row.version,
                state: word(&row.state)?,
                app: row.app,
                at: Timestamp(row.at),
            })
        };
        rows?.into_iter().map(change).collect()
    }

    async fn reads(&self, scope: &TenantScope, project: Option<ProjectId>, since: Timestamp, limit: u32) -> Result<Vec<Read>> {
        let mut session = self.db.read(scope).await?;
        let rows = session
            .query(&READS)
            .bind(scope.tenant().0)
            .bind(since.0)
            .bind(project.map(|p| p.0))
            .bind(i64::from(limit))
            .fetch_all::<ReadRow>()
            .await;
        let read = |row: ReadRow| {
            Ok(Read {
                id: row.id,
                memory: MemoryId(row.memory_id),
                app: row.app,
                access: word(&row.access_type)?,
                at: Timestamp(row.at),
                count: row.count,
            })
        };
        rows?.into_iter().rev().map(read).collect()
    }

    async fn uses(&self, scope: &TenantScope, since: Timestamp) -> Result<Vec<CredentialUse>> {
        let mut session = self.db.read(scope).await?;
        let rows = session.query(&USES).bind(scope.tenant().0).bind(since.0).fetch_all::<(Uuid, String, i64)>().await;
        let used = |(id, app, at)| CredentialUse { credential: CredentialId(id), app, at: Timestamp(at) };
        Ok(rows?.into_iter().map(used).collect())
    }

    async fn activity(&self, scope: &TenantScope, project: Option<ProjectId>, since: Timestamp) -> Result<Activity> {
        let (tenant, project) = (scope.tenant().0, project.map(|p| p.0));
        let mut activity = Activity::default();
        let mut session = self.db.read(scope).await?;
        for sql in [&CHANGED_BY_DAY, &READ_BY_DAY] {
            let rows = session.query(sql).bind(tenant).bind(since.0).bind(project).fetch_all::<DayRow>().await;
            let day = |row: DayRow| Day { day: row.day, operation: row.operation, app: row.app, count: row.count };
            activity.days.extend(rows?.into_iter().map(day));
        }
        let rows = session.query(&TYPES).bind(tenant).bind(project).fetch_all::<(String, i64)>().await;
        activity.types = rows?.into_iter().map(|(memory_type, count)| TypeCount { memory_type, count }).collect();
        Ok(activity)
    }
}
