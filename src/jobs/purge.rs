//! The purge task: erases what was deleted longer ago than it is kept, and lets go of what was held back for long enough.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use tokio_util::sync::CancellationToken;

use super::{queue::TenantDirectory, schedule::Task};
use crate::{clock::Clock, error::Result, memory::Erasure};

/// See the module.
pub struct Purge {
    pub tenants: Arc<dyn TenantDirectory>,
    pub erasure: Erasure,
    /// How long deleted memories can be restored.
    pub deleted_kept: Duration,
    /// How long held ones wait for somebody to keep them.
    pub held_kept: Duration,
    pub clock: Arc<dyn Clock>,
}

#[async_trait]
impl Task for Purge {
    fn name(&self) -> &'static str {
        "purge"
    }

    fn every(&self) -> Duration {
        Duration::from_hours(1)
    }

    async fn run(&self, stop: &CancellationToken) -> Result<()> {
        let now = self.clock.now();
        let (deleted_before, held_before) = (now.minus(self.deleted_kept), now.minus(self.held_kept));
        let mut erased = 0;
        for scope in self.tenants.tenants().await? {
            if stop.is_cancelled() {
                break;
            }
            match self.erasure.purge(&scope, deleted_before, held_before).await {
                Ok(memories) => erased += memories,
                // The next round tries again, and the others go on.
                Err(error) => tracing::warn!(%error, cause = ?error.cause(), "deleted memories of a tenant could not be erased"),
            }
        }
        if erased > 0 {
            tracing::info!(memories = erased, "erased deleted memories whose time is over");
        }
        Ok(())
    }
}
