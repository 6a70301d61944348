//! [`LifecycleStore`] on SQL: what memories were, and bringing them back.

use std::collections::{HashMap, HashSet};

use async_trait::async_trait;
use sqlx::FromRow;
use uuid::Uuid;

use super::{
    SqlMemoryStore, list,
    rows::{MemoryRow, memory_columns},
    supersede::uuids,
    unit::Write,
};
use crate::{
    adapters::sql::{Engine, Session, id_list, ids_in, statements},
    error::{Error, Result},
    ids::{MemoryId, ProjectId},
    memory::{
        Actor, Author, Event, HistoryEntry, LifecycleStore, Memory, Past, Reversal, Reverted, Revision, Said, Selection, State, Window,
        Written,
    },
    tenancy::TenantScope,
};

fn in_any_state_sql(e: Engine) -> String {
    format!(
        "SELECT {columns} FROM memories m JOIN apps a ON a.id = m.app_id WHERE m.tenant_id = $1 AND (m.project_id = $3 OR $3 IS NULL) AND m.id IN {} ORDER BY m.id",
        ids_in(e, "$2"),
        columns = memory_columns()
    )
}

/// Whether the step `h` is the author's and within the window. The sum keeps SQLite from an index over all of a tenant's steps,
/// where one of the memory's own is meant.
const OF_WINDOW: &str = "h.changed_at + 0 <= $6 AND (h.changed_at >= $5 OR $5 IS NULL) AND COALESCE(h.app_id = $2 OR h.credential_id = $3 OR EXISTS \
         (SELECT 1 FROM memories s WHERE s.tenant_id = $1 AND s.session_id = $4 AND (s.id = h.memory_id OR s.id = h.superseded_by)), FALSE)";

statements! {
    IN_ANY_STATE: in_any_state_sql;
    // Goes through the memories in the order of their ids and stops at the end of a page: all pages together cost as much as one
    // look at each memory. The last condition is written so that SQLite, while it has no statistics, looks each of the page up by its
    // id, and does not begin with all memories of the tenant.
    WRITTEN: (|_| format!("SELECT {columns}, f.first_version, (SELECT MAX(h.version) FROM memory_history h WHERE h.tenant_id = $1 AND h.memory_id = m.id \
                AND h.version < f.first_version) AS before_version, \
             EXISTS (SELECT 1 FROM memory_history h WHERE h.tenant_id = $1 AND h.memory_id = m.id AND h.version > f.first_version AND NOT ({OF_WINDOW})) AS contested FROM (SELECT id, first_version FROM (SELECT p.id, (SELECT MIN(h.version) FROM memory_history h \
                WHERE h.tenant_id = $1 AND h.memory_id = p.id AND h.version > 0 AND {OF_WINDOW}) AS first_version FROM memories p WHERE p.tenant_id = $1 AND p.id > $8 AND (p.project_id = $7 OR $7 IS NULL)) q \
                WHERE first_version IS NOT NULL ORDER BY id LIMIT $9) f \
             JOIN memories m ON m.id = f.id JOIN apps a ON a.id = m.app_id WHERE COALESCE(m.tenant_id, m.tenant_id) = $1 ORDER BY m.id", columns = memory_columns()));
    UNLINK: "DELETE FROM memory_links WHERE tenant_id = $1 AND ((from_id = $2 AND to_id = $3) OR (from_id = $3 AND to_id = $2)) \
        AND EXISTS (SELECT 1 FROM memories m WHERE m.tenant_id = $1 AND m.id = $2 AND (m.project_id = $4 OR $4 IS NULL))";
    LINKED: (|_| format!("SELECT {columns} FROM (SELECT to_id AS id, created_at AS since FROM memory_links WHERE tenant_id = $1 AND from_id = $2 \
                UNION ALL SELECT from_id, created_at FROM memory_links WHERE tenant_id = $1 AND to_id = $2) l \
             JOIN memories m ON m.id = l.id JOIN apps a ON a.id = m.app_id WHERE m.tenant_id = $1 AND m.state = 'active' \
             AND (m.project_id = $3 OR $3 IS NULL) AND (m.pinned OR m.expires_at IS NULL OR m.expires_at > $4) \
             ORDER BY l.since DESC, m.id DESC LIMIT $5", columns = memory_columns()));
}

