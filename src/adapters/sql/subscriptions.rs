//! [`SubscriptionStore`] on SQL.

use std::sync::Arc;

use async_trait::async_trait;
use sqlx::{FromRow, types::Json};
use uuid::Uuid;

use super::{Db, audit::audit, statements};
use crate::{
    clock::Timestamp,
    error::Result,
    ids::TenantId,
    plans::{Subscription, SubscriptionStore},
    tenancy::{Doer, TenantScope},
};

statements! {
    GET: "SELECT plan, state, ends_at, renews_at, provider, customer, reference, overrides FROM subscriptions WHERE tenant_id = $1";
    SET: "INSERT INTO subscriptions (tenant_id, plan, state, ends_at, renews_at, provider, customer, reference, overrides, updated_at) \
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (tenant_id) DO UPDATE SET plan = excluded.plan, state = excluded.state, \
        ends_at = excluded.ends_at, renews_at = excluded.renews_at, provider = excluded.provider, customer = excluded.customer, \
        reference = excluded.reference, overrides = excluded.overrides, updated_at = excluded.updated_at";
    // What was taken is counted anew from what was used: limits were others before.
    FORGET_TAKEN: "DELETE FROM usage_months WHERE tenant_id = $1";
    TENANT_OF: "SELECT tenant_id FROM subscriptions WHERE provider = $1 AND customer = $2";
}

#[derive(FromRow)]
struct Row {
    plan: String,
    state: String,
    ends_at: Option<i64>,
    renews_at: Option<i64>,
    provider: String,
    customer: Option<String>,
    reference: Option<String>,
    overrides: Json<serde_json::Map<String, serde_json::Value>>,
}

/// Subscriptions in SQL.
pub struct SqlSubscriptionStore {
    db: Db,
}

impl SqlSubscriptionStore {
    /// A store over a database.
    #[must_use]
    pub fn shared(db: &Db) -> Arc<Self> {
        Arc::new(Self { db: db.clone() })
    }
}

#[async_trait]
impl SubscriptionStore for SqlSubscriptionStore {
    async fn subscription(&self, scope: &TenantScope) -> Result<Option<Subscription>> {
        let mut session = self.db.read(scope).await?;
        let row = session.query(&GET).bind(scope.tenant().0).fetch_optional::<Row>().await?;
        let subscription = |row: Row| {
            Ok(Subscription {
                plan: row.plan,
                state: row.state.parse()?,
                ends_at: row.ends_at.map(Timestamp),
                renews_at: row.renews_at.map(Timestamp),
                provider: row.provider,
                customer: row.customer,
                reference: row.reference,
                overrides: row.overrides.0,
            })
        };
        row.map(subscription).transpose()
    }

    async fn set_subscription(&self, scope: &TenantScope, by: Option<Doer>, subscription: &Subscription) -> Result<()> {
        let now = self.db.clock.now();
        let mut session = self.db.write(scope).await?;
        session
            .query(&SET)
            .bind(scope.tenant().0)
            .bind(&subscription.plan)
            .bind(subscription.state.as_str())
            .bind(subscription.ends_at.map(|at| at.0))
            .bind(subscription.renews_at.map(|at| at.0))
            .bind(&subscription.provider)
            .bind(&subscription.customer)
            .bind(&subscription.reference)
            .bind(Json(&subscription.overrides))
            .bind(now.0)
            .execute()
            .await?;
        session.query(&FORGET_TAKEN).bind(scope.tenant().0).execute().await?;
        let detail =
            serde_json::json!({ "plan": subscription.plan, "state": subscription.state.as_str(), "overrides": subscription.overrides });
        let (user, credential) = by.map_or((Uuid::nil(), None), |by| (by.user.0, by.credential.map(|id| id.0)));
        audit(&mut session, scope, user, credential, "subscription.set", None, detail, now).await?;
        session.commit().await
    }

    async fn note(&self, scope: &TenantScope, by: Doer, action: &str, detail: serde_json::Value) -> Result<()> {
        let mut session = self.db.write(scope).await?;
        audit(&mut session, scope, by.user.0, by.credential.map(|id| id.0), action, None, detail, self.db.clock.now()).await?;
        session.commit().await
    }

    async fn tenant_of(&self, provider: &str, customer: &str) -> Result<Option<TenantId>> {
        let mut session = self.db.system_read().await?;
        let found = session.query(&TENANT_OF).bind(provider).bind(customer).scalar_optional::<Uuid>().await?;
        Ok(found.map(TenantId))
    }
}
