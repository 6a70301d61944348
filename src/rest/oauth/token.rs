//! `POST /oauth/token` and `POST /oauth/revoke` (RFC 6749, 7009 and 8628).

use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde::Serialize;

use super::wire::{Form, refusal, uncached};
use crate::{
    http::extract::Json,
    oauth::{Issued, OAuth},
};

#[derive(Serialize)]
struct Tokens {
    access_token: String,
    token_type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_in: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_token: Option<String>,
    scope: String,
}

impl From<Issued> for Tokens {
    fn from(Issued { access_token, expires_in, refresh_token, scope }: Issued) -> Self {
        Self { access_token, token_type: "Bearer", expires_in, refresh_token, scope }
    }
}

pub(super) async fn token(State(oauth): State<OAuth>, Form { pairs, basic, from }: Form) -> Response {
    match oauth.exchange.token(from, pairs, basic).await {
        Ok(issued) => {
            let mut response = Json(Tokens::from(issued)).into_response();
            uncached(&mut response);
            response
        }
        Err(failure) => refusal(failure),
    }
}

pub(super) async fn revoke(State(oauth): State<OAuth>, Form { pairs, basic, from }: Form) -> Response {
    match oauth.exchange.revoke(from, pairs, basic).await {
        Ok(()) => StatusCode::OK.into_response(),
        Err(failure) => refusal(failure),
    }
}
