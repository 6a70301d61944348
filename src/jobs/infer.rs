//! The infer job: carries out an operation that takes facts from text.

use std::sync::Arc;

use async_trait::async_trait;
use futures::future::join_all;
use tokio::sync::Notify;
use uuid::Uuid;

use super::{
    failure::{Cure, Failure},
    job::Job,
    queue::{Claimed, JobKind},
};
use crate::{
    error::Code,
    ids::OperationId,
    memory::{Inference, ModelError, Setback, Wake},
    tenancy::TenantScope,
};

/// Infer jobs claimed at a time: each is some calls of a slow model.
const BATCH: u32 = 8;

impl JobKind {
    /// Carries out an operation that takes facts from text.
    pub const INFER: Self = Self("infer");
}

/// What an infer job asks.
pub struct InferJob {
    pub inference: Inference,
    /// Rung by writes that leave a job behind.
    pub wake: Arc<Wake>,
}

impl InferJob {
    async fn one(&self, scope: &TenantScope, job: &Claimed) -> Option<(Uuid, Failure)> {
        let (cure, error) = match self.inference.carry_out(scope, OperationId(job.subject), job.attempts).await.err()? {
            Setback::Model(error @ ModelError::Unavailable(_)) => (Cure::Wait, error.to_string()),
            Setback::Model(error) => (Cure::Retry, error.to_string()),
            Setback::Store(error) if error.code() == Code::Unavailable => (Cure::Wait, error.to_string()),
            Setback::Store(error) => (Cure::Retry, error.to_string()),
        };
        Some((job.subject, Failure { cure, error }))
    }
}

#[async_trait]
impl Job for InferJob {
    fn kind(&self) -> JobKind {
        JobKind::INFER
    }

    fn batch(&self) -> u32 {
        BATCH
    }

    fn woken(&self) -> &Notify {
        &self.wake.infer
    }

    async fn run(&self, scope: &TenantScope, jobs: &[Claimed]) -> Vec<(Uuid, Failure)> {
        join_all(jobs.iter().map(|job| self.one(scope, job))).await.into_iter().flatten().collect()
    }
}
