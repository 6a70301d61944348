//! [`ReviewStore`] on SQL: the queue of what a person should look at, and what was deliberately forgotten.

use async_trait::async_trait;
use sqlx::FromRow;
use uuid::Uuid;

use super::{SqlMemoryStore, rows::word, supersede::uuids, unit::Write};
use crate::{
    adapters::sql::{Engine, hold_tenant, id_list, ids_in, statements, words_in},
    clock::Timestamp,
    error::{Error, Result},
    ids::{MemoryId, ProjectId},
    memory::{Decided, ForgottenStore, ReviewKind, ReviewRow, ReviewStore, Said},
    tenancy::TenantScope,
};

fn forget(e: Engine) -> String {
    let said = words_in(e, "$3");
    format!(
        "INSERT INTO forgotten (tenant_id, project_id, said, forgotten_at) SELECT $1, $2, said.value, $4 FROM {said} AS said \
         WHERE said.value <> '' ON CONFLICT (tenant_id, project_id, said) DO UPDATE SET forgotten_at = excluded.forgotten_at"
    )
}
fn lift_sql(e: Engine) -> String {
    format!("DELETE FROM forgotten WHERE tenant_id = $1 AND project_id = $2 AND said IN {}", words_in(e, "$3"))
}

fn which(e: Engine) -> String {
    format!("SELECT project_id, said FROM forgotten WHERE tenant_id = $1 AND said IN {}", words_in(e, "$2"))
}

statements! {
    ADD: "INSERT INTO reviews (memory_id, kind, tenant_id, other_id, created_at) VALUES ($2, $3, $1, $4, $5) \
        ON CONFLICT (memory_id, kind) DO UPDATE SET other_id = excluded.other_id, created_at = excluded.created_at, decision = NULL, \
        version = NULL, other_version = NULL, decided_at = NULL";
    // Rows of what is deleted, or no longer held, wait for nobody.
    OPEN: "SELECT r.memory_id, r.kind, r.other_id FROM reviews r WHERE r.tenant_id = $1 AND r.decided_at IS NULL \
        AND (r.kind <> 'held' OR EXISTS (SELECT 1 FROM memories h WHERE h.tenant_id = $1 AND h.id = r.memory_id AND h.state = 'held')) \
        AND r.memory_id IN \
        (SELECT m.id FROM reviews q JOIN memories m ON m.id = q.memory_id WHERE q.tenant_id = $1 AND q.decided_at IS NULL \
        AND m.tenant_id = $1 AND m.state <> 'deleted' AND (q.kind <> 'held' OR m.state = 'held') AND (q.kind = $3 OR $3 IS NULL) \
        AND (m.project_id = $2 OR $2 IS NULL) AND (m.id < $4 OR $4 IS NULL) GROUP BY m.id ORDER BY m.id DESC LIMIT $5) \
        ORDER BY r.memory_id DESC, r.kind";
    COUNT: "SELECT r.kind, COUNT(*) FROM reviews r JOIN memories m ON m.id = r.memory_id WHERE r.tenant_id = $1 AND r.decided_at IS NULL \
        AND m.tenant_id = $1 AND m.state <> 'deleted' AND (r.kind <> 'held' OR m.state = 'held') AND (m.project_id = $2 OR $2 IS NULL) \
        GROUP BY r.kind ORDER BY r.kind";
    TOTAL: "SELECT COUNT(DISTINCT r.memory_id) FROM reviews r JOIN memories m ON m.id = r.memory_id WHERE r.tenant_id = $1 \
        AND r.decided_at IS NULL AND m.tenant_id = $1 AND m.state <> 'deleted' AND (r.kind <> 'held' OR m.state = 'held') \
        AND (m.project_id = $2 OR $2 IS NULL)";
    OF: "SELECT memory_id, kind, other_id FROM reviews WHERE tenant_id = $1 AND memory_id = $2 ORDER BY kind";
    CLOSE: (|e| format!("UPDATE reviews SET decision = $3, version = $4, other_id = COALESCE($5, other_id), other_version = $6, decided_at = $7 \
             WHERE tenant_id = $1 AND decided_at IS NULL AND memory_id IN {}", ids_in(e, "$2")));
    DECIDED: "SELECT decision, version, other_id, other_version FROM reviews WHERE tenant_id = $1 AND memory_id = $2 \
        AND decided_at IS NOT NULL ORDER BY decided_at DESC LIMIT 1";
    REOPEN: "UPDATE reviews SET decision = NULL, version = NULL, other_version = NULL, decided_at = NULL WHERE tenant_id = $1 AND memory_id = $2";
    FORGET: forget;
    LIFT: lift_sql;
    WHICH: which;
    OLD: "SELECT EXISTS (SELECT 1 FROM forgotten WHERE tenant_id = $1 AND forgotten_at < $2)";
    PRUNE: "DELETE FROM forgotten WHERE tenant_id = $1 AND forgotten_at < $2";
    DELETED_NOW: "SELECT project_id, content, speaker, session_id, occurred_at FROM memories WHERE tenant_id = $1 AND seq = $2 AND state = 'deleted'";
}

