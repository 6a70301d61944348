//! `/endpoints` and `/keys`: personal MCP endpoints and API keys. A secret is in exactly one answer: that of the call
//! which made it.

use std::{sync::Arc, time::Duration};

use axum::{
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use uuid::Uuid;

use super::{
    RestParts,
    common::{Message, or_default},
};
use crate::{
    auth::{Credential, CredentialKind, CredentialService, Maker, NewCredential, Scopes, Secret},
    clock::{Period, Timestamp},
    error::Result,
    http::extract::{Caller, Json, Path},
    ids::{CredentialId, ProjectId},
    personal_url::PersonalUrls,
};

pub(super) fn routes() -> OpenApiRouter<RestParts> {
    super::route_table! {
        list_endpoints, create_endpoint;
        get_endpoint, rename_endpoint, revoke_endpoint;
        rotate_endpoint;
        list_keys, create_key;
        get_key, rename_key, revoke_key;
        rotate_key;
    }
}

/// A credential, without its secret.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Credential)]
pub(super) struct CredentialOut {
    id: Uuid,
    name: String,
    /// The app that it speaks for.
    client: String,
    /// The public beginning of the secret.
    hint: String,
    scopes: Vec<&'static str>,
    /// The only project that it opens; null for all.
    project_id: Option<Uuid>,
    /// RFC 3339.
    created_at: String,
    /// RFC 3339; null for never.
    expires_at: Option<String>,
    /// RFC 3339, to within a minute; null while unused.
    last_used_at: Option<String>,
    /// RFC 3339; null while it works.
    revoked_at: Option<String>,
}

impl From<Credential> for CredentialOut {
    fn from(c: Credential) -> Self {
        Self {
            id: c.id.0,
            name: c.name,
            client: c.client,
            hint: c.hint,
            scopes: c.scopes.names(),
            project_id: c.project.map(|p| p.0),
            created_at: c.created_at.rfc3339(),
            expires_at: c.expires_at.map(Timestamp::rfc3339),
            last_used_at: c.last_used_at.map(Timestamp::rfc3339),
            revoked_at: c.revoked_at.map(Timestamp::rfc3339),
        }
    }
}

/// What a new credential shall be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewCredential)]
pub(super) struct CredentialIn {
    /// A label for lists; the client's name when absent.
    #[serde(default)]
    name: Option<String>,
    /// The app that it speaks for; an endpoint needs one.
    #[serde(default)]
    #[schema(example = "claude")]
    client: Option<String>,
    /// `memory:read`, `memory:write`, `memory:delete`, `memory:delete_all`, `account:manage`; the first three when absent.
    #[serde(default)]
    scopes: Option<Vec<String>>,
    /// The only project that it shall open.
    #[serde(default)]
    #[schema(value_type = Option<Uuid>)]
    project_id: Option<ProjectId>,
    /// When it shall stop working: RFC 3339, a date (with whose end it does, UTC), or seconds since 1970.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    expires_at: Option<Period>,
}

/// What may be changed of a credential: its label.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RenameCredential {
    /// A label for lists; the client's name when empty.
    name: String,
}

/// How long the old secret goes on working.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RotateIn {
    /// 0 (the default) to 86,400 seconds.
    #[serde(default, deserialize_with = "or_default")]
    grace_secs: u64,
}

/// All endpoints.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct EndpointList {
    total: usize,
    /// Newest first, revoked ones included.
    endpoints: Vec<CredentialOut>,
}

/// An endpoint with its secret, shown this once.
#[derive(Serialize, ToSchema)]
pub(super) struct EndpointSecret {
    #[serde(flatten)]
    endpoint: CredentialOut,
    /// Not shown again.
    secret: String,
    /// For clients of the legacy HTTP+SSE transport.
    sse_url: String,
    /// For clients of Streamable HTTP.
    http_url: String,
    /// The configuration that most clients take, ready to paste.
    #[schema(value_type = Object)]
    client_config: serde_json::Value,
    /// When the secret before this one stops working, RFC 3339; only after a rotation.
    #[serde(skip_serializing_if = "Option::is_none")]
    old_secret_until: Option<String>,
}

impl EndpointSecret {
    fn new(urls: &PersonalUrls, credential: Credential, secret: &Secret, old_until: Option<String>) -> Self {
        let (client, secret) = (&credential.client, secret.expose());
        Self {
            sse_url: urls.sse(client, secret),
            http_url: urls.http(client, secret),
            client_config: urls.client_config(client, secret),
            secret: secret.to_owned(),
            endpoint: credential.into(),
            old_secret_until: old_until,
        }
    }
}

/// All API keys.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct KeyList {
    total: usize,
    /// Newest first, revoked ones included.
    keys: Vec<CredentialOut>,
}

