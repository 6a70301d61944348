//! Changing memories. One call is one transaction: the tenant's next sequence number, the memory, its history, its
//! vector, its index job, the audit row and (where asked) the idempotency record stand or fall together.

use std::collections::BTreeMap;

use sqlx::types::Json;
use uuid::Uuid;

use super::{SqlMemoryStore, read, rows::vector_to_bytes};
use crate::{
    adapters::sql::{Session, failed, hold_tenant, id_list, ids_in, jobs, on, statements, words_in},
    clock::Timestamp,
    error::{Error, Result},
    ids::{MemoryId, ProjectId},
    jobs::{JobKind, Priority},
    memory::{
        AccessRecord, Actor, AddEvent, Added, EmbeddingModel, Event, Guarded, Idempotency, Insert, Placement, Point, Selection, State,
        Update, Updated,
    },
    tenancy::TenantScope,
};

macro_rules! set_state {
    ($e:ident) => {
        concat!(
            "UPDATE memories SET state = $3, version = version + 1, seq = $4, updated_at = $5, \
             archived_at = CASE WHEN $3 = 'archived' THEN $5 ELSE archived_at END, \
             deleted_at = CASE WHEN $3 = 'deleted' THEN $5 ELSE deleted_at END \
             WHERE tenant_id = $1 AND state <> 'deleted' AND state <> $3 AND (project_id = $2 OR $2 IS NULL) \
             AND ($6 OR id IN ",
            ids_in!($e, "$7"),
            " OR app_id = $8 OR EXISTS (SELECT 1 FROM ",
            set_state!(@tags $e),
            " AS tag WHERE tag.value IN ",
            words_in!($e, "$9"),
            ")) AND ($10 = '[]' OR state IN ",
            words_in!($e, "$10"),
            ") RETURNING id"
        )
    };
    (@tags sqlite) => {
        "json_each(memories.tags)"
    };
    (@tags postgres) => {
        "jsonb_array_elements_text(memories.tags)"
    };
}
macro_rules! touch_sequence {
    ($e:ident) => {
        concat!("UPDATE memories SET seq = $3 WHERE tenant_id = $1 AND state <> 'deleted' AND id IN ", ids_in!($e, "$2"))
    };
}
macro_rules! history {
    ($e:ident) => {
        concat!(
            "INSERT INTO memory_history (memory_id, version, tenant_id, event, content, metadata, tags, state, app_id, user_id, credential_id, changed_at) \
             SELECT m.id, m.version, m.tenant_id, $3, m.content, m.metadata, m.tags, m.state, $4, $5, $6, $7 \
             FROM memories m WHERE m.tenant_id = $1 AND m.id IN ",
            ids_in!($e, "$2")
        )
    };
}
macro_rules! record_access {
    (sqlite) => {
        "INSERT INTO access_log (tenant_id, memory_id, app_id, access_type, accessed_at, count) \
         SELECT $1, unhex(value ->> 0), unhex(value ->> 1), value ->> 2, value ->> 3, value ->> 4 FROM json_each($2) \
         WHERE EXISTS (SELECT 1 FROM memories m WHERE m.tenant_id = $1 AND m.id = unhex(value ->> 0))"
    };
    (postgres) => {
        "INSERT INTO access_log (tenant_id, memory_id, app_id, access_type, accessed_at, count) \
         SELECT $1, (value ->> 0)::uuid, (value ->> 1)::uuid, value ->> 2, (value ->> 3)::bigint, (value ->> 4)::bigint \
         FROM jsonb_array_elements($2::text::jsonb) \
         WHERE EXISTS (SELECT 1 FROM memories m WHERE m.tenant_id = $1 AND m.id = (value ->> 0)::uuid)"
    };
}
macro_rules! count_access {
    (sqlite) => {
        "UPDATE memories SET access_count = access_count + r.reads, last_accessed_at = \
         CASE WHEN memories.last_accessed_at > r.last THEN memories.last_accessed_at ELSE r.last END FROM \
         (SELECT unhex(value ->> 0) AS id, SUM(value ->> 4) AS reads, MAX(value ->> 3) AS last FROM json_each($2) GROUP BY 1) r \
         WHERE memories.tenant_id = $1 AND memories.id = r.id"
    };
    (postgres) => {
        "UPDATE memories SET access_count = access_count + r.reads, last_accessed_at = \
         CASE WHEN memories.last_accessed_at > r.last THEN memories.last_accessed_at ELSE r.last END FROM \
         (SELECT (value ->> 0)::uuid AS id, SUM((value ->> 4)::bigint)::bigint AS reads, MAX((value ->> 3)::bigint) AS last \
          FROM jsonb_array_elements($2::text::jsonb) GROUP BY 1) r \
         WHERE memories.tenant_id = $1 AND memories.id = r.id"
    };
}

