//! The infer job: carries out an operation that takes facts from text.

use super::failure::{Cure, Failure};
use crate::{
    error::Code,
    ids::OperationId,
    memory::{Inference, ModelError, Setback},
    tenancy::TenantScope,
};

/// Carries out one operation.
pub(super) async fn run(inference: &Inference, scope: &TenantScope, id: OperationId, attempt: i32) -> Option<Failure> {
    let (cure, error) = match inference.carry_out(scope, id, attempt).await.err()? {
        Setback::Model(error @ ModelError::Unavailable(_)) => (Cure::Wait, error.to_string()),
        Setback::Model(error) => (Cure::Retry, error.to_string()),
        Setback::Store(error) if error.code() == Code::Unavailable => (Cure::Wait, error.to_string()),
        Setback::Store(error) => (Cure::Retry, error.to_string()),
    };
    Some(Failure { cure, error })
}