/// An API key with its secret, shown this once.
#[derive(Serialize, ToSchema)]
pub(super) struct KeySecret {
    #[serde(flatten)]
    key: CredentialOut,
    /// Not shown again.
    api_key: String,
    /// When the key before this one stops working, RFC 3339; only after a rotation.
    #[serde(skip_serializing_if = "Option::is_none")]
    old_secret_until: Option<String>,
}

/// List personal endpoints
#[utoipa::path(get, path = "/endpoints/", operation_id = "listEndpoints", tag = "endpoints",
    responses((status = 200, description = "Newest first", body = EndpointList)))]
async fn list_endpoints(State(credentials): State<Arc<CredentialService>>, Caller(by): Caller) -> Result<Json<EndpointList>> {
    let endpoints = list(&credentials, &Maker::from(&by), CredentialKind::Endpoint).await?;
    Ok(Json(EndpointList { total: endpoints.len(), endpoints }))
}

/// Create a personal endpoint
#[utoipa::path(post, path = "/endpoints/", operation_id = "createEndpoint", tag = "endpoints", request_body = CredentialIn,
    responses((status = 201, description = "The endpoint with its URLs, shown this once", body = EndpointSecret)))]
async fn create_endpoint(
    State(credentials): State<Arc<CredentialService>>,
    State(urls): State<PersonalUrls>,
    Caller(by): Caller,
    Json(body): Json<CredentialIn>,
) -> Result<Response> {
    let created = credentials.create(&Maker::from(&by), new(CredentialKind::Endpoint, body)?).await?;
    let location = format!("/api/v1/endpoints/{}", created.credential.id);
    let body = EndpointSecret::new(&urls, created.credential, &created.secret, None);
    Ok((StatusCode::CREATED, [(header::LOCATION, location)], Json(body)).into_response())
}

/// Read a personal endpoint
#[utoipa::path(get, path = "/endpoints/{endpoint_id}", operation_id = "getEndpoint", tag = "endpoints",
    params(("endpoint_id" = Uuid, Path, description = "The endpoint")),
    responses((status = 200, description = "The endpoint, without its secret", body = CredentialOut)))]
async fn get_endpoint(
    State(credentials): State<Arc<CredentialService>>,
    Caller(by): Caller,
    Path(id): Path<CredentialId>,
) -> Result<Json<CredentialOut>> {
    Ok(Json(credentials.get(&Maker::from(&by), CredentialKind::Endpoint, id).await?.into()))
}

/// Rename a personal endpoint
#[utoipa::path(patch, path = "/endpoints/{endpoint_id}", operation_id = "renameEndpoint", tag = "endpoints",
    request_body = RenameCredential, params(("endpoint_id" = Uuid, Path, description = "The endpoint")),
    responses((status = 200, description = "The endpoint, without its secret", body = CredentialOut)))]
async fn rename_endpoint(
    State(credentials): State<Arc<CredentialService>>,
    Caller(by): Caller,
    Path(id): Path<CredentialId>,
    Json(body): Json<RenameCredential>,
) -> Result<Json<CredentialOut>> {
    Ok(Json(credentials.rename(&Maker::from(&by), CredentialKind::Endpoint, id, &body.name).await?.into()))
}

/// Give a personal endpoint a new secret
#[utoipa::path(post, path = "/endpoints/{endpoint_id}/rotate", operation_id = "rotateEndpoint", tag = "endpoints",
    request_body(content = Option<RotateIn>), params(("endpoint_id" = Uuid, Path, description = "The endpoint")),
    responses((status = 200, description = "The endpoint with its new URLs, shown this once", body = EndpointSecret)))]
async fn rotate_endpoint(
    State(credentials): State<Arc<CredentialService>>,
    State(urls): State<PersonalUrls>,
    Caller(by): Caller,
    Path(id): Path<CredentialId>,
    body: Option<Json<RotateIn>>,
) -> Result<Json<EndpointSecret>> {
    let rotated = credentials.rotate(&Maker::from(&by), CredentialKind::Endpoint, id, grace(body)).await?;
    Ok(Json(EndpointSecret::new(&urls, rotated.credential, &rotated.secret, Some(rotated.old_until.rfc3339()))))
}

/// Revoke a personal endpoint
///
/// Its next call is refused, and its open streams are closed.
#[utoipa::path(delete, path = "/endpoints/{endpoint_id}", operation_id = "revokeEndpoint", tag = "endpoints",
    params(("endpoint_id" = Uuid, Path, description = "The endpoint")),
    responses((status = 200, description = "It works no more", body = Message)))]
async fn revoke_endpoint(
    State(credentials): State<Arc<CredentialService>>,
    Caller(by): Caller,
    Path(id): Path<CredentialId>,
) -> Result<Json<Message>> {
    credentials.revoke(&Maker::from(&by), CredentialKind::Endpoint, id, REVOKED_BY_OWNER).await?;
    Ok(Json(Message::new("Endpoint revoked")))
}

/// List API keys
#[utoipa::path(get, path = "/keys/", operation_id = "listKeys", tag = "keys",
    responses((status = 200, description = "Newest first", body = KeyList)))]
