//! Streamable HTTP by rmcp's service, stateless and answering JSON: there is no session to steal, to keep or to route.
//! One endpoint serves every protocol revision from 2024-11-05 to 2026-07-28. A caller who leaves cancels their call.

use std::{sync::Arc, time::Duration};

use axum::{
    body::{Body, Bytes},
    extract::{DefaultBodyLimit, FromRequest, Request, State},
    http::{
        HeaderMap, HeaderValue, Method, StatusCode,
        header::{ACCEPT, ALLOW, CONTENT_LENGTH, CONTENT_TYPE},
    },
    middleware::Next,
    response::{IntoResponse, Response},
};
use rmcp::{
    ServerHandler,
    transport::streamable_http_server::{StreamableHttpServerConfig, StreamableHttpService, session::never::NeverSessionManager},
};
use serde_json::Value;
use tokio_util::sync::CancellationToken;

use super::{repair, tools};
use crate::{
    auth::{CredentialKind, Principal, Scope, Scopes},
    error::{Code, Error},
    http::{body, challenge::Challenge, secret_path::PathSecret},
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

/// What the transport insists on.
const BOTH: HeaderValue = HeaderValue::from_static("application/json, text/event-stream");

/// What [`tidy`] needs.
#[derive(Clone)]
pub(super) struct Tidy {
    /// Largest body, in bytes.
    pub(super) most: usize,
    pub(super) challenge: Challenge,
}

/// Keeps the path secret from the transport, puts right what it would refuse though it is clear what is meant, and turns
/// its plain-text refusals into what the rest of the server says.
pub(super) async fn tidy(State(Tidy { most, challenge }): State<Tidy>, mut request: Request, next: Next) -> Response {
    request.extensions_mut().remove::<PathSecret>();
    let sent_json = body::is_json(request.headers());
    if request.method() == Method::POST {
        // The answer is always JSON, whatever else the transport may think of sending.
        if takes_json(request.headers()) {
            request.headers_mut().insert(ACCEPT, BOTH);
        }
        if sent_json {
            let (mended, message) = match mended(request, most).await {
                Ok(mended) => mended,
                Err(response) => return response,
            };
            request = mended;
            if let Some((holds, needs)) = lacking(request.extensions().get(), &message) {
                return challenge.step_up(holds, needs);
            }
        }
    }
    let response = next.run(request).await;
    let status = response.status();
    if status.as_u16() < 400 || body::is_json(response.headers()) {
        return response;
    }
    let error = match status {
        StatusCode::METHOD_NOT_ALLOWED => {
            let error = Error::new(Code::MethodNotAllowed, "This MCP server is stateless: send each message with POST.");
            return ([(ALLOW, "POST")], error).into_response();
        }
        StatusCode::NOT_ACCEPTABLE => {
            Error::new(Code::NotAcceptable, "The answer is JSON: send 'Accept: application/json, text/event-stream', as MCP asks for.")
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

/// The request with its message as it was meant, or the answer to one that cannot be understood.
async fn mended(request: Request, most: usize) -> Result<(Request, Value), Response> {
    body::plain(request.headers()).map_err(IntoResponse::into_response)?;
    let (mut parts, body) = request.into_parts();
    let mut bare = Request::new(body);
    DefaultBodyLimit::max(most).apply(&mut bare);
    let bytes = body::whole(Bytes::from_request(bare, &()).await).map_err(IntoResponse::into_response)?;
    let message = repair::mended(&bytes).map_err(|refusal| (refusal.status(), [(CONTENT_TYPE, JSON)], refusal.json()).into_response())?;
    // The type has been looked at, and rmcp knows this one only.
    parts.headers.insert(CONTENT_TYPE, JSON);
    parts.headers.remove(CONTENT_LENGTH);
    Ok((Request::from_parts(parts, Body::from(message.to_string())), message))
}

/// What a granted client holds, and the scope that it lacks for the tool it calls. Said in HTTP, where such a client looks for it: it
/// can ask the person for more. Others are told by the tool itself.
fn lacking(by: Option<&Principal>, message: &Value) -> Option<(Scopes, Scope)> {
    let by = by.filter(|by| by.kind == CredentialKind::Grant)?;
    let tool = message.pointer("/params/name").filter(|_| message["method"] == "tools/call")?.as_str()?;
    let needs = tools::find(tool)?.scope;
    (!by.scopes.allows(needs)).then_some((by.scopes, needs))
}

const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// Whether JSON is among what the caller takes; who names nothing takes anything.
fn takes_json(headers: &HeaderMap) -> bool {
    let lists = headers.get_all(ACCEPT).iter().map(|value| value.to_str().unwrap_or_default());
    let entries: Vec<_> = lists.flat_map(|list| list.split(',')).filter(|entry| !entry.trim().is_empty()).collect();
    // The closest of them decides (RFC 9110, section 12.5.1). A lone star is what Java sends.
    let closeness = |range: &str| match range.trim().to_ascii_lowercase().as_str() {
        "application/json" => Some(2),
        "application/*" => Some(1),
        "*/*" | "*" => Some(0),
        _ => None,
    };
    let taken = entries.iter().filter_map(|entry| {
        let (range, parameters) = entry.split_once(';').unwrap_or((entry, ""));
        Some((closeness(range)?, !parameters.split(';').any(is_refusal)))
    });
    taken.max().map_or(entries.is_empty(), |(_, taken)| taken)
}

/// `q=0`
fn is_refusal(parameter: &str) -> bool {
    let quality = parameter.split_once('=').filter(|(name, _)| name.trim().eq_ignore_ascii_case("q"));
    quality.and_then(|(_, weight)| weight.trim().parse::<f32>().ok()).is_some_and(|weight| weight <= 0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_takes_json_in_any_form_is_served() {
        let takes = |values: &[&str]| {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append(ACCEPT, value.parse().expect("a header"));
            }
            takes_json(&headers)
        };
        for accept in [
            &[][..],
            &[""],
            &["application/json"],
            &["*/*"],
            &["application/*;q=0.5"],
            &["text/html, image/gif, *; q=.2, */*; q=.2"],
            &["Application/JSON; charset=utf-8"],
            &["text/event-stream", "application/json"],
            &["text/html;q=0, */*"],
            &["*/*;q=0, application/json"],
        ] {
            assert!(takes(accept), "{accept:?}");
        }
        for accept in [&["text/html"][..], &["text/event-stream"], &["application/json;q=0, */*"], &["*/*;q=0.0"], &["image/*"]] {
            assert!(!takes(accept), "{accept:?}");
        }
    }
}
