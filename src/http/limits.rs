//! The limits of the service at its edge: so many requests at a time, so often by whom nobody knows yet, and what is told of a known
//! caller's limits in `RateLimit` and `RateLimit-Policy` (draft-ietf-httpapi-ratelimit-headers). Who a caller is, and what they ask
//! for, is found by the edges ([`admit`]).

use std::sync::Arc;

use axum::{
    extract::{MatchedPath, Request, State},
    http::{Extensions, HeaderMap, HeaderValue, Method, header, request::Parts},
    middleware::Next,
    response::{IntoResponse, Response},
};
use parking_lot::Mutex;

use super::client_ip::ClientIp;
use crate::{
    auth::Principal,
    error::Result,
    limits::{Call, Edges, Held, Network, Standing, Who},
};

/// Of a caller that was let in, until the answer begins.
#[derive(Clone, Default)]
struct Admitted(Arc<Mutex<Option<Held>>>);

/// Middleware for `axum::middleware::from_fn_with_state`; the health checks have their own way in.
pub async fn layer(State(edges): State<Arc<Edges>>, mut request: Request, next: Next) -> Response {
    if request.uri().path().starts_with("/health") {
        return next.run(request).await;
    }
    let network = ClientIp::of(request.extensions()).map(Network::of);
    let running = edges.begin().and_then(|running| edges.arrive(network).map(|()| running));
    let _running = match running {
        Ok(running) => running,
        Err(error) => return error.into_response(),
    };
    let admitted = Admitted::default();
    request.extensions_mut().insert(admitted.clone());
    let mut response = next.run(request).await;
    if let Some(standing) = admitted.0.lock().take().and_then(|held| held.tightest) {
        tell(response.headers_mut(), &standing);
    }
    response
}

/// Lets a caller do something, as [`Edges::admit`] does; the answer will tell where they stand.
///
/// # Errors
/// `rate_limited`, `unavailable`.
pub async fn admit(edges: &Edges, by: &Principal, extensions: &Extensions, call: Call, bytes: u64) -> Result<()> {
    let who = Who { scope: by.scope, user: by.user, credential: by.credential };
    let held = edges.admit(who, ClientIp::of(extensions).map(Network::of), call, bytes).await?;
    if let Some(admitted) = extensions.get::<Admitted>() {
        *admitted.0.lock() = Some(held);
    }
    Ok(())
}

/// The same for a request of REST.
///
/// # Errors
/// As [`admit`].
pub async fn admit_request(edges: &Edges, by: &Principal, parts: &Parts) -> Result<()> {
    let route = parts.extensions.get::<MatchedPath>().map_or("", MatchedPath::as_str);
    let bytes = parts.headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok()).unwrap_or_default();
    admit(edges, by, &parts.extensions, call_of(&parts.method, route), bytes).await
}

/// What a request of REST asks for, by its route.
fn call_of(method: &Method, route: &str) -> Call {
    let memories = ["/memories", "/apps", "/review", "/learning", "/entities"].iter().any(|part| route.contains(part));
    let has = |part: &str| route.contains(part);
    match method.as_str() {
        _ if has("/export") || has("/backup") => Call::Export,
        _ if has("/import") => Call::Import,
        _ if has("/context") => Call::Context,
        _ if has("/search") || has("/related") => Call::Search,
        "GET" | "HEAD" => Call::Read,
        "POST" if has("/memories") && (route.trim_end_matches('/').ends_with("/memories") || has("/batch")) => Call::Add,
        "POST" if has("/filter") => Call::Read,
        "DELETE" if memories => Call::Delete,
        _ if memories => Call::Change,
        _ => Call::Manage,
    }
}

/// The two headers, as structured fields.
fn tell(headers: &mut HeaderMap, standing: &Standing) {
    let Standing { name, amount, period, remaining, reset } = standing;
    let reset = reset.as_secs() + u64::from(reset.subsec_nanos() > 0);
    set(headers, "ratelimit-policy", &format!("\"{name}\";q={amount};w={}", period.as_secs()));
    set(headers, "ratelimit", &format!("\"{name}\";r={remaining};t={reset}"));
}

/// What a refusal tells of the limit that it names.
pub(super) fn tell_refused(headers: &mut HeaderMap, name: &str, secs: u64) {
    set(headers, "ratelimit", &format!("\"{name}\";r=0;t={secs}"));
}

fn set(headers: &mut HeaderMap, name: &'static str, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn routes_are_known_by_what_they_do() {
        for (method, route, call) in [
            ("POST", "/api/v1/memories/", Call::Add),
            ("POST", "/api/v1/memories/batch", Call::Add),
            ("POST", "/api/v1/memories/search", Call::Search),
            ("POST", "/api/v1/memories/filter", Call::Read),
            ("GET", "/api/v1/memories/{memory_id}/related", Call::Search),
            ("GET", "/api/v1/memories/{memory_id}", Call::Read),
            ("PUT", "/api/v1/memories/{memory_id}", Call::Change),
            ("DELETE", "/api/v1/memories/", Call::Delete),
            ("POST", "/api/v1/context", Call::Context),
            ("GET", "/api/v1/export", Call::Export),
            ("POST", "/api/v1/import", Call::Import),
            ("POST", "/api/v1/credentials", Call::Manage),
            ("GET", "/api/v1/stats", Call::Read),
        ] {
            assert_eq!(call_of(&method.parse().expect("a method"), route), call, "{method} {route}");
        }
    }
}
