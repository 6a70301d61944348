//! `/grants`: the clients that were let in.

use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use uuid::Uuid;

use super::{
    super::{RestParts, common::Message},
    requests::enabled,
};
use crate::{
    clock::Timestamp,
    error::Result,
    http::extract::{Caller, Json, Path},
    ids::CredentialId,
    oauth::{Grant, OAuth},
};

pub(super) fn routes() -> OpenApiRouter<RestParts> {
    super::super::route_table! {
        list_grants;
        rename_grant, revoke_grant;
    }
}

/// A client that was let in.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Grant)]
pub(super) struct GrantOut {
    /// A credential: what it wrote can be undone by it.
    id: Uuid,
    name: String,
    /// The app that it speaks for.
    client: String,
    client_id: String,
    /// The host that vouches for it; null where it registered itself.
    client_host: Option<String>,
    /// The host that you were sent back to; null for a program on your own computer.
    redirect_host: Option<String>,
    /// A well-known name that it bears without being at one of that name's hosts.
    imitates: Option<&'static str>,
    scopes: Vec<&'static str>,
    /// The only project that it opens; null for all.
    project_id: Option<Uuid>,
    /// RFC 3339.
    created_at: String,
    /// RFC 3339; moves on while it is used.
    expires_at: Option<String>,
    /// RFC 3339, to within a minute; null while unused.
    last_used_at: Option<String>,
    /// RFC 3339; null while it works.
    revoked_at: Option<String>,
}

impl From<Grant> for GrantOut {
    fn from(Grant { credential, row, redirect_host, imitates }: Grant) -> Self {
        Self {
            id: credential.id.0,
            name: credential.name,
            client: credential.client,
            client_id: row.client_id,
            client_host: row.client_host,
            redirect_host,
            imitates,
            scopes: credential.scopes.names(),
            project_id: credential.project.map(|p| p.0),
            created_at: credential.created_at.rfc3339(),
            expires_at: credential.expires_at.map(Timestamp::rfc3339),
            last_used_at: credential.last_used_at.map(Timestamp::rfc3339),
            revoked_at: credential.revoked_at.map(Timestamp::rfc3339),
        }
    }
}

/// All clients that were let in.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct GrantList {
    total: usize,
    /// Newest first, ended ones included.
    grants: Vec<GrantOut>,
}

/// Another label.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RenameGrant {
    /// A label for lists; the app's name when empty.
    name: String,
}

/// List the clients that were let in
#[utoipa::path(get, path = "/grants/", operation_id = "listGrants", tag = "connections",
    responses((status = 200, description = "Newest first", body = GrantList)))]
async fn list_grants(State(oauth): State<Option<OAuth>>, Caller(by): Caller) -> Result<Json<GrantList>> {
    let grants: Vec<_> = enabled(oauth)?.grants.list(&by).await?.into_iter().map(GrantOut::from).collect();
    Ok(Json(GrantList { total: grants.len(), grants }))
}

/// Rename a client that was let in
#[utoipa::path(patch, path = "/grants/{grant_id}", operation_id = "renameGrant", tag = "connections", request_body = RenameGrant,
    params(("grant_id" = Uuid, Path, description = "The grant")),
    responses((status = 200, description = "It has the new label", body = Message)))]
async fn rename_grant(
    State(oauth): State<Option<OAuth>>,
    Caller(by): Caller,
    Path(id): Path<CredentialId>,
    Json(body): Json<RenameGrant>,
) -> Result<Json<Message>> {
    enabled(oauth)?.grants.rename(&by, id, &body.name).await?;
    Ok(Json(Message::new("Connection renamed")))
}

/// Show a client out
///
/// Its next call is refused, within a second on every node. What it wrote stays, and can be undone.
#[utoipa::path(delete, path = "/grants/{grant_id}", operation_id = "revokeGrant", tag = "connections",
    params(("grant_id" = Uuid, Path, description = "The grant")),
    responses((status = 200, description = "It works no more", body = Message)))]
async fn revoke_grant(State(oauth): State<Option<OAuth>>, Caller(by): Caller, Path(id): Path<CredentialId>) -> Result<Json<Message>> {
    enabled(oauth)?.grants.revoke(&by, id, "revoked by its owner").await?;
    Ok(Json(Message::new("Connection revoked")))
}
