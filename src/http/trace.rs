//! One span per request: method, route template, request id, then status and time to the head of the answer. Never the
//! URI, a header or a body: those hold secrets and memories.

use std::time::Instant;

use axum::{extract::Request, middleware::Next, response::Response};
use tracing::{Instrument, field::Empty, info_span};

use super::{method_label, request_id, route_label};

/// Middleware for `axum::middleware::from_fn`; inside [`super::request_id`], on the router that holds all routes.
pub async fn layer(request: Request, next: Next) -> Response {
    let span = info_span!(
        "request",
        method = method_label(request.method()),
        route = route_label(request.extensions()),
        request_id = request_id::current(),
        status = Empty,
        latency_ms = Empty,
    );
    async move {
        let start = Instant::now();
        let response = next.run(request).await;
        let span = tracing::Span::current();
        span.record("status", response.status().as_u16());
        span.record("latency_ms", start.elapsed().as_secs_f64() * 1e3);
        // Metrics count every answer; a line for each would cost more than many of the answers themselves.
        if response.status().is_server_error() {
            tracing::warn!("answered");
        } else {
            tracing::debug!("answered");
        }
        response
    }
    .instrument(span)
    .await
}
