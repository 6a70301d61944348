//! The legacy HTTP+SSE transport (revision 2024-11-05), which old clients and OpenMemory's URLs speak.
//!
//! GET opens a stream whose first event names the address to POST to; answers come back as `message` events. Each
//! stream has one rmcp server loop, one inbox and one [`Outbox`]. Every POST is authenticated anew and runs as the
//! principal that it proves, never as the one remembered from the stream.

use std::{sync::Arc, time::Duration};

use axum::{
    Extension,
    body::Bytes,
    extract::{Query, Request, State, rejection::BytesRejection},
    http::{Extensions, HeaderMap, Method, StatusCode, Uri},
    middleware::Next,
    response::{IntoResponse, Response},
};
use futures::{StreamExt, stream};
use rmcp::{
    RoleServer, ServerHandler,
    model::{ClientJsonRpcMessage, GetExtensions},
    service::{RxJsonRpcMessage, TxJsonRpcMessage, serve_server_with_ct},
    transport::Transport,
};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::{
    McpLimits,
    auth::same_person,
    hub::{self, Heard, Hub, OpenStream, StreamId},
    not_allowed,
    outbox::{Outbox, Outboxes, SlowReader},
    repair,
};
use crate::{
    auth::{Authenticator, Principal},
    error::{Code, Error, Result},
    http::{
        body, event_stream,
        extract::{bearer_token, refused},
        secret_path::PathSecret,
    },
};

/// Time for the client to begin after the stream is open.
const INITIALIZE: Duration = Duration::from_mins(1);

/// What the routes of the transport share.
#[derive(Clone)]
pub(super) struct Edge<S> {
    handler: S,
    pub(super) hub: Arc<Hub>,
    outboxes: Arc<Outboxes>,
    authenticator: Arc<Authenticator>,
    lifetime: Duration,
    shutdown: CancellationToken,
}

impl<S> Edge<S> {
    pub(super) fn new(handler: S, authenticator: Arc<Authenticator>, limits: &McpLimits, shutdown: CancellationToken) -> Self {
        Self {
            handler,
            hub: Hub::new(limits.streams_per_user),
            outboxes: Outboxes::new(limits.unread_bytes),
            authenticator,
            lifetime: Duration::from_secs(limits.stream_secs),
            shutdown,
        }
    }
}

/// Runs before authentication, so that link previews and crawlers that come upon a personal URL cause nothing at all.
pub(super) async fn only_event_streams(request: Request, next: Next) -> Response {
    if request.method() == Method::HEAD {
        return not_allowed("GET");
    }
    if request.method() == Method::GET && !event_stream::is_accepted(request.headers()) {
        return Error::new(Code::NotAcceptable, "This address streams events to MCP clients: send 'Accept: text/event-stream'.")
            .into_response();
    }
    next.run(request).await
}

/// GET: opens a stream.
pub(super) async fn open<S: ServerHandler + Clone>(
    State(edge): State<Edge<S>>,
    Extension(by): Extension<Principal>,
    Extension(secret): Extension<PathSecret>,
    uri: Uri,
) -> Result<Response> {
    let user = by.user;
    let (open, messages) = edge.hub.enter(by, &edge.shutdown)?;
    let (outbox, answers) = edge.outboxes.open(open.id, user, open.cancel.clone());
    // The client already holds this address: it is the one that it called, secret included.
    let address = uri.path().trim_end_matches('/').trim_end_matches('-');
    let first = event_stream::event("endpoint", &format!("{address}{}/messages/?session_id={}", secret.expose(), open.id), None);
    let cancel = open.cancel.clone();
    // Dropped with the response body, that is when the client leaves.
    let leaving = cancel.clone().drop_guard();
    serve(edge.handler, SseTransport { messages, outbox }, open, edge.lifetime);

    let events = stream::once(std::future::ready(first)).chain(answers).take_until(cancel.cancelled_owned());
    Ok(event_stream::response(events.inspect(move |_| {
        let _ = &leaving;
    })))
}

/// Runs the server loop of one stream until it is cancelled, too old, or done.
fn serve<S: ServerHandler>(handler: S, transport: SseTransport, open: OpenStream, lifetime: Duration) {
    tokio::spawn(async move {
        let session = async {
            let start = serve_server_with_ct(handler, transport, open.cancel.clone());
            match tokio::time::timeout(INITIALIZE, start).await {
                Ok(Ok(running)) => drop(running.waiting().await),
                Ok(Err(error)) => tracing::debug!(error = %error, "a legacy stream ended before it began"),
                Err(_) => tracing::debug!("a legacy stream was opened and never used"),
            }
        };
        tokio::select! {
            () = session => {}
            () = open.cancel.cancelled() => {}
            () = tokio::time::sleep(lifetime) => {}
        }
        // Dropping `open` ends the body and frees the place, however the loop ended.
    });
}

#[derive(serde::Deserialize)]
pub(super) struct Address {
    #[serde(default)]
    session_id: String,
}

