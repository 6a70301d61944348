//! Grants and their tokens.

use async_trait::async_trait;
use sqlx::FromRow;
use uuid::Uuid;

use super::{
    super::{
        Session,
        auth::{CredentialRow, credential_expiring, insert_credential},
        statements,
    },
    SqlOAuthStore,
};
use crate::{
    auth::Credential,
    clock::Timestamp,
    error::Result,
    ids::CredentialId,
    oauth::{GrantRow, Held, Pair, Rotation, TokenKind, TokenRow, TokenStore},
    tenancy::TenantScope,
};

statements! {
    REDEEM: "UPDATE oauth_requests SET credential_id = $2 WHERE id_hash = $1 AND credential_id IS NULL AND granted IS NOT NULL";
    INSERT_GRANT: "INSERT INTO oauth_grants (credential_id, tenant_id, user_id, client_id, client_host, redirect_uri, resource, \
        absolute_until) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    INSERT_TOKEN: "INSERT INTO oauth_tokens (token_hash, tenant_id, credential_id, kind, generation, issued_at, expires_at) \
        VALUES ($1, (SELECT tenant_id FROM credentials WHERE id = $2), $2, $3, $4, $5, $6)";
    TOKEN: "SELECT t.credential_id, t.kind, t.generation, t.expires_at, t.used_at, t.sealed_successor, g.client_id, g.client_host, \
        g.redirect_uri, g.resource, g.absolute_until, \
        (SELECT MAX(n.generation) FROM oauth_tokens n WHERE n.credential_id = t.credential_id) AS newest, \
        EXISTS (SELECT 1 FROM oauth_tokens n WHERE n.credential_id = t.credential_id AND n.generation = t.generation + 1 \
            AND n.used_at IS NOT NULL) AS successor_used, \
        (SELECT n.expires_at FROM oauth_tokens n WHERE n.credential_id = t.credential_id AND n.generation = t.generation + 1 \
            AND n.kind = 'access') AS successor_expires_at \
        FROM oauth_tokens t JOIN oauth_grants g ON g.credential_id = t.credential_id WHERE t.token_hash = $1";
    CREDENTIAL: (|_| credential_expiring("c.expires_at", "c.id = $1", ""));
    // The condition lets one of several callers on several nodes rotate.
    REPLACE: "UPDATE oauth_tokens SET used_at = $2, sealed_successor = $3 WHERE token_hash = $1 AND used_at IS NULL AND kind = 'refresh'";
    // What is older is not answered any more.
    UNSEAL: "UPDATE oauth_tokens SET sealed_successor = NULL WHERE credential_id = $1 AND generation < $2 AND sealed_successor IS NOT NULL";
    EXTEND: "UPDATE credentials SET expires_at = $2 WHERE id = $1 AND revoked_at IS NULL";
    END: "UPDATE oauth_tokens SET expires_at = $2 WHERE token_hash = $1 AND kind = 'access' AND expires_at > $2";
    GRANTS: "SELECT credential_id, client_id, client_host, redirect_uri, resource, absolute_until FROM oauth_grants WHERE tenant_id = $1";
}

#[derive(FromRow)]
struct HeldRow {
    credential_id: Uuid,
    kind: String,
    generation: i64,
    expires_at: i64,
    used_at: Option<i64>,
    sealed_successor: Option<Vec<u8>>,
    client_id: String,
    client_host: Option<String>,
    redirect_uri: String,
    resource: String,
    absolute_until: i64,
    newest: i64,
    successor_used: bool,
    successor_expires_at: Option<i64>,
}

#[derive(FromRow)]
struct Known {
    credential_id: Uuid,
    client_id: String,
    client_host: Option<String>,
    redirect_uri: String,
    resource: String,
    absolute_until: i64,
}

const fn word(kind: TokenKind) -> &'static str {
    match kind {
        TokenKind::Access => "access",
        TokenKind::Refresh => "refresh",
    }
}

async fn insert_pair(session: &mut Session, of: CredentialId, generation: i64, pair: &Pair, now: Timestamp) -> Result<()> {
    for (kind, TokenRow { token_hash, expires_at }) in [(TokenKind::Access, &pair.access), (TokenKind::Refresh, &pair.refresh)] {
        session
            .query(&INSERT_TOKEN)
            .bind(token_hash)
            .bind(of.0)
            .bind(word(kind))
            .bind(generation)
            .bind(now.0)
            .bind(expires_at.0)
            .execute()
            .await?;
    }
    Ok(())
}

