//! [`OperationStore`] on SQL: an operation with its job, and its end with all its changes, are one transaction each.

use std::time::Duration;

use async_trait::async_trait;
use sqlx::{FromRow, types::Json};
use uuid::Uuid;

use super::{SqlMemoryStore, rows, rows::word, unit::Write};
use crate::{
    adapters::sql::{Session, hold_tenant, jobs, statements},
    clock::Timestamp,
    error::Result,
    ids::{AppId, CredentialId, OperationId, ProjectId, UserId},
    jobs::{JobKind, Priority},
    memory::{Actor, AddEvent, Added, Event, Idempotency, InferInput, Operation, OperationState, OperationStore, ReviewKind, Spent, Step},
    metering::Allowance,
    plans::Meter,
    tenancy::TenantScope,
};

/// How long an operation can be asked for after its end: its results repeat texts.
const KEPT: Duration = Duration::from_hours(48);

statements! {
    CREATE: "INSERT INTO operations (id, tenant_id, project_id, app_id, user_id, credential_id, state, input, results, tokens, request_key, \
        request_hash, created_at) SELECT $1, $2, $3, $4, $5, $6, 'queued', $7, $8, 0, $9, $10, $11 \
        WHERE EXISTS (SELECT 1 FROM projects WHERE tenant_id = $2 AND id = $3) AND EXISTS (SELECT 1 FROM apps WHERE tenant_id = $2 AND id = $4)";
    BY_KEY: "SELECT id, request_hash FROM operations WHERE tenant_id = $1 AND request_key = $2";
    GET: "SELECT id, project_id, app_id, user_id, credential_id, state, input, results, reason, tokens, created_at, finished_at \
        FROM operations WHERE tenant_id = $1 AND id = $2";
    END: "UPDATE operations SET state = $3, input = $4, results = $5, reason = $6, tokens = $7, finished_at = $8 \
        WHERE tenant_id = $1 AND id = $2 AND state = 'queued'";
    OLD: "SELECT EXISTS (SELECT 1 FROM operations WHERE tenant_id = $1 AND finished_at < $2)";
    FORGET: "DELETE FROM operations WHERE tenant_id = $1 AND finished_at < $2";
    TOKENS: "SELECT CAST(COALESCE(SUM(tokens), 0) AS BIGINT) FROM operations WHERE tenant_id = $1 AND finished_at >= $2";
}

#[derive(FromRow)]
struct OperationRow {
    id: Uuid,
    project_id: Uuid,
    app_id: Uuid,
    user_id: Uuid,
    credential_id: Option<Uuid>,
    state: String,
    input: Json<InferInput>,
    results: Json<Vec<Added>>,
    reason: Option<String>,
    tokens: i64,
    created_at: i64,
    finished_at: Option<i64>,
}

impl TryFrom<OperationRow> for Operation {
    type Error = crate::error::Error;

    fn try_from(row: OperationRow) -> Result<Self> {
        Ok(Self {
            id: OperationId(row.id),
            project: ProjectId(row.project_id),
            actor: Actor {
                user: UserId(row.user_id),
                credential: row.credential_id.map(CredentialId),
                app: AppId(row.app_id),
                allowance: Allowance::default(),
            },
            state: word(&row.state)?,
            input: row.input.0,
            results: row.results.0,
            reason: row.reason,
            tokens: row.tokens,
            created_at: Timestamp(row.created_at),
            finished_at: row.finished_at.map(Timestamp),
        })
    }
}

#[async_trait]
impl OperationStore for SqlMemoryStore {
    async fn create(
        &self,
        scope: &TenantScope,
        actor: &Actor,
        project: ProjectId,
        input: &InferInput,
        idempotency: Option<&Idempotency>,
    ) -> Result<Option<Operation>> {
        let mut session = self.db.write(scope).await?;
        // Calls with one key run one after the other.
        hold_tenant(&mut session, scope).await?;
        if let Some(key) = idempotency {
            let known = session.query(&BY_KEY).bind(scope.tenant().0).bind(&key.key).fetch_optional::<(Uuid, Option<String>)>().await;
            if let Some((id, hash)) = known? {
                let same = hash.as_deref() == Some(&key.request_hash);
                return if same { find(&mut session, scope, OperationId(id)).await } else { Ok(None) };
            }
        }
        let (id, now) = (OperationId::new(), self.db.clock.now());
        session.query(&FORGET).bind(scope.tenant().0).bind(now.minus(KEPT).0).execute().await?;
        let made = session
            .query(&CREATE)
            .bind(id.0)
            .bind(scope.tenant().0)
            .bind(project.0)
            .bind(actor.app.0)
            .bind(actor.user.0)
            .bind(actor.credential.map(|c| c.0))
            .bind(Json(input))
            .bind(Json(Vec::<Added>::new()))
            .bind(idempotency.map(|key| &key.key))
            .bind(idempotency.map(|key| &key.request_hash))
            .bind(now.0)
            .execute()
            .await;
        if made? == 0 {
            return Err(crate::error::Error::not_found("project"));
        }
        jobs::enqueue(&mut session, scope, JobKind::INFER, id.0, Priority::High, now).await?;
        let operation = find(&mut session, scope, id).await?;
        session.commit().await?;
        Ok(operation)
    }

