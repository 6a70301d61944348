//! A tenant's choices, and the counts of the write gate.

use sqlx::types::Json;

use super::{SqlMemoryStore, write};
use crate::{
    adapters::sql::{Engine, hold_tenant, statements},
    error::Result,
    memory::Actor,
    tenancy::TenantScope,
};

fn set(e: Engine) -> String {
    let (object, both) = match e {
        Engine::Sqlite => ("json_object($2, json($3))", "json_patch(tenant_settings.settings, excluded.settings)"),
        Engine::Postgres => ("jsonb_build_object($2::text, $3::text::jsonb)", "tenant_settings.settings || excluded.settings"),
    };
    format!(
        "INSERT INTO tenant_settings (tenant_id, settings, updated_at) VALUES ($1, {object}, $4) \
         ON CONFLICT (tenant_id) DO UPDATE SET settings = {both}, updated_at = excluded.updated_at"
    )
}

statements! {
    SETTINGS: "SELECT settings FROM tenant_settings WHERE tenant_id = $1";
    SET: set;
    ADD_COUNT: "INSERT INTO gate_counts (tenant_id, day, reason, count) VALUES ($1, $2, $3, $4) \
        ON CONFLICT (tenant_id, day, reason) DO UPDATE SET count = gate_counts.count + excluded.count";
    COUNTS: "SELECT reason, CAST(SUM(count) AS BIGINT) FROM gate_counts WHERE tenant_id = $1 AND day >= $2 GROUP BY reason ORDER BY 2 DESC, 1";
}

impl SqlMemoryStore {
    pub(super) async fn do_settings(&self, scope: &TenantScope) -> Result<serde_json::Value> {
        let mut session = self.db.read(scope).await?;
        let found = session.query(&SETTINGS).bind(scope.tenant().0).scalar_optional::<Json<serde_json::Value>>().await;
        Ok(found?.map_or_else(|| serde_json::json!({}), |settings| settings.0))
    }

    pub(super) async fn do_set_setting(&self, scope: &TenantScope, actor: &Actor, key: &str, value: &serde_json::Value) -> Result<()> {
        let now = self.db.clock.now();
        let mut session = self.db.write(scope).await?;
        hold_tenant(&mut session, scope).await?;
        session.query(&SET).bind(scope.tenant().0).bind(key).bind(value.to_string()).bind(now.0).execute().await?;
        let (user, credential) = (actor.user.0, actor.credential.map(|c| c.0));
        let detail = serde_json::json!({ "key": key });
        write::audit(&mut session, scope, user, credential, "settings.change", None, detail, now).await?;
        session.commit().await
    }

    pub(super) async fn do_add_gate_counts(&self, scope: &TenantScope, counts: &[(i64, String, i64)]) -> Result<()> {
        let mut session = self.db.write(scope).await?;
        hold_tenant(&mut session, scope).await?;
        for (day, reason, count) in counts {
            session.query(&ADD_COUNT).bind(scope.tenant().0).bind(*day).bind(reason).bind(*count).execute().await?;
        }
        session.commit().await
    }

    pub(super) async fn do_gate_counts(&self, scope: &TenantScope, from_day: i64) -> Result<Vec<(String, i64)>> {
        let mut session = self.db.read(scope).await?;
        let counts = session.query(&COUNTS).bind(scope.tenant().0).bind(from_day).fetch_all::<(String, i64)>().await;
        counts
    }
}
