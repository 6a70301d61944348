//! No request keeps its connection for ever. Event streams are no requests: they have a lifetime of their own.

use std::time::Duration;

use axum::{
    extract::{Request, State},
    http::{Method, header::ACCEPT},
    middleware::Next,
    response::{IntoResponse, Response},
};

use crate::error::Error;

/// Middleware for `axum::middleware::from_fn_with_state`; the state is the longest time.
pub async fn layer(State(longest): State<Duration>, request: Request, next: Next) -> Response {
    let streams = request.method() == Method::GET
        && request.headers().get(ACCEPT).and_then(|accept| accept.to_str().ok()).is_some_and(|accept| accept.contains("text/event-stream"));
    if streams {
        return next.run(request).await;
    }
    let answer = tokio::time::timeout(longest, next.run(request)).await;
    answer.unwrap_or_else(|_| {
        let detail = format!(
            "The request took longer than {} seconds and was stopped. A write may or may not have taken effect: repeat it with the same \
             Idempotency-Key, or look before you repeat it.",
            longest.as_secs()
        );
        Error::unavailable(detail, 1).into_response()
    })
}
