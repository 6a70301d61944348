//! [`UsageStore`] on SQL, and what a write says of itself in its own transaction.

use std::sync::Arc;

use async_trait::async_trait;
use chrono::{DateTime, NaiveDate};
use sqlx::FromRow;
use uuid::Uuid;

use super::{Db, Session, hold_tenant, statements};
use crate::{
    clock::Timestamp,
    error::Result,
    ids::CredentialId,
    memory::Actor,
    metering::{Allowance, DayUse, Holdings, HourUse, Month, UsageEvent, UsageStore, passed},
    plans::Meter,
    tenancy::TenantScope,
};

const HOUR: i64 = 3_600_000_000;

/// Events and hours of the tenant from `$2` to before `$3`, as one.
const USES: &str = "(SELECT at / 86400000000 AS day, meter, app_id, credential_id, model, quantity FROM usage_events \
     WHERE tenant_id = $1 AND at >= $2 AND at < $3 UNION ALL \
     SELECT hour / 24 AS day, meter, app_id, credential_id, model, quantity FROM usage_hours \
     WHERE tenant_id = $1 AND hour >= $2 / 3600000000 AND hour < $3 / 3600000000) u";

statements! {
    ADD_HOUR: "INSERT INTO usage_hours (tenant_id, hour, meter, app_id, credential_id, model, quantity) VALUES ($1, $2, $3, $4, $5, '', $6) \
        ON CONFLICT (tenant_id, hour, meter, app_id, credential_id, model) DO UPDATE SET quantity = usage_hours.quantity + excluded.quantity";
    TAKEN: "SELECT taken FROM usage_months WHERE tenant_id = $1 AND month = $2 AND meter = $3";
    USED: (|_| format!("SELECT CAST(COALESCE(SUM(quantity), 0) AS BIGINT) FROM {USES} WHERE meter = $4"));
    SET_TAKEN: "INSERT INTO usage_months (tenant_id, month, meter, taken) VALUES ($1, $2, $3, $4) \
        ON CONFLICT (tenant_id, month, meter) DO UPDATE SET taken = excluded.taken";
    GIVE_BACK: "UPDATE usage_months SET taken = taken - $4 WHERE tenant_id = $1 AND month = $2 AND meter = $3";
    HOLDINGS: "SELECT CAST(COALESCE(SUM(count), 0) AS BIGINT), CAST(COALESCE(SUM(bytes), 0) AS BIGINT) FROM memory_counts \
        WHERE tenant_id = $1 AND state <> 'deleted'";
    DAYS: (|_| format!("SELECT u.day, u.meter, a.name AS app, k.name AS key, u.model, CAST(SUM(u.quantity) AS BIGINT) AS quantity FROM {USES} \
        LEFT JOIN apps a ON a.tenant_id = $1 AND a.id = u.app_id LEFT JOIN credentials k ON k.tenant_id = $1 AND k.id = u.credential_id \
        GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3, 4, 5"));
    EVENTS: "SELECT e.id, e.meter, e.quantity, e.source, a.name AS app, e.credential_id, e.model, e.at FROM usage_events e \
        LEFT JOIN apps a ON a.tenant_id = $1 AND a.id = e.app_id WHERE e.tenant_id = $1 AND (e.meter = $2 OR $2 IS NULL) \
        AND ((e.at, e.id) < (SELECT b.at, b.id FROM usage_events b WHERE b.tenant_id = $1 AND b.id = $3) OR $3 IS NULL) \
        ORDER BY e.at DESC, e.id DESC LIMIT $4";
    ROLL_UP: "INSERT INTO usage_hours (tenant_id, hour, meter, app_id, credential_id, model, quantity) \
        SELECT tenant_id, at / 3600000000, meter, app_id, credential_id, model, SUM(quantity) FROM usage_events \
        WHERE tenant_id = $1 AND at < $2 GROUP BY 1, 2, 3, 4, 5, 6 \
        ON CONFLICT (tenant_id, hour, meter, app_id, credential_id, model) DO UPDATE SET quantity = usage_hours.quantity + excluded.quantity";
    DROP_OLD: "DELETE FROM usage_events WHERE tenant_id = $1 AND at < $2";
    EVENT: "INSERT INTO usage_events (id, tenant_id, meter, quantity, source, app_id, credential_id, model, at) \
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (tenant_id, meter, source) DO NOTHING";
}

