//! No request keeps its connection for ever. Event streams are no requests: they have a lifetime of their own. Who sends
//! much has the time of a slow line for it.

use std::time::Duration;

use axum::{
    extract::{Request, State},
    http::{Method, header::ACCEPT},
    middleware::Next,
    response::{IntoResponse, Response},
};

use super::content_length;
use crate::error::Error;

/// Bytes a second of a slow line: 1 Mbit/s.
const SLOW: u64 = 128 * 1024;

/// How long a request may take.
#[derive(Debug, Clone, Copy)]
pub struct Longest {
    /// Beside its body.
    pub request: Duration,
    /// The largest body that has time of its own, in bytes.
    pub body: u64,
}

impl Longest {
    fn of(self, request: &Request) -> Duration {
        let body = content_length(request.headers()).unwrap_or_default().min(self.body);
        self.request + Duration::from_secs(body / SLOW)
    }
}

/// Middleware for `axum::middleware::from_fn_with_state`.
pub async fn layer(State(longest): State<Longest>, request: Request, next: Next) -> Response {
    let streams = request.method() == Method::GET
        && request.headers().get(ACCEPT).and_then(|accept| accept.to_str().ok()).is_some_and(|accept| accept.contains("text/event-stream"));
    if streams {
        return next.run(request).await;
    }
    let longest = longest.of(&request);
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

#[cfg(test)]
mod tests {
    use axum::{body::Body, http::header::CONTENT_LENGTH};

    use super::*;

    #[test]
    fn who_sends_much_has_the_time_of_a_slow_line() {
        let longest = Longest { request: Duration::from_secs(50), body: 256 << 20 };
        let of = |length: &str| longest.of(&Request::post("/").header(CONTENT_LENGTH, length).body(Body::empty()).expect("a request"));
        assert_eq!(of("0"), Duration::from_secs(50));
        assert_eq!(of("1310720"), Duration::from_mins(1));
        assert_eq!(of("18446744073709551615"), Duration::from_secs(50 + 2_048), "no more than a body may have");
        assert_eq!(of("much"), Duration::from_secs(50));
    }
}