async fn insert_grant(session: &mut Session, credential: &Credential, grant: &GrantRow) -> Result<()> {
    session
        .query(&INSERT_GRANT)
        .bind(credential.id.0)
        .bind(credential.tenant.0)
        .bind(credential.user.0)
        .bind(&grant.client_id)
        .bind(&grant.client_host)
        .bind(&grant.redirect_uri)
        .bind(&grant.resource)
        .bind(grant.absolute_until.0)
        .execute()
        .await
        .map(drop)
}

#[async_trait]
impl TokenStore for SqlOAuthStore {
    async fn redeem(&self, id_hash: &[u8], credential: &Credential, grant: Option<(&GrantRow, &Pair)>) -> Result<bool> {
        let mut session = self.db.system_write().await?;
        if session.query(&REDEEM).bind(id_hash).bind(credential.id.0).execute().await? == 0 {
            return Ok(false);
        }
        insert_credential(&mut session, &TenantScope::verified(credential.tenant), credential.user, credential).await?;
        if let Some((grant, pair)) = grant {
            insert_grant(&mut session, credential, grant).await?;
            insert_pair(&mut session, credential.id, 1, pair, credential.created_at).await?;
        }
        session.commit().await?;
        Ok(true)
    }

    async fn held(&self, token_hash: &[u8]) -> Result<Option<Held>> {
        let mut session = self.db.system_read().await?;
        let Some(row) = session.query(&TOKEN).bind(token_hash).fetch_optional::<HeldRow>().await? else { return Ok(None) };
        let credential = session.query(&CREDENTIAL).bind(row.credential_id).fetch_optional::<CredentialRow>().await?;
        let Some(credential) = credential.map(Credential::try_from).transpose()? else { return Ok(None) };
        Ok(Some(Held {
            credential,
            grant: GrantRow {
                client_id: row.client_id,
                client_host: row.client_host,
                redirect_uri: row.redirect_uri,
                resource: row.resource,
                absolute_until: Timestamp(row.absolute_until),
            },
            kind: if row.kind == word(TokenKind::Access) { TokenKind::Access } else { TokenKind::Refresh },
            generation: row.generation,
            expires_at: Timestamp(row.expires_at),
            used_at: row.used_at.map(Timestamp),
            successor: row.sealed_successor,
            newest: row.newest,
            successor_used: row.successor_used,
            successor_expires_at: row.successor_expires_at.map(Timestamp),
        }))
    }

    async fn rotate(&self, rotation: Rotation<'_>) -> Result<bool> {
        let Rotation { credential, token_hash, generation, next, sealed, now } = rotation;
        let mut session = self.db.system_write().await?;
        if session.query(&REPLACE).bind(token_hash).bind(now.0).bind(sealed).execute().await? == 0 {
            return Ok(false);
        }
        session.query(&UNSEAL).bind(credential.0).bind(generation).execute().await?;
        insert_pair(&mut session, credential, generation + 1, next, now).await?;
        session.query(&EXTEND).bind(credential.0).bind(next.refresh.expires_at.0).execute().await?;
        session.commit().await?;
        Ok(true)
    }

    async fn end_access_token(&self, token_hash: &[u8], now: Timestamp) -> Result<()> {
        let mut session = self.db.system_write().await?;
        session.query(&END).bind(token_hash).bind(now.0).execute().await?;
        session.commit().await
    }

    async fn grants(&self, scope: &TenantScope) -> Result<Vec<(CredentialId, GrantRow)>> {
        let mut session = self.db.read(scope).await?;
        let rows = session.query(&GRANTS).bind(scope.tenant().0).fetch_all::<Known>().await?;
        let known = |row: Known| GrantRow {
            client_id: row.client_id,
            client_host: row.client_host,
            redirect_uri: row.redirect_uri,
            resource: row.resource,
            absolute_until: Timestamp(row.absolute_until),
        };
        Ok(rows.into_iter().map(|row| (CredentialId(row.credential_id), known(row))).collect())
    }
}
