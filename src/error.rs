//! The error catalogue: every failure that a caller can see has one code here, with its HTTP status, its title and
//! whether trying again can help. `http::problem` renders it as RFC 9457 problem+json, `mcp` as a tool error.
//! Internal causes travel in [`Error::internal`] and are logged once, at the edge; they are never shown.

use std::{fmt, time::Duration};

use crate::clock::Timestamp;

/// One row of the catalogue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Code {
    /// A field is missing, malformed or out of range.
    InvalidArgument,
    /// The body is not the JSON that the operation takes.
    InvalidBody,
    /// No credential, or one that is not valid.
    Unauthenticated,
    /// The credential is valid and lacks a scope.
    InsufficientScope,
    /// The app that the credential speaks for is paused.
    AppPaused,
    /// The account has as many of these as it may have.
    LimitReached,
    /// What the plan allows is used up.
    QuotaExceeded,
    /// The plan does not have this feature.
    FeatureUnavailable,
    /// Host or Origin is not on the allow-list.
    ForbiddenOrigin,
    /// Nothing of that id is visible to the caller.
    NotFound,
    /// The resource exists, the method does not.
    MethodNotAllowed,
    /// The answer cannot be given in a form that the caller accepts.
    NotAcceptable,
    /// Something of that name exists already.
    Conflict,
    /// The version in If-Match is not the current one.
    VersionConflict,
    /// An idempotency key came back with another body.
    IdempotencyMismatch,
    /// The body or text is larger than the limit.
    TooLarge,
    /// The content type is not the one that the operation takes.
    UnsupportedMediaType,
    /// Too many requests, streams or failed sign-ins.
    RateLimited,
    /// This feature is switched off by configuration.
    Disabled,
    /// A dependency is down; nothing was changed.
    Unavailable,
    /// A fault of ours.
    Internal,
}

impl Code {
    /// Every code, for the reference page and its test.
    pub const ALL: [Self; 21] = [
        Self::InvalidArgument,
        Self::InvalidBody,
        Self::Unauthenticated,
        Self::InsufficientScope,
        Self::AppPaused,
        Self::LimitReached,
        Self::QuotaExceeded,
        Self::FeatureUnavailable,
        Self::ForbiddenOrigin,
        Self::NotFound,
        Self::MethodNotAllowed,
        Self::NotAcceptable,
        Self::Conflict,
        Self::VersionConflict,
        Self::IdempotencyMismatch,
        Self::TooLarge,
        Self::UnsupportedMediaType,
        Self::RateLimited,
        Self::Disabled,
        Self::Unavailable,
        Self::Internal,
    ];

    /// (wire name, HTTP status, title, retrying may help).
    #[must_use]
    pub const fn entry(self) -> (&'static str, u16, &'static str, bool) {
        match self {
            Self::InvalidArgument => ("invalid_argument", 422, "Invalid argument", false),
            Self::InvalidBody => ("invalid_body", 400, "Invalid request body", false),
            Self::Unauthenticated => ("unauthenticated", 401, "Authentication required", false),
            Self::InsufficientScope => ("insufficient_scope", 403, "Insufficient scope", false),
            Self::AppPaused => ("app_paused", 403, "App is paused", false),
            Self::LimitReached => ("limit_reached", 403, "Limit reached", false),
            Self::QuotaExceeded => ("quota_exceeded", 402, "Quota exceeded", false),
            Self::FeatureUnavailable => ("feature_unavailable", 403, "Not in this plan", false),
            Self::ForbiddenOrigin => ("forbidden_origin", 403, "Origin not allowed", false),
            Self::NotFound => ("not_found", 404, "Not found", false),
            Self::MethodNotAllowed => ("method_not_allowed", 405, "Method not allowed", false),
            Self::NotAcceptable => ("not_acceptable", 406, "Not acceptable", false),
            Self::Conflict => ("conflict", 409, "Conflict", false),
            Self::VersionConflict => ("version_conflict", 412, "Version conflict", false),
            Self::IdempotencyMismatch => ("idempotency_mismatch", 422, "Idempotency key reused", false),
            Self::TooLarge => ("too_large", 413, "Too large", false),
            Self::UnsupportedMediaType => ("unsupported_media_type", 415, "Unsupported media type", false),
            Self::RateLimited => ("rate_limited", 429, "Too many requests", true),
            Self::Disabled => ("disabled", 404, "Switched off", false),
            Self::Unavailable => ("unavailable", 503, "Temporarily unavailable", true),
            Self::Internal => ("internal", 500, "Internal error", true),
        }
    }

    /// The wire name, stable across versions.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        self.entry().0
    }
}

