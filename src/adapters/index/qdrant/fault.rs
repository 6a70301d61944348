//! What an error of Qdrant means: whether waiting helps, an operator has to see to it, or one request was at fault.

use qdrant_client::QdrantError;
use tonic::{Code, Status};

use crate::error::Error;

/// Whom an error concerns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    /// The server does not do its work now; it is waited for.
    Away,
    /// The server or its certificate refuses this service until an operator has changed something; work waits for that.
    Refused,
    /// This one request.
    Request,
}

impl Fault {
    /// A server that cannot be reached is reported as `Internal`, and so is one whose certificate nobody trusts.
    pub(super) fn of(error: &QdrantError) -> Self {
        match code(error) {
            Some(Code::Unauthenticated | Code::PermissionDenied) => Self::Refused,
            Some(
                Code::InvalidArgument
                | Code::NotFound
                | Code::AlreadyExists
                | Code::FailedPrecondition
                | Code::Unimplemented
                | Code::OutOfRange,
            )
            | None => Self::Request,
            Some(_) if reason(error).contains("InvalidCertificate") || reason(error).contains("invalid peer certificate") => Self::Refused,
            Some(_) => Self::Away,
        }
    }
}

/// Why a collection cannot be used.
pub(super) enum Unfit {
    /// A call to the server failed.
    Failed(QdrantError),
    /// It is there, and somebody has to do something about it.
    Wrong(anyhow::Error),
}

impl From<QdrantError> for Unfit {
    fn from(error: QdrantError) -> Self {
        Self::Failed(error)
    }
}

impl From<Unfit> for Error {
    fn from(unfit: Unfit) -> Self {
        match unfit {
            Unfit::Failed(error) => failed(&error),
            Unfit::Wrong(error) => Self::internal(error),
        }
    }
}

/// An answer that did not come.
pub(super) fn away(why: impl Into<String>) -> QdrantError {
    QdrantError::ResponseError { status: Status::unavailable(why) }
}

pub(super) fn code(error: &QdrantError) -> Option<Code> {
    match error {
        QdrantError::ResponseError { status } | QdrantError::ResourceExhaustedError { status, .. } => Some(status.code()),
        _ => None,
    }
}

/// Whether the collection is not there.
pub(super) fn is_missing(error: &QdrantError) -> bool {
    code(error) == Some(Code::NotFound)
}

/// What the server said, in one line and without the headers of its answer.
pub(super) fn reason(error: &QdrantError) -> String {
    match error {
        QdrantError::ResponseError { status } | QdrantError::ResourceExhaustedError { status, .. } => {
            format!("{:?}: {}", status.code(), status.message())
        }
        other => other.to_string(),
    }
}

/// What an operator should do about a refusal.
pub(super) fn advice(error: &QdrantError) -> anyhow::Error {
    let what = match code(error) {
        Some(Code::Unauthenticated) => "Set QDRANT_API_KEY to a key that it knows",
        Some(Code::PermissionDenied) => "Set QDRANT_API_KEY to a key that may read and write this collection, and make it",
        _ => "Let this machine trust the authority of its certificate (SSL_CERT_FILE), or correct the address in QDRANT_URL",
    };
    anyhow::anyhow!("Qdrant refuses this service ({}). {what}", reason(error))
}

/// The failure of a call, as the product knows it.
pub(super) fn failed(error: &QdrantError) -> Error {
    match Fault::of(error) {
        Fault::Away => Error::unavailable("The vector index does not answer now. Try again in a moment.", 1)
            .with_source(anyhow::anyhow!("Qdrant does not answer ({})", reason(error))),
        Fault::Refused => {
            Error::unavailable("The vector index refuses this service; an operator has to see to it.", 60).with_source(advice(error))
        }
        Fault::Request if is_missing(error) => {
            Error::unavailable("The vector index has lost its collection, which is filled again. Try again in a moment.", 1)
                .with_source(anyhow::anyhow!("Qdrant has no such collection ({})", reason(error)))
        }
        Fault::Request => Error::internal(anyhow::anyhow!("Qdrant did not take a request ({})", reason(error))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(code: Code, message: &str) -> QdrantError {
        QdrantError::ResponseError { status: Status::new(code, message) }
    }

    #[test]
    fn an_operators_mistake_is_no_outage() {
        // As rustls and the client put it.
        let untrusted = "Failed to connect to https://q:6334/: tonic::transport::Error(Transport, ConnectError(Custom { kind: InvalidData, \
                         error: InvalidCertificate(UnknownIssuer) }))";
        for (error, fault) in [
            (of(Code::Unauthenticated, "Must provide an API key"), Fault::Refused),
            (of(Code::PermissionDenied, "Global write access is required"), Fault::Refused),
            (of(Code::Internal, untrusted), Fault::Refused),
            (of(Code::Internal, "Failed to connect to http://q:6334/: tcp connect error"), Fault::Away),
            (of(Code::Unavailable, "down"), Fault::Away),
            (of(Code::NotFound, "Collection `a` doesn't exist!"), Fault::Request),
            (of(Code::InvalidArgument, "Wrong input"), Fault::Request),
        ] {
            assert_eq!(Fault::of(&error), fault, "{}", reason(&error));
        }
        let failure = failed(&of(Code::Unauthenticated, "Must provide an API key"));
        assert_eq!(failure.code(), crate::error::Code::Unavailable, "jobs wait, however long it takes");
        assert!(!failure.detail().contains("API key") && !failure.detail().contains("Qdrant"), "callers learn nothing of the inside");
        let cause = failure.cause().expect("a cause").to_string();
        assert!(cause.contains("Must provide an API key") && cause.contains("QDRANT_API_KEY") && !cause.contains("Metadata"), "{cause}");
    }
}
