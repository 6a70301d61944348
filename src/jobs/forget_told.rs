//! The task that forgets what webhooks were told long ago.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use tokio_util::sync::CancellationToken;

use super::{queue::TenantDirectory, schedule::Task};
use crate::{clock::Clock, error::Result, webhooks::Webhooks};

/// How long it can be seen, and told again.
const KEPT: Duration = Duration::from_hours(30 * 24);

/// See the module.
pub struct ForgetTold {
    pub tenants: Arc<dyn TenantDirectory>,
    pub webhooks: Webhooks,
    pub clock: Arc<dyn Clock>,
}

#[async_trait]
impl Task for ForgetTold {
    fn name(&self) -> &'static str {
        "forget what was told"
    }

    fn every(&self) -> Duration {
        Duration::from_hours(24)
    }

    async fn run(&self, stop: &CancellationToken) -> Result<()> {
        let before = self.clock.now().minus(KEPT);
        for scope in self.tenants.tenants().await? {
            if stop.is_cancelled() {
                break;
            }
            if let Err(error) = self.webhooks.forget(&scope, before).await {
                tracing::warn!(%error, cause = ?error.cause(), "what a tenant's webhooks were told long ago could not be forgotten");
            }
        }
        Ok(())
    }
}
