//! The end of a tenant's rows. The audit trail stays, and the bare row of the tenant that it names: ids and counts, to which
//! the application may only append.

use std::collections::BTreeMap;

use super::{Db, Session, audit::audit, hold_tenant, places, statements};
use crate::{error::Result, tenancy::TenantScope};

statements! {
    REVOKE: "UPDATE credentials SET revoked_at = COALESCE(revoked_at, $2) WHERE tenant_id = $1";
    LINKS: "DELETE FROM memory_links WHERE tenant_id = $1";
    LEARNING: "DELETE FROM learning_events WHERE tenant_id = $1";
    REVIEWS: "DELETE FROM reviews WHERE tenant_id = $1";
    FORGOTTEN: "DELETE FROM forgotten WHERE tenant_id = $1";
    SETTINGS: "DELETE FROM tenant_settings WHERE tenant_id = $1";
    GATE: "DELETE FROM gate_counts WHERE tenant_id = $1";
    ACCESS_LOG: "DELETE FROM access_log WHERE tenant_id = $1";
    HISTORY: "DELETE FROM memory_history WHERE tenant_id = $1";
    VECTORS: "DELETE FROM memory_vectors WHERE tenant_id = $1";
    OPERATIONS: "DELETE FROM operations WHERE tenant_id = $1";
    MEMORIES: "DELETE FROM memories WHERE tenant_id = $1";
    USAGE_EVENTS: "DELETE FROM usage_events WHERE tenant_id = $1";
    USAGE_HOURS: "DELETE FROM usage_hours WHERE tenant_id = $1";
    USAGE_MONTHS: "DELETE FROM usage_months WHERE tenant_id = $1";
    INVOICES: "DELETE FROM invoices WHERE tenant_id = $1";
    SUBSCRIPTIONS: "DELETE FROM subscriptions WHERE tenant_id = $1";
    WEBHOOK_DELIVERIES: "DELETE FROM webhook_deliveries WHERE tenant_id = $1";
    WEBHOOKS: "DELETE FROM webhooks WHERE tenant_id = $1";
    APPS: "DELETE FROM apps WHERE tenant_id = $1";
    JOBS: "DELETE FROM jobs WHERE tenant_id = $1";
    KEYS: "DELETE FROM idempotency_keys WHERE tenant_id = $1";
    OAUTH_TOKENS: "DELETE FROM oauth_tokens WHERE tenant_id = $1";
    OAUTH_GRANTS: "DELETE FROM oauth_grants WHERE tenant_id = $1";
    OAUTH_REQUESTS: "DELETE FROM oauth_requests WHERE tenant_id = $1";
    SESSIONS: "DELETE FROM account_sessions WHERE tenant_id = $1";
    CREDENTIALS: "DELETE FROM credentials WHERE tenant_id = $1";
    PROJECTS: "DELETE FROM projects WHERE tenant_id = $1";
    MEMBERSHIPS: "DELETE FROM memberships WHERE tenant_id = $1";
    TENANT: "UPDATE tenants SET name = '', status = 'erased', collection = NULL, moving_to = NULL, embedding_model = NULL WHERE id = $1";
    LONE_USERS: "DELETE FROM users WHERE id = $1 AND NOT EXISTS (SELECT 1 FROM memberships m WHERE m.user_id = users.id)";
    MEMBERS: "SELECT user_id FROM memberships WHERE tenant_id = $1";
}

/// Rows with the tenant's own contents, in an order that no foreign key minds. Only the tenant sees them.
static CONTENTS: [(&str, &super::Sql); 19] = [
    ("memory_links", &LINKS),
    ("learning_events", &LEARNING),
    ("reviews", &REVIEWS),
    ("forgotten", &FORGOTTEN),
    ("tenant_settings", &SETTINGS),
    ("gate_counts", &GATE),
    ("access_log", &ACCESS_LOG),
    ("memory_history", &HISTORY),
    ("memory_vectors", &VECTORS),
    ("operations", &OPERATIONS),
    ("memories", &MEMORIES),
    ("usage_events", &USAGE_EVENTS),
    ("usage_hours", &USAGE_HOURS),
    ("usage_months", &USAGE_MONTHS),
    ("invoices", &INVOICES),
    ("subscriptions", &SUBSCRIPTIONS),
    ("webhook_deliveries", &WEBHOOK_DELIVERIES),
    ("webhooks", &WEBHOOKS),
    ("apps", &APPS),
];
/// Rows that sign-in and jobs see as well.
static FRAME: [(&str, &super::Sql); 9] = [
    ("jobs", &JOBS),
    ("idempotency_keys", &KEYS),
    ("account_sessions", &SESSIONS),
    ("oauth_tokens", &OAUTH_TOKENS),
    ("oauth_grants", &OAUTH_GRANTS),
    ("oauth_requests", &OAUTH_REQUESTS),
    ("credentials", &CREDENTIALS),
    ("projects", &PROJECTS),
    ("memberships", &MEMBERSHIPS),
];

/// Deletes everything of a tenant; answers rows by table. What ends half-way is finished by the next call.
pub(super) async fn erase(db: &Db, scope: &TenantScope) -> Result<BTreeMap<&'static str, u64>> {
    let (tenant, now) = (scope.tenant().0, db.clock.now());
    let mut rows = BTreeMap::new();
    // From here on nobody writes: what works is asked on every request.
    let mut session = db.write(scope).await?;
    session.query(&REVOKE).bind(tenant).bind(now.0).execute().await?;
    session.commit().await?;

    let mut session = db.write(scope).await?;
    hold_tenant(&mut session, scope).await?;
    for (table, sql) in CONTENTS {
        rows.insert(table, run(&mut session, scope, sql).await?);
    }
    session.commit().await?;

    let mut session = db.system_write().await?;
    hold_tenant(&mut session, scope).await?;
    let members = session.query(&MEMBERS).bind(tenant).scalars::<uuid::Uuid>().await;
    let members = members?;
    for (table, sql) in FRAME {
        rows.insert(table, run(&mut session, scope, sql).await?);
    }
    let mut users = 0;
    for user in &members {
        users += session.query(&LONE_USERS).bind(*user).execute().await?;
    }
    rows.insert("users", users);
    run(&mut session, scope, &TENANT).await?;
    // Where its points may lie outlives the tenant.
    places::settle(&mut session, scope, now, None, None).await?;
    if let Some(user) = members.first() {
        let counts = serde_json::json!(rows);
        audit(&mut session, scope, *user, None, "account.erase", None, counts, now).await?;
    }
    session.commit().await?;
    Ok(rows)
}

async fn run(session: &mut Session, scope: &TenantScope, sql: &'static super::Sql) -> Result<u64> {
    session.query(sql).bind(scope.tenant().0).execute().await
}
