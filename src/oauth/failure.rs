//! What is answered to a client whose request fails: one of the words of RFC 6749, 7009, 7591, 8628 and 8707, and a sentence.

use crate::error::Error;

/// A word that clients know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    InvalidRequest,
    /// Unknown client, or one whose secret is wrong: a client then registers anew.
    InvalidClient,
    /// A code or refresh token that opens nothing, or not for this client.
    InvalidGrant,
    UnsupportedGrantType,
    UnsupportedResponseType,
    /// The `resource` is none of this server's.
    InvalidTarget,
    AccessDenied,
    /// The person has not decided yet.
    AuthorizationPending,
    /// As before, and asked too soon.
    SlowDown,
    ExpiredToken,
    InvalidRedirectUri,
    InvalidClientMetadata,
}

impl Fault {
    /// The word on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::InvalidRequest => "invalid_request",
            Self::InvalidClient => "invalid_client",
            Self::InvalidGrant => "invalid_grant",
            Self::UnsupportedGrantType => "unsupported_grant_type",
            Self::UnsupportedResponseType => "unsupported_response_type",
            Self::InvalidTarget => "invalid_target",
            Self::AccessDenied => "access_denied",
            Self::AuthorizationPending => "authorization_pending",
            Self::SlowDown => "slow_down",
            Self::ExpiredToken => "expired_token",
            Self::InvalidRedirectUri => "invalid_redirect_uri",
            Self::InvalidClientMetadata => "invalid_client_metadata",
        }
    }
}

/// Why a client gets no answer.
#[derive(Debug)]
pub enum Failure {
    /// It did something wrong, or the person said no.
    Client(Fault, String),
    /// Ours, or too many requests.
    Ours(Error),
}

impl Failure {
    pub(super) fn client(fault: Fault, sentence: impl Into<String>) -> Self {
        Self::Client(fault, sentence.into())
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Ours(error)
    }
}