statements! {
    NEXT_SEQUENCE: "UPDATE tenants SET change_seq = change_seq + 1 WHERE id = $1 RETURNING change_seq";
    INSERT: "INSERT INTO memories (id, tenant_id, project_id, app_id, user_id, credential_id, content, content_hash, metadata, tags, \
        memory_type, pattern_signature, strength, confidence, access_count, speaker, occurred_at, session_id, state, version, seq, \
        created_at, updated_at) SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 0.5, $13, 0, $14, $15, $16, 'active', 1, $17, $18, $19 \
        WHERE EXISTS (SELECT 1 FROM projects WHERE tenant_id = $2 AND id = $3) AND EXISTS (SELECT 1 FROM apps WHERE tenant_id = $2 AND id = $4)";
    SAME_TEXT: "SELECT id FROM memories WHERE tenant_id = $1 AND project_id = $2 AND content_hash = $3 AND state <> 'deleted'";
    SAME_KEY: "SELECT id FROM memories WHERE tenant_id = $1 AND project_id = $2 AND pattern_signature = $3 AND state <> 'deleted'";
    UPDATE: "UPDATE memories SET content = COALESCE($3, content), content_hash = COALESCE($4, content_hash), \
        metadata = COALESCE($5, metadata), tags = COALESCE($6, tags), memory_type = COALESCE($7, memory_type), \
        confidence = COALESCE($8, confidence), version = version + 1, seq = $9, updated_at = $10 \
        WHERE tenant_id = $1 AND id = $2 AND state <> 'deleted'";
    SET_STATE: set_state;
    HISTORY: history;
    PUT_VECTOR: "INSERT INTO memory_vectors (memory_id, model, tenant_id, content_hash, dimension, vector) \
        SELECT m.id, $3, m.tenant_id, m.content_hash, $5, $6 FROM memories m \
        WHERE m.tenant_id = $1 AND m.id = $2 AND m.content_hash = $4 AND m.state <> 'deleted' \
        ON CONFLICT (memory_id, model) DO UPDATE \
        SET content_hash = excluded.content_hash, dimension = excluded.dimension, vector = excluded.vector";
    PLACE: "UPDATE tenants SET collection = $2, moving_to = $3 WHERE id = $1";
    TOUCH_SEQUENCE: touch_sequence;
    DROP_VECTORS: "DELETE FROM memory_vectors WHERE tenant_id = $1 AND memory_id IN (SELECT id FROM memories WHERE tenant_id = $1 AND state = 'deleted' AND seq = $2)";
    AUDIT: "INSERT INTO audit (id, tenant_id, user_id, credential_id, action, subject_id, detail, at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    RECORDED: "SELECT request_hash, response FROM idempotency_keys WHERE tenant_id = $1 AND operation = $2 AND key = $3";
    RECORD: "INSERT INTO idempotency_keys (tenant_id, operation, key, request_hash, response, created_at) VALUES ($1, $2, $3, $4, $5, $6)";
    RECORD_ACCESS: record_access;
    COUNT_ACCESS: count_access;
}

/// What every step of one write shares.
pub(super) struct Write<'a> {
    pub(super) session: Session,
    pub(super) scope: &'a TenantScope,
    actor: &'a Actor,
    sequence: i64,
    pub(super) now: Timestamp,
    /// Memories that this call made.
    pub(super) stored: usize,
    /// Those among them whose first history row is not written yet.
    unrecorded: Vec<MemoryId>,
    /// Jobs to queue before the commit, in the order in which every transaction takes their rows.
    jobs: BTreeMap<Uuid, Priority>,
}

