//! Why a job could not be done, and what may help.

use crate::clock::Timestamp;

/// A failed attempt at one subject.
pub struct Failure {
    pub cure: Cure,
    /// For the operator; never text of a tenant.
    pub error: String,
}

/// What may help after a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cure {
    /// Something that others need as well does not answer: it is waited for as long as it takes.
    Wait,
    /// Another attempt, a few times.
    Retry,
    /// Nothing is wrong: there is more to do at this time.
    At(Timestamp),
    /// Nothing but an operator.
    None,
}
