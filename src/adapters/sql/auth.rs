//! [`CredentialStore`] and [`SessionStore`] on SQL.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use sqlx::FromRow;
use uuid::Uuid;

use super::{Db, Engine, Session, audit::audit, hold_tenant, id_list, ids_in, statements};
use crate::{
    auth::{AccessTokens, Credential, CredentialKind, CredentialStore, NextSecret, RefreshOutcome, Scopes, SessionRow, SessionStore},
    clock::Timestamp,
    error::{Error, Result},
    ids::{CredentialId, ProjectId, SessionId, TenantId, UserId},
    tenancy::{Bounds, TenantScope},
};

fn credential(condition: &str) -> String {
    credential_expiring("c.expires_at", condition, "")
}

/// The columns of a credential, whose expiry is what `expires` says, from `credentials c` and what is joined to it.
pub(super) fn credential_expiring(expires: &str, condition: &str, joined: &str) -> String {
    format!(
        "SELECT c.id, c.tenant_id, c.user_id, c.kind, c.name, c.client, c.secret_hash, c.pepper_version, c.hint, c.scopes, c.project_id, \
             c.created_at, {expires} AS expires_at, c.last_used_at, c.revoked_at, p.id AS default_project_id \
             FROM credentials c JOIN projects p ON p.tenant_id = c.tenant_id AND p.is_default {joined} WHERE {condition}"
    )
}

fn working_sql(e: Engine) -> String {
    format!("SELECT id FROM credentials WHERE revoked_at IS NULL AND (expires_at IS NULL OR expires_at > $2) AND id IN {}", ids_in(e, "$1"))
}

/// Credentials that were made and revoked count for so long, so that making them over and over ends as well.
const A_DAY: Duration = Duration::from_hours(24);

statements! {
    BY_HASH: (|_| credential("c.secret_hash = $1 OR (c.old_secret_hash = $1 AND c.old_secret_until > $2)"));
    BY_ACCESS_TOKEN: (|_| credential_expiring("t.expires_at",
        "t.token_hash = $1 AND t.kind = 'access'", "JOIN oauth_tokens t ON t.credential_id = c.id"));
    TOUCH_TOKEN: "UPDATE oauth_tokens SET used_at = $2 WHERE token_hash = $1 AND used_at IS NULL AND kind = 'access'";
    ONE: (|_| credential("c.tenant_id = $1 AND c.kind = $2 AND c.id = $3"));
    ALL: (|_| credential("c.tenant_id = $1 AND c.kind = $2 ORDER BY c.created_at DESC, c.id DESC"));
    WORKING: working_sql;
    INSERT: "INSERT INTO credentials (id, tenant_id, user_id, kind, name, client, secret_hash, pepper_version, hint, scopes, project_id, \
        created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)";
    ROTATE: "UPDATE credentials SET old_secret_hash = secret_hash, old_secret_until = $6, secret_hash = $4, hint = $5, \
        pepper_version = $8 \
        WHERE tenant_id = $1 AND kind = $2 AND id = $3 AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > $7)";
    REVOKE: "UPDATE credentials SET revoked_at = COALESCE(revoked_at, $4), old_secret_until = NULL \
        WHERE tenant_id = $1 AND kind = $2 AND id = $3";
    RENAME: "UPDATE credentials SET name = $4 WHERE tenant_id = $1 AND kind = $2 AND id = $3";
    TOUCH: "UPDATE credentials SET last_used_at = $2 WHERE id = $1 AND (last_used_at IS NULL OR last_used_at < $2)";
    INSERT_SESSION: "INSERT INTO account_sessions (id, family_id, tenant_id, user_id, token_hash, created_at, expires_at) \
        VALUES ($1, $2, $3, $4, $5, $6, $7)";
    SESSION_BY_HASH: "SELECT family_id, tenant_id, user_id, expires_at, used_at, revoked_at FROM account_sessions WHERE token_hash = $1";
    // The condition makes the use of a token happen once, however many calls race.
    USE_SESSION: "UPDATE account_sessions SET used_at = $2 WHERE token_hash = $1 AND used_at IS NULL AND revoked_at IS NULL";
    REVOKE_FAMILY: "UPDATE account_sessions SET revoked_at = $2 WHERE family_id = $1 AND revoked_at IS NULL";
    REVOKE_SESSIONS: "UPDATE account_sessions SET revoked_at = $2 WHERE user_id = $1 AND revoked_at IS NULL";
    COUNT: "SELECT COUNT(*) FROM credentials WHERE tenant_id = $1 \
        AND ((revoked_at IS NULL AND (expires_at IS NULL OR expires_at > $2)) OR created_at > $3)";
    SIGNED_IN_AT: "SELECT MIN(created_at) FROM account_sessions WHERE family_id = $1 \
        HAVING MAX(CASE WHEN revoked_at IS NULL AND expires_at > $2 THEN 1 ELSE 0 END) = 1";
}

