//! Typed values from a request, with problems where axum would answer plain text, and [`Caller`]: the principal of a
//! bearer token.

use std::sync::Arc;

use axum::{
    body::Bytes,
    extract::{
        FromRef, FromRequest, FromRequestParts, OptionalFromRequest, Request,
        rejection::{JsonRejection, PathRejection, QueryRejection},
    },
    http::{Extensions, HeaderMap, header, request::Parts},
    response::{IntoResponse, Response},
};
use serde::{Serialize, de::DeserializeOwned};

use super::{body, client_ip::ClientIp, limits};
use crate::{
    auth::{Authenticator, Principal},
    cut_text,
    error::{Code, Error, Result},
    limits::Edges,
};

/// Longest bearer token that is looked at: a Supabase token with many claims has some 2 KB.
const MAX_TOKEN: usize = 16 * 1024;
/// Longest idempotency key, in bytes.
const MAX_IDEMPOTENCY_KEY: usize = 255;

/// A JSON body, in both directions.
#[derive(Debug)]
pub struct Json<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Json<T> {
    type Rejection = Error;
    async fn from_request(request: Request, state: &S) -> Result<Self> {
        if !body::is_json(request.headers()) {
            return Err(Error::new(Code::UnsupportedMediaType, "Send the body as JSON, with 'Content-Type: application/json'."));
        }
        body::plain(request.headers())?;
        let bytes = body::whole(Bytes::from_request(request, state).await)?;
        let axum::Json(value) = axum::Json::from_bytes(&cut_text::mended(&bytes)).map_err(body_error)?;
        Ok(Self(value))
    }
}

/// No body at all is `None`, whatever content type it claims to be of.
impl<T: DeserializeOwned, S: Send + Sync> OptionalFromRequest<S> for Json<T> {
    type Rejection = Error;
    async fn from_request(request: Request, state: &S) -> Result<Option<Self>> {
        use axum::body::HttpBody;
        if request.body().is_end_stream() {
            return Ok(None);
        }
        <Self as FromRequest<S>>::from_request(request, state).await.map(Some)
    }
}

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        axum::Json(self.0).into_response()
    }
}

fn body_error(rejection: JsonRejection) -> Error {
    use std::error::Error as _;
    // The source names the field and what is wrong with it; the rejection's own text only says that something is.
    let cause = |r: &dyn std::error::Error| r.source().map_or_else(|| r.to_string(), ToString::to_string);
    match rejection {
        JsonRejection::JsonDataError(e) => {
            Error::invalid(format!("The body does not fit: {}.", e.source().map_or_else(|| e.to_string(), ToString::to_string)))
        }
        JsonRejection::JsonSyntaxError(e) => Error::new(Code::InvalidBody, format!("The body is not valid JSON: {}.", cause(&e))),
        _ => Error::new(Code::InvalidBody, "The body could not be read."),
    }
}

