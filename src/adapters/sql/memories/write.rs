//! Changing memories. One call is one transaction: the tenant's next sequence number, the memory, its history, its
//! vector, its index job, the audit row and (where asked) the idempotency record stand or fall together.

use async_trait::async_trait;

use sqlx::types::Json;
use uuid::Uuid;

use super::{
    SqlMemoryStore, rows,
    rows::{CONTENT, ORIGIN, bind_content, bind_origin, content, listed, parameters},
    supersede::end_of_working,
    unit::Write,
};
use crate::{
    adapters::sql::{Engine, Session, id_list, ids_in, statements, words_in, words_of},
    clock::Timestamp,
    error::{Error, Result},
    ids::{MemoryId, ProjectId},
    jobs::Priority,
    memory::{
        Actor, AddEvent, Added, Content, Event, Gated, Guarded, Idempotency, Insert, Memory, MemoryStore, MemoryType, ReviewKind, Revision,
        Said, Selection, State, Update, Updated, Voice,
    },
    tenancy::TenantScope,
};

fn insert_sql() -> String {
    let columns = listed(content().chain(ORIGIN), str::to_owned);
    let values = parameters(16, CONTENT.len() + ORIGIN.len());
    format!(
        "INSERT INTO memories (id, tenant_id, project_id, app_id, user_id, credential_id, content_hash, pattern_signature, seq, created_at, \
         updated_at, trust, flags, superseded_at, held_for, strength, access_count, version, state, {columns}) \
         SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, 0.5, 0, 1, \
         CASE WHEN CAST($14 AS BIGINT) IS NOT NULL THEN 'superseded' WHEN CAST($15 AS TEXT) IS NOT NULL THEN 'held' ELSE 'active' END, {values} \
         WHERE EXISTS (SELECT 1 FROM projects WHERE tenant_id = $2 AND id = $3) AND EXISTS (SELECT 1 FROM apps WHERE tenant_id = $2 AND id = $4)"
    )
}

/// Moves the memories that the condition, over parameters from $7, selects.
fn set_state_sql(e: Engine, selected: &str) -> String {
    format!(
        "UPDATE memories SET state = $3, version = version + 1, seq = $4, updated_at = $5, \
         archived_at = CASE WHEN $3 = 'archived' THEN $5 ELSE archived_at END, \
         deleted_at = CASE WHEN $3 = 'deleted' THEN $5 ELSE deleted_at END \
         WHERE tenant_id = $1 AND state <> 'deleted' AND state <> $3 AND ($3 = 'deleted' OR state NOT IN ('superseded', 'held')) \
         AND (project_id = $2 OR $2 IS NULL) AND ($6 = '[]' OR state IN {}) AND {selected} RETURNING id",
        words_in(e, "$6")
    )
}

statements! {
    INSERT: (|_| insert_sql());
    // In the words of the partial indexes, or SQLite does not see that they serve.
    SAME_TEXT: "SELECT id FROM memories WHERE tenant_id = $1 AND project_id = $2 AND content_hash = $3 \
        AND state <> 'deleted' AND state <> 'superseded'";
    SAME_KEY: "SELECT id FROM memories WHERE tenant_id = $1 AND project_id = $2 AND pattern_signature = $3 \
        AND state <> 'deleted' AND state <> 'superseded'";
    // By their ids alone both engines seek; beside `OR` they would look at every memory of the tenant.
    SET_STATE_OF_IDS: (|e| set_state_sql(e, &format!("id IN {}", ids_in(e, "$7"))));
    SET_STATE: (|e| set_state_sql(e, &format!("($8 OR id IN {} OR app_id = $9 OR EXISTS (SELECT 1 FROM {} AS tag WHERE tag.value IN {}))",
        ids_in(e, "$7"), words_of(e, "memories.tags"), words_in(e, "$10"))));
    DROP_VECTORS: "DELETE FROM memory_vectors WHERE tenant_id = $1 AND memory_id IN (SELECT id FROM memories WHERE tenant_id = $1 AND state = 'deleted' AND seq = $2)";
    RECORDED: "SELECT request_hash, response FROM idempotency_keys WHERE tenant_id = $1 AND operation = $2 AND key = $3";
    RECORD: "INSERT INTO idempotency_keys (tenant_id, operation, key, request_hash, response, created_at) VALUES ($1, $2, $3, $4, $5, $6)";
}

