//! Who is calling the MCP edge: finds the credential in the header or the path, asks the [`Authenticator`], and puts
//! the [`Principal`] into the request's extensions. Runs anew for every request.
//!
//! A credential that opens nothing is answered the same whatever is wrong with it, and counted per client address;
//! one that works is never slowed down by the failures of others behind the same address.

use std::sync::Arc;

use axum::{
    extract::{RawPathParams, Request, State},
    http::{HeaderMap, header::AUTHORIZATION},
    middleware::Next,
    response::Response,
};

use crate::{
    auth::{Authenticator, Principal},
    error::{Code, Error, Result},
    http::{
        challenge::Challenge,
        extract::{bearer_token, refused},
        secret_path::PathSecret,
    },
};

/// Who lets callers in, and what those are told who are not.
#[derive(Clone)]
pub(super) struct Door {
    pub(super) authenticator: Arc<Authenticator>,
    pub(super) challenge: Challenge,
}

/// `/mcp`: an API key, or an access token that a person granted, as bearer token.
pub(super) async fn bearer(State(Door { authenticator, challenge }): State<Door>, request: Request, next: Next) -> Response {
    let found = match bearer_token(request.headers()) {
        // Asking without a credential is how clients find out that one is needed, and what is none opens nothing: no failed attempt.
        Err(error) => Err(error),
        Ok(token) => match authenticator.bearer_for_mcp(token).await {
            // A token that ran out is no guess: its client will refresh it, and clients of many people call from one network.
            Err(error) if authenticator.has_ended(token).await => Err(error),
            found => found.map_err(|error| refused(&authenticator, request.extensions(), error)),
        },
    };
    admit(found, &challenge, request, next).await
}

/// `/mcp/{client}/…/{credential}`: the secret in the path, which an outer layer has moved into the extensions.
pub(super) async fn personal(
    State(Door { authenticator, challenge }): State<Door>,
    params: RawPathParams,
    request: Request,
    next: Next,
) -> Response {
    let client = params.iter().find(|(name, _)| *name == "client").map_or("", |(_, client)| client);
    let found = match request.extensions().get::<PathSecret>() {
        Some(secret) => owner(&authenticator, client, secret.expose(), request.headers())
            .await
            .map_err(|error| refused(&authenticator, request.extensions(), error)),
        // The layer that moves secrets out of the path is missing: nothing opens.
        None => Err(Error::not_found("endpoint")),
    };
    admit(found, &challenge, request, next).await
}

async fn owner(authenticator: &Authenticator, client: &str, secret: &str, headers: &HeaderMap) -> Result<Principal> {
    let principal = authenticator.path_secret(client, secret).await?;
    let Some(token) = bearer_token(headers).ok().filter(|token| *token != secret) else { return Ok(principal) };
    let other = authenticator.bearer_for_mcp(token).await?;
    if same_person(&principal, &other) {
        return Ok(principal);
    }
    Err(Error::new(Code::InsufficientScope, "The bearer token belongs to another user than this personal URL. Send only one of the two."))
}

/// True when both speak for one user in one tenant.
pub(super) fn same_person(a: &Principal, b: &Principal) -> bool {
    a.user == b.user && a.scope == b.scope
}

async fn admit(found: Result<Principal>, challenge: &Challenge, mut request: Request, next: Next) -> Response {
    match found {
        Ok(principal) => {
            // From here on the principal is all that counts: what proves it must reach no log of a later layer.
            request.headers_mut().remove(AUTHORIZATION);
            request.extensions_mut().insert(principal);
            next.run(request).await
        }
        Err(error) => challenge.answer(error, request.headers().contains_key(AUTHORIZATION)),
    }
}