async fn list_keys(State(credentials): State<Arc<CredentialService>>, Caller(by): Caller) -> Result<Json<KeyList>> {
    let keys = list(&credentials, &Maker::from(&by), CredentialKind::ApiKey).await?;
    Ok(Json(KeyList { total: keys.len(), keys }))
}

/// Create an API key
#[utoipa::path(post, path = "/keys/", operation_id = "createKey", tag = "keys", request_body = CredentialIn,
    responses((status = 201, description = "The key, shown this once", body = KeySecret)))]
async fn create_key(
    State(credentials): State<Arc<CredentialService>>,
    Caller(by): Caller,
    Json(body): Json<CredentialIn>,
) -> Result<Response> {
    let created = credentials.create(&Maker::from(&by), new(CredentialKind::ApiKey, body)?).await?;
    let location = format!("/api/v1/keys/{}", created.credential.id);
    let body = KeySecret { api_key: created.secret.expose().to_owned(), key: created.credential.into(), old_secret_until: None };
    Ok((StatusCode::CREATED, [(header::LOCATION, location)], Json(body)).into_response())
}

/// Read an API key
#[utoipa::path(get, path = "/keys/{key_id}", operation_id = "getKey", tag = "keys",
    params(("key_id" = Uuid, Path, description = "The key")),
    responses((status = 200, description = "The key, without its secret", body = CredentialOut)))]
async fn get_key(
    State(credentials): State<Arc<CredentialService>>,
    Caller(by): Caller,
    Path(id): Path<CredentialId>,
) -> Result<Json<CredentialOut>> {
    Ok(Json(credentials.get(&Maker::from(&by), CredentialKind::ApiKey, id).await?.into()))
}

/// Rename an API key
#[utoipa::path(patch, path = "/keys/{key_id}", operation_id = "renameKey", tag = "keys",
    request_body = RenameCredential, params(("key_id" = Uuid, Path, description = "The key")),
    responses((status = 200, description = "The key, without its secret", body = CredentialOut)))]
async fn rename_key(
    State(credentials): State<Arc<CredentialService>>,
    Caller(by): Caller,
    Path(id): Path<CredentialId>,
    Json(body): Json<RenameCredential>,
) -> Result<Json<CredentialOut>> {
    Ok(Json(credentials.rename(&Maker::from(&by), CredentialKind::ApiKey, id, &body.name).await?.into()))
}

/// Give an API key a new secret
#[utoipa::path(post, path = "/keys/{key_id}/rotate", operation_id = "rotateKey", tag = "keys",
    request_body(content = Option<RotateIn>), params(("key_id" = Uuid, Path, description = "The key")),
    responses((status = 200, description = "The new key, shown this once", body = KeySecret)))]
async fn rotate_key(
    State(credentials): State<Arc<CredentialService>>,
    Caller(by): Caller,
    Path(id): Path<CredentialId>,
    body: Option<Json<RotateIn>>,
) -> Result<Json<KeySecret>> {
    let rotated = credentials.rotate(&Maker::from(&by), CredentialKind::ApiKey, id, grace(body)).await?;
    let old_secret_until = Some(rotated.old_until.rfc3339());
    Ok(Json(KeySecret { api_key: rotated.secret.expose().to_owned(), key: rotated.credential.into(), old_secret_until }))
}

/// Revoke an API key
#[utoipa::path(delete, path = "/keys/{key_id}", operation_id = "revokeKey", tag = "keys",
    params(("key_id" = Uuid, Path, description = "The key")),
    responses((status = 200, description = "It works no more", body = Message)))]
async fn revoke_key(
    State(credentials): State<Arc<CredentialService>>,
    Caller(by): Caller,
    Path(id): Path<CredentialId>,
) -> Result<Json<Message>> {
    credentials.revoke(&Maker::from(&by), CredentialKind::ApiKey, id, REVOKED_BY_OWNER).await?;
    Ok(Json(Message::new("API key revoked")))
}

/// What the audit says about a revocation over REST.
const REVOKED_BY_OWNER: &str = "revoked by its owner";

async fn list(credentials: &CredentialService, by: &Maker, kind: CredentialKind) -> Result<Vec<CredentialOut>> {
    Ok(credentials.list(by, kind).await?.into_iter().map(CredentialOut::from).collect())
}

fn new(kind: CredentialKind, body: CredentialIn) -> Result<NewCredential> {
    Ok(NewCredential {
        kind,
        name: body.name.unwrap_or_default(),
        client: body.client,
        scopes: body.scopes.as_deref().map(Scopes::parse).transpose()?,
        project: body.project_id,
        expires_at: body.expires_at.map(Period::last),
    })
}

fn grace(body: Option<Json<RotateIn>>) -> Duration {
    Duration::from_secs(body.map_or_else(RotateIn::default, |Json(body)| body).grace_secs)
}
