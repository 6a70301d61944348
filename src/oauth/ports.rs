//! What is stored of requests, grants and tokens. Secrets are stored as keyed hashes of 32 bytes.

use async_trait::async_trait;

use crate::{
    auth::{Credential, Scopes},
    clock::Timestamp,
    error::Result,
    ids::{CredentialId, ProjectId, TenantId, UserId},
    tenancy::TenantScope,
};

/// What a request ends in, if the person says yes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Opens {
    /// A code for a client that sent the person here.
    Code {
        redirect_uri: String,
        state: Option<String>,
        /// PKCE, S256.
        challenge: String,
        /// What access tokens will be for.
        resource: String,
    },
    /// An API key for a program that waits elsewhere (RFC 8628), by the hash of what it asks with.
    Device { device_hash: Vec<u8> },
}

/// A request from its asking to its grant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestRow {
    /// Of the request's id, or of the code that a person types.
    pub id_hash: Vec<u8>,
    pub client_id: String,
    pub client_name: String,
    /// The host that vouches for the client.
    pub client_host: Option<String>,
    pub scopes: Scopes,
    pub opens: Opens,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
    /// When a device last asked.
    pub polled_at: Option<Timestamp>,
    pub decision: Option<Decision>,
    /// What it was exchanged for.
    pub credential: Option<CredentialId>,
}

/// What the person said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    pub tenant: TenantId,
    pub user: UserId,
    /// `None` for no.
    pub scopes: Option<Scopes>,
    pub project: Option<ProjectId>,
    /// When the grant shall end.
    pub until: Option<Timestamp>,
    /// Of the code that the client gets.
    pub code_hash: Option<Vec<u8>>,
    pub at: Timestamp,
}

/// Requests in the relational truth. They belong to no tenant until somebody decides.
#[async_trait]
pub trait RequestStore: Send + Sync {
    async fn insert_request(&self, request: &RequestRow) -> Result<()>;
    /// By the hash of its id.
    async fn request(&self, id_hash: &[u8]) -> Result<Option<RequestRow>>;
    /// By the hash of its code.
    async fn request_by_code(&self, code_hash: &[u8]) -> Result<Option<RequestRow>>;
    /// By the hash of what a device asks with; notes that it asked.
    async fn poll(&self, device_hash: &[u8], now: Timestamp) -> Result<Option<RequestRow>>;
    /// Notes what a person said; false where that is not open any more. A yes is refused with `limit_reached` where the tenant has
    /// as many credentials as it may.
    async fn decide(&self, id_hash: &[u8], decision: &Decision) -> Result<bool>;
    /// Whether the person let this client in before, to the same address.
    async fn approved_before(&self, scope: &TenantScope, user: UserId, client_id: &str, redirect_uri: &str) -> Result<bool>;
    /// Drops requests and tokens that ended before these times; answers how many.
    async fn forget_ended(&self, requests: Timestamp, tokens: Timestamp) -> Result<u64>;
}

/// What a token is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenKind {
    Access,
    Refresh,
}

/// One token of a grant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenRow {
    pub token_hash: Vec<u8>,
    pub expires_at: Timestamp,
}

/// The two tokens of a generation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pair {
    pub access: TokenRow,
    pub refresh: TokenRow,
}

/// What is known of a grant beside its credential.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GrantRow {
    pub client_id: String,
    pub client_host: Option<String>,
    pub redirect_uri: String,
    /// What its access tokens are for.
    pub resource: String,
    /// When it ends, however much it is used.
    pub absolute_until: Timestamp,
}

/// A token with its grant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    pub credential: Credential,
    pub grant: GrantRow,
    pub kind: TokenKind,
    /// From 1; each refresh makes the next.
    pub generation: i64,
    pub expires_at: Timestamp,
    /// A refresh token's: when it was replaced.
    pub used_at: Option<Timestamp>,
    /// What replaced it, sealed.
    pub successor: Option<Vec<u8>>,
    /// The newest generation of the grant.
    pub newest: i64,
    /// Whether one of the tokens that replaced it has been used.
    pub successor_used: bool,
    /// When the access token that replaced its own ends.
    pub successor_expires_at: Option<Timestamp>,
}

/// The replacement of a generation by the next.
#[derive(Debug, Clone)]
pub struct Rotation<'a> {
    pub credential: CredentialId,
    /// The refresh token that is replaced.
    pub token_hash: &'a [u8],
    pub generation: i64,
    pub next: &'a Pair,
    /// `next`, sealed for who holds the replaced token.
    pub sealed: &'a [u8],
    pub now: Timestamp,
}

/// Grants and their tokens.
#[async_trait]
pub trait TokenStore: Send + Sync {
    /// Turns an approved request into a credential, once: false where it has been exchanged before. `grant` is `None` for an API key.
    async fn redeem(&self, id_hash: &[u8], credential: &Credential, grant: Option<(&GrantRow, &Pair)>) -> Result<bool>;
    /// A token with its grant, whatever its state.
    async fn held(&self, token_hash: &[u8]) -> Result<Option<Held>>;
    /// Replaces a generation by the next and moves the grant's end to that of its refresh token; false where somebody else did.
    async fn rotate(&self, rotation: Rotation<'_>) -> Result<bool>;
    /// Ends one access token.
    async fn end_access_token(&self, token_hash: &[u8], now: Timestamp) -> Result<()>;
    /// What is known of the grants of a tenant.
    async fn grants(&self, scope: &TenantScope) -> Result<Vec<(CredentialId, GrantRow)>>;
}
