//! Requests, from their asking to what the person said.

use async_trait::async_trait;
use sqlx::FromRow;
use uuid::Uuid;

use super::{
    super::{
        Session,
        audit::audit,
        auth::{room_for_another, scopes_of},
        hold_tenant, statements,
    },
    SqlOAuthStore,
};
use crate::{
    clock::Timestamp,
    error::Result,
    ids::{CredentialId, ProjectId, TenantId, UserId},
    oauth::{Decision, Opens, RequestRow, RequestStore},
    tenancy::TenantScope,
};

fn request(condition: &str) -> String {
    format!(
        "SELECT id_hash, client_id, client_name, client_host, scopes, redirect_uri, state, code_challenge, resource, device_hash, polled_at, \
         created_at, expires_at, tenant_id, user_id, granted, project_id, grant_until, code_hash, decided_at, credential_id \
         FROM oauth_requests WHERE {condition}"
    )
}

statements! {
    INSERT: "INSERT INTO oauth_requests (id_hash, client_id, client_name, client_host, scopes, redirect_uri, state, code_challenge, \
        resource, device_hash, created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";
    BY_ID: (|_| request("id_hash = $1"));
    BY_CODE: (|_| request("code_hash = $1"));
    BY_DEVICE: (|_| request("device_hash = $1"));
    POLLED: "UPDATE oauth_requests SET polled_at = $2 WHERE device_hash = $1";
    // The condition lets the first word count, however many windows are open.
    DECIDE: "UPDATE oauth_requests SET tenant_id = $2, user_id = $3, granted = $4, project_id = $5, grant_until = $6, code_hash = $7, \
        decided_at = $8 WHERE id_hash = $1 AND decided_at IS NULL AND expires_at > $8";
    APPROVED_BEFORE: "SELECT EXISTS (SELECT 1 FROM oauth_grants g WHERE g.tenant_id = $1 AND g.user_id = $2 AND g.client_id = $3 \
        AND g.redirect_uri = $4)";
    FORGET_REQUESTS: "DELETE FROM oauth_requests WHERE expires_at < $1";
    FORGET_TOKENS: "DELETE FROM oauth_tokens WHERE expires_at < $1";
}

#[derive(FromRow)]
struct Row {
    id_hash: Vec<u8>,
    client_id: String,
    client_name: String,
    client_host: Option<String>,
    scopes: String,
    redirect_uri: Option<String>,
    state: Option<String>,
    code_challenge: Option<String>,
    resource: Option<String>,
    device_hash: Option<Vec<u8>>,
    polled_at: Option<i64>,
    created_at: i64,
    expires_at: i64,
    tenant_id: Option<Uuid>,
    user_id: Option<Uuid>,
    granted: Option<String>,
    project_id: Option<Uuid>,
    grant_until: Option<i64>,
    code_hash: Option<Vec<u8>>,
    decided_at: Option<i64>,
    credential_id: Option<Uuid>,
}

impl Row {
    fn read(self) -> Result<RequestRow> {
        let decision = match (self.tenant_id, self.user_id, self.decided_at) {
            (Some(tenant), Some(user), Some(at)) => Some(Decision {
                tenant: TenantId(tenant),
                user: UserId(user),
                scopes: self.granted.as_deref().map(scopes_of).transpose()?,
                project: self.project_id.map(ProjectId),
                until: self.grant_until.map(Timestamp),
                code_hash: self.code_hash,
                at: Timestamp(at),
            }),
            _ => None,
        };
        let opens = match self.redirect_uri {
            Some(redirect_uri) => Opens::Code {
                redirect_uri,
                state: self.state,
                challenge: self.code_challenge.unwrap_or_default(),
                resource: self.resource.unwrap_or_default(),
            },
            None => Opens::Device { device_hash: self.device_hash.unwrap_or_default() },
        };
        Ok(RequestRow {
            id_hash: self.id_hash,
            client_id: self.client_id,
            client_name: self.client_name,
            client_host: self.client_host,
            scopes: scopes_of(&self.scopes)?,
            opens,
            created_at: Timestamp(self.created_at),
            expires_at: Timestamp(self.expires_at),
            polled_at: self.polled_at.map(Timestamp),
            decision,
            credential: self.credential_id.map(CredentialId),
        })
    }
}

