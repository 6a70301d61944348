//! [`OperatorStore`] on SQL. Its statements run for the system, to which no table with text of a tenant is open.

use std::sync::Arc;

use async_trait::async_trait;
use sqlx::{FromRow, types::Json};
use uuid::Uuid;

use super::{Db, statements, tenants::note};
use crate::{
    clock::Timestamp,
    error::Result,
    ids::{CredentialId, TenantId, UserId},
    tenancy::{Account, AuditEntry, Deed, OperatorStore, Role},
};

statements! {
    ROLE: "SELECT role FROM memberships WHERE user_id = $1 AND tenant_id = $2";
    SET_ROLE: "UPDATE memberships SET role = $3 WHERE user_id = $1 AND tenant_id = $2";
    ACCOUNTS: "SELECT u.id AS user_id, s.tenant_id, u.email, s.role, u.created_at, u.last_login_at, \
        (SELECT COUNT(*) FROM credentials c WHERE c.tenant_id = s.tenant_id AND c.revoked_at IS NULL \
         AND (c.expires_at IS NULL OR c.expires_at > $3)) AS credentials \
        FROM users u JOIN memberships s ON s.user_id = u.id WHERE (u.id < $1 OR $1 IS NULL) ORDER BY u.id DESC LIMIT $2";
    ACCOUNT_COUNT: "SELECT COUNT(*) FROM users";
    UNDER_EARLIER: "SELECT COUNT(*) FROM credentials WHERE pepper_version < $1 AND revoked_at IS NULL \
        AND (expires_at IS NULL OR expires_at > $2)";
    AUDIT: "SELECT * FROM (SELECT id, tenant_id, user_id, credential_id, action, subject_id, detail, at FROM audit \
        WHERE (id < $1 OR $1 IS NULL) ORDER BY id DESC LIMIT $2) AS of_tenants \
        UNION ALL SELECT * FROM (SELECT id, NULLIF(id, id), NULLIF(id, id), NULLIF(id, id), action, subject_id, detail, at FROM service_audit \
        WHERE (id < $1 OR $1 IS NULL) ORDER BY id DESC LIMIT $2) AS of_service \
        ORDER BY id DESC LIMIT $2";
}

#[derive(FromRow)]
struct AccountRow {
    user_id: Uuid,
    tenant_id: Uuid,
    email: Option<String>,
    role: String,
    created_at: i64,
    last_login_at: Option<i64>,
    credentials: i64,
}

#[derive(FromRow)]
struct AuditRow {
    id: Uuid,
    tenant_id: Option<Uuid>,
    user_id: Option<Uuid>,
    credential_id: Option<Uuid>,
    action: String,
    subject_id: Option<Uuid>,
    detail: Json<serde_json::Value>,
    at: i64,
}

/// The operator's view in SQL.
pub struct SqlOperatorStore {
    db: Db,
}

impl SqlOperatorStore {
    /// A store over a database.
    #[must_use]
    pub fn shared(db: &Db) -> Arc<dyn OperatorStore> {
        Arc::new(Self { db: db.clone() })
    }
}

/// A role that a later version gave is none that opens anything here.
fn role(word: &str) -> Role {
    word.parse().unwrap_or(Role::Owner)
}

#[async_trait]
impl OperatorStore for SqlOperatorStore {
    async fn role(&self, user: UserId, tenant: TenantId) -> Result<Option<Role>> {
        let mut session = self.db.system_read().await?;
        let word = session.query(&ROLE).bind(user.0).bind(tenant.0).scalar_optional::<String>().await;
        Ok(word?.map(|word| role(&word)))
    }

    async fn set_role(&self, user: UserId, tenant: TenantId, role: Role) -> Result<bool> {
        let mut session = self.db.system_write().await?;
        let done = session.query(&SET_ROLE).bind(user.0).bind(tenant.0).bind(role.as_str()).execute().await;
        let found = done? > 0;
        if found {
            let detail = serde_json::json!({ "role": role.as_str() });
            note(&mut session, Deed { by: None, action: "user.role", subject: Some(user.0), detail }, self.db.clock.now()).await?;
        }
        session.commit().await?;
        Ok(found)
    }

    async fn accounts(&self, before: Option<UserId>, limit: u32) -> Result<Vec<Account>> {
        let now = self.db.clock.now();
        let mut session = self.db.system_read().await?;
        let rows = session.query(&ACCOUNTS).bind(before.map(|id| id.0)).bind(i64::from(limit)).bind(now.0).fetch_all::<AccountRow>().await;
        let account = |row: AccountRow| Account {
            user: UserId(row.user_id),
            tenant: TenantId(row.tenant_id),
            email: row.email,
            role: role(&row.role),
            created_at: Timestamp(row.created_at),
            last_login_at: row.last_login_at.map(Timestamp),
            credentials: row.credentials,
            memories: 0,
            apps: 0,
        };
        Ok(rows?.into_iter().map(account).collect())
    }

    async fn account_count(&self) -> Result<i64> {
        let mut session = self.db.system_read().await?;
        session.query(&ACCOUNT_COUNT).scalar::<i64>().await
    }

    async fn credentials_under_earlier(&self, version: i32, now: Timestamp) -> Result<i64> {
        let mut session = self.db.system_read().await?;
        session.query(&UNDER_EARLIER).bind(version).bind(now.0).scalar::<i64>().await
    }

    async fn audit(&self, before: Option<Uuid>, limit: u32) -> Result<Vec<AuditEntry>> {
        let mut session = self.db.system_read().await?;
        let rows = session.query(&AUDIT).bind(before).bind(i64::from(limit)).fetch_all::<AuditRow>().await;
        let entry = |row: AuditRow| AuditEntry {
            id: row.id,
            tenant: row.tenant_id.map(TenantId),
            user: row.user_id.map(UserId),
            credential: row.credential_id.map(CredentialId),
            action: row.action,
            subject: row.subject_id,
            detail: row.detail.0,
            at: Timestamp(row.at),
        };
        Ok(rows?.into_iter().map(entry).collect())
    }
}