/// Writes down work in its own transaction; what was counted already is not counted again.
#[expect(clippy::too_many_arguments, reason = "the columns of one row")]
pub(super) async fn count(
    session: &mut Session,
    scope: &TenantScope,
    actor: &Actor,
    meter: Meter,
    quantity: i64,
    source: &str,
    model: &str,
    now: Timestamp,
) -> Result<()> {
    session
        .query(&EVENT)
        .bind(Uuid::now_v7())
        .bind(scope.tenant().0)
        .bind(meter.as_str())
        .bind(quantity)
        .bind(source)
        .bind(actor.app.0)
        .bind(key(actor.credential))
        .bind(model)
        .bind(now.0)
        .execute()
        .await
        .map(drop)
}

/// Takes memories that are stored from the month's amount, in a transaction that holds the tenant; answers the threshold that is
/// passed, in percent.
pub(super) async fn take_adds(
    session: &mut Session,
    scope: &TenantScope,
    allowance: Allowance,
    stored: i64,
    now: Timestamp,
) -> Result<Option<i64>> {
    let Some(limit) = allowance.adds else { return Ok(None) };
    let month = Month::of(now);
    let before = taken(session, scope, Meter::Adds, month).await?;
    allowance.check_adds(before + stored, now)?;
    set_taken(session, scope, Meter::Adds, month, before + stored).await?;
    Ok(passed(limit, before, before + stored))
}

/// What the tenant holds, as its transaction sees it.
pub(super) async fn holdings(session: &mut Session, scope: &TenantScope) -> Result<Holdings> {
    let (memories, bytes) = session.query(&HOLDINGS).bind(scope.tenant().0).fetch_one::<(i64, i64)>().await?;
    Ok(Holdings { memories, bytes })
}

/// What is taken of a month's amount; where nobody took any yet, what was used.
async fn taken(session: &mut Session, scope: &TenantScope, meter: Meter, month: Month) -> Result<i64> {
    let row = session.query(&TAKEN).bind(scope.tenant().0).bind(month.number()).bind(meter.as_str()).scalar_optional::<i64>().await?;
    if let Some(taken) = row {
        return Ok(taken);
    }
    let query = session.query(&USED).bind(scope.tenant().0).bind(month.begin().0).bind(month.end().0).bind(meter.as_str());
    query.scalar::<i64>().await
}

async fn set_taken(session: &mut Session, scope: &TenantScope, meter: Meter, month: Month, taken: i64) -> Result<()> {
    let query = session.query(&SET_TAKEN).bind(scope.tenant().0).bind(month.number()).bind(meter.as_str()).bind(taken);
    query.execute().await.map(drop)
}

/// A credential in a key of a table: nobody's where there is none.
fn key(credential: Option<CredentialId>) -> Uuid {
    credential.map_or_else(Uuid::nil, |credential| credential.0)
}

#[derive(FromRow)]
struct DayRow {
    day: i64,
    meter: String,
    app: Option<String>,
    key: Option<String>,
    model: String,
    quantity: i64,
}

#[derive(FromRow)]
struct EventRow {
    id: Uuid,
    meter: String,
    quantity: i64,
    source: String,
    app: Option<String>,
    credential_id: Uuid,
    model: String,
    at: i64,
}

/// What was used, in SQL.
pub struct SqlUsageStore {
    db: Db,
}

impl SqlUsageStore {
    /// A store over a database.
    #[must_use]
    pub fn shared(db: &Db) -> Arc<Self> {
        Arc::new(Self { db: db.clone() })
    }
}

