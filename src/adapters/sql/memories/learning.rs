//! [`LearningStore`] on SQL. Events are only ever appended: what takes one back is an event too, and a unique index on what
//! it names lets that happen once.

use async_trait::async_trait;
use sqlx::FromRow;
use uuid::Uuid;

use super::{SqlMemoryStore, rows, rows::word, unit::Write};
use crate::{
    adapters::sql::{Engine, Session, statements},
    clock::Timestamp,
    error::{Error, Result},
    ids::{FeedbackId, MemoryId, ProjectId},
    memory::{
        Actor,
        learning::{
            Analytics, FeedbackKind, FeedbackStatistics, LearningEvent, LearningStore, Rating, TakenBack, TrendDay, TypeStatistics, Vitals,
        },
    },
    tenancy::TenantScope,
};

/// Entries that stand: neither taken back nor a taking back.
const STANDING: &str =
    "e.tenant_id = $1 AND e.reverts IS NULL AND NOT EXISTS (SELECT 1 FROM learning_events r WHERE r.tenant_id = $1 AND r.reverts = e.id)";

const EVENT_COLUMNS: &str = "e.id, e.memory_id, e.feedback, e.confidence, e.strength_before, e.strength_after, e.query, e.reverts, a.name AS app_name, e.created_at";

fn ratings_sql(_: Engine) -> String {
    format!(
        "SELECT e.query, e.memory_id, e.feedback FROM learning_events e \
             JOIN memories m ON m.id = e.memory_id AND m.tenant_id = e.tenant_id AND m.state = 'active' WHERE {STANDING} AND e.query IS NOT NULL ORDER BY e.id DESC LIMIT $2"
    )
}

statements! {
    SET_STRENGTH: "UPDATE memories SET strength = $3, seq = $4, last_accessed_at = COALESCE($5, last_accessed_at) WHERE tenant_id = $1 AND id = $2";
    ADD_EVENT: "INSERT INTO learning_events (id, tenant_id, project_id, memory_id, app_id, user_id, credential_id, feedback, confidence, \
        strength_before, strength_after, query, reverts, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)";
    EVENT: (|_| format!("SELECT {EVENT_COLUMNS} FROM learning_events e JOIN apps a ON a.id = e.app_id WHERE e.tenant_id = $1 AND e.id = $2"));
    EVENTS: (|_| format!("SELECT {EVENT_COLUMNS} FROM learning_events e JOIN apps a ON a.id = e.app_id WHERE e.tenant_id = $1 AND e.memory_id = $2 ORDER BY e.id"));
    IS_REVERTED: "SELECT COUNT(*) FROM learning_events WHERE tenant_id = $1 AND reverts = $2";
    BY_TYPE: "SELECT memory_type, COUNT(*) AS count, AVG(strength) AS mean_strength, AVG(CAST(access_count AS DOUBLE PRECISION)) AS mean_access_count, \
        MIN(created_at) AS first, MAX(created_at) AS last FROM memories WHERE tenant_id = $1 AND project_id = $2 \
        AND state NOT IN ('deleted', 'superseded') GROUP BY memory_type ORDER BY memory_type";
    BY_FEEDBACK: (|_| format!("SELECT e.feedback AS word, COUNT(*) AS count, AVG(e.confidence) AS mean FROM learning_events e WHERE {STANDING} AND e.project_id = $2 GROUP BY e.feedback ORDER BY e.feedback"));
    TREND: (|_| format!("SELECT e.created_at / 86400000000 AS day, COUNT(*) AS count, AVG(e.confidence) AS mean FROM learning_events e WHERE {STANDING} AND e.project_id = $2 AND e.created_at >= $3 GROUP BY e.created_at / 86400000000 ORDER BY day"));
    VITALS: "SELECT id, memory_type, strength, pinned, access_count, created_at, updated_at, last_accessed_at FROM memories \
        WHERE tenant_id = $1 AND (project_id = $2 OR $2 IS NULL) AND state = 'active' AND (pinned OR expires_at IS NULL OR expires_at > $3)";
    RATINGS: ratings_sql;
}

#[derive(FromRow)]
struct EventRow {
    id: Uuid,
    memory_id: Uuid,
    feedback: String,
    confidence: f64,
    strength_before: f64,
    strength_after: f64,
    query: Option<String>,
    reverts: Option<Uuid>,
    app_name: String,
    created_at: i64,
}