impl SqlMemoryStore {
    /// What the gate let through, or answered. What a person says is forgotten no longer.
    pub(super) async fn take(&self, write: &mut Write<'_>, gated: Gated, priority: Priority) -> Result<Added> {
        let (known, insert) = match gated {
            Gated::Settled(answer) => return Ok(answer),
            Gated::Store(insert) => (None, insert),
            Gated::Again { id, insert } => (Some(id), insert),
        };
        if insert.voice == Voice::Client || insert.force {
            self.lift(write, insert.project, &Said::of_insert(&insert)).await?;
        }
        if let Some(id) = known
            && let Some(answer) = write.again(id, &insert).await?
        {
            for other in insert.related.into_iter().filter(|other| *other != id) {
                write.link(id, other).await?;
            }
            return Ok(answer);
        }
        write.insert(insert, priority).await
    }
}

#[async_trait]
impl MemoryStore for SqlMemoryStore {
    async fn insert(
        &self,
        scope: &TenantScope,
        actor: &Actor,
        memories: Vec<Gated>,
        idempotency: Option<&Idempotency>,
    ) -> Result<Guarded<Vec<Added>>> {
        // The tenant's row is taken first, so calls with one key run one after the other.
        let mut write = self.begin(scope, actor).await?;
        if let Some(key) = idempotency
            && let Some(recorded) = recorded(&mut write.session, scope, key).await?
        {
            return Ok(recorded);
        }
        let priority = if memories.len() == 1 { Priority::High } else { Priority::Normal };
        let mut added = Vec::with_capacity(memories.len());
        for memory in memories {
            added.push(self.take(&mut write, memory, priority).await?);
        }
        write.record_created().await?;
        write.audit("memory.add", None, serde_json::json!({ "stored": write.stored, "asked": added.len() })).await?;
        if let Some(key) = idempotency {
            write.record(key, &added).await?;
        }
        write.commit().await?;
        Ok(Guarded::Done(added))
    }

    async fn update(&self, scope: &TenantScope, actor: &Actor, id: MemoryId, update: Update) -> Result<Updated> {
        let mut write = self.begin(scope, actor).await?;
        let Some(current) = rows::memory(&mut write.session, scope, update.project, id).await? else {
            return Ok(Updated::Unknown);
        };
        if update.expected_version.is_some_and(|version| version != current.version) {
            return Ok(Updated::VersionConflict { current: current.version });
        }
        if !write.update(&current, update).await? {
            return Ok(Updated::Duplicate);
        }
        write.history(&[id], Event::Updated).await?;
        write.audit("memory.update", Some(id.0), serde_json::json!({ "version": current.version + 1 })).await?;
        let memory = rows::memory(&mut write.session, scope, None, id).await?;
        let memory = memory.ok_or_else(|| Error::internal(anyhow::anyhow!("memory {id} vanished inside its own transaction")))?;
        write.commit().await?;
        Ok(Updated::Changed(Box::new(memory)))
    }

    async fn set_state(&self, scope: &TenantScope, actor: &Actor, selection: &Selection, state: State) -> Result<Vec<MemoryId>> {
        let mut write = self.begin(scope, actor).await?;
        let moved = write.set_state(selection, state).await?;
        if !moved.is_empty() {
            if state == State::Deleted {
                self.forget_deleted(&mut write).await?;
            }
            let action = if state == State::Deleted { "memory.delete" } else { "memory.set_state" };
            write.audit(action, None, serde_json::json!({ "state": state.as_str(), "memories": moved.len() })).await?;
            write.commit().await?;
        }
        Ok(moved)
    }

    async fn recorded(&self, scope: &TenantScope, key: &Idempotency) -> Result<Option<Guarded<Vec<Added>>>> {
        recorded(&mut self.db.read(scope).await?, scope, key).await
    }

    async fn get(&self, scope: &TenantScope, project: Option<ProjectId>, id: MemoryId) -> Result<Option<Memory>> {
        rows::memory(&mut self.db.read(scope).await?, scope, project, id).await
    }
}