#[async_trait]
impl UsageStore for SqlUsageStore {
    async fn add_reads(&self, scope: &TenantScope, uses: &[HourUse]) -> Result<()> {
        let mut session = self.db.write(scope).await?;
        hold_tenant(&mut session, scope).await?;
        for HourUse { hour, meter, app, credential, quantity } in uses {
            let query = session.query(&ADD_HOUR).bind(scope.tenant().0).bind(*hour).bind(meter.as_str()).bind(app.0);
            query.bind(key(*credential)).bind(*quantity).execute().await?;
        }
        session.commit().await
    }

    async fn take(&self, scope: &TenantScope, meter: Meter, month: Month, wanted: i64, limit: i64) -> Result<i64> {
        let mut session = self.db.write(scope).await?;
        hold_tenant(&mut session, scope).await?;
        let before = taken(&mut session, scope, meter, month).await?;
        let block = wanted.min(limit - before).max(0);
        if block > 0 {
            set_taken(&mut session, scope, meter, month, before + block).await?;
            session.commit().await?;
        }
        Ok(block)
    }

    async fn give_back(&self, scope: &TenantScope, meter: Meter, month: Month, unused: i64) -> Result<()> {
        let mut session = self.db.write(scope).await?;
        let query = session.query(&GIVE_BACK).bind(scope.tenant().0).bind(month.number()).bind(meter.as_str()).bind(unused);
        query.execute().await?;
        session.commit().await
    }

    async fn taken(&self, scope: &TenantScope, meter: Meter, month: Month) -> Result<i64> {
        taken(&mut self.db.read(scope).await?, scope, meter, month).await
    }

    async fn holdings(&self, scope: &TenantScope) -> Result<Holdings> {
        holdings(&mut self.db.read(scope).await?, scope).await
    }

    async fn days(&self, scope: &TenantScope, from: Timestamp, to: Timestamp) -> Result<Vec<DayUse>> {
        let mut session = self.db.read(scope).await?;
        let rows = session.query(&DAYS).bind(scope.tenant().0).bind(from.0).bind(to.0).fetch_all::<DayRow>().await?;
        let used = |row: DayRow| {
            Ok(DayUse {
                day: DateTime::from_timestamp(row.day * 86_400, 0).map_or(NaiveDate::MIN, |at| at.date_naive()),
                meter: row.meter.parse()?,
                app: row.app.unwrap_or_default(),
                key: row.key,
                model: row.model,
                quantity: row.quantity,
            })
        };
        rows.into_iter().map(used).collect()
    }

    async fn events(&self, scope: &TenantScope, meter: Option<Meter>, before: Option<Uuid>, limit: u32) -> Result<Vec<UsageEvent>> {
        let mut session = self.db.read(scope).await?;
        let query = session.query(&EVENTS).bind(scope.tenant().0).bind(meter.map(Meter::as_str)).bind(before).bind(i64::from(limit));
        let rows = query.fetch_all::<EventRow>().await?;
        let event = |row: EventRow| {
            Ok(UsageEvent {
                id: row.id,
                meter: row.meter.parse()?,
                quantity: row.quantity,
                source: row.source,
                app: row.app.unwrap_or_default(),
                credential: (!row.credential_id.is_nil()).then_some(CredentialId(row.credential_id)),
                model: row.model,
                at: Timestamp(row.at),
            })
        };
        rows.into_iter().map(event).collect()
    }

    async fn roll_up(&self, scope: &TenantScope, before: Timestamp) -> Result<u64> {
        // Hours that are not over keep their events.
        let before = before.0.div_euclid(HOUR) * HOUR;
        let mut session = self.db.write(scope).await?;
        hold_tenant(&mut session, scope).await?;
        session.query(&ROLL_UP).bind(scope.tenant().0).bind(before).execute().await?;
        let dropped = session.query(&DROP_OLD).bind(scope.tenant().0).bind(before).execute().await?;
        session.commit().await?;
        Ok(dropped)
    }
}