/// A failure on its way to a caller: a code, and a sentence that says what happened and what to do next.
///
/// `detail` is shown to the caller, so it never holds a secret, another tenant's data or an internal message.
#[derive(Debug)]
pub struct Error {
    code: Code,
    detail: String,
    retry_after_secs: Option<u64>,
    limit: Option<Box<Limit>>,
    source: Option<anyhow::Error>,
}

/// The limit that was met. Apart, for an error is as small as can be: it is part of every result.
#[derive(Debug, Default)]
struct Limit {
    quota: Option<Quota>,
    /// Name of the rate limit.
    violated: Option<String>,
    /// How long until the same may pass, more exactly than in seconds.
    wait: Option<Duration>,
}

/// The amount of a plan that is used up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quota {
    /// What there is an amount of, such as `memories`.
    pub of: &'static str,
    /// How much was used; what was asked for included.
    pub used: i64,
    pub limit: i64,
    /// When the amount is free again; `None` for what does not free itself.
    pub resets_at: Option<Timestamp>,
}

/// What every operation of the product answers.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// A failure that the caller can act on.
    pub fn new(code: Code, detail: impl Into<String>) -> Self {
        Self { code, detail: detail.into(), retry_after_secs: None, limit: None, source: None }
    }

    /// A field that does not fit; `detail` names it.
    pub fn invalid(detail: impl Into<String>) -> Self {
        Self::new(Code::InvalidArgument, detail)
    }

    /// The one answer for an unknown id and for another tenant's id.
    #[must_use]
    pub fn not_found(what: &'static str) -> Self {
        Self::new(Code::NotFound, format!("No {what} with this id. List yours to see which ids exist."))
    }

    /// The one answer for every credential that does not open the door.
    #[must_use]
    pub fn unauthenticated() -> Self {
        Self::new(Code::Unauthenticated, "Send a valid access token or API key as 'Authorization: Bearer …'.")
    }

    /// A fault of ours: logged with its cause, shown without it.
    pub fn internal(source: impl Into<anyhow::Error>) -> Self {
        Self {
            code: Code::Internal,
            detail: "Something went wrong on our side; it has been logged. Try again, and quote the request id if it stays.".into(),
            retry_after_secs: None,
            limit: None,
            source: Some(source.into()),
        }
    }

    /// A dependency that is down; the caller may try again after `secs`.
    pub fn unavailable(detail: impl Into<String>, secs: u64) -> Self {
        Self { retry_after_secs: Some(secs), ..Self::new(Code::Unavailable, detail) }
    }

    /// A limit that frees itself after `secs`.
    pub fn rate_limited(detail: impl Into<String>, secs: u64) -> Self {
        Self { retry_after_secs: Some(secs), ..Self::new(Code::RateLimited, detail) }
    }

    /// An amount of the plan that is used up.
    pub fn quota(detail: impl Into<String>, quota: Quota) -> Self {
        let limit = Limit { quota: Some(quota), ..Limit::default() };
        Self { limit: Some(Box::new(limit)), ..Self::new(Code::QuotaExceeded, detail) }
    }

    /// Keeps the cause for the log.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<anyhow::Error>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// The catalogue row.
    #[must_use]
    pub const fn code(&self) -> Code {
        self.code
    }

    /// The sentence for the caller.
    #[must_use]
    pub fn detail(&self) -> &str {
        &self.detail
    }

    /// Seconds after which trying again makes sense.
    #[must_use]
    pub const fn retry_after_secs(&self) -> Option<u64> {
        self.retry_after_secs
    }

    /// Names the rate limit that was exceeded, and says exactly how long until the same may pass.
    #[must_use]
    pub fn violating(mut self, policy: &str, wait: Option<Duration>) -> Self {
        self.limit = Some(Box::new(Limit { violated: Some(policy.to_owned()), wait, quota: None }));
        self
    }

    /// The name of the rate limit that was exceeded.
    #[must_use]
    pub fn violated(&self) -> Option<&str> {
        self.limit.as_ref()?.violated.as_deref()
    }

    /// How long until the same may pass, where that is known.
    #[must_use]
    pub fn wait(&self) -> Option<Duration> {
        self.limit.as_ref()?.wait
    }

    /// The amount that is used up.
    #[must_use]
    pub fn used_up(&self) -> Option<Quota> {
        self.limit.as_ref()?.quota
    }

    /// The cause for the log; `None` where the detail says it all.
    #[must_use]
    pub fn cause(&self) -> Option<&anyhow::Error> {
        self.source.as_ref()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code.as_str(), self.detail)
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source.as_ref().map(|e| &**e as _)
    }
}