#[derive(FromRow)]
pub(super) struct CredentialRow {
    id: Uuid,
    tenant_id: Uuid,
    user_id: Uuid,
    kind: String,
    name: String,
    client: String,
    secret_hash: Vec<u8>,
    pepper_version: i32,
    hint: String,
    scopes: String,
    project_id: Option<Uuid>,
    created_at: i64,
    expires_at: Option<i64>,
    last_used_at: Option<i64>,
    revoked_at: Option<i64>,
    default_project_id: Uuid,
}

#[derive(FromRow)]
struct RefreshRow {
    family_id: Uuid,
    tenant_id: Uuid,
    user_id: Uuid,
    expires_at: i64,
    used_at: Option<i64>,
    revoked_at: Option<i64>,
}

impl TryFrom<CredentialRow> for Credential {
    type Error = Error;

    fn try_from(row: CredentialRow) -> Result<Self> {
        Ok(Self {
            id: CredentialId(row.id),
            tenant: TenantId(row.tenant_id),
            user: UserId(row.user_id),
            kind: kind_of(&row.kind),
            name: row.name,
            client: row.client,
            secret_hash: row.secret_hash,
            pepper_version: row.pepper_version,
            hint: row.hint,
            scopes: scopes_of(&row.scopes)?,
            project: row.project_id.map(ProjectId),
            created_at: Timestamp(row.created_at),
            expires_at: row.expires_at.map(Timestamp),
            last_used_at: row.last_used_at.map(Timestamp),
            revoked_at: row.revoked_at.map(Timestamp),
            default_project: ProjectId(row.default_project_id),
        })
    }
}

/// Scopes as they are stored.
pub(super) fn scopes_of(names: &str) -> Result<Scopes> {
    let names: Vec<_> = names.split(' ').collect();
    Scopes::parse(&names).map_err(|e| Error::internal(anyhow::anyhow!("stored scopes: {e}")))
}

const fn kind_word(kind: CredentialKind) -> &'static str {
    match kind {
        CredentialKind::Endpoint => "endpoint",
        CredentialKind::ApiKey => "api_key",
        CredentialKind::Grant => "grant",
        CredentialKind::Jwt => "jwt",
    }
}

fn kind_of(word: &str) -> CredentialKind {
    [CredentialKind::ApiKey, CredentialKind::Grant].into_iter().find(|kind| kind_word(*kind) == word).unwrap_or(CredentialKind::Endpoint)
}

/// Credentials and account sessions in SQL.
pub struct SqlAuthStore {
    db: Db,
    /// Most credentials of a tenant.
    most: u32,
}

impl SqlAuthStore {
    /// A store over a database, whose tenants may have so many of each.
    #[must_use]
    pub fn shared(db: &Db, bounds: Bounds) -> Arc<Self> {
        Arc::new(Self { db: db.clone(), most: bounds.credentials })
    }
}

async fn one_credential(session: &mut Session, scope: &TenantScope, kind: CredentialKind, id: CredentialId) -> Result<Option<Credential>> {
    let row = session.query(&ONE).bind(scope.tenant().0).bind(kind_word(kind)).bind(id.0).fetch_optional::<CredentialRow>().await;
    row?.map(Credential::try_from).transpose()
}

/// Refuses where a tenant has as many credentials as it may.
pub(super) async fn room_for_another(session: &mut Session, scope: &TenantScope, most: u32, now: Timestamp) -> Result<()> {
    let have = session.query(&COUNT).bind(scope.tenant().0).bind(now.0).bind(now.minus(A_DAY).0).scalar::<i64>().await;
    let (what, instead) = ("connections, endpoints and API keys that work or were made within a day", "Revoke those that are not used.");
    Bounds::check(have?, most, what, "limits.credentials", instead)
}