#[derive(FromRow)]
struct WrittenRow {
    #[sqlx(flatten)]
    memory: MemoryRow,
    first_version: i64,
    before_version: Option<i64>,
    contested: bool,
}

/// Memories in whatever state.
async fn in_any_state(session: &mut Session, scope: &TenantScope, project: Option<ProjectId>, ids: &[MemoryId]) -> Result<Vec<Memory>> {
    let list = id_list(uuids(ids));
    let rows = session.query(&IN_ANY_STATE).bind(scope.tenant().0).bind(&list).bind(project.map(|p| p.0)).fetch_all::<MemoryRow>().await;
    rows?.into_iter().map(Memory::try_from).collect()
}

#[async_trait]
impl LifecycleStore for SqlMemoryStore {
    async fn past(&self, scope: &TenantScope, project: Option<ProjectId>, ids: &[MemoryId]) -> Result<Vec<Past>> {
        let mut session = self.db.read(scope).await?;
        // The steps first: a step that is made in between is one that the memory's version does not know.
        let mut steps: HashMap<MemoryId, Vec<HistoryEntry>> = HashMap::new();
        for (id, step) in list::history(&mut session, scope, ids).await? {
            steps.entry(id).or_default().push(step);
        }
        let memories = in_any_state(&mut session, scope, project, ids).await?;
        Ok(memories.into_iter().map(|memory| Past { steps: steps.remove(&memory.id).unwrap_or_default(), memory }).collect())
    }

    async fn written(
        &self,
        scope: &TenantScope,
        project: Option<ProjectId>,
        window: &Window,
        after: Option<MemoryId>,
        limit: u32,
    ) -> Result<Vec<Written>> {
        let (app, credential, conversation) = match &window.author {
            Author::App(app) => (Some(app.0), None, None),
            Author::Credential(credential) => (None, Some(credential.0), None),
            Author::Session(session) => (None, None, Some(session)),
        };
        let mut session = self.db.read(scope).await?;
        let rows = session
            .query(&WRITTEN)
            .bind(scope.tenant().0)
            .bind(app)
            .bind(credential)
            .bind(conversation)
            .bind(window.from.map(|t| t.0))
            .bind(window.to.0)
            .bind(project.map(|p| p.0))
            .bind(after.map_or(Uuid::nil(), |id| id.0))
            .bind(i64::from(limit))
            .fetch_all::<WrittenRow>()
            .await;
        let rows = rows?;
        let changed: Vec<_> = rows.iter().filter(|row| row.before_version.is_some()).map(|row| MemoryId(row.memory.id)).collect();
        let wanted: HashSet<_> = rows.iter().filter_map(|row| Some((MemoryId(row.memory.id), row.before_version?))).collect();
        let mut before: HashMap<MemoryId, HistoryEntry> = HashMap::new();
        if !changed.is_empty() {
            let steps = list::history(&mut session, scope, &changed).await?;
            before.extend(steps.into_iter().filter(|(id, step)| wanted.contains(&(*id, step.version))));
        }
        rows.into_iter()
            .map(|row| {
                let before = before.remove(&MemoryId(row.memory.id));
                Ok(Written { memory: row.memory.try_into()?, created: row.first_version == 1, before, contested: row.contested })
            })
            .collect()
    }

