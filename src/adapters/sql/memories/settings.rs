//! A tenant's choices, and the counts of the write gate.

use async_trait::async_trait;
use sqlx::types::Json;

use super::SqlMemoryStore;
use crate::{
    adapters::sql::{Engine, audit::audit, hold_tenant, statements},
    error::Result,
    memory::{Actor, Choice, SettingsStore},
    tenancy::TenantScope,
};

fn set(e: Engine) -> String {
    let (object, both) = match e {
        Engine::Sqlite => ("json_object($2, json($3))", "json_set(tenant_settings.settings, '$.' || $2, json($3))"),
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
}

#[async_trait]
impl SettingsStore for SqlMemoryStore {
    async fn settings(&self, scope: &TenantScope) -> Result<serde_json::Value> {
        let mut session = self.db.read(scope).await?;
        let found = session.query(&SETTINGS).bind(scope.tenant().0).scalar_optional::<Json<serde_json::Value>>().await;
        Ok(found?.map_or_else(|| serde_json::json!({}), |settings| settings.0))
    }

    async fn change(&self, scope: &TenantScope, actor: &Actor, chosen: &[Choice]) -> Result<()> {
        let now = self.db.clock.now();
        let mut session = self.db.write(scope).await?;
        hold_tenant(&mut session, scope).await?;
        for Choice { key, value, action, detail } in chosen {
            session.query(&SET).bind(scope.tenant().0).bind(key).bind(value.to_string()).bind(now.0).execute().await?;
            let (user, credential) = (actor.user.0, actor.credential.map(|c| c.0));
            audit(&mut session, scope, user, credential, action, None, detail.clone(), now).await?;
        }
        session.commit().await
    }
}
