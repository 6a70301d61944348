//! Forms in, and the errors of OAuth out.

use axum::{
    RequestExt,
    body::Bytes,
    extract::{FromRequest, Request},
    http::{
        HeaderMap, HeaderValue, StatusCode,
        header::{
            ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS,
            AUTHORIZATION, CONTENT_TYPE, PRAGMA, WWW_AUTHENTICATE,
        },
    },
    middleware::Next,
    response::{IntoResponse, Response},
};
use base64::{Engine, prelude::BASE64_STANDARD};
use percent_encoding::percent_decode_str;
use serde::Serialize;

use super::super::accounts::Peer;
use crate::{
    http::{body, extract::Json},
    oauth::{Failure, Fault},
};

/// Lets every page read the answer; nothing in it depends on who is signed in where.
pub(super) async fn for_every_page(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    headers.insert(ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("GET, POST, OPTIONS"));
    headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static("authorization, content-type, mcp-protocol-version"));
    headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static("www-authenticate"));
    response
}

/// Pairs of names and values.
pub(super) type Pairs = Vec<(String, String)>;

/// A form, with who sent it and the client that an `Authorization: Basic` header names.
pub(super) struct Form {
    pub(super) pairs: Pairs,
    pub(super) basic: Option<(String, String)>,
    pub(super) from: std::net::IpAddr,
}

impl<S: Send + Sync> FromRequest<S> for Form {
    type Rejection = Response;

    async fn from_request(mut request: Request, state: &S) -> Result<Self, Response> {
        let basic = basic(request.headers());
        let Ok(Peer(from)) = request.extract_parts().await;
        let kind = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default().to_ascii_lowercase();
        if kind.split(';').next().unwrap_or_default().trim() != "application/x-www-form-urlencoded" {
            let sentence = "Send the parameters as 'Content-Type: application/x-www-form-urlencoded'.";
            return Err(refusal(Failure::Client(Fault::InvalidRequest, sentence.into())));
        }
        let bytes = body::whole(Bytes::from_request(request, state).await).map_err(IntoResponse::into_response)?;
        Ok(Self { pairs: pairs(&bytes), basic, from })
    }
}

/// The pairs of a query or form.
pub(super) fn pairs(text: &[u8]) -> Pairs {
    url::form_urlencoded::parse(text).map(|(name, value)| (name.into_owned(), value.into_owned())).collect()
}

/// Id and secret of a client (RFC 6749, section 2.3.1).
fn basic(headers: &HeaderMap) -> Option<(String, String)> {
    let value = headers.get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, encoded) = value.split_once(' ')?;
    let text = String::from_utf8(BASE64_STANDARD.decode(encoded.trim()).ok()?).ok().filter(|_| scheme.eq_ignore_ascii_case("basic"))?;
    let (id, secret) = text.split_once(':')?;
    let decoded = |text: &str| percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned();
    Some((decoded(id), decoded(secret)))
}

/// The error of RFC 6749, section 5.2.
#[derive(Serialize)]
struct Told {
    error: &'static str,
    error_description: String,
}

/// Why a client gets no answer.
pub(super) fn refusal(failure: Failure) -> Response {
    match failure {
        Failure::Ours(error) => error.into_response(),
        Failure::Client(fault, sentence) => {
            // 401 makes a client register anew: for one that is not known, and for nothing else.
            let status = if fault == Fault::InvalidClient { StatusCode::UNAUTHORIZED } else { StatusCode::BAD_REQUEST };
            let mut response = (status, Json(Told { error: fault.as_str(), error_description: plain(&sentence) })).into_response();
            if fault == Fault::InvalidClient {
                response.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static("Basic realm=\"jonathans-memory\""));
            }
            uncached(&mut response);
            response
        }
    }
}

/// Keeps tokens out of caches, old ones too.
pub(super) fn uncached(response: &mut Response) {
    response.headers_mut().insert(PRAGMA, HeaderValue::from_static("no-cache"));
}

/// The characters that a description may have (RFC 6749, section 5.2).
fn plain(sentence: &str) -> String {
    sentence.chars().map(|c| if (c.is_ascii_graphic() && c != '"' && c != '\\') || c == ' ' { c } else { '\'' }).collect()
}
