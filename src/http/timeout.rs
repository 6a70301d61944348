//! No request is answered for ever: from its head to that of the answer it has a time, whatever it asks for, and who sends much
//! has the time of a slow line besides. The body of an answer is another matter: event streams have a lifetime of their own, and
//! what nobody takes ends with its connection ([`super::connections`]).

use std::time::Duration;

use axum::{
    extract::{Request, State},
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
    use axum::{
        Router,
        body::{Body, Bytes},
        http::header::{ACCEPT, CONTENT_LENGTH},
        middleware::from_fn_with_state,
        routing::get,
    };
    use futures::{StreamExt, stream};
    use tower::ServiceExt;

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

    #[tokio::test]
    async fn a_stream_is_known_by_its_answer_and_not_by_what_is_asked_for() {
        let longest = Longest { request: Duration::from_millis(200), body: 0 };
        let streams = || async {
            let events = stream::repeat(Bytes::from_static(b":\n\n")).then(|comment| async move {
                tokio::time::sleep(Duration::from_millis(150)).await;
                Ok::<_, std::convert::Infallible>(comment)
            });
            Body::from_stream(events)
        };
        let router = Router::new()
            .route("/never", get(std::future::pending::<&str>))
            .route("/stream", get(streams))
            .layer(from_fn_with_state(longest, layer));
        let ask = |path: &str| {
            let request = Request::get(path).header(ACCEPT, "text/event-stream").body(Body::empty()).expect("a request");
            router.clone().oneshot(request)
        };
        assert_eq!(ask("/never").await.expect("infallible").status(), 503);
        let stream = ask("/stream").await.expect("infallible").into_body().into_data_stream();
        assert_eq!(stream.take(3).filter(|comment| std::future::ready(comment.is_ok())).count().await, 3, "longer than a request");
    }
}
