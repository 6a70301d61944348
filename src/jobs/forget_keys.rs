//! The task that drops old idempotency keys: a retried request gets its first answer for so long.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use tokio_util::sync::CancellationToken;

use super::schedule::Task;
use crate::{
    clock::{Clock, Timestamp},
    error::Result,
};

/// How long a retried request still gets its first answer.
const KEPT: Duration = Duration::from_hours(48);

/// Idempotency records of all tenants.
#[async_trait]
pub trait IdempotencyRecords: Send + Sync {
    /// Drops those made before `before`; answers how many.
    async fn forget_idempotency_keys(&self, before: Timestamp) -> Result<u64>;
}

/// See the module.
pub struct ForgetKeys {
    pub records: Arc<dyn IdempotencyRecords>,
    pub clock: Arc<dyn Clock>,
}

#[async_trait]
impl Task for ForgetKeys {
    fn name(&self) -> &'static str {
        "forget_idempotency_keys"
    }

    fn every(&self) -> Duration {
        Duration::from_hours(1)
    }

    async fn run(&self, _: &CancellationToken) -> Result<()> {
        self.records.forget_idempotency_keys(self.clock.now().minus(KEPT)).await.map(drop)
    }
}
