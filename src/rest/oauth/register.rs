//! `POST /oauth/register` (RFC 7591).

use axum::{
    body::Bytes,
    extract::{State, rejection::BytesRejection},
    http::{Extensions, StatusCode},
    response::{IntoResponse, Response},
};

use super::wire::refusal;
use crate::{
    http::{body, client_ip::ClientIp, extract::Json},
    oauth::{Failure, Fault, OAuth, Registration},
};

pub(super) async fn register(State(oauth): State<OAuth>, extensions: Extensions, bytes: Result<Bytes, BytesRejection>) -> Response {
    let from = ClientIp::of(&extensions).unwrap_or(std::net::Ipv4Addr::UNSPECIFIED.into());
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
