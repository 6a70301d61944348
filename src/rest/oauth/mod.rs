//! Letting clients in by OAuth: the wire of [`crate::oauth`]. What clients call lies outside `/api/v1` and outside the OpenAPI
//! document, at addresses that they discover ([`well_known`]): [`register`], [`authorize`], [`token`], [`device`]. What the page
//! calls for the person lies within: [`requests`] and [`grants`].

mod authorize;
mod device;
mod grants;
mod register;
mod requests;
mod token;
mod well_known;
mod wire;

use axum::{
    Router,
    extract::DefaultBodyLimit,
    http::StatusCode,
    middleware::from_fn,
    routing::{get, post},
};
use utoipa_axum::router::OpenApiRouter;

use super::RestParts;
use crate::oauth::OAuth;

/// Largest form or registration, in bytes.
const BODY: usize = 64 * 1024;

/// What the page calls.
pub(super) fn routes() -> OpenApiRouter<RestParts> {
    requests::routes().merge(grants::routes())
}

/// What clients call. Pages of any site may, but for the one address that a person is sent to: none of it knows who is signed in.
pub(super) fn wire(oauth: OAuth) -> Router {
    let asked = async || StatusCode::NO_CONTENT;
    let open = Router::new()
        .route("/.well-known/oauth-protected-resource", get(well_known::resource).options(asked))
        .route("/.well-known/oauth-protected-resource/mcp", get(well_known::resource).options(asked))
        .route("/.well-known/oauth-authorization-server", get(well_known::server).options(asked))
        // Some clients put the path of the resource behind.
        .route("/.well-known/oauth-authorization-server/mcp", get(well_known::server).options(asked))
        .route("/oauth/register", post(register::register).options(asked))
        .route("/oauth/token", post(token::token).options(asked))
        // Python's SDK refreshes here when a new process has kept its tokens and not yet read where they are exchanged.
        .route("/token", post(token::token).options(asked))
        .route("/oauth/revoke", post(token::revoke).options(asked))
        .route("/oauth/device_authorization", post(device::ask).options(asked))
        .layer(from_fn(wire::for_every_page));
    let challenge = match oauth.openai_challenge.clone() {
        Some(token) => Router::new().route("/.well-known/openai-apps-challenge", get(async move || token.to_string())),
        None => Router::new(),
    };
    open.route("/oauth/authorize", get(authorize::authorize)).layer(DefaultBodyLimit::max(BODY)).with_state(oauth).merge(challenge)
}
