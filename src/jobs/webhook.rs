//! The webhook job: tells one webhook what is due.

use async_trait::async_trait;
use futures::future::join_all;
use tokio::sync::Notify;
use uuid::Uuid;

use super::{
    failure::{Cure, Failure},
    job::Job,
    queue::{Claimed, JobKind},
};
use crate::{tenancy::TenantScope, webhooks::Webhooks};

/// Webhooks told at a time.
const BATCH: u32 = 16;

impl JobKind {
    /// Tells a webhook what is due.
    pub const WEBHOOK: Self = Self("webhook");
}

/// What a webhook job asks.
pub struct WebhookJob {
    pub webhooks: Webhooks,
    pub woken: Notify,
}

#[async_trait]
impl Job for WebhookJob {
    fn kind(&self) -> JobKind {
        JobKind::WEBHOOK
    }

    fn batch(&self) -> u32 {
        BATCH
    }

    fn woken(&self) -> &Notify {
        &self.woken
    }

    async fn run(&self, scope: &TenantScope, jobs: &[Claimed]) -> Vec<(Uuid, Failure)> {
        let tell = async |job: &Claimed| match self.webhooks.deliver(scope, job.subject).await {
            Ok(None) => None,
            Ok(Some(next)) => Some((job.subject, Failure { cure: Cure::At(next), error: "there is more to tell later".into() })),
            Err(error) => Some((job.subject, Failure { cure: Cure::Wait, error: error.to_string() })),
        };
        join_all(jobs.iter().map(tell)).await.into_iter().flatten().collect()
    }
}