impl SqlMemoryStore {
    /// Opens the transaction and takes the tenant's next sequence number.
    pub(super) async fn begin<'a>(&self, scope: &'a TenantScope, actor: &'a Actor) -> Result<Write<'a>> {
        let mut session = self.db.write(scope).await?;
        let sequence = next_sequence(&mut session, scope).await?;
        let now = self.db.clock.now();
        Ok(Write { session, scope, actor, sequence, now, stored: 0, unrecorded: Vec::new(), jobs: BTreeMap::new() })
    }

    pub(super) async fn do_insert(
        &self,
        scope: &TenantScope,
        actor: &Actor,
        model: &EmbeddingModel,
        memories: Vec<Insert>,
        index_job: bool,
        idempotency: Option<&Idempotency>,
    ) -> Result<Guarded<Vec<Added>>> {
        // The tenant's row is taken first, so calls with one key run one after the other.
        let mut write = self.begin(scope, actor).await?;
        if let Some(key) = idempotency
            && let Some(recorded) = write.recorded(key).await?
        {
            return Ok(recorded);
        }
        let priority = if memories.len() == 1 { Priority::High } else { Priority::Normal };
        let mut added = Vec::with_capacity(memories.len());
        for memory in memories {
            added.push(write.insert(model, memory, index_job, priority).await?);
        }
        write.record_created().await?;
        write.audit("memory.add", None, serde_json::json!({ "stored": write.stored, "asked": added.len() })).await?;
        if let Some(key) = idempotency {
            write.record(key, &added).await?;
        }
        write.commit().await?;
        Ok(Guarded::Done(added))
    }

    pub(super) async fn do_update(
        &self,
        scope: &TenantScope,
        actor: &Actor,
        model: &EmbeddingModel,
        id: MemoryId,
        update: Update,
        index_job: bool,
    ) -> Result<Updated> {
        let mut write = self.begin(scope, actor).await?;
        let Some(current) = read::memory(&mut write.session, scope, update.project, id).await? else {
            return Ok(Updated::Unknown);
        };
        if update.expected_version.is_some_and(|version| version != current.version) {
            return Ok(Updated::VersionConflict { current: current.version });
        }
        if !write.update(model, id, update, index_job).await? {
            return Ok(Updated::Duplicate);
        }
        write.history(&[id], Event::Updated).await?;
        write.audit("memory.update", Some(id.0), serde_json::json!({ "version": current.version + 1 })).await?;
        let memory = read::memory(&mut write.session, scope, None, id).await?;
        let memory = memory.ok_or_else(|| Error::internal(anyhow::anyhow!("memory {id} vanished inside its own transaction")))?;
        write.commit().await?;
        Ok(Updated::Changed(Box::new(memory)))
    }

    pub(super) async fn do_set_state(
        &self,
        scope: &TenantScope,
        actor: &Actor,
        selection: &Selection,
        state: State,
        index_job: bool,
    ) -> Result<Vec<MemoryId>> {
        let mut write = self.begin(scope, actor).await?;
        let moved = write.set_state(selection, state, index_job).await?;
        if !moved.is_empty() {
            let action = if state == State::Deleted { "memory.delete" } else { "memory.set_state" };
            write.audit(action, None, serde_json::json!({ "state": state.as_str(), "memories": moved.len() })).await?;
            write.commit().await?;
        }
        Ok(moved)
    }

    pub(super) async fn do_store_vectors(&self, scope: &TenantScope, model: &EmbeddingModel, points: &[Point]) -> Result<()> {
        let mut session = self.db.write(scope).await?;
        let sequence = next_sequence(&mut session, scope).await?;
        let mut stored = Vec::with_capacity(points.len());
        for point in points {
            if put_vector(&mut session, scope, model, point.memory.id, &point.memory.hash, &point.vector).await? {
                stored.push(point.memory.id.0);
            }
        }
        let stored = id_list(stored);
        on!(session, |c, e| {
            sqlx::query(TOUCH_SEQUENCE.of(e)).bind(scope.tenant().0).bind(&stored).bind(sequence).execute(c).await.map(drop)
        })
        .map_err(failed)?;
        session.commit().await
    }