    async fn revert(&self, scope: &TenantScope, actor: &Actor, reversals: Vec<Reversal>, action: &'static str) -> Result<Vec<Reverted>> {
        let mut write = self.begin(scope, actor).await?;
        let ids: Vec<_> = reversals.iter().map(|reversal| reversal.id).collect();
        let current: HashMap<_, _> =
            in_any_state(&mut write.session, scope, None, &ids).await?.into_iter().map(|memory| (memory.id, memory)).collect();
        let (mut ends, mut deletions) = (Vec::with_capacity(reversals.len()), Vec::new());
        for Reversal { id, expected_version, to } in reversals {
            let end = match (current.get(&id), to) {
                (None, _) => Reverted::Unknown,
                (Some(memory), _) if memory.version != expected_version => Reverted::VersionConflict { current: memory.version },
                (Some(_), None) => {
                    deletions.push(id);
                    Reverted::Done
                }
                (Some(memory), Some(earlier)) => {
                    let end = write.revert(memory, earlier).await?;
                    if end == Reverted::Done && memory.state == State::Deleted {
                        // Who brings it back has not forgotten it.
                        let (speaker, session) = (memory.origin.speaker.as_deref(), memory.origin.session_id.as_deref());
                        let said = Said::new(&memory.content.text, speaker, session, memory.origin.occurred_at);
                        self.lift(&mut write, memory.project, &said).await?;
                    }
                    end
                }
            };
            ends.push(end);
        }
        if !deletions.is_empty() {
            write.set_state(&Selection { ids: deletions, ..Selection::default() }, State::Deleted).await?;
        }
        let done = ends.iter().filter(|end| **end == Reverted::Done).count();
        if done > 0 {
            let subject = if let [id] = ids[..] { Some(id.0) } else { None };
            write.audit(action, subject, serde_json::json!({ "memories": done })).await?;
            write.commit().await?;
        }
        Ok(ends)
    }

    async fn link(&self, scope: &TenantScope, actor: &Actor, project: Option<ProjectId>, one: MemoryId, other: MemoryId) -> Result<bool> {
        let mut write = self.begin(scope, actor).await?;
        if !write.linked_pair(project, one, other).await? {
            return Ok(false);
        }
        write.audit("memory.link", Some(one.0), serde_json::json!({ "with": other.0 })).await?;
        write.commit().await?;
        Ok(true)
    }

    async fn unlink(&self, scope: &TenantScope, actor: &Actor, project: Option<ProjectId>, one: MemoryId, other: MemoryId) -> Result<bool> {
        let mut write = self.begin(scope, actor).await?;
        let done = write.session.query(&UNLINK).bind(scope.tenant().0).bind(one.0).bind(other.0).bind(project.map(|p| p.0)).execute().await;
        if done? == 0 {
            return Ok(false);
        }
        write.audit("memory.unlink", Some(one.0), serde_json::json!({ "with": other.0 })).await?;
        write.commit().await?;
        Ok(true)
    }

    async fn supersede(&self, scope: &TenantScope, actor: &Actor, old: MemoryId, new: MemoryId) -> Result<()> {
        let mut write = self.begin(scope, actor).await?;
        if !write.end_of_validity(old, Some(new)).await? {
            return Err(Error::not_found("memory"));
        }
        write.audit("memory.supersede", Some(old.0), serde_json::json!({ "by": new.0 })).await?;
        write.commit().await
    }

    async fn linked(&self, scope: &TenantScope, project: Option<ProjectId>, id: MemoryId, limit: u32) -> Result<Vec<Memory>> {
        let now = self.db.clock.now();
        let mut session = self.db.read(scope).await?;
        let rows = session
            .query(&LINKED)
            .bind(scope.tenant().0)
            .bind(id.0)
            .bind(project.map(|p| p.0))
            .bind(now.0)
            .bind(i64::from(limit))
            .fetch_all::<MemoryRow>()
            .await;
        rows?.into_iter().map(Memory::try_from).collect()
    }
}

impl Write<'_> {
    /// One memory goes back, unless another live one of its project has the text or key.
    async fn revert(&mut self, memory: &Memory, to: Revision) -> Result<Reverted> {
        if !matches!(to.state, State::Deleted | State::Superseded) {
            let mut others: Vec<Option<Uuid>> =
                vec![self.same_text(memory.project, &memory.origin.hash(&to.content.text)).await?.map(|id| id.0)];
            if let Some(key) = &memory.pattern_signature {
                others.push(self.same_key(memory.project, key).await?.map(|id| id.0));
            }
            if others.into_iter().flatten().any(|other| other != memory.id.0) {
                return Ok(Reverted::Duplicate);
            }
        }
        if !self.revise(memory, &to).await? {
            return Ok(Reverted::Duplicate);
        }
        self.history(&[memory.id], Event::Restored).await?;
        Ok(Reverted::Done)
    }
}
