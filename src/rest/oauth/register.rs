//! `POST /oauth/register` (RFC 7591).

use axum::{
    body::Bytes,
    extract::{State, rejection::BytesRejection},
    http::StatusCode,
    response::{IntoResponse, Response},
};

use super::{super::accounts::Peer, wire::refusal};
use crate::{
    http::{body, extract::Json},
    oauth::{Failure, Fault, OAuth, Registration},
};

pub(super) async fn register(State(oauth): State<OAuth>, Peer(from): Peer, bytes: Result<Bytes, BytesRejection>) -> Response {
    let bytes = match body::whole(bytes) {
        Ok(bytes) => bytes,
        Err(error) => return error.into_response(),
    };
    let Ok(asked) = serde_json::from_slice::<Registration>(&bytes) else {
        let sentence = "Send JSON with redirect_uris, a list of addresses.";
        return refusal(Failure::Client(Fault::InvalidClientMetadata, sentence.into()));
    };
    match oauth.clients.register(from, asked) {
        Ok(registered) => (StatusCode::CREATED, Json(registered)).into_response(),
        Err(failure) => refusal(failure),
    }
}
