//! One id per request: the caller's `X-Request-Id` where it is harmless, else a new one. It is in the answer, in every
//! problem and on the request's span, so that a report leads to the log lines.

use axum::{
    extract::Request,
    http::{HeaderName, HeaderValue},
    middleware::Next,
    response::Response,
};
use uuid::Uuid;

use super::secret_path;

/// The header in both directions.
pub const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Longest id taken from a caller.
const MAX_LEN: usize = 64;

tokio::task_local! {
    static CURRENT: String;
}

/// The id of the request that this task serves; `None` outside of one.
#[must_use]
pub fn current() -> Option<String> {
    CURRENT.try_with(Clone::clone).ok()
}

/// Middleware for `axum::middleware::from_fn`; outside [`super::trace`].
pub async fn layer(request: Request, next: Next) -> Response {
    let id = request.headers().get(X_REQUEST_ID).and_then(sane).unwrap_or_else(|| Uuid::now_v7().simple().to_string());
    let header = HeaderValue::from_str(&id);
    let mut response = CURRENT.scope(id, next.run(request)).await;
    if let Ok(header) = header {
        response.headers_mut().insert(X_REQUEST_ID, header);
    }
    response
}

/// Short, of characters that are harmless in logs, and not a credential put there by mistake.
fn sane(value: &HeaderValue) -> Option<String> {
    let text = value.to_str().ok()?;
    let harmless = !text.is_empty() && text.len() <= MAX_LEN && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.:".contains(&b));
    (harmless && secret_path::without_secrets(text) == text).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_harmless_ids_are_taken_over() {
        let taken = |text: &'static str| sane(&HeaderValue::from_static(text)).is_some();
        assert!(taken("0191-a.b:c_D"));
        for odd in ["", "a b", "a\"b", "jme_secret", "x".repeat(65).leak()] {
            assert!(!taken(odd), "{odd}");
        }
    }
}
