//! Web pages of other sites that may call this server: a browser asks first, and shows a page only answers that name it.
//!
//! Who may call is what [`AllowedHosts`] says, as on the MCP routes: the operator's list, and pages of this machine where
//! the server runs for one machine. Credentials travel in headers that a page sets itself, so no page ever speaks as
//! whoever is signed in elsewhere. The layer lies outside of all that can refuse a request: a page must be able to read why.

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    http::{
        HeaderMap, HeaderName, HeaderValue, Method, StatusCode,
        header::{
            ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS,
            ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_HEADERS, ACCESS_CONTROL_REQUEST_METHOD, ORIGIN, VARY,
        },
    },
    middleware::Next,
    response::{IntoResponse, Response},
};

use super::guard::AllowedHosts;

const METHODS: &str = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS";
/// What our own interfaces read of a request.
const REQUEST_HEADERS: &str = "accept, authorization, content-type, idempotency-key, if-match, last-event-id, mcp-method, mcp-name, \
                               mcp-protocol-version, mcp-session-id, traceparent, tracestate, x-client-name, x-request-id";
/// What they say in an answer besides its body.
const ANSWER_HEADERS: &str = "allow, content-disposition, etag, location, mcp-protocol-version, mcp-session-id, retry-after, \
                              www-authenticate, x-request-id";
/// How long a browser remembers the answer to its question, in seconds: the most that any of them does.
const MAX_AGE: &str = "7200";
const REQUEST_PRIVATE_NETWORK: HeaderName = HeaderName::from_static("access-control-request-private-network");
const ALLOW_PRIVATE_NETWORK: HeaderName = HeaderName::from_static("access-control-allow-private-network");

/// Middleware for `axum::middleware::from_fn_with_state`.
pub async fn layer(State(allowed): State<Arc<AllowedHosts>>, request: Request, next: Next) -> Response {
    let Some(origin) = request.headers().get(ORIGIN).cloned() else {
        return next.run(request).await;
    };
    if !allowed.allows_page(&origin) {
        let mut response = next.run(request).await;
        response.headers_mut().append(VARY, HeaderValue::from_static("origin"));
        return response;
    }
    let asks = request.method() == Method::OPTIONS && request.headers().contains_key(ACCESS_CONTROL_REQUEST_METHOD);
    let mut response = if asks { permission(request.headers()) } else { next.run(request).await };
    let headers = response.headers_mut();
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static(ANSWER_HEADERS));
    headers.append(VARY, HeaderValue::from_static("origin"));
    response
}

/// The answer to the browser's question. A page that may call may send any header: what a library adds of its own
/// accord (for tracing, of its version) is read by nobody here and must not keep the page out.
fn permission(asked: &HeaderMap) -> Response {
    let mut response = StatusCode::NO_CONTENT.into_response();
    let headers = response.headers_mut();
    headers.insert(ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static(METHODS));
    let also = asked.get(ACCESS_CONTROL_REQUEST_HEADERS).and_then(|names| names.to_str().ok()).filter(|names| !names.trim().is_empty());
    let names = also.and_then(|also| HeaderValue::from_str(&format!("{REQUEST_HEADERS}, {also}")).ok());
    headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, names.unwrap_or_else(|| HeaderValue::from_static(REQUEST_HEADERS)));
    headers.insert(ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static(MAX_AGE));
    if asked.contains_key(REQUEST_PRIVATE_NETWORK) {
        headers.insert(ALLOW_PRIVATE_NETWORK, HeaderValue::from_static("true"));
    }
    response
}

#[cfg(test)]
mod tests {
    use axum::{Router, body::Body, middleware::from_fn_with_state, routing::get};
    use tower::ServiceExt;

    use super::*;
    use crate::{
        config::{Mode, ServerConfig},
        error::Error,
    };

    async fn answer(mode: Mode, method: &str, headers: &[(&str, &str)]) -> Response {
        let server = ServerConfig {
            mode,
            public_url: Some("https://mem.example".into()),
            allowed_origins: vec!["https://app.example".into(), "chrome-extension://abcdef".into()],
            ..ServerConfig::default()
        };
        let allowed = Arc::new(AllowedHosts::from_config(&server));
        let router = Router::new().route("/fails", get(async || Error::unauthenticated())).layer(from_fn_with_state(allowed, layer));
        let mut request = axum::http::Request::builder().method(method).uri("/fails");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        router.oneshot(request.body(Body::empty()).expect("a request")).await.expect("infallible")
    }

    #[tokio::test]
    async fn a_listed_page_is_told_what_it_may_send() {
        for (mode, origin) in [
            (Mode::Production, "https://app.example"),
            (Mode::Production, "https://mem.example"),
            (Mode::Production, "chrome-extension://abcdef"),
            (Mode::Embedded, "http://localhost:6274"),
            (Mode::Embedded, "http://[::1]:3000"),
        ] {
            let asked = [
                ("origin", origin),
                ("access-control-request-method", "POST"),
                ("access-control-request-headers", "content-type,mcp-protocol-version,x-stainless-os"),
                ("access-control-request-private-network", "true"),
            ];
            let response = answer(mode, "OPTIONS", &asked).await;
            assert_eq!(response.status(), StatusCode::NO_CONTENT, "{origin}");
            let text = |name: &str| response.headers()[name].to_str().expect("text");
            assert_eq!(text("access-control-allow-origin"), origin);
            assert_eq!(text("access-control-allow-private-network"), "true");
            for name in ["authorization", "mcp-protocol-version", "mcp-session-id", "last-event-id", "if-match", "x-stainless-os"] {
                assert!(text("access-control-allow-headers").contains(name), "{name}");
            }
            assert!(text("access-control-allow-methods").contains("DELETE"));
            assert!(response.headers().get("access-control-allow-credentials").is_none());
        }
    }

    #[tokio::test]
    async fn a_listed_page_may_read_errors_too() {
        let response = answer(Mode::Production, "GET", &[("origin", "https://app.example")]).await;
        assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
        assert_eq!(response.headers()["access-control-allow-origin"], "https://app.example");
        assert_eq!(response.headers()["vary"], "origin");
        for name in ["etag", "location", "retry-after", "x-request-id", "mcp-session-id", "www-authenticate"] {
            assert!(response.headers()["access-control-expose-headers"].to_str().expect("text").contains(name), "{name}");
        }
    }

    #[tokio::test]
    async fn nobody_else_is_told_anything() {
        for (mode, origin) in [
            (Mode::Production, "https://evil.example"),
            (Mode::Production, "http://app.example"),
            (Mode::Production, "http://localhost:6274"),
            (Mode::Embedded, "null"),
            (Mode::Embedded, "http://localhost.evil.example"),
        ] {
            for method in ["OPTIONS", "GET"] {
                let response = answer(mode, method, &[("origin", origin), ("access-control-request-method", "GET")]).await;
                assert!(response.status().is_client_error(), "{method} {origin}");
                assert!(!response.headers().keys().any(|name| name.as_str().starts_with("access-control-")), "{method} {origin}");
            }
        }
        let plain = answer(Mode::Embedded, "GET", &[]).await;
        assert!(plain.headers().get("vary").is_none() && plain.headers().get("access-control-allow-origin").is_none());
    }
}
