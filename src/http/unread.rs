//! What a caller is still sending when its answer is ready: a body that is too large, or one that nobody reads because
//! the caller is a stranger.
//!
//! A server that answers and hangs up on it resets the connection: the caller may never see why it was refused, and a
//! client that keeps its connections sends the next request into one that is closing. So the rest is read and thrown
//! away first, within bounds; past them the answer says that the connection ends (RFC 9112, section 9.6).

use std::{
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use axum::{
    body::{Body, BodyDataStream, Bytes, HttpBody},
    extract::Request,
    http::{HeaderValue, Version, header},
    middleware::Next,
    response::Response,
};
use futures::{Stream, StreamExt};
use tokio::sync::oneshot;

/// The most that is read in vain, in bytes: four times the largest body that is taken by default.
const MOST: usize = 16 * 1024 * 1024;
/// The longest that is read in vain: 4 MiB at 10 Mbit/s, with some to spare.
const LONGEST: Duration = Duration::from_secs(5);

/// Middleware for `axum::middleware::from_fn`.
pub async fn layer(request: Request, next: Next) -> Response {
    if request.body().is_end_stream() {
        return next.run(request).await;
    }
    // Who asks before sending has sent nothing until somebody reads; reading is the answer "go on".
    let asks_first = request.headers().contains_key(header::EXPECT);
    let names_connections = request.version() < Version::HTTP_2;
    let (back, unread) = oneshot::channel();
    let lend = |body: Body| Body::from_stream(Lent { body: Some(body.into_data_stream()), begun: false, back: Some(back) });
    let mut response = next.run(request.map(lend)).await;
    // Nothing comes back from a body that was read to its end, or that is still being read.
    let Ok((rest, begun)) = { unread }.try_recv() else { return response };
    if names_connections && ((asks_first && !begun) || !ends(rest).await) {
        response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    response
}

/// Whether the body, thrown away as it comes, ends within the bounds.
async fn ends(mut body: BodyDataStream) -> bool {
    let reading = async {
        let mut read = 0;
        while let Some(piece) = body.next().await {
            let Ok(piece) = piece else { return false };
            read += piece.len();
            if read > MOST {
                return false;
            }
        }
        true
    };
    tokio::time::timeout(LONGEST, reading).await.unwrap_or(false)
}

/// A body that goes back to the layer when its reader lets go of it before its end.
struct Lent {
    body: Option<BodyDataStream>,
    /// Whether somebody has read of it.
    begun: bool,
    back: Option<oneshot::Sender<(BodyDataStream, bool)>>,
}

impl Stream for Lent {
    type Item = Result<Bytes, axum::Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.begun = true;
        let Some(body) = &mut self.body else { return Poll::Ready(None) };
        let polled = body.poll_next_unpin(context);
        if let Poll::Ready(None | Some(Err(_))) = polled {
            self.body = None;
        }
        polled
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        if let (Some(body), Some(back)) = (self.body.take(), self.back.take()) {
            // The layer may be gone: the caller hung up.
            let _ = back.send((body, self.begun));
        }
    }
}