/// Writes a new credential, and that it was made.
pub(super) async fn insert_credential(session: &mut Session, scope: &TenantScope, actor: UserId, credential: &Credential) -> Result<()> {
    let scopes = credential.scopes.names().join(" ");
    session
        .query(&INSERT)
        .bind(credential.id.0)
        .bind(scope.tenant().0)
        .bind(credential.user.0)
        .bind(kind_word(credential.kind))
        .bind(&credential.name)
        .bind(&credential.client)
        .bind(&credential.secret_hash)
        .bind(credential.pepper_version)
        .bind(&credential.hint)
        .bind(&scopes)
        .bind(credential.project.map(|p| p.0))
        .bind(credential.created_at.0)
        .bind(credential.expires_at.map(|t| t.0))
        .execute()
        .await?;
    let detail = serde_json::json!({ "kind": kind_word(credential.kind), "scopes": credential.scopes.names() });
    audit(session, scope, actor.0, None, "credential.create", Some(credential.id.0), detail, credential.created_at).await
}

async fn insert_session(session: &mut Session, row: &SessionRow) -> Result<()> {
    session
        .query(&INSERT_SESSION)
        .bind(row.id.0)
        .bind(row.family.0)
        .bind(row.tenant.0)
        .bind(row.user.0)
        .bind(&row.token_hash)
        .bind(row.created_at.0)
        .bind(row.expires_at.0)
        .execute()
        .await
        .map(drop)
}

async fn revoke_family(session: &mut Session, family: Uuid, now: Timestamp) -> Result<()> {
    session.query(&REVOKE_FAMILY).bind(family).bind(now.0).execute().await.map(drop)
}

async fn session_by_hash(session: &mut Session, token_hash: &[u8]) -> Result<Option<RefreshRow>> {
    session.query(&SESSION_BY_HASH).bind(token_hash).fetch_optional::<RefreshRow>().await
}

#[async_trait]
impl CredentialStore for SqlAuthStore {
    async fn credential_by_hash(&self, secret_hash: &[u8], now: Timestamp) -> Result<Option<Credential>> {
        let mut session = self.db.system_read().await?;
        let row = session.query(&BY_HASH).bind(secret_hash).bind(now.0).fetch_optional::<CredentialRow>().await;
        row?.map(Credential::try_from).transpose()
    }

    async fn working(&self, ids: &[CredentialId], now: Timestamp) -> Result<Vec<CredentialId>> {
        let list = id_list(ids.iter().map(|id| id.0));
        let mut session = self.db.system_read().await?;
        let ids = session.query(&WORKING).bind(&list).bind(now.0).scalars::<Uuid>().await;
        Ok(ids?.into_iter().map(CredentialId).collect())
    }

    async fn insert_credential(&self, scope: &TenantScope, actor: UserId, credential: &Credential) -> Result<()> {
        let mut session = self.db.write(scope).await?;
        hold_tenant(&mut session, scope).await?;
        room_for_another(&mut session, scope, self.most, credential.created_at).await?;
        insert_credential(&mut session, scope, actor, credential).await?;
        session.commit().await
    }

    async fn credentials(&self, scope: &TenantScope, kind: CredentialKind) -> Result<Vec<Credential>> {
        let mut session = self.db.read(scope).await?;
        let rows = session.query(&ALL).bind(scope.tenant().0).bind(kind_word(kind)).fetch_all::<CredentialRow>().await;
        rows?.into_iter().map(Credential::try_from).collect()
    }

    async fn credential(&self, scope: &TenantScope, kind: CredentialKind, id: CredentialId) -> Result<Option<Credential>> {
        let mut session = self.db.read(scope).await?;
        one_credential(&mut session, scope, kind, id).await
    }

    async fn rotate(
        &self,
        scope: &TenantScope,
        actor: UserId,
        kind: CredentialKind,
        id: CredentialId,
        next: NextSecret<'_>,
    ) -> Result<Option<Credential>> {
        let mut session = self.db.write(scope).await?;
        let done = session
            .query(&ROTATE)
            .bind(scope.tenant().0)
            .bind(kind_word(kind))
            .bind(id.0)
            .bind(next.hash)
            .bind(next.hint)
            .bind(next.old_until.0)
            .bind(next.now.0)
            .bind(next.pepper_version)
            .execute()
            .await;
        if done? == 0 {
            return Ok(None);
        }
        let detail = serde_json::json!({ "grace_secs": (next.old_until.0 - next.now.0) / 1_000_000 });
        audit(&mut session, scope, actor.0, None, "credential.rotate", Some(id.0), detail, next.now).await?;
        let credential = one_credential(&mut session, scope, kind, id).await?;
        session.commit().await?;
        Ok(credential)
    }

