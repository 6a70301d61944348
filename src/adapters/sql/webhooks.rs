//! [`WebhookStore`] on SQL, and the outbox that a write fills in its own transaction.

use std::sync::Arc;

use async_trait::async_trait;
use serde_json::Value;
use sqlx::{FromRow, types::Json};
use uuid::Uuid;

use super::{Db, Engine, Session, audit::audit, jobs, statements, words_of};
use crate::{
    clock::Timestamp,
    error::Result,
    jobs::{JobKind, Priority},
    tenancy::{Doer, TenantScope},
    webhooks::{Delivery, DeliveryState, EventKind, Webhook, WebhookStore},
};

fn wants(e: Engine) -> String {
    let words = words_of(e, "w.events");
    format!("(NOT EXISTS (SELECT 1 FROM {words} AS v) OR EXISTS (SELECT 1 FROM {words} AS v WHERE v.value = $3))")
}

statements! {
    LIST: "SELECT id, url, description, events, is_active, rotation, rotated_at, key_version, created_at, failures, failing_since, blocked_until \
        FROM webhooks WHERE tenant_id = $1 ORDER BY created_at, id";
    PUT: "INSERT INTO webhooks (id, tenant_id, url, description, events, is_active, rotation, rotated_at, key_version, created_at, failures, \
        failing_since, blocked_until) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) ON CONFLICT (id) DO UPDATE SET \
        url = excluded.url, description = excluded.description, events = excluded.events, is_active = excluded.is_active, \
        rotation = excluded.rotation, rotated_at = excluded.rotated_at, key_version = excluded.key_version, failures = excluded.failures, \
        failing_since = excluded.failing_since, blocked_until = excluded.blocked_until WHERE webhooks.tenant_id = $2";
    // What its owner says meanwhile stays: an attempt ends what it knew of.
    STAND: "UPDATE webhooks SET failures = $3, failing_since = $4, blocked_until = $5, is_active = is_active AND $6 WHERE tenant_id = $1 AND id = $2";
    DROP_DELIVERIES: "DELETE FROM webhook_deliveries WHERE tenant_id = $1 AND webhook_id = $2";
    DROP: "DELETE FROM webhooks WHERE tenant_id = $1 AND id = $2";
    OUT: (|e| format!("INSERT INTO webhook_deliveries (webhook_id, event_id, tenant_id, kind, data, state, attempts, next_at, created_at) \
        SELECT w.id, $2, w.tenant_id, $3, $4, 'pending', 0, $5, $5 FROM webhooks w WHERE w.tenant_id = $1 AND w.is_active AND {} \
        RETURNING webhook_id", wants(e)));
    TELL: "INSERT INTO webhook_deliveries (webhook_id, event_id, tenant_id, kind, data, state, attempts, next_at, created_at) \
        VALUES ($2, $3, $1, $4, $5, 'pending', 0, $6, $6)";
    DELIVERIES: "SELECT event_id, kind, data, state, attempts, next_at, status, error, created_at, done_at FROM webhook_deliveries \
        WHERE tenant_id = $1 AND webhook_id = $2 AND (event_id < $3 OR $3 IS NULL) ORDER BY event_id DESC LIMIT $4";
    PENDING: "SELECT event_id, kind, data, state, attempts, next_at, status, error, created_at, done_at FROM webhook_deliveries \
        WHERE tenant_id = $1 AND webhook_id = $2 AND state = 'pending' ORDER BY next_at, event_id LIMIT $3";
    RECORD: "UPDATE webhook_deliveries SET state = $4, attempts = $5, next_at = $6, status = $7, error = $8, done_at = $9 \
        WHERE tenant_id = $1 AND webhook_id = $2 AND event_id = $3";
    AGAIN: "UPDATE webhook_deliveries SET state = 'pending', attempts = 0, next_at = $6, done_at = NULL WHERE tenant_id = $1 AND webhook_id = $2 \
        AND (event_id = $3 OR $3 IS NULL) AND created_at >= $4 AND (state = $5 OR $5 IS NULL)";
    FORGET: "DELETE FROM webhook_deliveries WHERE tenant_id = $1 AND created_at < $2 AND state <> 'pending'";
}

