//! One write: a transaction that has taken the tenant's next sequence number. The memory, its history, its vector, its index job and
//! the audit row stand or fall together.

use std::collections::BTreeMap;

use sqlx::types::Json;
use uuid::Uuid;

use super::{
    SqlMemoryStore,
    rows::{bind_content, content, listed, vector_to_bytes},
};
use crate::{
    adapters::sql::{Session, audit::audit, id_list, ids_in, jobs, statements, usage, webhooks},
    clock::Timestamp,
    error::{Error, Result},
    failpoint,
    ids::MemoryId,
    jobs::{JobKind, Priority},
    memory::{Actor, EmbeddingModel, Event, Indexing, Memory, Revision, State},
    plans::Meter,
    tenancy::TenantScope,
    webhooks::EventKind,
};

/// Memories that one event names; it counts all.
const MOST_TOLD: usize = 100;

/// What those who are told call it.
const fn told_as(event: Event) -> EventKind {
    match event {
        Event::Created => EventKind::MemoryAdded,
        Event::Deleted => EventKind::MemoryDeleted,
        Event::StateChanged => EventKind::MemoryStateChanged,
        _ => EventKind::MemoryUpdated,
    }
}

fn revise_sql() -> String {
    let mut number = 9;
    let held = listed(content(), |column| {
        number += 1;
        format!("{column} = ${number}")
    });
    format!(
        "UPDATE memories SET content_hash = $3, state = $4, superseded_by = $5, \
         superseded_at = CASE WHEN $4 = 'superseded' THEN COALESCE(superseded_at, $6) ELSE NULL END, deleted_at = NULL, \
         archived_at = CASE WHEN $4 = 'archived' THEN COALESCE(archived_at, $6) ELSE archived_at END, \
         seq = $7, flags = $8, trust = $9, version = version + 1, updated_at = $6, {held} WHERE tenant_id = $1 AND id = $2"
    )
}

statements! {
    // The first vectors of a tenant are those that it is read by.
    NEXT_SEQUENCE: "UPDATE tenants SET change_seq = change_seq + 1, embedding_model = COALESCE(embedding_model, $2) WHERE id = $1 \
        RETURNING change_seq, EXISTS (SELECT 1 FROM forgotten f WHERE f.tenant_id = tenants.id), \
        EXISTS (SELECT 1 FROM webhooks w WHERE w.tenant_id = tenants.id AND w.is_active)";
    // A new version: what it holds, and the state that it is in.
    REVISE: (|_| revise_sql());
    HISTORY: (|e| format!(
        "INSERT INTO memory_history (memory_id, version, tenant_id, event, state, app_id, user_id, credential_id, changed_at, superseded_by, {own}) \
         SELECT m.id, m.version, m.tenant_id, $3, m.state, $4, $5, $6, $7, m.superseded_by, {of_memory} \
         FROM memories m WHERE m.tenant_id = $1 AND m.id IN {ids}",
        own = listed(content(), str::to_owned),
        of_memory = listed(content(), |column| format!("m.{column}")),
        ids = ids_in(e, "$2")
    ));
    PUT_VECTOR: "INSERT INTO memory_vectors (memory_id, model, tenant_id, content_hash, dimension, vector) \
        SELECT m.id, $3, m.tenant_id, m.content_hash, $5, $6 FROM memories m \
        WHERE m.tenant_id = $1 AND m.id = $2 AND m.content_hash = $4 AND m.state <> 'deleted' \
        ON CONFLICT (memory_id, model) DO UPDATE \
        SET content_hash = excluded.content_hash, dimension = excluded.dimension, vector = excluded.vector";
}

/// What every step of one write shares.
pub(super) struct Write<'a> {
    pub(super) session: Session,
    pub(super) scope: &'a TenantScope,
    pub(super) actor: &'a Actor,
    pub(super) indexing: &'a Indexing,
    pub(super) sequence: i64,
    pub(super) now: Timestamp,
    /// Whether the tenant has deliberately forgotten anything.
    pub(super) forgets: bool,
    /// Whether anybody is told what happens.
    tells: bool,
    /// What happened, for them.
    happened: Vec<(EventKind, serde_json::Value)>,
    /// Memories that this call made.
    pub(super) stored: usize,
    /// Whether a text became longer.
    pub(super) grew: bool,
    /// Those among them whose first history row is not written yet.
    pub(super) unrecorded: Vec<MemoryId>,
    /// Jobs to queue before the commit, in the order in which every transaction takes their rows.
    pub(super) jobs: BTreeMap<Uuid, Priority>,
}

impl SqlMemoryStore {
    /// Opens the transaction and takes the tenant's next sequence number.
    pub(super) async fn begin<'a>(&'a self, scope: &'a TenantScope, actor: &'a Actor) -> Result<Write<'a>> {
        let indexing = &self.indexing;
        let mut session = self.db.write(scope).await?;
        let (sequence, forgets, tells) = next_sequence(&mut session, scope, Some(&indexing.model)).await?;
        let now = self.db.clock.now();
        Ok(Write {
            session,
            scope,
            indexing,
            actor,
            sequence,
            now,
            forgets,
            tells,
            happened: Vec::new(),
            stored: 0,
            grew: false,
            unrecorded: Vec::new(),
            jobs: BTreeMap::new(),
        })
    }
}