impl TryFrom<EventRow> for LearningEvent {
    type Error = Error;

    fn try_from(row: EventRow) -> Result<Self> {
        Ok(Self {
            id: FeedbackId(row.id),
            memory: MemoryId(row.memory_id),
            kind: word(&row.feedback)?,
            confidence: row.confidence,
            strength_before: row.strength_before,
            strength_after: row.strength_after,
            query: row.query,
            reverts: row.reverts.map(FeedbackId),
            app_name: row.app_name,
            created_at: Timestamp(row.created_at),
        })
    }
}

#[derive(FromRow)]
struct TypeRow {
    memory_type: String,
    count: i64,
    mean_strength: f64,
    mean_access_count: f64,
    first: i64,
    last: i64,
}

#[derive(FromRow)]
struct VitalsRow {
    id: Uuid,
    memory_type: String,
    strength: f64,
    pinned: bool,
    access_count: i64,
    created_at: i64,
    updated_at: i64,
    last_accessed_at: Option<i64>,
}

/// What is to be told of a memory.
struct Said<'a> {
    memory: MemoryId,
    kind: FeedbackKind,
    confidence: f64,
    /// How far the strength moves, before it is kept within its bounds.
    step: f64,
    query: Option<&'a str>,
    reverts: Option<FeedbackId>,
}

impl Write<'_> {
    /// Moves the strength of a memory and keeps the event; `None` when the memory is not there.
    async fn learn(&mut self, project: Option<ProjectId>, said: &Said<'_>) -> Result<Option<LearningEvent>> {
        let (scope, now, id) = (self.scope, self.now, FeedbackId::new());
        let Some(memory) = rows::memory(&mut self.session, scope, project, said.memory).await? else { return Ok(None) };
        let after = (memory.strength + said.step).clamp(0.0, 1.0);
        let used_at = (said.reverts.is_none() && said.step > 0.0).then_some(now.0);
        self.session
            .query(&SET_STRENGTH)
            .bind(scope.tenant().0)
            .bind(memory.id.0)
            .bind(after)
            .bind(self.sequence)
            .bind(used_at)
            .execute()
            .await?;
        self.session
            .query(&ADD_EVENT)
            .bind(id.0)
            .bind(scope.tenant().0)
            .bind(memory.project.0)
            .bind(memory.id.0)
            .bind(self.actor.app.0)
            .bind(self.actor.user.0)
            .bind(self.actor.credential.map(|c| c.0))
            .bind(said.kind.as_str())
            .bind(said.confidence)
            .bind(memory.strength)
            .bind(after)
            .bind(said.query)
            .bind(said.reverts.map(|id| id.0))
            .bind(now.0)
            .execute()
            .await?;
        let (action, detail) = match said.reverts {
            None => ("memory.feedback", serde_json::json!({ "event": id, "feedback": said.kind.as_str(), "strength": after })),
            Some(reverts) => ("memory.feedback_taken_back", serde_json::json!({ "event": id, "reverts": reverts, "strength": after })),
        };
        self.audit(action, Some(memory.id.0), detail).await?;
        event(&mut self.session, scope, id).await
    }
}

async fn event(session: &mut Session, scope: &TenantScope, id: FeedbackId) -> Result<Option<LearningEvent>> {
    let row = session.query(&EVENT).bind(scope.tenant().0).bind(id.0).fetch_optional::<EventRow>().await;
    row?.map(TryInto::try_into).transpose()
}

#[async_trait]
impl LearningStore for SqlMemoryStore {
    async fn give(
        &self,
        scope: &TenantScope,
        actor: &Actor,
        project: Option<ProjectId>,
        memory: MemoryId,
        kind: FeedbackKind,
        confidence: f64,
        query: Option<&str>,
    ) -> Result<Option<LearningEvent>> {
        let mut write = self.begin(scope, actor).await?;
        let said = Said { memory, kind, confidence, step: kind.step() * confidence, query, reverts: None };
        let Some(event) = write.learn(project, &said).await? else { return Ok(None) };
        write.commit().await?;
        Ok(Some(event))
    }