/// Writes what happened for every webhook that wants it, and has them told.
pub(super) async fn out(session: &mut Session, scope: &TenantScope, kind: EventKind, data: &Value, now: Timestamp) -> Result<()> {
    let query = session.query(&OUT).bind(scope.tenant().0).bind(Uuid::now_v7()).bind(kind.as_str()).bind(Json(data)).bind(now.0);
    let mut told = query.scalars::<Uuid>().await?;
    told.sort_unstable();
    for webhook in told {
        jobs::enqueue(session, scope, JobKind::WEBHOOK, webhook, Priority::Normal, now).await?;
    }
    Ok(())
}

#[derive(FromRow)]
struct WebhookRow {
    id: Uuid,
    url: String,
    description: String,
    events: Json<Vec<EventKind>>,
    is_active: bool,
    rotation: i32,
    rotated_at: Option<i64>,
    key_version: i32,
    created_at: i64,
    failures: i32,
    failing_since: Option<i64>,
    blocked_until: Option<i64>,
}

impl From<WebhookRow> for Webhook {
    fn from(row: WebhookRow) -> Self {
        Self {
            id: row.id,
            url: row.url,
            description: row.description,
            events: row.events.0,
            is_active: row.is_active,
            rotation: row.rotation,
            rotated_at: row.rotated_at.map(Timestamp),
            key_version: row.key_version,
            created_at: Timestamp(row.created_at),
            failures: row.failures,
            failing_since: row.failing_since.map(Timestamp),
            blocked_until: row.blocked_until.map(Timestamp),
        }
    }
}

#[derive(FromRow)]
struct DeliveryRow {
    event_id: Uuid,
    kind: String,
    data: Json<Value>,
    state: String,
    attempts: i32,
    next_at: i64,
    status: Option<i32>,
    error: Option<String>,
    created_at: i64,
    done_at: Option<i64>,
}

fn deliveries(rows: Vec<DeliveryRow>) -> Result<Vec<Delivery>> {
    let delivery = |row: DeliveryRow| {
        Ok(Delivery {
            event: row.event_id,
            kind: row.kind.parse()?,
            data: row.data.0,
            state: row.state.parse()?,
            attempts: row.attempts,
            next_at: Timestamp(row.next_at),
            status: row.status,
            error: row.error,
            created_at: Timestamp(row.created_at),
            done_at: row.done_at.map(Timestamp),
        })
    };
    rows.into_iter().map(delivery).collect()
}

/// Webhooks in SQL.
pub struct SqlWebhookStore {
    db: Db,
}

impl SqlWebhookStore {
    /// A store over a database.
    #[must_use]
    pub fn shared(db: &Db) -> Arc<Self> {
        Arc::new(Self { db: db.clone() })
    }
}

#[async_trait]
impl WebhookStore for SqlWebhookStore {
    async fn webhooks(&self, scope: &TenantScope) -> Result<Vec<Webhook>> {
        let mut session = self.db.read(scope).await?;
        let rows = session.query(&LIST).bind(scope.tenant().0).fetch_all::<WebhookRow>().await?;
        Ok(rows.into_iter().map(Into::into).collect())
    }

    async fn put(&self, scope: &TenantScope, by: Doer, webhook: &Webhook, deed: &'static str) -> Result<()> {
        let now = self.db.clock.now();
        let mut session = self.db.write(scope).await?;
        session
            .query(&PUT)
            .bind(webhook.id)
            .bind(scope.tenant().0)
            .bind(&webhook.url)
            .bind(&webhook.description)
            .bind(Json(&webhook.events))
            .bind(webhook.is_active)
            .bind(webhook.rotation)
            .bind(webhook.rotated_at.map(|at| at.0))
            .bind(webhook.key_version)
            .bind(webhook.created_at.0)
            .bind(webhook.failures)
            .bind(webhook.failing_since.map(|at| at.0))
            .bind(webhook.blocked_until.map(|at| at.0))
            .execute()
            .await?;
        let detail = serde_json::json!({ "active": webhook.is_active });
        audit(&mut session, scope, by.user.0, by.credential.map(|id| id.0), deed, Some(webhook.id), detail, now).await?;
        // What waited while it was switched off.
        jobs::enqueue(&mut session, scope, JobKind::WEBHOOK, webhook.id, Priority::Normal, now).await?;
        session.commit().await
    }

