//! [`BillingStore`] on SQL.

use std::sync::Arc;

use async_trait::async_trait;
use sqlx::{FromRow, types::Json};
use uuid::Uuid;

use super::{Db, Session, audit::audit, statements};
use crate::{
    billing::{BillingStore, Invoice, InvoiceState, Told},
    clock::Timestamp,
    error::{Error, Result},
    ids::TenantId,
    metering::{Line, Month, Statement},
    tenancy::{Doer, TenantScope},
};

statements! {
    HEAR: "INSERT INTO payment_events (provider, id, kind, subject, received_at) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (provider, id) DO NOTHING";
    HEARD: "SELECT EXISTS (SELECT 1 FROM payment_events WHERE provider = $1 AND id = $2 AND done_at IS NOT NULL)";
    SETTLE: "UPDATE payment_events SET done_at = $3 WHERE provider = $1 AND id = $2";
    TENANTS_AT: "SELECT tenant_id FROM subscriptions WHERE provider = $1 AND customer IS NOT NULL";
    INVOICE: "INSERT INTO invoices (id, tenant_id, month, plan, amount_micros, currency, lines, state, created_at) \
        VALUES ($1, $2, $3, $4, $5, $6, $7, 'open', $8) ON CONFLICT (tenant_id, month) DO NOTHING";
    INVOICES: "SELECT id, month, plan, amount_micros, currency, lines, state, created_at, paid_at FROM invoices WHERE tenant_id = $1 \
        ORDER BY month DESC";
    SET_STATE: "UPDATE invoices SET state = $3, paid_at = CASE WHEN $3 = 'paid' THEN $4 ELSE paid_at END WHERE tenant_id = $1 AND id = $2";
}

#[derive(FromRow)]
struct InvoiceRow {
    id: Uuid,
    month: i64,
    plan: String,
    amount_micros: i64,
    currency: String,
    lines: Json<Vec<Line>>,
    state: String,
    created_at: i64,
    paid_at: Option<i64>,
}

impl TryFrom<InvoiceRow> for Invoice {
    type Error = Error;
    fn try_from(row: InvoiceRow) -> Result<Self> {
        let month = Month::from_number(row.month).ok_or_else(|| Error::internal(anyhow::anyhow!("an invoice of month {}", row.month)))?;
        Ok(Self {
            id: row.id,
            month,
            plan: row.plan,
            amount_micros: row.amount_micros,
            currency: row.currency,
            lines: row.lines.0,
            state: row.state.parse()?,
            created_at: Timestamp(row.created_at),
            paid_at: row.paid_at.map(Timestamp),
        })
    }
}

/// Invoices and payment events in SQL.
pub struct SqlBillingStore {
    db: Db,
}

impl SqlBillingStore {
    /// A store over a database.
    #[must_use]
    pub fn shared(db: &Db) -> Arc<Self> {
        Arc::new(Self { db: db.clone() })
    }
}

async fn invoices(session: &mut Session, scope: &TenantScope) -> Result<Vec<Invoice>> {
    let rows = session.query(&INVOICES).bind(scope.tenant().0).fetch_all::<InvoiceRow>().await?;
    rows.into_iter().map(TryInto::try_into).collect()
}

#[async_trait]
impl BillingStore for SqlBillingStore {
    async fn hear(&self, provider: &str, told: &Told) -> Result<bool> {
        let mut session = self.db.system_write().await?;
        let query = session.query(&HEAR).bind(provider).bind(&told.id).bind(&told.kind).bind(&told.customer);
        query.bind(self.db.clock.now().0).execute().await?;
        let heard = session.query(&HEARD).bind(provider).bind(&told.id).scalar::<bool>().await?;
        session.commit().await?;
        Ok(!heard)
    }

    async fn settle(&self, provider: &str, id: &str) -> Result<()> {
        let mut session = self.db.system_write().await?;
        session.query(&SETTLE).bind(provider).bind(id).bind(self.db.clock.now().0).execute().await?;
        session.commit().await
    }

    async fn tenants_at(&self, provider: &str) -> Result<Vec<TenantId>> {
        let mut session = self.db.system_read().await?;
        let tenants = session.query(&TENANTS_AT).bind(provider).scalars::<Uuid>().await?;
        Ok(tenants.into_iter().map(TenantId).collect())
    }

    async fn invoice(&self, scope: &TenantScope, statement: &Statement) -> Result<bool> {
        let month: Month = statement.month.parse()?;
        let mut session = self.db.write(scope).await?;
        let query = session.query(&INVOICE).bind(Uuid::now_v7()).bind(scope.tenant().0).bind(month.number()).bind(&statement.plan);
        let query = query.bind(statement.total_micros).bind(&statement.currency).bind(Json(&statement.lines));
        let made = query.bind(self.db.clock.now().0).execute().await?;
        session.commit().await?;
        Ok(made > 0)
    }

    async fn invoices(&self, scope: &TenantScope) -> Result<Vec<Invoice>> {
        invoices(&mut self.db.read(scope).await?, scope).await
    }

    async fn set_invoice(&self, scope: &TenantScope, by: Doer, id: Uuid, state: InvoiceState) -> Result<Option<Invoice>> {
        let now = self.db.clock.now();
        let mut session = self.db.write(scope).await?;
        let query = session.query(&SET_STATE).bind(scope.tenant().0).bind(id).bind(state.as_str()).bind(now.0);
        if query.execute().await? == 0 {
            return Ok(None);
        }
        let detail = serde_json::json!({ "state": state.as_str() });
        audit(&mut session, scope, by.user.0, by.credential.map(|id| id.0), "invoice.set", Some(id), detail, now).await?;
        let invoice = invoices(&mut session, scope).await?.into_iter().find(|invoice| invoice.id == id);
        session.commit().await?;
        Ok(invoice)
    }
}
