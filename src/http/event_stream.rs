//! Server-sent events, as the legacy transport of MCP and `/events` send them: who asks for them, what one looks like, and the
//! answer that carries them.

use std::{convert::Infallible, time::Duration};

use axum::{
    body::{Body, Bytes},
    http::{
        HeaderMap, HeaderName,
        header::{ACCEPT, CONTENT_TYPE},
    },
    response::{IntoResponse, Response},
};
use futures::{Stream, StreamExt, stream};

const MEDIA_TYPE: &str = "text/event-stream";
/// Silence after which a stream carries a comment, so that proxies keep it open.
const KEEP_ALIVE: Duration = Duration::from_secs(15);
/// Tells nginx to pass each event on at once.
const X_ACCEL_BUFFERING: HeaderName = HeaderName::from_static("x-accel-buffering");

/// Whether the caller asks for a stream of events, in so many words.
#[must_use]
pub fn is_accepted(headers: &HeaderMap) -> bool {
    let names_it = |list: &str| list.split(',').any(|e| e.split(';').next().unwrap_or("").trim().eq_ignore_ascii_case(MEDIA_TYPE));
    headers.get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok()).any(names_it)
}

/// One event. Neither of its parts may hold a line break.
#[must_use]
pub fn event(name: &str, data: &str, id: Option<&str>) -> Bytes {
    let id = id.map(|id| format!("id: {id}\n")).unwrap_or_default();
    format!("event: {name}\ndata: {data}\n{id}\n").into()
}

/// The answer that carries `events` until they end or the caller leaves.
pub fn response(events: impl Stream<Item = Bytes> + Send + 'static) -> Response {
    let body = Body::from_stream(kept_alive(events, KEEP_ALIVE).map(Ok::<_, Infallible>));
    ([(CONTENT_TYPE, MEDIA_TYPE), (X_ACCEL_BUFFERING, "no")], body).into_response()
}

/// The same with a comment in each silence.
fn kept_alive(events: impl Stream<Item = Bytes> + Send, silence: Duration) -> impl Stream<Item = Bytes> + Send {
    stream::unfold(Box::pin(events), move |mut events| async move {
        match tokio::time::timeout(silence, events.next()).await {
            Ok(piece) => Some((piece?, events)),
            Err(_) => Some((Bytes::from_static(b":\n\n"), events)),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_three_lines_at_most() {
        assert_eq!(event("ready", "{}", None), "event: ready\ndata: {}\n\n");
        assert_eq!(event("memory.added", r#"{"a":1}"#, Some("7")), "event: memory.added\ndata: {\"a\":1}\nid: 7\n\n");
    }

    #[test]
    fn a_stream_is_asked_for_by_its_name() {
        let asked = |values: &[&'static str]| {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append(ACCEPT, axum::http::HeaderValue::from_static(value));
            }
            is_accepted(&headers)
        };
        assert!(
            asked(&["text/event-stream"]) && asked(&["application/json, Text/Event-Stream;q=0.9"]) && asked(&["*/*", "text/event-stream"])
        );
        assert!(!asked(&[]) && !asked(&["*/*"]) && !asked(&["application/json"]) && !asked(&["text/event-streams"]));
    }

    #[tokio::test]
    async fn silence_is_broken_by_comments_and_the_end_is_the_end() {
        let late = stream::once(async {
            tokio::time::sleep(Duration::from_millis(50)).await;
            event("late", "1", None)
        });
        let pieces: Vec<_> = kept_alive(late, Duration::from_millis(5)).collect().await;
        let (last, comments) = pieces.split_last().expect("pieces");
        assert_eq!(last, "event: late\ndata: 1\n\n");
        assert!(!comments.is_empty() && comments.iter().all(|piece| piece == ":\n\n"));
    }
}
