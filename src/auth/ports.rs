//! What authentication needs from a database.

use async_trait::async_trait;

use super::{CredentialKind, Scopes};
use crate::{
    clock::Timestamp,
    error::Result,
    ids::{CredentialId, ProjectId, SessionId, TenantId, UserId},
    tenancy::TenantScope,
};

/// A stored endpoint secret or API key. The secret itself is not here: only its keyed hash is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credential {
    /// Identifier, safe to show and to log.
    pub id: CredentialId,
    pub tenant: TenantId,
    /// Person that it speaks for.
    pub user: UserId,
    /// `Endpoint`, `ApiKey` or `Grant`.
    pub kind: CredentialKind,
    /// The label that the user gave.
    pub name: String,
    /// The client (app) label. An endpoint is bound to it: another `{client}` in the URL is answered as unknown.
    pub client: String,
    /// HMAC-SHA-256 of the secret under the pepper, 32 bytes.
    pub secret_hash: Vec<u8>,
    pub pepper_version: i32,
    /// Public beginning of the secret, shown in lists (`jme_ab12cd34`).
    pub hint: String,
    pub scopes: Scopes,
    /// The only project that it opens.
    pub project: Option<ProjectId>,
    pub created_at: Timestamp,
    pub expires_at: Option<Timestamp>,
    /// When it last worked, to within the batching interval.
    pub last_used_at: Option<Timestamp>,
    pub revoked_at: Option<Timestamp>,
    /// The tenant's default project, joined in for the principal.
    pub default_project: ProjectId,
}

/// One refresh token of a built-in account. Tokens of one sign-in form a family.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionRow {
    pub id: SessionId,
    /// The sign-in that it descends from.
    pub family: SessionId,
    pub user: UserId,
    pub tenant: TenantId,
    /// HMAC-SHA-256 of the refresh token, 32 bytes.
    pub token_hash: Vec<u8>,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
}

/// The secret that a rotation gives a credential.
#[derive(Debug, Clone, Copy)]
pub struct NextSecret<'a> {
    /// HMAC-SHA-256 of the new secret, 32 bytes.
    pub hash: &'a [u8],
    /// Which of the server's keys made the hash.
    pub pepper_version: i32,
    pub hint: &'a str,
    /// Until when the old secret works.
    pub old_until: Timestamp,
    pub now: Timestamp,
}

/// What presenting a refresh token led to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RefreshOutcome {
    /// Replaced by the new row in one transaction.
    Rotated(SessionRow),
    /// Unknown, expired or revoked.
    Unknown,
    /// It had been used before: the whole family is now revoked.
    Reused,
}

/// Stored credentials in the relational truth. The look-up by hash runs before a tenant is known and answers only the row whose
/// secret the caller has shown. Changes write an audit row in the same transaction.
#[async_trait]
pub trait CredentialStore: Send + Sync {
    /// The credential with this secret hash, whatever its state; a rotated one answers by its old hash until the grace
    /// ends.
    async fn credential_by_hash(&self, secret_hash: &[u8], now: Timestamp) -> Result<Option<Credential>>;
    /// Those of `ids` that work now: neither revoked nor expired. Serves the closing of open streams.
    async fn working(&self, ids: &[CredentialId], now: Timestamp) -> Result<Vec<CredentialId>>;
    /// Stores a new credential.
    ///
    /// MUST answer `limit_reached`, changing nothing, when the tenant has as many as it may.
    async fn insert_credential(&self, scope: &TenantScope, actor: UserId, credential: &Credential) -> Result<()>;
    /// The credentials of a kind, newest first, revoked ones included.
    async fn credentials(&self, scope: &TenantScope, kind: CredentialKind) -> Result<Vec<Credential>>;
    /// One credential of a kind.
    async fn credential(&self, scope: &TenantScope, kind: CredentialKind, id: CredentialId) -> Result<Option<Credential>>;
    /// Gives a working credential a new secret. `None` when there is no working one of that id and kind.
    async fn rotate(
        &self,
        scope: &TenantScope,
        actor: UserId,
        kind: CredentialKind,
        id: CredentialId,
        next: NextSecret<'_>,
    ) -> Result<Option<Credential>>;
    /// Revokes; false when there is none of that id and kind. Revoking twice is fine.
    async fn revoke(
        &self,
        scope: &TenantScope,
        actor: UserId,
        kind: CredentialKind,
        id: CredentialId,
        reason: &str,
        now: Timestamp,
    ) -> Result<bool>;
    /// Gives another label; none when it is unknown.
    async fn rename_credential(
        &self,
        scope: &TenantScope,
        actor: UserId,
        kind: CredentialKind,
        id: CredentialId,
        name: &str,
        now: Timestamp,
    ) -> Result<Option<Credential>>;
    /// Notes the latest uses, batched.
    async fn touch_credentials(&self, uses: &[(CredentialId, Timestamp)]) -> Result<()>;
}

/// Access tokens of grants: many open one credential, each for a day.
#[async_trait]
pub trait AccessTokens: Send + Sync {
    /// The grant whose access token has this hash, with the token's expiry for its own; `None` where there is no such token.
    async fn grant_by_access_token(&self, token_hash: &[u8]) -> Result<Option<Credential>>;
    /// Notes that access tokens were used, batched: what they replaced is from then on no longer answered.
    async fn touch_tokens(&self, token_hashes: &[[u8; 32]], now: Timestamp) -> Result<()>;
}

/// Refresh tokens of the built-in accounts.
#[async_trait]
pub trait SessionStore: Send + Sync {
    /// Stores the first refresh token of a sign-in.
    async fn insert_session(&self, session: &SessionRow) -> Result<()>;
    /// Exchanges a refresh token for `next` (which carries the new hash and times; family, user and tenant are taken
    /// from the old row) in one transaction, revoking the family when the token had been used before.
    async fn rotate_session(&self, token_hash: &[u8], next: SessionRow, now: Timestamp) -> Result<RefreshOutcome>;
    /// Revokes the family of this refresh token; unknown tokens are fine.
    async fn revoke_session(&self, token_hash: &[u8], now: Timestamp) -> Result<()>;
    /// Revokes every sign-in of a person.
    async fn revoke_sessions(&self, user: UserId, now: Timestamp) -> Result<()>;
    /// When the sign-in that an access token names (its `session_id`) began; `None` once it has been revoked or has run out.
    async fn signed_in_at(&self, family: SessionId, now: Timestamp) -> Result<Option<Timestamp>>;
}