/// The parameters of the path.
#[derive(Debug)]
pub struct Path<T>(pub T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Path<T> {
    type Rejection = Error;
    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self> {
        match axum::extract::Path::from_request_parts(parts, state).await {
            Ok(axum::extract::Path(value)) => Ok(Self(value)),
            Err(PathRejection::FailedToDeserializePathParams(_)) => Err(Error::invalid("The id in the path must be a UUID.")),
            Err(other) => Err(Error::internal(anyhow::anyhow!("path parameters: {other}"))),
        }
    }
}

/// The parameters of the query string.
#[derive(Debug)]
pub struct Query<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Query<T> {
    type Rejection = Error;
    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self> {
        let axum::extract::Query(value) =
            axum::extract::Query::from_request_parts(parts, state).await.map_err(|rejection: QueryRejection| {
                use std::error::Error as _;
                let cause = rejection.source().map_or_else(|| rejection.to_string(), ToString::to_string);
                Error::invalid(format!("The query string does not fit: {cause}."))
            })?;
        Ok(Self(value))
    }
}

/// The principal of the request's bearer token: a Supabase token, a token of a built-in account or an API key.
///
/// `X-Client-Name` names the app to speak for. Failures are counted by address and end in 429; a valid credential is
/// let in from any address.
#[derive(Debug, Clone)]
pub struct Caller(pub Principal);

impl<S> FromRequestParts<S> for Caller
where
    Arc<Authenticator>: FromRef<S>,
    Arc<Edges>: FromRef<S>,
    S: Send + Sync,
{
    type Rejection = Error;
    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self> {
        let token = bearer_token(&parts.headers)?;
        let authenticator = <Arc<Authenticator>>::from_ref(state);
        let principal = match authenticator.bearer_for_rest(token).await {
            Ok(principal) => principal,
            Err(error) => return Err(refused(&authenticator, &parts.extensions, error)),
        };
        limits::admit_request(&<Arc<Edges>>::from_ref(state), &principal, parts).await?;
        let caller = Self(principal);
        match parts.headers.get("x-client-name") {
            None => Ok(caller),
            Some(name) => Ok(caller.speaking_for(name.to_str().map_err(|_| Error::invalid("X-Client-Name must be visible ASCII."))?)),
        }
    }
}

impl Caller {
    /// The same caller under the name of another app. That it may act under its own was seen to when it was let in.
    #[must_use]
    pub fn speaking_for(mut self, app: &str) -> Self {
        app.clone_into(&mut self.0.client);
        self
    }
}

/// The answer to a credential that was refused: counted against the caller's network, which is told to wait instead once there are
/// too many. Every edge that takes credentials refuses them through this.
#[must_use]
pub fn refused(authenticator: &Authenticator, extensions: &Extensions, error: Error) -> Error {
    match ClientIp::of(extensions) {
        Some(ip) => authenticator.refusal(ip, error),
        None => error,
    }
}

/// The one token of the one Authorization header.
///
/// # Errors
/// `unauthenticated` for none, several, or one of another form.
pub fn bearer_token(headers: &HeaderMap) -> Result<&str> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let (Some(value), None) = (values.next(), values.next()) else {
        return Err(Error::unauthenticated());
    };
    let token = value
        .to_str()
        .ok()
        .and_then(|v| v.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
        .map(|(_, token)| token.trim())
        .filter(|token| !token.is_empty() && token.len() <= MAX_TOKEN);
    token.ok_or_else(Error::unauthenticated)
}

/// The version of `If-Match`; `None` without the header or with `*`.
#[derive(Debug, Clone, Copy)]
pub struct IfMatch(pub Option<i64>);

impl<S: Send + Sync> FromRequestParts<S> for IfMatch {
    type Rejection = Error;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self> {
        let Some(value) = parts.headers.get(header::IF_MATCH) else {
            return Ok(Self(None));
        };
        let tag = value.to_str().unwrap_or_default().trim();
        if tag == "*" {
            return Ok(Self(None));
        }
        // Proxies that compress weaken our tags; the version in them is still the version.
        let tag = tag.strip_prefix("W/").unwrap_or(tag);
        let version = tag.strip_prefix('"').and_then(|t| t.strip_suffix('"')).unwrap_or(tag).parse().map_err(|_| {
            Error::new(Code::VersionConflict, "If-Match holds no version of this memory. Send the ETag of its last answer, such as \"3\".")
        })?;
        Ok(Self(Some(version)))
    }
}

/// The `ETag` of a version.
#[must_use]
pub fn etag(version: i64) -> String {
    format!("\"{version}\"")
}

/// The client's `Idempotency-Key`, where it sent one: 1 to 255 visible ASCII characters.
#[derive(Debug, Clone)]
pub struct IdempotencyKey(pub Option<String>);

impl<S: Send + Sync> FromRequestParts<S> for IdempotencyKey {
    type Rejection = Error;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self> {
        let Some(value) = parts.headers.get("idempotency-key") else {
            return Ok(Self(None));
        };
        let bytes = value.as_bytes();
        if bytes.is_empty() || bytes.len() > MAX_IDEMPOTENCY_KEY || !bytes.iter().all(u8::is_ascii_graphic) {
            return Err(Error::invalid(format!("Idempotency-Key must be 1 to {MAX_IDEMPOTENCY_KEY} visible ASCII characters.")));
        }
        Ok(Self(value.to_str().ok().map(str::to_owned)))
    }
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Strict {
        text: String,
    }

    async fn json(content_type: Option<&str>, body: &str) -> Result<Json<Strict>> {
        let mut request = axum::http::Request::post("/");
        if let Some(content_type) = content_type {
            request = request.header(header::CONTENT_TYPE, content_type);
        }
        <Json<_> as FromRequest<()>>::from_request(request.body(Body::from(body.to_owned())).expect("a request"), &()).await
    }

    #[tokio::test]
    async fn bad_bodies_are_told_apart() {
        let code = async |content_type, body| json(content_type, body).await.expect_err("refused").code();
        assert_eq!(code(None, "{}").await, Code::UnsupportedMediaType);
        assert_eq!(code(Some("text/plain"), "{}").await, Code::UnsupportedMediaType);
        assert_eq!(code(Some("application/json"), "{").await, Code::InvalidBody);
        assert_eq!(code(Some("application/json"), "{}").await, Code::InvalidArgument);
        let error = json(Some("application/json"), r#"{"text":"x","tenant_id":"y"}"#).await.expect_err("refused");
        assert!(error.detail().contains("unknown field `tenant_id`"), "{}", error.detail());
        let Json(cut) = json(Some("application/merge-patch+json"), r#"{"text":"half \ud83d"}"#).await.expect("taken");
        assert_eq!(cut.text, "half \u{fffd}");
        let deep = axum::http::Request::post("/").header(header::CONTENT_TYPE, "application/json");
        let deep = deep.body(Body::from("[".repeat(100_000))).expect("a request");
        let error = <Json<serde_json::Value> as FromRequest<()>>::from_request(deep, &()).await.expect_err("refused");
        assert_eq!(error.code(), Code::InvalidBody);
    }

    async fn header_of<T: FromRequestParts<(), Rejection = Error>>(name: &str, value: &str) -> Result<T> {
        let (mut parts, ()) = axum::http::Request::get("/").header(name, value).body(()).expect("a request").into_parts();
        T::from_request_parts(&mut parts, &()).await
    }

    #[tokio::test]
    async fn versions_and_keys_are_read() {
        let version = async |value| header_of::<IfMatch>("if-match", value).await.map(|m| m.0);
        assert_eq!(version("\"3\"").await.expect("a version"), Some(3));
        assert_eq!(version("W/\"3\"").await.expect("a version"), Some(3));
        assert_eq!(version("*").await.expect("any"), None);
        assert_eq!(version("\"abc\"").await.expect_err("foreign").code(), Code::VersionConflict);

        let key = async |value| header_of::<IdempotencyKey>("idempotency-key", value).await;
        assert_eq!(key("a-1").await.expect("a key").0.as_deref(), Some("a-1"));
        assert!(key("a b").await.is_err());
        assert!(key(&"k".repeat(256)).await.is_err());
    }

    #[test]
    fn only_one_bearer_token_is_taken() {
        let with = |values: &[&str]| {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append(header::AUTHORIZATION, value.parse().expect("a header"));
            }
            bearer_token(&headers).map(str::to_owned).ok()
        };
        assert_eq!(with(&["bearer  abc"]).as_deref(), Some("abc"));
        for refused in [&[][..], &["abc"], &["Basic abc"], &["Bearer "], &["Bearer a", "Bearer b"]] {
            assert_eq!(with(refused), None);
        }
        let (fits, too_long) = ("t".repeat(MAX_TOKEN), "t".repeat(MAX_TOKEN + 1));
        assert_eq!(with(&[&format!("Bearer {fits}")]), Some(fits));
        assert_eq!(with(&[&format!("Bearer {too_long}")]), None);
    }
}
