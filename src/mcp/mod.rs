//! The MCP edge: the same tools, prompt and resource over Streamable HTTP, legacy HTTP+SSE and stdio.
//!
//! A request goes `http::guard` (Host and Origin) -> [`auth`] (who is calling, put into the request's extensions) ->
//! [`streamable`] or [`sse`] (the transport) -> [`handler`] (which tool) -> [`tools`] (one file per tool) ->
//! [`Memories`]. What clients write in a form of their own, [`repair`] puts right for all three transports, message
//! by message, and [`fit`] argument by argument. Nothing about the caller is remembered from a session: every call reads the principal of the
//! HTTP request that carried it. [`context`] is the prompt and the resource. [`hub`] knows the open legacy streams and closes them when a
//! credential ends, [`outbox`] what waits for their readers.

mod auth;
mod context;
mod fit;
mod handler;
mod hub;
mod outbox;
mod repair;
mod sse;
mod stdio;
mod streamable;
mod tools;

use std::sync::Arc;

use axum::{
    Router,
    extract::DefaultBodyLimit,
    middleware::{from_fn, from_fn_with_state},
    routing::get,
};
use rmcp::ServerHandler;
use tokio_util::sync::CancellationToken;

use crate::{
    auth::{Authenticator, CredentialService},
    error::{Code, Error},
    http::{
        challenge::Challenge,
        guard::{AllowedHosts, guard},
    },
    limits::Edges,
    memory::Memories,
};

pub use handler::MemoryServer;
pub use stdio::serve_stdio;

/// Sizes and times of the edge.
#[derive(Debug, Clone)]
pub struct McpLimits {
    /// Largest request body, in bytes.
    pub body_bytes: usize,
    /// Open legacy streams per user.
    pub streams_per_user: usize,
    /// Answers that may wait for the readers of all legacy streams, in bytes; one person has a quarter.
    pub unread_bytes: usize,
    /// Longest life of a legacy stream, in seconds.
    pub stream_secs: u64,
}

/// What the edge is made of.
#[derive(Clone)]
pub struct McpParts {
    /// What the tools call.
    pub memories: Arc<Memories>,
    /// How often callers may ask.
    pub edges: Arc<Edges>,
    /// Who is calling.
    pub authenticator: Arc<Authenticator>,
    /// Which credentials have ended.
    pub credentials: Arc<CredentialService>,
    /// What tells a client how to be let in.
    pub challenge: Challenge,
    /// Which hosts and pages may call.
    pub allowed: Arc<AllowedHosts>,
    /// Sizes and times.
    pub limits: McpLimits,
    /// Ends every open stream when cancelled.
    pub shutdown: CancellationToken,
}

/// The routes of the product. Call it inside a Tokio runtime: it starts the task that closes streams of ended
/// credentials, which ends with `shutdown` or with the router.
pub fn router(parts: McpParts) -> Router {
    router_with(MemoryServer::new(parts.memories.clone(), parts.edges.clone()), parts)
}

/// As [`router`], with another handler behind the very same layers: for the conformance fixtures and for measuring
/// what the edge itself costs. `handler` is cloned for every request, so its clone must be cheap.
pub fn router_with<S: ServerHandler + Clone>(handler: S, parts: McpParts) -> Router {
    let McpParts { authenticator, credentials, challenge, allowed, limits, shutdown, .. } = parts;
    let door = auth::Door { authenticator: authenticator.clone(), challenge: challenge.clone() };
    let tidy = streamable::Tidy { most: limits.body_bytes, challenge };
    let streamable = streamable::service(handler.clone(), limits.body_bytes, &shutdown);
    let edge = sse::Edge::new(handler, authenticator.clone(), &limits, shutdown.clone());
    hub::watch(&edge.hub, credentials, shutdown);

    let bearer = Router::new()
        .route_service("/mcp", streamable.clone())
        .route_service("/mcp/", streamable.clone())
        .layer(from_fn_with_state(tidy.clone(), streamable::tidy))
        .layer(from_fn_with_state(door.clone(), auth::bearer));
    let personal = Router::new()
        .route_service("/mcp/{client}/http/{credential}", streamable.clone())
        .route_service("/mcp/{client}/http/{credential}/", streamable)
        .layer(from_fn_with_state(tidy, streamable::tidy))
        .layer(from_fn_with_state(door.clone(), auth::personal));
    let open = || get(sse::open).fallback(|| async { not_allowed("GET") });
    let stream = Router::new()
        .route("/mcp/{client}/sse/{credential}", open())
        .route("/mcp/{client}/sse/{credential}/", open())
        .layer(from_fn_with_state(door.clone(), auth::personal))
        .layer(from_fn(sse::only_event_streams))
        .with_state(edge.clone());
    let send = || axum::routing::post(sse::send).fallback(|| async { not_allowed("POST") });
    let messages = Router::new()
        .route("/mcp/{client}/sse/{credential}/messages", send())
        .route("/mcp/{client}/sse/{credential}/messages/", send())
        .layer(from_fn_with_state(door, auth::personal))
        .with_state(edge.clone());
    let send = || axum::routing::post(sse::send_with_bearer).fallback(|| async { not_allowed("POST") });
    let shared_messages = Router::new().route("/mcp/messages", send()).route("/mcp/messages/", send()).with_state(edge);

    bearer
        .merge(personal)
        .merge(stream)
        .merge(messages)
        .merge(shared_messages)
        .layer(DefaultBodyLimit::max(limits.body_bytes))
        .layer(from_fn_with_state(allowed, guard))
}

/// 405 with the one method that the route takes.
fn not_allowed(method: &'static str) -> axum::response::Response {
    use axum::{http::header::ALLOW, response::IntoResponse};
    let error = Error::new(Code::MethodNotAllowed, format!("This address takes {method} only."));
    ([(ALLOW, method)], error).into_response()
}