    async fn remove(&self, scope: &TenantScope, by: Doer, id: Uuid) -> Result<bool> {
        let mut session = self.db.write(scope).await?;
        session.query(&DROP_DELIVERIES).bind(scope.tenant().0).bind(id).execute().await?;
        if session.query(&DROP).bind(scope.tenant().0).bind(id).execute().await? == 0 {
            return Ok(false);
        }
        let detail = serde_json::json!({});
        let now = self.db.clock.now();
        audit(&mut session, scope, by.user.0, by.credential.map(|id| id.0), "webhook.delete", Some(id), detail, now).await?;
        session.commit().await?;
        Ok(true)
    }

    async fn tell(&self, scope: &TenantScope, id: Uuid, kind: EventKind, data: Value) -> Result<()> {
        let now = self.db.clock.now();
        let mut session = self.db.write(scope).await?;
        let query = session.query(&TELL).bind(scope.tenant().0).bind(id).bind(Uuid::now_v7()).bind(kind.as_str());
        query.bind(Json(&data)).bind(now.0).execute().await?;
        jobs::enqueue(&mut session, scope, JobKind::WEBHOOK, id, Priority::High, now).await?;
        session.commit().await
    }

    async fn deliveries(&self, scope: &TenantScope, id: Uuid, before: Option<Uuid>, limit: u32) -> Result<Vec<Delivery>> {
        let mut session = self.db.read(scope).await?;
        let query = session.query(&DELIVERIES).bind(scope.tenant().0).bind(id).bind(before).bind(i64::from(limit));
        deliveries(query.fetch_all::<DeliveryRow>().await?)
    }

    async fn pending(&self, scope: &TenantScope, id: Uuid, limit: u32) -> Result<Vec<Delivery>> {
        let mut session = self.db.read(scope).await?;
        let query = session.query(&PENDING).bind(scope.tenant().0).bind(id).bind(i64::from(limit));
        deliveries(query.fetch_all::<DeliveryRow>().await?)
    }

    async fn record(&self, scope: &TenantScope, webhook: &Webhook, delivery: &Delivery) -> Result<()> {
        let mut session = self.db.write(scope).await?;
        session
            .query(&RECORD)
            .bind(scope.tenant().0)
            .bind(webhook.id)
            .bind(delivery.event)
            .bind(delivery.state.as_str())
            .bind(delivery.attempts)
            .bind(delivery.next_at.0)
            .bind(delivery.status)
            .bind(&delivery.error)
            .bind(delivery.done_at.map(|at| at.0))
            .execute()
            .await?;
        let query = session.query(&STAND).bind(scope.tenant().0).bind(webhook.id).bind(webhook.failures);
        let query = query.bind(webhook.failing_since.map(|at| at.0)).bind(webhook.blocked_until.map(|at| at.0));
        query.bind(webhook.is_active).execute().await?;
        session.commit().await
    }

    async fn again(
        &self,
        scope: &TenantScope,
        id: Uuid,
        event: Option<Uuid>,
        since: Timestamp,
        state: Option<DeliveryState>,
    ) -> Result<u64> {
        let now = self.db.clock.now();
        let mut session = self.db.write(scope).await?;
        let query = session.query(&AGAIN).bind(scope.tenant().0).bind(id).bind(event).bind(since.0);
        let again = query.bind(state.map(DeliveryState::as_str)).bind(now.0).execute().await?;
        jobs::enqueue(&mut session, scope, JobKind::WEBHOOK, id, Priority::High, now).await?;
        session.commit().await?;
        Ok(again)
    }

    async fn forget(&self, scope: &TenantScope, before: Timestamp) -> Result<u64> {
        let mut session = self.db.write(scope).await?;
        let forgotten = session.query(&FORGET).bind(scope.tenant().0).bind(before.0).execute().await?;
        session.commit().await?;
        Ok(forgotten)
    }
}
