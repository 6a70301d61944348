//! Every failure as RFC 9457 `application/problem+json`. The catalogue lies in [`crate::error`]; here it gets its
//! HTTP form, and the internal cause is logged, once, under the request's id.

use axum::{
    body::Body,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use utoipa::ToSchema;

use super::{limits, request_id, secret_path};
use crate::{
    clock::Timestamp,
    error::{Code, Error},
};

/// The media type of a problem.
pub const PROBLEM_JSON: &str = "application/problem+json";

/// What every failed request answers.
#[derive(Debug, Serialize, ToSchema)]
pub struct Problem {
    /// URI of the kind of problem; ends with `code`.
    #[serde(rename = "type")]
    #[schema(example = "urn:problem-type:jonathans-memory:not_found")]
    pub kind: String,
    /// The kind of problem in words, the same each time.
    #[schema(example = "Not found")]
    pub title: &'static str,
    /// The HTTP status.
    #[schema(example = 404)]
    pub status: u16,
    /// What happened this time, and what to do next.
    #[schema(example = "No memory with this id. List yours to see which ids exist.")]
    pub detail: String,
    /// The kind of problem as a word for programs.
    #[schema(example = "not_found")]
    pub code: &'static str,
    /// Quote it when asking for help; it is in the logs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// Whether the same request may succeed later.
    pub retryable: bool,
    /// What is used up of a plan.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quota: Option<QuotaOut>,
    /// Names of the limits that were exceeded, as `RateLimit-Policy` has them.
    #[serde(rename = "violated-policies", skip_serializing_if = "Vec::is_empty")]
    pub violated_policies: Vec<String>,
}

/// What is used up of a plan.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Quota)]
pub struct QuotaOut {
    /// What there is an amount of.
    #[schema(example = "memories")]
    pub of: &'static str,
    /// How much was used, what was asked for included.
    pub used: i64,
    /// How much there is.
    pub limit: i64,
    /// When it is free again, RFC 3339; null for what does not free itself.
    pub resets_at: Option<String>,
    /// Where another plan can be chosen, under the address of the service.
    #[schema(example = "/usage")]
    pub upgrade: &'static str,
}

impl Problem {
    /// The wire form of a failure. A secret that got into the sentence (a caller's own, echoed by a parser) is cut out.
    #[must_use]
    pub fn of(error: &Error) -> Self {
        let (code, status, title, retryable) = error.code().entry();
        Self {
            kind: format!("urn:problem-type:jonathans-memory:{code}"),
            title,
            status,
            detail: secret_path::without_secrets(error.detail()).into_owned(),
            code,
            request_id: request_id::current(),
            retryable,
            quota: error.used_up().map(|quota| QuotaOut {
                of: quota.of,
                used: quota.used,
                limit: quota.limit,
                resets_at: quota.resets_at.map(Timestamp::rfc3339),
                upgrade: "/usage",
            }),
            violated_policies: error.violated().map(str::to_owned).into_iter().collect(),
        }
    }
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        log(&self);
        let problem = Problem::of(&self);
        let body = serde_json::to_vec(&problem).unwrap_or_default();
        let mut response = Response::new(Body::from(body));
        *response.status_mut() = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(PROBLEM_JSON));
        if let Some(secs) = self.retry_after_secs() {
            headers.insert(header::RETRY_AFTER, secs.into());
            if let Some(name) = self.violated() {
                limits::tell_refused(headers, name, secs);
            }
        }
        if self.code() == Code::Unauthenticated {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"jonathans-memory\""));
        }
        response
    }
}

/// Faults of ours at error level, failing dependencies as warnings; what a caller did wrong is not worth a line.
fn log(error: &Error) {
    match (error.code(), error.cause()) {
        (Code::Internal, cause) => tracing::error!(cause = cause.map(|c| format!("{c:#}")), "internal error"),
        (code, Some(cause)) => tracing::warn!(code = code.as_str(), cause = format!("{cause:#}"), "request failed"),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn rendered(error: Error) -> (Response<()>, serde_json::Value) {
        let (parts, body) = error.into_response().into_parts();
        let bytes = axum::body::to_bytes(body, 10_000).await.expect("a body");
        (Response::from_parts(parts, ()), serde_json::from_slice(&bytes).expect("JSON"))
    }

    #[tokio::test]
    async fn every_code_has_the_problem_shape() {
        for code in Code::ALL {
            let (name, status, title, retryable) = code.entry();
            let (response, body) = rendered(Error::new(code, "A sentence.")).await;
            assert_eq!(response.status().as_u16(), status);
            assert_eq!(response.headers()[header::CONTENT_TYPE], PROBLEM_JSON);
            assert_eq!(response.headers().contains_key(header::WWW_AUTHENTICATE), status == 401);
            assert_eq!(
                body,
                serde_json::json!({
                    "type": format!("urn:problem-type:jonathans-memory:{name}"),
                    "title": title, "status": status, "detail": "A sentence.", "code": name, "retryable": retryable,
                })
            );
        }
    }

    #[tokio::test]
    async fn causes_stay_inside_and_secrets_are_cut_out() {
        let (_, body) = rendered(Error::internal(anyhow::anyhow!("password of the database"))).await;
        assert!(!body.to_string().contains("database"), "{body}");
        let (_, body) = rendered(Error::invalid("unknown field `jmk_abcDEF123`, expected `text`")).await;
        assert_eq!(body["detail"], "unknown field `-`, expected `text`");
    }

    #[tokio::test]
    async fn waiting_times_are_told() {
        let (response, _) = rendered(Error::rate_limited("Slow down.", 7)).await;
        assert_eq!(response.headers()[header::RETRY_AFTER], "7");
    }
}
