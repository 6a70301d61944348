//! `POST /oauth/device_authorization` (RFC 8628): how a program without a browser is let in.

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use serde::Serialize;

use super::wire::{Form, refusal, uncached};
use crate::{http::extract::Json, oauth::OAuth};

#[derive(Serialize)]
struct Begun {
    device_code: String,
    user_code: String,
    verification_uri: String,
    verification_uri_complete: String,
    expires_in: u64,
    interval: u64,
}

pub(super) async fn ask(State(oauth): State<OAuth>, Form { pairs, from, .. }: Form) -> Response {
    let given = |name: &str| pairs.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
    match oauth.consents.ask_for_device(from, given("client_id").unwrap_or_default(), given("scope")).await {
        Ok(code) => {
            let verification_uri = format!("{}/device", oauth.settings.base);
            let verification_uri_complete = format!("{}/authorize/{}", oauth.settings.base, code.user_code);
            let (expires_in, interval) = (code.expires_in, code.interval);
            let (device_code, user_code) = (code.device_code, code.user_code);
            let mut response =
                Json(Begun { device_code, user_code, verification_uri, verification_uri_complete, expires_in, interval }).into_response();
            uncached(&mut response);
            response
        }
        Err(failure) => refusal(failure),
    }
}