impl Write<'_> {
    /// Moves the selected memories; answers those that moved.
    pub(super) async fn set_state(&mut self, selection: &Selection, state: State) -> Result<Vec<MemoryId>> {
        let scope = self.scope;
        let ids = id_list(selection.ids.iter().map(|id| id.0));
        let from = serde_json::to_string(&selection.from).map_err(Error::internal)?;
        let by_id = !selection.all && selection.app.is_none() && selection.tags.is_empty();
        let query = self
            .session
            .query(if by_id { &SET_STATE_OF_IDS } else { &SET_STATE })
            .bind(scope.tenant().0)
            .bind(selection.project.map(|p| p.0))
            .bind(state.as_str())
            .bind(self.sequence)
            .bind(self.now.0)
            .bind(&from)
            .bind(&ids);
        let query = if by_id {
            query
        } else {
            let tags = serde_json::to_string(&selection.tags).map_err(Error::internal)?;
            query.bind(selection.all).bind(selection.app.map(|a| a.0)).bind(tags)
        };
        let moved: Vec<_> = query.scalars::<Uuid>().await?.into_iter().map(MemoryId).collect();
        if moved.is_empty() {
            return Ok(moved);
        }
        let event = if state == State::Deleted { Event::Deleted } else { Event::StateChanged };
        self.history(&moved, event).await?;
        if state == State::Deleted {
            self.session.query(&DROP_VECTORS).bind(scope.tenant().0).bind(self.sequence).execute().await?;
        }
        if self.indexing.external {
            self.jobs.extend(moved.iter().map(|id| (id.0, Priority::Normal)));
        }
        Ok(moved)
    }

    pub(super) async fn insert(&mut self, memory: Insert, priority: Priority) -> Result<Added> {
        let (project, old, related) = (memory.project, memory.supersedes, memory.related.clone());
        let added = self.insert_alone(memory, priority).await?;
        let Some(id) = added.id else { return Ok(added) };
        // Where the text or the key was there already, that memory takes the place; none takes its own, and what nobody finds
        // takes none.
        if let Some(old) = old.filter(|old| *old != id && added.event != AddEvent::Add && added.state.is_none()) {
            self.supersede(project, old, Some(id)).await?;
        }
        for other in related.into_iter().filter(|other| *other != id) {
            self.link(id, other).await?;
        }
        Ok(added)
    }

    async fn insert_alone(&mut self, memory: Insert, priority: Priority) -> Result<Added> {
        if let Some(id) = self.same_text(memory.project, &memory.hash).await?
            && let Some(answer) = self.again(id, &memory).await?
        {
            return Ok(answer);
        }
        let end = memory.content.expires_at.or_else(|| end_of_working(&memory, self.now));
        if let Some(until) = memory.superseded_at
            && let Some(id) = self.same_superseded(memory.project, &memory.hash, until).await?
        {
            return Ok(Added { reason: Some("duplicate".into()), ..Added::plain(id, memory.content.text, AddEvent::None) });
        }
        if let Some(key) = memory.pattern_signature.as_ref().filter(|_| memory.superseded_at.is_none())
            && let Some(id) = self.same_key(memory.project, key).await?
            // The old memory gives its key to the one that takes its place.
            && Some(id) != memory.supersedes
        {
            if memory.held_for.is_some() {
                // What waits changes nothing: it stands beside the memory of its key until somebody decides.
                let mut waits = Insert { pattern_signature: None, ..memory };
                waits.review.push((ReviewKind::Contradicts, Some(id)));
                return Box::pin(self.insert_alone(waits, priority)).await;
            }
            return self.keyed(id, memory, end).await;
        }
        let is_held = memory.held_for.is_some() && memory.superseded_at.is_none();
        if let Some(old) = memory.supersedes.filter(|_| !is_held) {
            self.supersede(memory.project, old, Some(memory.id)).await?;
        }
        if memory.content.memory_type == MemoryType::Working
            && let Some(session) = &memory.origin.session_id
        {
            self.extend_working(memory.project, session).await?;
        }
        self.insert_row(&memory, end).await?;
        for (kind, other) in &memory.review {
            self.queue_review(memory.id, *kind, *other).await?;
        }
        if let Some(old) = memory.supersedes.filter(|_| is_held) {
            // Whose place it takes is decided with it.
            self.queue_review(memory.id, ReviewKind::Contradicts, Some(old)).await?;
        }
        if let Some(why) = memory.held_for.filter(|_| memory.superseded_at.is_none()) {
            // Nobody searches for it: it is embedded when somebody keeps it.
            let reason = Some(format!("held_{why}"));
            let held = Added::plain(memory.id, memory.content.text, AddEvent::None);
            return Ok(Added { reason, state: Some(State::Held), flags: memory.flags, ..held });
        }
        self.vector_or_job(memory.id, &memory.hash, memory.vector.as_deref(), priority).await?;
        Ok(Added { flags: memory.flags, ..Added::plain(memory.id, memory.content.text, AddEvent::Add) })
    }

    async fn insert_row(&mut self, memory: &Insert, end: Option<Timestamp>) -> Result<()> {
        let content = Content { expires_at: end, ..memory.content.clone() };
        let query = self
            .session
            .query(&INSERT)
            .bind(memory.id.0)
            .bind(self.scope.tenant().0)
            .bind(memory.project.0)
            .bind(self.actor.app.0)
            .bind(self.actor.user.0)
            .bind(self.actor.credential.map(|c| c.0))
            .bind(&memory.hash)
            .bind(&memory.pattern_signature)
            .bind(self.sequence)
            .bind(memory.created_at.unwrap_or(self.now).0)
            .bind(self.now.0)
            .bind(memory.trust)
            .bind(Json(&memory.flags))
            .bind(memory.superseded_at.map(|t| t.0))
            .bind(&memory.held_for);
        let inserted = bind_origin(bind_content(query, &content), &memory.origin).execute().await;
        if inserted? == 0 {
            // The project is not this tenant's (or is gone): a foreign key alone would not notice.
            return Err(Error::not_found("project"));
        }
        self.stored += 1;
        self.unrecorded.push(memory.id);
        Ok(())
    }

    /// The live memory of a project that has this hash.
    pub(super) async fn same_text(&mut self, project: ProjectId, hash: &str) -> Result<Option<MemoryId>> {
        let found = self.session.query(&SAME_TEXT).bind(self.scope.tenant().0).bind(project.0).bind(hash).scalar_optional::<Uuid>().await;
        Ok(found?.map(MemoryId))
    }

    /// The live memory of a project that has this key.
    pub(super) async fn same_key(&mut self, project: ProjectId, key: &str) -> Result<Option<MemoryId>> {
        let found = self.session.query(&SAME_KEY).bind(self.scope.tenant().0).bind(project.0).bind(key).scalar_optional::<Uuid>().await;
        Ok(found?.map(MemoryId))
    }

    /// Makes a change to a memory as it now is; false when another live memory has the new text.
    pub(super) async fn update(&mut self, current: &Memory, update: Update) -> Result<bool> {
        let mut to = Revision { vector: update.vector, ..Revision::of(current, current.state) };
        update.change.apply(&mut to.content);
        (to.flags, to.trust) = update.noted.unwrap_or((to.flags, to.trust));
        self.revise(current, &to).await
    }

    async fn record(&mut self, key: &Idempotency, added: &[Added]) -> Result<()> {
        self.session
            .query(&RECORD)
            .bind(self.scope.tenant().0)
            .bind(key.operation)
            .bind(&key.key)
            .bind(&key.request_hash)
            .bind(Json(added))
            .bind(self.now.0)
            .execute()
            .await
            .map(drop)
    }
}

/// How an earlier call with this key ended.
pub(super) async fn recorded(session: &mut Session, scope: &TenantScope, key: &Idempotency) -> Result<Option<Guarded<Vec<Added>>>> {
    let row = session
        .query(&RECORDED)
        .bind(scope.tenant().0)
        .bind(key.operation)
        .bind(&key.key)
        .fetch_optional::<(String, Json<Vec<Added>>)>()
        .await;
    let outcome = |(hash, response): (String, Json<Vec<Added>>)| {
        if hash == key.request_hash { Guarded::Replayed(response.0) } else { Guarded::Mismatch }
    };
    Ok(row?.map(outcome))
}