    pub(super) async fn do_place(&self, scope: &TenantScope, placement: &Placement) -> Result<()> {
        let mut session = self.db.write(scope).await?;
        // Working sets everywhere learn of it as of any change.
        next_sequence(&mut session, scope).await?;
        on!(session, |c, e| {
            let query = sqlx::query(PLACE.of(e)).bind(scope.tenant().0).bind(&placement.collection).bind(&placement.moving_to);
            query.execute(c).await.map(drop)
        })
        .map_err(failed)?;
        session.commit().await
    }

    pub(super) async fn do_record_access(&self, records: &[AccessRecord]) -> Result<()> {
        for of_one_tenant in records.chunk_by(|a, b| a.scope == b.scope) {
            let scope = &of_one_tenant[0].scope;
            let json: Vec<_> = of_one_tenant
                .iter()
                .map(|r| (r.memory.0.simple().to_string(), r.app.0.simple().to_string(), r.access.as_str(), r.at.0, r.count))
                .collect();
            let json = serde_json::to_string(&json).map_err(Error::internal)?;
            let mut session = self.db.write(scope).await?;
            hold_tenant(&mut session, scope).await?;
            for sql in [RECORD_ACCESS, COUNT_ACCESS] {
                on!(session, |c, e| sqlx::query(sql.of(e)).bind(scope.tenant().0).bind(&json).execute(c).await.map(drop))
                    .map_err(failed)?;
            }
            session.commit().await?;
        }
        Ok(())
    }
}