    async fn get(&self, scope: &TenantScope, id: OperationId) -> Result<Option<Operation>> {
        find(&mut self.db.read(scope).await?, scope, id).await
    }

    async fn tokens_since(&self, scope: &TenantScope, since: Timestamp) -> Result<u64> {
        let mut session = self.db.read(scope).await?;
        let sum = session.query(&TOKENS).bind(scope.tenant().0).bind(since.0).scalar::<i64>().await;
        Ok(u64::try_from(sum?).unwrap_or(0))
    }

    async fn end(&self, scope: &TenantScope, operation: &Operation, steps: Vec<Step>, spent: &Spent, reason: Option<&str>) -> Result<()> {
        let mut write = self.begin(scope, &operation.actor).await?;
        let mut results = Vec::with_capacity(steps.len());
        for step in steps {
            results.push(self.step(&mut write, step).await?);
        }
        write.record_created().await?;
        write.audit("memory.infer", Some(operation.id.0), serde_json::json!({ "facts": results.len(), "stored": write.stored })).await?;
        write.count(Meter::LlmTokens, spent.tokens, &operation.id.to_string(), &spent.model).await?;
        // It ended meanwhile, by another runner: nothing of this one stays.
        if close(&mut write.session, scope, operation.id, OperationState::Done, &results, reason, spent.tokens, write.now).await? {
            write.commit().await?;
        }
        Ok(())
    }

    async fn forget(&self, scope: &TenantScope) -> Result<()> {
        let before = self.db.clock.now().minus(KEPT);
        let mut session = self.db.read(scope).await?;
        let old = session.query(&OLD).bind(scope.tenant().0).bind(before.0).scalar::<bool>().await;
        drop(session);
        if !old? {
            return Ok(());
        }
        let mut session = self.db.write(scope).await?;
        hold_tenant(&mut session, scope).await?;
        session.query(&FORGET).bind(scope.tenant().0).bind(before.0).execute().await?;
        session.commit().await
    }

    async fn fail(&self, scope: &TenantScope, id: OperationId, reason: &str) -> Result<()> {
        let mut session = self.db.write(scope).await?;
        close(&mut session, scope, id, OperationState::Failed, &[], Some(reason), 0, self.db.clock.now()).await?;
        session.commit().await
    }
}

async fn find(session: &mut Session, scope: &TenantScope, id: OperationId) -> Result<Option<Operation>> {
    let row = session.query(&GET).bind(scope.tenant().0).bind(id.0).fetch_optional::<OperationRow>().await;
    row?.map(TryInto::try_into).transpose()
}

/// False when it had ended before.
#[expect(clippy::too_many_arguments, reason = "the columns of one row")]
async fn close(
    session: &mut Session,
    scope: &TenantScope,
    id: OperationId,
    state: OperationState,
    results: &[Added],
    reason: Option<&str>,
    tokens: u64,
    now: Timestamp,
) -> Result<bool> {
    let done = session
        .query(&END)
        .bind(scope.tenant().0)
        .bind(id.0)
        .bind(state.as_str())
        .bind(Json(InferInput::default()))
        .bind(Json(results))
        .bind(reason)
        .bind(i64::try_from(tokens).unwrap_or(i64::MAX))
        .bind(now.0)
        .execute()
        .await;
    Ok(done? > 0)
}

impl SqlMemoryStore {
    async fn step(&self, write: &mut Write<'_>, step: Step) -> Result<Added> {
        match step {
            Step::Add(gated) => self.take(write, gated, Priority::High).await,
            Step::Keep { id, text } => Ok(Added { reason: Some("duplicate".into()), ..Added::plain(id, text, AddEvent::None) }),
            Step::Delete { id, text } => {
                // It was known once; it only holds no longer. What has gone meanwhile needs no end.
                if write.end_of_validity(id, None).await? {
                    write.queue_review(id, ReviewKind::Contradicts, None).await?;
                }
                Ok(Added::plain(id, text, AddEvent::Delete))
            }
            Step::Update { id, update, otherwise } => {
                let current = rows::memory(&mut write.session, write.scope, None, id).await?;
                let same = current.filter(|current| update.expected_version == Some(current.version));
                let (Some(current), Some(text)) = (same, update.change.text.clone()) else {
                    // It changed while the model was thinking: the fact stands on its own.
                    return write.insert(otherwise, Priority::High).await;
                };
                if write.same_text(otherwise.project, &current.origin.hash(&text)).await?.is_some() {
                    // Another memory has that text, seen or not: the fact stands on its own.
                    return write.insert(otherwise, Priority::High).await;
                }
                write.update(&current, update).await?;
                write.history(&[id], Event::Updated).await?;
                write.queue_review(id, ReviewKind::Contradicts, None).await?;
                Ok(Added::plain(id, text, AddEvent::Update))
            }
        }
    }
}