impl Write<'_> {
    /// Writes the next version of a memory; false when another live memory has its text.
    pub(super) async fn revise(&mut self, current: &Memory, to: &Revision) -> Result<bool> {
        let hash = current.origin.hash(&to.content.text);
        let query = self
            .session
            .query(&REVISE)
            .bind(self.scope.tenant().0)
            .bind(current.id.0)
            .bind(&hash)
            .bind(to.state.as_str())
            .bind(to.superseded_by.map(|id| id.0))
            .bind(self.now.0)
            .bind(self.sequence)
            .bind(Json(&to.flags))
            .bind(to.trust);
        if bind_content(query, &to.content).execute_unique().await?.is_none() {
            return Ok(false);
        }
        self.grew |= to.content.text.len() > current.content.text.len();
        // A deletion takes the vectors along, what is held back was never embedded, and those of another text are of no use.
        if matches!(current.state, State::Deleted | State::Held) || hash != current.hash {
            self.vector_or_job(current.id, &hash, to.vector.as_deref(), Priority::High).await?;
        } else if to.state != current.state && self.indexing.external {
            self.jobs.insert(current.id.0, Priority::Normal);
        }
        Ok(true)
    }

    pub(super) async fn vector_or_job(&mut self, id: MemoryId, hash: &str, vector: Option<&[f32]>, priority: Priority) -> Result<()> {
        if let Some(vector) = vector {
            put_vector(&mut self.session, self.scope, &self.indexing.model, id, hash, vector).await?;
        }
        if self.indexing.texts_leave_jobs() || vector.is_none() {
            self.jobs.insert(id.0, priority);
        }
        Ok(())
    }

    /// Writes the first history row of what was made so far, while it is as it was made.
    pub(super) async fn record_created(&mut self) -> Result<()> {
        let ids = std::mem::take(&mut self.unrecorded);
        if ids.is_empty() { Ok(()) } else { self.history(&ids, Event::Created).await }
    }

    /// Counts what this call made, and refuses it where the tenant may not hold or store so much.
    async fn meter(&mut self) -> Result<()> {
        let (allowance, stored) = (self.actor.allowance, i64::try_from(self.stored).unwrap_or(i64::MAX));
        if stored > 0 {
            let passed = usage::take_adds(&mut self.session, self.scope, allowance, stored, self.now).await?;
            self.count(Meter::Adds, self.stored as u64, &format!("change {}", self.sequence), "").await?;
            if let Some(percent) = passed {
                let detail = serde_json::json!({ "meter": "adds", "percent": percent, "limit": allowance.adds });
                self.audit("usage.threshold", None, detail.clone()).await?;
                if self.tells {
                    self.happened.push((EventKind::UsageThreshold, detail));
                }
            }
        }
        if (stored > 0 || self.grew) && allowance.limits_holdings() {
            allowance.check_holdings(usage::holdings(&mut self.session, self.scope).await?)?;
        }
        Ok(())
    }

    /// Counts work that this call did; nothing where there is none.
    pub(super) async fn count(&mut self, meter: Meter, quantity: u64, source: &str, model: &str) -> Result<()> {
        if quantity == 0 {
            return Ok(());
        }
        let quantity = i64::try_from(quantity).unwrap_or(i64::MAX);
        usage::count(&mut self.session, self.scope, self.actor, meter, quantity, source, model, self.now).await
    }

    /// Queues the jobs and makes everything durable.
    pub(super) async fn commit(mut self) -> Result<()> {
        self.meter().await?;
        for (kind, data) in std::mem::take(&mut self.happened) {
            webhooks::out(&mut self.session, self.scope, kind, &data, self.now).await?;
        }
        failpoint::reached("write.rows")?;
        for (subject, priority) in std::mem::take(&mut self.jobs) {
            jobs::enqueue(&mut self.session, self.scope, JobKind::INDEX, subject, priority, self.now).await?;
        }
        failpoint::reached("write.jobs")?;
        self.session.commit().await?;
        failpoint::reached("write.committed")
    }

    pub(super) async fn history(&mut self, ids: &[MemoryId], event: Event) -> Result<()> {
        if self.tells {
            let told: Vec<_> = ids.iter().take(MOST_TOLD).collect();
            let data = serde_json::json!({ "memory_ids": told, "count": ids.len(), "app_id": self.actor.app });
            self.happened.push((told_as(event), data));
        }
        let list = id_list(ids.iter().map(|id| id.0));
        self.session
            .query(&HISTORY)
            .bind(self.scope.tenant().0)
            .bind(&list)
            .bind(event.as_str())
            .bind(self.actor.app.0)
            .bind(self.actor.user.0)
            .bind(self.actor.credential.map(|c| c.0))
            .bind(self.now.0)
            .execute()
            .await
            .map(drop)
    }

    pub(super) async fn audit(&mut self, action: &str, subject: Option<Uuid>, detail: serde_json::Value) -> Result<()> {
        let (user, credential) = (self.actor.user.0, self.actor.credential.map(|c| c.0));
        audit(&mut self.session, self.scope, user, credential, action, subject, detail, self.now).await
    }
}

/// The tenant's next sequence number, whether it has deliberately forgotten anything, and whether anybody is told what happens.
pub(super) async fn next_sequence(session: &mut Session, scope: &TenantScope, model: Option<&EmbeddingModel>) -> Result<(i64, bool, bool)> {
    session.query(&NEXT_SEQUENCE).bind(scope.tenant().0).bind(model.map(|m| &m.id)).fetch_one::<(i64, bool, bool)>().await
}

/// Keeps the vectors of the memory's present text; false when the text has changed since.
pub(super) async fn put_vector(
    session: &mut Session,
    scope: &TenantScope,
    model: &EmbeddingModel,
    id: MemoryId,
    hash: &str,
    vector: &[f32],
) -> Result<bool> {
    let dimension = i32::try_from(model.dimension).map_err(Error::internal)?;
    let done = session
        .query(&PUT_VECTOR)
        .bind(scope.tenant().0)
        .bind(id.0)
        .bind(&model.id)
        .bind(hash)
        .bind(dimension)
        .bind(vector_to_bytes(vector))
        .execute()
        .await;
    Ok(done? > 0)
}
