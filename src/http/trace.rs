//! One span per request, and one more for the collector where traces are exported: method, route template, request id, then
//! status and time to the head of the answer. Never the URI, a header or a body: those hold secrets and memories.

use std::time::Instant;

use axum::{extract::Request, middleware::Next, response::Response};
use tracing::{Instrument, Span, field::Empty, info_span};

use super::{method_label, request_id, route_label};
use crate::telemetry;

/// The collector's span of a request, for work that is done on another task.
#[derive(Clone)]
pub struct RequestSpan(pub Span);

/// Middleware for `axum::middleware::from_fn`; inside [`super::request_id`], on the router that holds all routes.
pub async fn layer(mut request: Request, next: Next) -> Response {
    let (method, route, request_id) = (method_label(request.method()), route_label(request.extensions()), request_id::current());
    let traceparent = request.headers().get("traceparent").and_then(|value| value.to_str().ok());
    let exported = telemetry::request_span(method, &route, request_id.as_deref(), traceparent);
    if !exported.is_disabled() {
        request.extensions_mut().insert(RequestSpan(exported.clone()));
    }
    let span = info_span!("request", method, route, request_id, status = Empty, latency_ms = Empty,);
    async move {
        let start = Instant::now();
        let response = next.run(request).instrument(exported.clone()).await;
        telemetry::end_request(&exported, response.status().as_u16());
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
