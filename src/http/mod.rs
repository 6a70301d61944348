//! What every HTTP edge shares. [`connections`] takes the connections and reads requests from them; then, in the order in
//! which a request meets it:
//!
//! 1. [`secret_path`] takes the secret out of a personal URL before anything else sees it,
//! 2. [`request_id`] names the request, [`trace`] puts a span around it, [`metrics`] counts it,
//! 3. [`security`] sets the response headers that no answer goes without,
//! 4. [`cors`] answers the browsers of other sites' pages,
//! 5. [`client_ip`] tells who is at the other end of the wire, [`unread`] hears a refused caller out, and [`timeout`]
//!    bounds how long all that may take,
//! 6. [`guard`] refuses foreign hosts, and on the MCP routes foreign web pages,
//! 7. [`extract`] turns headers, path, query and [`body`] into typed values, and
//! 8. [`problem`] turns every failure into RFC 9457 problem+json.
//!
//! [`event_stream`] is the answer that goes on; [`health`] answers probes. No tenant data passes through here: the edges (`mcp`, `rest`, `web`) own that.

pub mod body;
pub mod challenge;
pub mod client_ip;
pub mod compression;
pub mod connections;
pub mod cors;
pub mod event_stream;
pub mod extract;
pub mod guard;
pub mod health;
pub mod limits;
pub mod metrics;
pub mod problem;
pub mod request_id;
pub mod secret_path;
pub mod security;
pub mod timeout;
pub mod trace;
pub mod unread;

use axum::{
    Router,
    extract::MatchedPath,
    http::{Extensions, HeaderMap, Method, header},
};

use crate::error::{Code, Error};

/// The label of a request that no route matched.
const UNMATCHED: &str = "unmatched";

/// Gives unknown paths and wrong methods the same problem+json as every other failure. Call it once, on the router
/// that holds all routes: two routers with fallbacks of their own cannot be merged.
pub fn with_fallbacks<S: Clone + Send + Sync + 'static>(router: Router<S>) -> Router<S> {
    router.fallback(unknown_path).method_not_allowed_fallback(wrong_method)
}

async fn unknown_path() -> Error {
    Error::new(Code::NotFound, "Nothing is served at this path. The API is described at /openapi.json.")
}

async fn wrong_method() -> Error {
    Error::new(Code::MethodNotAllowed, "This path does not take that method; the Allow header names those that it takes.")
}

/// How long the body is, as far as the caller says it, in bytes.
#[must_use]
pub fn content_length(headers: &HeaderMap) -> Option<u64> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// The route template for labels: never a path, so neither a secret nor unbounded cardinality can get in.
fn route_label(extensions: &Extensions) -> String {
    match extensions.get::<MatchedPath>().map(MatchedPath::as_str) {
        None | Some("/{*unknown}") => UNMATCHED.to_owned(),
        // A route is registered with and without its last slash; both are one route to a reader of graphs.
        Some(path) if path.len() > 1 => path.trim_end_matches('/').to_owned(),
        Some(path) => path.to_owned(),
    }
}

/// The method for labels; extension methods are made up by callers and would be unbounded.
fn method_label(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::HEAD => "HEAD",
        Method::OPTIONS => "OPTIONS",
        _ => "OTHER",
    }
}

#[cfg(test)]
mod tests {
    use axum::{
        Json, Router,
        body::Body,
        extract::OriginalUri,
        http::{Request, Response, StatusCode, Uri},
        middleware::from_fn,
        routing::{get, post},
    };
    use serde_json::{Value, json};
    use tower::{Layer, ServiceExt};

    use super::{secret_path::SecretPathLayer, *};

    const SECRET: &str = "jme_0123456789abcdef";

    async fn echo(uri: Uri, OriginalUri(original): OriginalUri, request: axum::extract::Request) -> Json<Value> {
        let secret = request.extensions().get::<secret_path::PathSecret>().map(|s| s.expose().to_owned());
        Json(json!({"uri": uri.to_string(), "original": original.to_string(), "secret": secret}))
    }

    async fn answer(request: Request<Body>) -> (Response<()>, Value) {
        let router = Router::new().route("/mcp/{client}/http/{secret}", post(echo)).route("/fails", get(async || Error::unauthenticated()));
        let router = with_fallbacks(router)
            .layer(from_fn(security::layer))
            .layer(from_fn(metrics::layer))
            .layer(from_fn(trace::layer))
            .layer(from_fn(request_id::layer));
        let response = SecretPathLayer.layer(router).oneshot(request).await.expect("infallible");
        let (parts, body) = response.into_parts();
        let body = axum::body::to_bytes(body, 100_000).await.expect("a body");
        (Response::from_parts(parts, ()), serde_json::from_slice(&body).expect("JSON"))
    }

    #[tokio::test]
    async fn handlers_get_the_secret_apart_from_the_uri() {
        let (_, seen) = answer(Request::post(format!("/mcp/claude/http/{SECRET}?a=1")).body(Body::empty()).expect("a request")).await;
        assert_eq!(seen, json!({"uri": "/mcp/claude/http/-?a=1", "original": "/mcp/claude/http/-?a=1", "secret": SECRET}));
    }

    #[tokio::test]
    async fn unknown_paths_and_wrong_methods_are_problems() {
        let (response, problem) = answer(Request::get(format!("/{SECRET}")).body(Body::empty()).expect("a request")).await;
        assert_eq!((response.status(), &problem["code"]), (StatusCode::NOT_FOUND, &json!("not_found")));
        assert!(!problem.to_string().contains(SECRET));

        let (response, problem) = answer(Request::get("/mcp/claude/http/x").body(Body::empty()).expect("a request")).await;
        assert_eq!((response.status(), &problem["code"]), (StatusCode::METHOD_NOT_ALLOWED, &json!("method_not_allowed")));
        assert_eq!(response.headers()[header::ALLOW], "POST");
    }

    #[tokio::test]
    async fn every_answer_carries_its_id_and_the_headers() {
        let request = Request::get("/fails").header("x-request-id", "mine-1").body(Body::empty()).expect("a request");
        let (response, problem) = answer(request).await;
        assert_eq!(response.headers()["x-request-id"], "mine-1");
        assert_eq!(problem["request_id"], "mine-1");
        for (name, value) in [("cache-control", "no-store"), ("referrer-policy", "no-referrer"), ("x-content-type-options", "nosniff")] {
            assert_eq!(response.headers()[name], value);
        }
        assert!(response.headers()["content-security-policy"].to_str().is_ok_and(|p| p.contains("frame-ancestors 'none'")));
    }
}
