//! Streamable HTTP by rmcp's service, stateless and answering JSON: there is no session to steal, to keep or to route.
//! One endpoint serves every protocol revision from 2024-11-05 to 2026-07-28. A caller who leaves cancels their call.

use std::{sync::Arc, time::Duration};

use axum::{
    extract::Request,
    http::{
        HeaderMap, HeaderValue, StatusCode,
        header::{ALLOW, CONTENT_TYPE},
    },
    middleware::Next,
    response::{IntoResponse, Response},
};
use rmcp::{
    ServerHandler,
    transport::streamable_http_server::{StreamableHttpServerConfig, StreamableHttpService, session::never::NeverSessionManager},
};
use tokio_util::sync::CancellationToken;

use crate::{
    error::{Code, Error},
    http::secret_path::PathSecret,
};

/// Time for calls to end after the stop; streams that are left then are cut, before the server's own deadline.
const CALLS_END: Duration = Duration::from_secs(4);

/// The service that both doors mount; a clone shares the handler.
pub(super) fn service<S: ServerHandler + Clone>(
    handler: S,
    body_bytes: usize,
    shutdown: &CancellationToken,
) -> StreamableHttpService<S, NeverSessionManager> {
    let config = StreamableHttpServerConfig::default()
        .with_legacy_session_mode(false)
        .with_json_response(true)
        .with_max_request_body_bytes(body_bytes)
        // `http::guard` has checked Host and Origin against the configured lists; a second list here could only differ.
        .disable_allowed_hosts()
        .with_cancellation_token(late(shutdown.clone()));
    StreamableHttpService::new(move || Ok(handler.clone()), Arc::new(NeverSessionManager::default()), config)
}

/// A token that is cancelled a while after `shutdown`: rmcp cuts calls when it is told to stop, and a call that is under way
/// is to be answered.
fn late(shutdown: CancellationToken) -> CancellationToken {
    let token = CancellationToken::new();
    let cut = token.clone();
    tokio::spawn(async move {
        shutdown.cancelled().await;
        tokio::time::sleep(CALLS_END).await;
        cut.cancel();
    });
    token
}

/// Keeps the path secret from the transport, and turns its plain-text refusals into what the rest of the server says.
pub(super) async fn tidy(mut request: Request, next: Next) -> Response {
    request.extensions_mut().remove::<PathSecret>();
    let sent_json = is_json(request.headers());
    let response = next.run(request).await;
    let status = response.status();
    if status.as_u16() < 400 || is_json(response.headers()) {
        return response;
    }
    let error = match status {
        StatusCode::METHOD_NOT_ALLOWED => {
            let error = Error::new(Code::MethodNotAllowed, "This MCP server is stateless: send each message with POST.");
            return ([(ALLOW, "POST")], error).into_response();
        }
        StatusCode::NOT_ACCEPTABLE => {
            Error::new(Code::NotAcceptable, "Send 'Accept: application/json, text/event-stream', as MCP asks for.")
        }
        StatusCode::PAYLOAD_TOO_LARGE => Error::new(Code::TooLarge, "The request body is larger than this server takes."),
        // rmcp answers 415 to a body that it cannot read as well.
        StatusCode::UNSUPPORTED_MEDIA_TYPE if sent_json => return unreadable(),
        StatusCode::UNSUPPORTED_MEDIA_TYPE => Error::new(Code::UnsupportedMediaType, "Send 'Content-Type: application/json'."),
        status if status.is_client_error() => {
            Error::new(Code::InvalidBody, "The MCP-Protocol-Version header names no revision that this server knows.")
        }
        _ => Error::internal(anyhow::anyhow!("the MCP transport answered {status}")),
    };
    error.into_response()
}

/// A body that is not one JSON-RPC message, said in JSON-RPC.
fn unreadable() -> Response {
    const BODY: &str =
        r#"{"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"Parse error: the body must be one JSON-RPC 2.0 message"}}"#;
    (StatusCode::BAD_REQUEST, [(CONTENT_TYPE, HeaderValue::from_static("application/json"))], BODY).into_response()
}

fn is_json(headers: &HeaderMap) -> bool {
    let essence = |value: &str| value.split(';').next().is_some_and(|e| e.trim().eq_ignore_ascii_case("application/json"));
    headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).is_some_and(essence)
}
