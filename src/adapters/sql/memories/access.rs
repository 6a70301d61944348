//! Who read which memories: written down in batches, counted on the memories that were used, and read back.

use async_trait::async_trait;
use sqlx::FromRow;
use uuid::Uuid;

use super::{
    SqlMemoryStore,
    list::offset,
    rows::{MemoryRow, memory_columns, word},
};
use crate::{
    adapters::sql::{Engine, Session, hold_tenant, id_list, ids_in, statements},
    clock::Timestamp,
    error::{Error, Result},
    ids::{AppId, MemoryId, ProjectId},
    memory::{AccessEntry, AccessRecord, AccessStore, Memory},
    tenancy::TenantScope,
};

fn record_access(e: Engine) -> &'static str {
    match e {
        Engine::Sqlite => {
            "INSERT INTO access_log (tenant_id, memory_id, app_id, access_type, accessed_at, count) \
         SELECT $1, unhex(value ->> 0), unhex(value ->> 1), value ->> 2, value ->> 3, value ->> 4 FROM json_each($2) \
         WHERE EXISTS (SELECT 1 FROM memories m WHERE m.tenant_id = $1 AND m.id = unhex(value ->> 0))"
        }
        Engine::Postgres => {
            "INSERT INTO access_log (tenant_id, memory_id, app_id, access_type, accessed_at, count) \
         SELECT $1, (value ->> 0)::uuid, (value ->> 1)::uuid, value ->> 2, (value ->> 3)::bigint, (value ->> 4)::bigint \
         FROM jsonb_array_elements($2::text::jsonb) \
         WHERE EXISTS (SELECT 1 FROM memories m WHERE m.tenant_id = $1 AND m.id = (value ->> 0)::uuid)"
        }
    }
}

fn count_access(e: Engine) -> &'static str {
    match e {
        Engine::Sqlite => {
            "UPDATE memories SET access_count = access_count + r.reads, last_accessed_at = \
         CASE WHEN memories.last_accessed_at > r.last THEN memories.last_accessed_at ELSE r.last END FROM \
         (SELECT unhex(value ->> 0) AS id, SUM(value ->> 4) AS reads, MAX(value ->> 3) AS last FROM json_each($2) GROUP BY 1) r \
         WHERE memories.tenant_id = $1 AND memories.id = r.id"
        }
        Engine::Postgres => {
            "UPDATE memories SET access_count = access_count + r.reads, last_accessed_at = \
         CASE WHEN memories.last_accessed_at > r.last THEN memories.last_accessed_at ELSE r.last END FROM \
         (SELECT (value ->> 0)::uuid AS id, SUM((value ->> 4)::bigint)::bigint AS reads, MAX((value ->> 3)::bigint) AS last \
          FROM jsonb_array_elements($2::text::jsonb) GROUP BY 1) r \
         WHERE memories.tenant_id = $1 AND memories.id = r.id"
        }
    }
}

/// Whether the tenant's memories fade.
fn decays(e: Engine) -> &'static str {
    match e {
        Engine::Sqlite => "EXISTS (SELECT 1 FROM tenant_settings s WHERE s.tenant_id = $1 AND json_extract(s.settings, '$.decay') = 1)",
        Engine::Postgres => "EXISTS (SELECT 1 FROM tenant_settings s WHERE s.tenant_id = $1 AND s.settings -> 'decay' = 'true'::jsonb)",
    }
}

fn wake(e: Engine) -> String {
    format!(
        "UPDATE memories SET seq = (SELECT change_seq + 1 FROM tenants WHERE id = $1) WHERE tenant_id = $1 AND state <> 'deleted' \
             AND (last_accessed_at < $3 OR last_accessed_at IS NULL) AND id IN {} AND {}",
        ids_in(e, "$2"),
        decays(e)
    )
}

statements! {
    RECORD_ACCESS: (|e| record_access(e).into());
    COUNT_ACCESS: (|e| count_access(e).into());
    WAKE: wake;
    NEXT: "UPDATE tenants SET change_seq = change_seq + 1 WHERE id = $1";
    ACCESS_LOG: "SELECT l.id, l.app_id, a.name AS app_name, l.access_type, l.accessed_at, l.count FROM access_log l \
        JOIN apps a ON a.id = l.app_id WHERE l.tenant_id = $1 AND l.memory_id = $2 ORDER BY l.accessed_at DESC, l.id DESC LIMIT $3 OFFSET $4";
    ACCESS_COUNT: "SELECT COUNT(*) FROM access_log WHERE tenant_id = $1 AND memory_id = $2";
    ACCESSED_BY: (|_| format!("SELECT {columns}, r.reads FROM (SELECT memory_id, CAST(SUM(count) AS BIGINT) AS reads FROM access_log WHERE tenant_id = $1 AND app_id = $2 GROUP BY memory_id) r \
             JOIN memories m ON m.id = r.memory_id JOIN apps a ON a.id = m.app_id \
             WHERE m.tenant_id = $1 AND m.state <> 'deleted' AND (m.project_id = $3 OR $3 IS NULL) ORDER BY r.reads DESC, m.id LIMIT $4 OFFSET $5", columns = memory_columns()));
    ACCESSED_COUNT: "SELECT COUNT(DISTINCT m.id) FROM access_log l JOIN memories m ON m.id = l.memory_id \
        WHERE l.tenant_id = $1 AND l.app_id = $2 AND m.state <> 'deleted' AND (m.project_id = $3 OR $3 IS NULL)";
}

