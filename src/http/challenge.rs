//! What tells an MCP client how to be let in (RFC 6750 and 9728): where it reads of the authorization server, and which scopes to
//! ask for. The addresses come from the configuration; a caller's `Host` and path never enter them.

use std::sync::Arc;

use axum::{
    http::{HeaderValue, StatusCode, header::WWW_AUTHENTICATE},
    response::{IntoResponse, Response},
};

use crate::{
    auth::{Scope, Scopes},
    error::{Code, Error},
};

/// Who is challenged, and where they read on; without an address where the server lets nobody in this way.
#[derive(Debug, Clone, Default)]
pub struct Challenge(Option<Arc<str>>);

impl Challenge {
    /// For the MCP endpoint below `base`.
    #[must_use]
    pub fn at(base: &str) -> Self {
        Self(Some(format!("{base}/.well-known/oauth-protected-resource/mcp").into()))
    }

    /// The answer to a failure, with the challenge where it is that nobody was let in. `sent`: whether there was a token.
    #[must_use]
    pub fn answer(&self, error: Error, sent: bool) -> Response {
        let nobody = error.code() == Code::Unauthenticated;
        let mut response = error.into_response();
        if let Some(metadata) = self.0.as_ref().filter(|_| nobody) {
            let wrong = if sent { "error=\"invalid_token\", " } else { "" };
            let scope = Scopes::default_for_credentials().names().join(" ");
            put(&mut response, &format!("{REALM}, {wrong}scope=\"{scope}\", resource_metadata=\"{metadata}\""));
        }
        response
    }

    /// The answer to a client that needs one more scope than the ones it `holds`: it may ask the person again.
    #[must_use]
    pub fn step_up(&self, holds: Scopes, needs: Scope) -> Response {
        let all = Scopes::of(&holds.iter().chain([needs]).collect::<Vec<_>>()).names().join(" ");
        let error =
            Error::new(Code::InsufficientScope, format!("This connection lacks the scope '{}'. Ask the user to allow it.", needs.as_str()));
        let mut response = error.into_response();
        debug_assert_eq!(response.status(), StatusCode::FORBIDDEN);
        if let Some(metadata) = &self.0 {
            put(&mut response, &format!("{REALM}, error=\"insufficient_scope\", scope=\"{all}\", resource_metadata=\"{metadata}\""));
        }
        response
    }
}

const REALM: &str = "Bearer realm=\"jonathans-memory\"";

fn put(response: &mut Response, challenge: &str) {
    if let Ok(value) = HeaderValue::from_str(challenge) {
        response.headers_mut().insert(WWW_AUTHENTICATE, value);
    }
}
