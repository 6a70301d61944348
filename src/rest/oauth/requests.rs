//! `/oauth/requests`: what a client asks of the person who is signed in, and what they say.

use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;

use super::super::{RestParts, common::or_default};
use crate::{
    auth::Scopes,
    error::{Code, Error, Result},
    http::extract::{Caller, Json, Path},
    oauth::{Asked, OAuth, Opens, Word},
};

pub(super) fn routes() -> OpenApiRouter<RestParts> {
    super::super::route_table! { get_oauth_request, decide_oauth_request }
}

/// Who asks.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct AskingClient {
    id: String,
    /// What it calls itself: a claim.
    name: String,
    /// The host that vouches for it; null where it registered itself.
    host: Option<String>,
    /// Whether a host vouches for it.
    verified: bool,
    /// A well-known name that it bears without being at one of that name's hosts.
    imitates: Option<&'static str>,
}

/// What a client asks.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct OAuthRequest {
    /// `client`: a program that sent you here. `device`: the command line, which waits elsewhere.
    kind: &'static str,
    client: AskingClient,
    /// The host that you are sent back to; null for a program on your own computer, or a device.
    redirect_host: Option<String>,
    /// What it wants to be allowed.
    scopes: Vec<&'static str>,
    /// Whether you let the same client in before, to the same address.
    approved_before: bool,
    /// RFC 3339.
    expires_at: String,
}

impl From<Asked> for OAuthRequest {
    fn from(Asked { row, redirect_host, imitates, before }: Asked) -> Self {
        Self {
            kind: match row.opens {
                Opens::Code { .. } => "client",
                Opens::Device { .. } => "device",
            },
            client: AskingClient {
                id: row.client_id,
                name: row.client_name,
                verified: row.client_host.is_some(),
                host: row.client_host,
                imitates,
            },
            redirect_host,
            scopes: row.scopes.names(),
            approved_before: before,
            expires_at: row.expires_at.rfc3339(),
        }
    }
}

/// What you say.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Decide {
    approve: bool,
    /// Some of those that it asked for; all of them when absent.
    #[serde(default)]
    scopes: Option<Vec<String>>,
    /// The only project that it shall open, by id or name.
    #[serde(default, deserialize_with = "or_default")]
    project: Option<String>,
    /// Days after which it shall end.
    #[serde(default)]
    expires_in_days: Option<u32>,
}

/// Where you go next.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Decided {
    /// The address to open; null for a device, which finds out by itself.
    redirect_to: Option<String>,
}

/// See what a client asks
///
/// With the token of a signed-in person. The id is the last part of the page's address, or the code that a device shows.
#[utoipa::path(get, path = "/oauth/requests/{request_id}", operation_id = "getOAuthRequest", tag = "connections",
    params(("request_id" = String, Path, description = "The request, or the code of a device")),
    responses((status = 200, description = "What is asked", body = OAuthRequest)))]
async fn get_oauth_request(State(oauth): State<Option<OAuth>>, Caller(by): Caller, Path(id): Path<String>) -> Result<Json<OAuthRequest>> {
    Ok(Json(enabled(oauth)?.consents.look(&by, &id).await?.into()))
}

/// Let a client in, or not
///
/// With the token of a signed-in person. The first word counts.
#[utoipa::path(post, path = "/oauth/requests/{request_id}", operation_id = "decideOAuthRequest", tag = "connections", request_body = Decide,
    params(("request_id" = String, Path, description = "The request, or the code of a device")),
    responses((status = 200, description = "Where to go next", body = Decided)))]
async fn decide_oauth_request(
    State(oauth): State<Option<OAuth>>,
    Caller(by): Caller,
    Path(id): Path<String>,
    Json(body): Json<Decide>,
) -> Result<Json<Decided>> {
    let Decide { approve, scopes, project, expires_in_days } = body;
    let scopes = scopes.as_deref().map(Scopes::parse).transpose()?;
    let redirect_to = enabled(oauth)?.consents.decide(&by, &id, Word { approve, scopes, project, expires_in_days }).await?;
    Ok(Json(Decided { redirect_to }))
}

/// The services, where clients may ask at all.
pub(super) fn enabled(oauth: Option<OAuth>) -> Result<OAuth> {
    oauth.ok_or_else(|| Error::new(Code::Disabled, "This server lets no clients in by OAuth. Create an endpoint or an API key instead."))
}