async fn decide(session: &mut Session, id_hash: &[u8], decision: &Decision) -> Result<bool> {
    let granted = decision.scopes.map(|scopes| scopes.names().join(" "));
    let done = session
        .query(&DECIDE)
        .bind(id_hash)
        .bind(decision.tenant.0)
        .bind(decision.user.0)
        .bind(&granted)
        .bind(decision.project.map(|project| project.0))
        .bind(decision.until.map(|until| until.0))
        .bind(&decision.code_hash)
        .bind(decision.at.0)
        .execute()
        .await?;
    Ok(done > 0)
}

#[async_trait]
impl RequestStore for SqlOAuthStore {
    async fn insert_request(&self, row: &RequestRow) -> Result<()> {
        let scopes = row.scopes.names().join(" ");
        let (redirect_uri, state, challenge, resource, device_hash) = match &row.opens {
            Opens::Code { redirect_uri, state, challenge, resource } => {
                (Some(redirect_uri), state.as_ref(), Some(challenge), Some(resource), None)
            }
            Opens::Device { device_hash } => (None, None, None, None, Some(device_hash)),
        };
        let mut session = self.db.system_write().await?;
        session
            .query(&INSERT)
            .bind(&row.id_hash)
            .bind(&row.client_id)
            .bind(&row.client_name)
            .bind(&row.client_host)
            .bind(&scopes)
            .bind(redirect_uri)
            .bind(state)
            .bind(challenge)
            .bind(resource)
            .bind(device_hash)
            .bind(row.created_at.0)
            .bind(row.expires_at.0)
            .execute()
            .await?;
        session.commit().await
    }

    async fn request(&self, id_hash: &[u8]) -> Result<Option<RequestRow>> {
        let mut session = self.db.system_read().await?;
        session.query(&BY_ID).bind(id_hash).fetch_optional::<Row>().await?.map(Row::read).transpose()
    }

    async fn request_by_code(&self, code_hash: &[u8]) -> Result<Option<RequestRow>> {
        let mut session = self.db.system_read().await?;
        session.query(&BY_CODE).bind(code_hash).fetch_optional::<Row>().await?.map(Row::read).transpose()
    }

    async fn poll(&self, device_hash: &[u8], now: Timestamp) -> Result<Option<RequestRow>> {
        let mut session = self.db.system_write().await?;
        let row = session.query(&BY_DEVICE).bind(device_hash).fetch_optional::<Row>().await?;
        if row.is_some() {
            session.query(&POLLED).bind(device_hash).bind(now.0).execute().await?;
        }
        session.commit().await?;
        row.map(Row::read).transpose()
    }

    async fn decide(&self, id_hash: &[u8], decision: &Decision) -> Result<bool> {
        let scope = TenantScope::verified(decision.tenant);
        let mut session = self.db.system_write().await?;
        if decision.scopes.is_some() {
            hold_tenant(&mut session, &scope).await?;
            room_for_another(&mut session, &scope, self.most, decision.at).await?;
        }
        if !decide(&mut session, id_hash, decision).await? {
            return Ok(false);
        }
        let word = if decision.scopes.is_some() { "oauth.approve" } else { "oauth.deny" };
        audit(&mut session, &scope, decision.user.0, None, word, None, serde_json::json!({}), decision.at).await?;
        session.commit().await?;
        Ok(true)
    }

    async fn approved_before(&self, scope: &TenantScope, user: UserId, client_id: &str, redirect_uri: &str) -> Result<bool> {
        let mut session = self.db.system_read().await?;
        session.query(&APPROVED_BEFORE).bind(scope.tenant().0).bind(user.0).bind(client_id).bind(redirect_uri).scalar::<bool>().await
    }

    async fn forget_ended(&self, requests: Timestamp, tokens: Timestamp) -> Result<u64> {
        let mut session = self.db.system_write().await?;
        let requests = session.query(&FORGET_REQUESTS).bind(requests.0).execute().await?;
        let tokens = session.query(&FORGET_TOKENS).bind(tokens.0).execute().await?;
        session.commit().await?;
        Ok(requests + tokens)
    }
}