    async fn revoke(
        &self,
        scope: &TenantScope,
        actor: UserId,
        kind: CredentialKind,
        id: CredentialId,
        reason: &str,
        now: Timestamp,
    ) -> Result<bool> {
        let mut session = self.db.write(scope).await?;
        let done = session.query(&REVOKE).bind(scope.tenant().0).bind(kind_word(kind)).bind(id.0).bind(now.0).execute().await;
        if done? == 0 {
            return Ok(false);
        }
        let detail = serde_json::json!({ "reason": reason });
        audit(&mut session, scope, actor.0, None, "credential.revoke", Some(id.0), detail, now).await?;
        session.commit().await?;
        Ok(true)
    }

    async fn rename_credential(
        &self,
        scope: &TenantScope,
        actor: UserId,
        kind: CredentialKind,
        id: CredentialId,
        name: &str,
        now: Timestamp,
    ) -> Result<Option<Credential>> {
        let mut session = self.db.write(scope).await?;
        session.query(&RENAME).bind(scope.tenant().0).bind(kind_word(kind)).bind(id.0).bind(name).execute().await?;
        let Some(credential) = one_credential(&mut session, scope, kind, id).await? else { return Ok(None) };
        audit(&mut session, scope, actor.0, None, "credential.rename", Some(id.0), serde_json::json!({}), now).await?;
        session.commit().await?;
        Ok(Some(credential))
    }

    async fn touch_credentials(&self, uses: &[(CredentialId, Timestamp)]) -> Result<()> {
        // One order for all nodes: they note the same credentials at the same time.
        let mut uses = uses.to_vec();
        uses.sort_unstable();
        let mut session = self.db.system_write().await?;
        for (id, at) in uses {
            session.query(&TOUCH).bind(id.0).bind(at.0).execute().await?;
        }
        session.commit().await
    }
}

#[async_trait]
impl AccessTokens for SqlAuthStore {
    async fn grant_by_access_token(&self, token_hash: &[u8]) -> Result<Option<Credential>> {
        let mut session = self.db.system_read().await?;
        let row = session.query(&BY_ACCESS_TOKEN).bind(token_hash).fetch_optional::<CredentialRow>().await;
        row?.map(Credential::try_from).transpose()
    }

    async fn touch_tokens(&self, token_hashes: &[[u8; 32]], now: Timestamp) -> Result<()> {
        let mut hashes = token_hashes.to_vec();
        hashes.sort_unstable();
        let mut session = self.db.system_write().await?;
        for hash in &hashes {
            session.query(&TOUCH_TOKEN).bind(&hash[..]).bind(now.0).execute().await?;
        }
        session.commit().await
    }
}

#[async_trait]
impl SessionStore for SqlAuthStore {
    async fn insert_session(&self, row: &SessionRow) -> Result<()> {
        let mut session = self.db.system_write().await?;
        insert_session(&mut session, row).await?;
        session.commit().await
    }

    async fn rotate_session(&self, token_hash: &[u8], next: SessionRow, now: Timestamp) -> Result<RefreshOutcome> {
        let mut session = self.db.system_write().await?;
        let Some(old) = session_by_hash(&mut session, token_hash).await? else { return Ok(RefreshOutcome::Unknown) };
        if old.revoked_at.is_some() || old.expires_at <= now.0 {
            return Ok(RefreshOutcome::Unknown);
        }
        let used = session.query(&USE_SESSION).bind(token_hash).bind(now.0).execute().await;
        if old.used_at.is_some() || used? == 0 {
            revoke_family(&mut session, old.family_id, now).await?;
            session.commit().await?;
            return Ok(RefreshOutcome::Reused);
        }
        let next = SessionRow { family: SessionId(old.family_id), tenant: TenantId(old.tenant_id), user: UserId(old.user_id), ..next };
        insert_session(&mut session, &next).await?;
        session.commit().await?;
        Ok(RefreshOutcome::Rotated(next))
    }

    async fn revoke_session(&self, token_hash: &[u8], now: Timestamp) -> Result<()> {
        let mut session = self.db.system_write().await?;
        if let Some(row) = session_by_hash(&mut session, token_hash).await? {
            revoke_family(&mut session, row.family_id, now).await?;
        }
        session.commit().await
    }

    async fn revoke_sessions(&self, user: UserId, now: Timestamp) -> Result<()> {
        let mut session = self.db.system_write().await?;
        session.query(&REVOKE_SESSIONS).bind(user.0).bind(now.0).execute().await?;
        session.commit().await
    }

    async fn signed_in_at(&self, family: SessionId, now: Timestamp) -> Result<Option<Timestamp>> {
        let mut session = self.db.system_read().await?;
        let at = session.query(&SIGNED_IN_AT).bind(family.0).bind(now.0).scalar_optional::<i64>().await;
        Ok(at?.map(Timestamp))
    }
}