#[derive(FromRow)]
struct Row {
    memory_id: Uuid,
    kind: String,
    other_id: Option<Uuid>,
}

impl TryFrom<Row> for ReviewRow {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self> {
        Ok(Self { memory: MemoryId(row.memory_id), kind: word(&row.kind)?, other: row.other_id.map(MemoryId) })
    }
}

#[derive(FromRow)]
struct DeletedRow {
    project_id: Uuid,
    content: String,
    speaker: Option<String>,
    session_id: Option<String>,
    occurred_at: Option<i64>,
}

#[derive(FromRow)]
struct DecidedRow {
    decision: String,
    version: i64,
    other_id: Option<Uuid>,
    other_version: Option<i64>,
}

#[async_trait]
impl ReviewStore for SqlMemoryStore {
    async fn open(
        &self,
        scope: &TenantScope,
        project: Option<ProjectId>,
        kind: Option<ReviewKind>,
        after: Option<MemoryId>,
        limit: u32,
    ) -> Result<Vec<ReviewRow>> {
        let mut session = self.db.read(scope).await?;
        let rows = session
            .query(&OPEN)
            .bind(scope.tenant().0)
            .bind(project.map(|p| p.0))
            .bind(kind.map(ReviewKind::as_str))
            .bind(after.map(|id| id.0))
            .bind(i64::from(limit))
            .fetch_all::<Row>()
            .await;
        rows?.into_iter().map(TryInto::try_into).collect()
    }

    async fn counts(&self, scope: &TenantScope, project: Option<ProjectId>) -> Result<(i64, Vec<(ReviewKind, i64)>)> {
        let mut session = self.db.read(scope).await?;
        let rows = session.query(&COUNT).bind(scope.tenant().0).bind(project.map(|p| p.0)).fetch_all::<(String, i64)>().await;
        let counts = rows?.into_iter().map(|(kind, count)| Ok((word(&kind)?, count))).collect::<Result<_>>()?;
        let total = session.query(&TOTAL).bind(scope.tenant().0).bind(project.map(|p| p.0)).scalar::<i64>().await;
        Ok((total?, counts))
    }

    async fn of(&self, scope: &TenantScope, memory: MemoryId) -> Result<Vec<ReviewRow>> {
        let mut session = self.db.read(scope).await?;
        let rows = session.query(&OF).bind(scope.tenant().0).bind(memory.0).fetch_all::<Row>().await;
        rows?.into_iter().map(TryInto::try_into).collect()
    }

    async fn close(&self, scope: &TenantScope, memories: &[MemoryId], decided: &Decided) -> Result<()> {
        let (list, now) = (id_list(uuids(memories)), self.db.clock.now());
        let mut session = self.db.write(scope).await?;
        hold_tenant(&mut session, scope).await?;
        session
            .query(&CLOSE)
            .bind(scope.tenant().0)
            .bind(&list)
            .bind(decided.decision.as_str())
            .bind(decided.version)
            .bind(decided.other.map(|(id, _)| id.0))
            .bind(decided.other.map(|(_, version)| version))
            .bind(now.0)
            .execute()
            .await?;
        session.commit().await
    }