/// A read within an hour of the one before is no news to a working set: the shortest half-life is a day.
const READ_IS_NEWS: i64 = 3_600_000_000;

#[derive(FromRow)]
struct AccessRow {
    id: i64,
    app_id: Uuid,
    app_name: String,
    access_type: String,
    accessed_at: i64,
    count: i64,
}

#[derive(FromRow)]
struct ReadCountRow {
    #[sqlx(flatten)]
    memory: MemoryRow,
    reads: i64,
}

#[async_trait]
impl AccessStore for SqlMemoryStore {
    async fn record_access(&self, records: &[AccessRecord]) -> Result<()> {
        for of_one_tenant in records.chunk_by(|a, b| a.scope == b.scope) {
            let scope = &of_one_tenant[0].scope;
            let used: Vec<_> = of_one_tenant.iter().filter(|record| record.access.is_use()).collect();
            let mut session = self.db.write(scope).await?;
            hold_tenant(&mut session, scope).await?;
            wake_readers(&mut session, scope, &used).await?;
            for (sql, records) in [(&RECORD_ACCESS, json(of_one_tenant)?), (&COUNT_ACCESS, json(used)?)] {
                session.query(sql).bind(scope.tenant().0).bind(&records).execute().await?;
            }
            session.commit().await?;
        }
        Ok(())
    }

    async fn access_log(&self, scope: &TenantScope, id: MemoryId, page: u32, size: u32) -> Result<(Vec<AccessEntry>, i64)> {
        let tenant = scope.tenant().0;
        let offset = offset(page, size);
        let mut session = self.db.read(scope).await?;
        let total = session.query(&ACCESS_COUNT).bind(tenant).bind(id.0).scalar::<i64>().await;
        let rows = session.query(&ACCESS_LOG).bind(tenant).bind(id.0).bind(i64::from(size)).bind(offset).fetch_all::<AccessRow>().await;
        let entry = |row: AccessRow| {
            Ok(AccessEntry {
                id: row.id,
                memory: id,
                app: AppId(row.app_id),
                app_name: row.app_name,
                access: word(&row.access_type)?,
                accessed_at: Timestamp(row.accessed_at),
                count: row.count,
            })
        };
        Ok((rows?.into_iter().map(entry).collect::<Result<_>>()?, total?))
    }

    async fn accessed_by(
        &self,
        scope: &TenantScope,
        project: Option<ProjectId>,
        app: AppId,
        page: u32,
        size: u32,
    ) -> Result<(Vec<(Memory, i64)>, i64)> {
        let (tenant, project) = (scope.tenant().0, project.map(|p| p.0));
        let offset = offset(page, size);
        let mut session = self.db.read(scope).await?;
        let total = session.query(&ACCESSED_COUNT).bind(tenant).bind(app.0).bind(project).scalar::<i64>().await;
        let rows = session
            .query(&ACCESSED_BY)
            .bind(tenant)
            .bind(app.0)
            .bind(project)
            .bind(i64::from(size))
            .bind(offset)
            .fetch_all::<ReadCountRow>()
            .await;
        let items = rows?.into_iter().map(|row| Ok((row.memory.try_into()?, row.reads))).collect::<Result<_>>()?;
        Ok((items, total?))
    }
}

/// What the statements that take records read of them.
fn json<'a>(records: impl IntoIterator<Item = &'a AccessRecord>) -> Result<String> {
    let fields = |r: &AccessRecord| (r.memory.0.simple().to_string(), r.app.0.simple().to_string(), r.access.as_str(), r.at.0, r.count);
    serde_json::to_string(&records.into_iter().map(fields).collect::<Vec<_>>()).map_err(Error::internal)
}

/// Tells the working sets of a tenant whose memories fade that some were used. Called before the reads are counted, in their
/// transaction; without decay the sets need not know.
async fn wake_readers(session: &mut Session, scope: &TenantScope, used: &[&AccessRecord]) -> Result<()> {
    let Some(latest) = used.iter().map(|record| record.at.0).max() else { return Ok(()) };
    let ids = id_list(used.iter().map(|record| record.memory.0));
    let woken = session.query(&WAKE).bind(scope.tenant().0).bind(&ids).bind(latest - READ_IS_NEWS).execute().await;
    if woken? > 0 {
        session.query(&NEXT).bind(scope.tenant().0).execute().await?;
    }
    Ok(())
}