    async fn take_back(&self, scope: &TenantScope, actor: &Actor, project: Option<ProjectId>, id: FeedbackId) -> Result<TakenBack> {
        // The tenant's row is taken first, so two calls for one event run one after the other.
        let mut write = self.begin(scope, actor).await?;
        let Some(given) = event(&mut write.session, scope, id).await? else { return Ok(TakenBack::Unknown) };
        if rows::memory(&mut write.session, scope, project, given.memory).await?.is_none() {
            return Ok(TakenBack::Unknown);
        }
        let reverted = write.session.query(&IS_REVERTED).bind(scope.tenant().0).bind(id.0).scalar::<i64>().await;
        if given.reverts.is_some() || reverted? > 0 {
            return Ok(TakenBack::Settled);
        }
        let said = Said {
            memory: given.memory,
            kind: given.kind,
            confidence: given.confidence,
            // What it did, which at the bounds is less than its step.
            step: given.strength_before - given.strength_after,
            query: given.query.as_deref(),
            reverts: Some(id),
        };
        let Some(event) = write.learn(project, &said).await? else { return Ok(TakenBack::Unknown) };
        write.commit().await?;
        Ok(TakenBack::Done(Box::new(event)))
    }

    async fn events(&self, scope: &TenantScope, memory: MemoryId) -> Result<Vec<LearningEvent>> {
        let mut session = self.db.read(scope).await?;
        let rows = session.query(&EVENTS).bind(scope.tenant().0).bind(memory.0).fetch_all::<EventRow>().await;
        rows?.into_iter().map(TryInto::try_into).collect()
    }

    async fn analytics(&self, scope: &TenantScope, project: ProjectId, since: Timestamp) -> Result<Analytics> {
        let tenant = scope.tenant().0;
        let mut session = self.db.read(scope).await?;
        let types = session.query(&BY_TYPE).bind(tenant).bind(project.0).fetch_all::<TypeRow>().await;
        let types = types?.into_iter().map(|row| {
            Ok(TypeStatistics {
                memory_type: word(&row.memory_type)?,
                count: row.count,
                mean_strength: row.mean_strength,
                mean_access_count: row.mean_access_count,
                first: Timestamp(row.first),
                last: Timestamp(row.last),
            })
        });
        let types = types.collect::<Result<_>>()?;
        let feedback = session.query(&BY_FEEDBACK).bind(tenant).bind(project.0).fetch_all::<(String, i64, f64)>().await;
        let feedback = feedback?.into_iter();
        let feedback = feedback.map(|(kind, count, mean_confidence)| Ok(FeedbackStatistics { kind: word(&kind)?, count, mean_confidence }));
        let feedback = feedback.collect::<Result<_>>()?;
        let trend = session.query(&TREND).bind(tenant).bind(project.0).bind(since.0).fetch_all::<(i64, i64, f64)>().await;
        let day = |(day, events, mean_confidence)| TrendDay { day: Timestamp::from_secs(day * 86_400), events, mean_confidence };
        Ok(Analytics { types, feedback, trend: trend?.into_iter().map(day).collect() })
    }

    async fn vitals(&self, scope: &TenantScope, project: Option<ProjectId>, now: Timestamp) -> Result<Vec<(MemoryId, Vitals)>> {
        let mut session = self.db.read(scope).await?;
        let rows = session.query(&VITALS).bind(scope.tenant().0).bind(project.map(|p| p.0)).bind(now.0).fetch_all::<VitalsRow>().await;
        let vitals = |row: VitalsRow| {
            let since = row.created_at.max(row.updated_at).max(row.last_accessed_at.unwrap_or(i64::MIN));
            let vitals = Vitals {
                memory_type: word(&row.memory_type)?,
                strength: row.strength,
                pinned: row.pinned,
                access_count: row.access_count,
                since: Timestamp(since),
            };
            Ok((MemoryId(row.id), vitals))
        };
        rows?.into_iter().map(vitals).collect()
    }

    async fn ratings(&self, scope: &TenantScope, limit: u32) -> Result<Vec<Rating>> {
        let mut session = self.db.read(scope).await?;
        let rows = session.query(&RATINGS).bind(scope.tenant().0).bind(i64::from(limit)).fetch_all::<(String, Uuid, String)>().await;
        let rating = |(query, memory, kind): (String, Uuid, String)| Ok(Rating { query, memory: MemoryId(memory), kind: word(&kind)? });
        rows?.into_iter().map(rating).collect()
    }
}