impl Write<'_> {
    /// Moves the selected memories; answers those that moved.
    pub(super) async fn set_state(&mut self, selection: &Selection, state: State, index_job: bool) -> Result<Vec<MemoryId>> {
        let scope = self.scope;
        let ids = id_list(selection.ids.iter().map(|id| id.0));
        let tags = serde_json::to_string(&selection.tags).map_err(Error::internal)?;
        let from = serde_json::to_string(&selection.from).map_err(Error::internal)?;
        let moved = on!(self.session, |c, e| {
            let query = sqlx::query_scalar::<_, Uuid>(SET_STATE.of(e))
                .bind(scope.tenant().0)
                .bind(selection.project.map(|p| p.0))
                .bind(state.as_str())
                .bind(self.sequence)
                .bind(self.now.0)
                .bind(selection.all)
                .bind(&ids)
                .bind(selection.app.map(|a| a.0))
                .bind(&tags)
                .bind(&from);
            query.fetch_all(c).await
        });
        let moved: Vec<_> = moved.map_err(failed)?.into_iter().map(MemoryId).collect();
        if moved.is_empty() {
            return Ok(moved);
        }
        let event = if state == State::Deleted { Event::Deleted } else { Event::StateChanged };
        self.history(&moved, event).await?;
        if state == State::Deleted {
            on!(self.session, |c, e| sqlx::query(DROP_VECTORS.of(e)).bind(scope.tenant().0).bind(self.sequence).execute(c).await.map(drop))
                .map_err(failed)?;
        }
        if index_job {
            self.jobs.extend(moved.iter().map(|id| (id.0, Priority::Normal)));
        }
        Ok(moved)
    }

    pub(super) async fn insert(&mut self, model: &EmbeddingModel, memory: Insert, index_job: bool, priority: Priority) -> Result<Added> {
        if let Some(id) = self.same_text(memory.project, &memory.hash).await? {
            return Ok(Added { id, memory: memory.text, event: AddEvent::None });
        }
        if let Some(key) = &memory.pattern_signature
            && let Some(id) = self.same_key(memory.project, key).await?
        {
            // The key may be that of a memory of this very call: its first step is told before its second is made.
            self.record_created().await?;
            let update = Update {
                text: Some((memory.hash, memory.text.clone())),
                metadata: Some(memory.metadata),
                tags: Some(memory.tags),
                memory_type: Some(memory.memory_type),
                confidence: Some(memory.confidence),
                vector: memory.vector,
                ..Update::default()
            };
            self.update(model, id, update, index_job).await?;
            self.history(&[id], Event::Updated).await?;
            return Ok(Added { id, memory: memory.text, event: AddEvent::Update });
        }
        let inserted = on!(self.session, |c, e| {
            let query = sqlx::query(INSERT.of(e))
                .bind(memory.id.0)
                .bind(self.scope.tenant().0)
                .bind(memory.project.0)
                .bind(self.actor.app.0)
                .bind(self.actor.user.0)
                .bind(self.actor.credential.map(|c| c.0))
                .bind(&memory.text)
                .bind(&memory.hash)
                .bind(Json(&memory.metadata))
                .bind(Json(&memory.tags))
                .bind(memory.memory_type.as_str())
                .bind(&memory.pattern_signature)
                .bind(memory.confidence)
                .bind(&memory.speaker)
                .bind(memory.occurred_at.map(|t| t.0))
                .bind(&memory.session_id)
                .bind(self.sequence)
                .bind(memory.created_at.unwrap_or(self.now).0)
                .bind(self.now.0);
            query.execute(c).await.map(|r| r.rows_affected())
        });
        if inserted.map_err(failed)? == 0 {
            // The project is not this tenant's (or is gone): a foreign key alone would not notice.
            return Err(Error::not_found("project"));
        }
        self.stored += 1;
        self.unrecorded.push(memory.id);
        self.vector_or_job(model, memory.id, &memory.hash, memory.vector.as_deref(), index_job, priority).await?;
        Ok(Added { id: memory.id, memory: memory.text, event: AddEvent::Add })
    }

    /// The live memory of a project that has this hash.
    pub(super) async fn same_text(&mut self, project: ProjectId, hash: &str) -> Result<Option<MemoryId>> {
        let found = on!(self.session, |c, e| {
            let query = sqlx::query_scalar::<_, Uuid>(SAME_TEXT.of(e)).bind(self.scope.tenant().0).bind(project.0).bind(hash);
            query.fetch_optional(c).await
        });
        Ok(found.map_err(failed)?.map(MemoryId))
    }

    /// The live memory of a project that has this key.
    async fn same_key(&mut self, project: ProjectId, key: &str) -> Result<Option<MemoryId>> {
        let found = on!(self.session, |c, e| {
            let query = sqlx::query_scalar::<_, Uuid>(SAME_KEY.of(e)).bind(self.scope.tenant().0).bind(project.0).bind(key);
            query.fetch_optional(c).await
        });
        Ok(found.map_err(failed)?.map(MemoryId))
    }

    /// False when another live memory has the new text.
    pub(super) async fn update(&mut self, model: &EmbeddingModel, id: MemoryId, update: Update, index_job: bool) -> Result<bool> {
        let done = on!(self.session, |c, e| {
            let query = sqlx::query(UPDATE.of(e))
                .bind(self.scope.tenant().0)
                .bind(id.0)
                .bind(update.text.as_ref().map(|(_, text)| text))
                .bind(update.text.as_ref().map(|(hash, _)| hash))
                .bind(update.metadata.as_ref().map(Json))
                .bind(update.tags.as_ref().map(Json))
                .bind(update.memory_type.map(crate::memory::MemoryType::as_str))
                .bind(update.confidence)
                .bind(self.sequence)
                .bind(self.now.0);
            query.execute(c).await.map(drop)
        });
        match done {
            Err(sqlx::Error::Database(error)) if error.is_unique_violation() => return Ok(false),
            other => other.map_err(failed)?,
        }
        if let Some((hash, _)) = &update.text {
            self.vector_or_job(model, id, hash, update.vector.as_deref(), index_job, Priority::High).await?;
        }
        Ok(true)
    }

    async fn vector_or_job(
        &mut self,
        model: &EmbeddingModel,
        id: MemoryId,
        hash: &str,
        vector: Option<&[f32]>,
        index_job: bool,
        priority: Priority,
    ) -> Result<()> {
        if let Some(vector) = vector {
            put_vector(&mut self.session, self.scope, model, id, hash, vector).await?;
        }
        if index_job || vector.is_none() {
            self.jobs.insert(id.0, priority);
        }
        Ok(())
    }

    /// Writes the first history row of what was made so far, while it is as it was made.
    pub(super) async fn record_created(&mut self) -> Result<()> {
        let ids = std::mem::take(&mut self.unrecorded);
        if ids.is_empty() { Ok(()) } else { self.history(&ids, Event::Created).await }
    }

    /// Queues the jobs and makes everything durable.
    pub(super) async fn commit(mut self) -> Result<()> {
        for (subject, priority) in std::mem::take(&mut self.jobs) {
            jobs::enqueue(&mut self.session, self.scope, JobKind::Index, subject, priority, self.now).await?;
        }
        self.session.commit().await
    }

    pub(super) async fn history(&mut self, ids: &[MemoryId], event: Event) -> Result<()> {
        let list = id_list(ids.iter().map(|id| id.0));
        on!(self.session, |c, e| {
            let query = sqlx::query(HISTORY.of(e))
                .bind(self.scope.tenant().0)
                .bind(&list)
                .bind(event.as_str())
                .bind(self.actor.app.0)
                .bind(self.actor.user.0)
                .bind(self.actor.credential.map(|c| c.0))
                .bind(self.now.0);
            query.execute(c).await.map(drop)
        })
        .map_err(failed)
    }

    pub(super) async fn audit(&mut self, action: &str, subject: Option<Uuid>, detail: serde_json::Value) -> Result<()> {
        let (user, credential) = (self.actor.user.0, self.actor.credential.map(|c| c.0));
        audit(&mut self.session, self.scope, user, credential, action, subject, detail, self.now).await
    }

    async fn recorded(&mut self, key: &Idempotency) -> Result<Option<Guarded<Vec<Added>>>> {
        let row = on!(self.session, |c, e| {
            let query = sqlx::query_as::<_, (String, Json<Vec<Added>>)>(RECORDED.of(e));
            query.bind(self.scope.tenant().0).bind(key.operation).bind(&key.key).fetch_optional(c).await
        });
        Ok(row.map_err(failed)?.map(
            |(hash, response)| {
                if hash == key.request_hash { Guarded::Replayed(response.0) } else { Guarded::Mismatch }
            },
        ))
    }

    async fn record(&mut self, key: &Idempotency, added: &[Added]) -> Result<()> {
        on!(self.session, |c, e| {
            let query = sqlx::query(RECORD.of(e))
                .bind(self.scope.tenant().0)
                .bind(key.operation)
                .bind(&key.key)
                .bind(&key.request_hash)
                .bind(Json(added))
                .bind(self.now.0);
            query.execute(c).await.map(drop)
        })
        .map_err(failed)
    }
}

