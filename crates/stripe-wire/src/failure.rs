//! What can go wrong with a call.

use std::fmt;

use serde::Deserialize;

/// Why a call has no answer.
///
/// Neither its text nor its debug output tells Stripe's message, which may quote what was sent.
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// No connection, none in time, or one that broke. What was ordered may have happened: order it again by the same key.
    #[error("Stripe cannot be reached")]
    Unreachable,
    /// Too many calls, another with the same key under way, or a fault of Stripe's. It may pass; a fault that Stripe has kept for
    /// the key stays with it for a day.
    #[error("Stripe is busy")]
    Busy {
        /// After how many seconds Stripe wants to be asked again, where it says so.
        retry_after: Option<u64>,
    },
    /// The call is wrong, or what it is about does not allow it. Again, it would be refused again.
    #[error("Stripe refuses: {status}{}", code.as_deref().map(|code| format!(" {code}")).unwrap_or_default())]
    Refused {
        /// The HTTP status.
        status: u16,
        /// Stripe's code, such as `resource_missing`, or the type of the error where it has no code.
        code: Option<String>,
        /// What Stripe says of it, for programmers. It may quote what was sent, so it belongs into no log.
        message: String,
    },
    /// The answer is not Stripe's, or not of the version that is asked for.
    #[error("Stripe's answer cannot be read")]
    Unreadable,
}

impl fmt::Debug for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Failure({self})")
    }
}

impl Failure {
    /// What `body` says of the refusal, if anything.
    pub(crate) fn refused(status: u16, body: &[u8]) -> Self {
        let told = serde_json::from_slice::<Told>(body).unwrap_or_default().error;
        Self::Refused { status, code: told.code.or(told.kind), message: told.message.unwrap_or_default() }
    }
}

#[derive(Default, Deserialize)]
struct Told {
    error: Reason,
}

#[derive(Default, Deserialize)]
struct Reason {
    code: Option<String>,
    #[serde(rename = "type")]
    kind: Option<String>,
    message: Option<String>,
}
