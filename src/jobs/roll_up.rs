//! The task that adds what was counted long ago to the hours it fell in: then it is told by the hour, no longer one by one.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use tokio_util::sync::CancellationToken;

use super::{queue::TenantDirectory, schedule::Task};
use crate::{error::Result, metering::Usage};

/// See the module.
pub struct RollUp {
    pub tenants: Arc<dyn TenantDirectory>,
    pub usage: Usage,
}

#[async_trait]
impl Task for RollUp {
    fn name(&self) -> &'static str {
        "roll up usage"
    }

    fn every(&self) -> Duration {
        Duration::from_hours(24)
    }

    async fn run(&self, stop: &CancellationToken) -> Result<()> {
        for scope in self.tenants.tenants().await? {
            if stop.is_cancelled() {
                break;
            }
            if let Err(error) = self.usage.roll_up(&scope).await {
                tracing::warn!(%error, cause = ?error.cause(), "what a tenant used long ago could not be added up");
            }
        }
        Ok(())
    }
}