async fn next_sequence(session: &mut Session, scope: &TenantScope) -> Result<i64> {
    let next = on!(*session, |c, e| sqlx::query_scalar::<_, i64>(NEXT_SEQUENCE.of(e)).bind(scope.tenant().0).fetch_one(c).await);
    next.map_err(failed)
}

/// Keeps a vector of the memory's present text; false when the text has changed since.
async fn put_vector(
    session: &mut Session,
    scope: &TenantScope,
    model: &EmbeddingModel,
    id: MemoryId,
    hash: &str,
    vector: &[f32],
) -> Result<bool> {
    let dimension = i32::try_from(vector.len()).map_err(Error::internal)?;
    let done = on!(*session, |c, e| {
        let query = sqlx::query(PUT_VECTOR.of(e))
            .bind(scope.tenant().0)
            .bind(id.0)
            .bind(&model.id)
            .bind(hash)
            .bind(dimension)
            .bind(vector_to_bytes(vector));
        query.execute(c).await.map(|r| r.rows_affected())
    });
    Ok(done.map_err(failed)? > 0)
}

/// Appends an audit row in the caller's transaction.
#[expect(clippy::too_many_arguments, reason = "the columns of one row")]
pub(in crate::adapters::sql) async fn audit(
    session: &mut Session,
    scope: &TenantScope,
    user: Uuid,
    credential: Option<Uuid>,
    action: &str,
    subject: Option<Uuid>,
    detail: serde_json::Value,
    now: Timestamp,
) -> Result<()> {
    on!(*session, |c, e| {
        let query = sqlx::query(AUDIT.of(e))
            .bind(Uuid::now_v7())
            .bind(scope.tenant().0)
            .bind(user)
            .bind(credential)
            .bind(action)
            .bind(subject)
            .bind(Json(&detail))
            .bind(now.0);
        query.execute(c).await.map(drop)
    })
    .map_err(failed)
}