/// POST to the address that the stream named; the path secret has been checked.
pub(super) async fn send<S: ServerHandler + Clone>(
    State(edge): State<Edge<S>>,
    Extension(by): Extension<Principal>,
    Query(address): Query<Address>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response> {
    let stream = find(&edge.hub, &address).filter(|stream| same_credential(&stream.owner, &by)).ok_or_else(unknown_session)?;
    deliver(&stream, by, &headers, body).await
}

/// POST to OpenMemory's shared address: takes a bearer token of the stream's owner, else knows no session.
pub(super) async fn send_with_bearer<S: ServerHandler + Clone>(
    State(edge): State<Edge<S>>,
    Query(address): Query<Address>,
    headers: HeaderMap,
    extensions: Extensions,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    let sent = async {
        let stream = find(&edge.hub, &address);
        let by = match bearer_token(&headers) {
            Ok(token) => bearer_of(&edge.authenticator, stream.as_ref(), token).await?,
            Err(_) => None,
        };
        match stream.zip(by) {
            Some((stream, by)) => deliver(&stream, by, &headers, body).await,
            None => Err(unknown_session()),
        }
    };
    sent.await.unwrap_or_else(|error| refused(&edge.authenticator, &extensions, error).into_response())
}

/// The principal of a token that may speak on this stream: an API key of the same person, or the endpoint's own secret.
async fn bearer_of(authenticator: &Authenticator, stream: Option<&hub::Stream>, token: &str) -> Result<Option<Principal>> {
    let Some(stream) = stream else { return Ok(None) };
    let known = |found: Result<Principal>| match found {
        Ok(principal) => Ok(Some(principal)),
        Err(error) if matches!(error.code(), Code::Unauthenticated | Code::NotFound) => Ok(None),
        Err(error) => Err(error),
    };
    if let Some(by) = known(authenticator.bearer_for_mcp(token).await)? {
        return Ok(Some(by).filter(|by| same_person(by, &stream.owner)));
    }
    let by = known(authenticator.path_secret(&stream.owner.client, token).await)?;
    Ok(by.filter(|by| same_credential(by, &stream.owner)))
}

fn same_credential(a: &Principal, b: &Principal) -> bool {
    a.credential.is_some() && a.credential == b.credential && same_person(a, b)
}

fn find(hub: &Hub, address: &Address) -> Option<hub::Stream> {
    hub.find(address.session_id.parse::<StreamId>().ok()?)
}

/// The one answer for a session that is unknown, closed or another's.
fn unknown_session() -> Error {
    Error::new(
        Code::NotFound,
        "No open stream has this session_id. Open your personal URL again, and use the address that its first event names.",
    )
}

async fn deliver(stream: &hub::Stream, by: Principal, headers: &HeaderMap, body: Result<Bytes, BytesRejection>) -> Result<Response> {
    if !body::is_json(headers) {
        return Err(Error::new(Code::UnsupportedMediaType, "Send 'Content-Type: application/json'."));
    }
    body::plain(headers)?;
    let heard = match repair::read(&body::whole(body)?) {
        Ok(message) => Ok(spoken_by(message, by)),
        // The answer takes the way of all answers.
        Err(refusal) if refusal.is_awaited() => Err(refusal),
        Err(_) => return Err(Error::new(Code::InvalidBody, "The body must be one JSON-RPC 2.0 message that MCP knows.")),
    };
    stream.inbox.send(heard).await.map_err(|_| unknown_session())?;
    Ok((StatusCode::ACCEPTED, "Accepted").into_response())
}

/// The handler looks for the principal where the other transport leaves it; nothing else of the request goes along.
fn spoken_by(mut message: ClientJsonRpcMessage, by: Principal) -> ClientJsonRpcMessage {
    let (mut parts, ()) = axum::http::Request::new(()).into_parts();
    parts.extensions.insert(by);
    match &mut message {
        ClientJsonRpcMessage::Request(request) => drop(request.request.extensions_mut().insert(parts)),
        ClientJsonRpcMessage::Notification(notification) => drop(notification.notification.extensions_mut().insert(parts)),
        _ => {}
    }
    message
}

/// One stream as rmcp sees it.
struct SseTransport {
    messages: mpsc::Receiver<Heard>,
    outbox: Outbox,
}

impl Transport<RoleServer> for SseTransport {
    type Error = SlowReader;

    fn send(&mut self, message: TxJsonRpcMessage<RoleServer>) -> impl Future<Output = Result<(), SlowReader>> + Send + 'static {
        std::future::ready(self.outbox.put(&message))
    }

    async fn receive(&mut self) -> Option<RxJsonRpcMessage<RoleServer>> {
        loop {
            match self.messages.recv().await? {
                Ok(message) => return Some(message),
                Err(refusal) => self.outbox.put_json(&refusal.json()).ok()?,
            }
        }
    }

    async fn close(&mut self) -> Result<(), SlowReader> {
        self.messages.close();
        Ok(())
    }
}