    async fn decided(&self, scope: &TenantScope, memory: MemoryId) -> Result<Option<Decided>> {
        let mut session = self.db.read(scope).await?;
        let row = session.query(&DECIDED).bind(scope.tenant().0).bind(memory.0).fetch_optional::<DecidedRow>().await;
        let decided = |row: DecidedRow| {
            let other = row.other_id.map(MemoryId).zip(row.other_version);
            Ok(Decided { decision: word(&row.decision)?, version: row.version, other })
        };
        row?.map(decided).transpose()
    }

    async fn reopen(&self, scope: &TenantScope, memory: MemoryId) -> Result<()> {
        let mut session = self.db.write(scope).await?;
        hold_tenant(&mut session, scope).await?;
        session.query(&REOPEN).bind(scope.tenant().0).bind(memory.0).execute().await?;
        session.commit().await
    }
}

#[async_trait]
impl ForgottenStore for SqlMemoryStore {
    async fn forgotten(&self, scope: &TenantScope, said: &[(ProjectId, Said<'_>)]) -> Result<Vec<bool>> {
        let hashes: Vec<Vec<_>> =
            said.iter().map(|(project, said)| self.sayings.hashes(scope, said).map(|hash| (project.0, hash)).collect()).collect();
        let list = serde_json::to_string(&hashes.iter().flatten().map(|(_, hash)| hash).collect::<Vec<_>>()).map_err(Error::internal)?;
        let mut session = self.db.read(scope).await?;
        let found = session.query(&WHICH).bind(scope.tenant().0).bind(&list).fetch_all::<(Uuid, String)>().await;
        let found = found?;
        Ok(hashes.iter().map(|said| said.iter().any(|hash| found.contains(hash))).collect())
    }

    async fn forget_forgotten(&self, scope: &TenantScope, before: Timestamp) -> Result<u64> {
        // Most rounds find nothing; those must not take the writer.
        let mut session = self.db.read(scope).await?;
        let old = session.query(&OLD).bind(scope.tenant().0).bind(before.0).scalar::<bool>().await;
        drop(session);
        if !old? {
            return Ok(0);
        }
        let mut session = self.db.write(scope).await?;
        hold_tenant(&mut session, scope).await?;
        let done = session.query(&PRUNE).bind(scope.tenant().0).bind(before.0).execute().await;
        let done = done?;
        session.commit().await?;
        Ok(done)
    }
}

impl SqlMemoryStore {
    /// What this write deleted is remembered as forgotten.
    pub(super) async fn forget_deleted(&self, write: &mut Write<'_>) -> Result<()> {
        let rows = write.session.query(&DELETED_NOW).bind(write.scope.tenant().0).bind(write.sequence).fetch_all::<DeletedRow>().await;
        let mut by_project = std::collections::BTreeMap::<Uuid, Vec<String>>::new();
        for row in rows? {
            let said = Said::new(&row.content, row.speaker.as_deref(), row.session_id.as_deref(), row.occurred_at.map(Timestamp));
            by_project.entry(row.project_id).or_default().extend(self.sayings.hashes(write.scope, &said).next());
        }
        for (project, mut said) in by_project {
            // One row is not to be changed twice by one statement.
            said.sort_unstable();
            said.dedup();
            let list = serde_json::to_string(&said).map_err(Error::internal)?;
            write.session.query(&FORGET).bind(write.scope.tenant().0).bind(project).bind(&list).bind(write.now.0).execute().await?;
        }
        Ok(())
    }

    /// What is said again on purpose is forgotten no longer.
    pub(super) async fn lift(&self, write: &mut Write<'_>, project: ProjectId, said: &Said<'_>) -> Result<()> {
        if !write.forgets {
            return Ok(());
        }
        let list = serde_json::to_string(&self.sayings.hashes(write.scope, said).collect::<Vec<_>>()).map_err(Error::internal)?;
        write.session.query(&LIFT).bind(write.scope.tenant().0).bind(project.0).bind(&list).execute().await.map(drop)
    }
}

impl Write<'_> {
    /// Puts a memory into the queue.
    pub(super) async fn queue_review(&mut self, id: MemoryId, kind: ReviewKind, other: Option<MemoryId>) -> Result<()> {
        self.session
            .query(&ADD)
            .bind(self.scope.tenant().0)
            .bind(id.0)
            .bind(kind.as_str())
            .bind(other.map(|id| id.0))
            .bind(self.now.0)
            .execute()
            .await
            .map(drop)
    }
}
