//! The task that looks after money that nobody waits for.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use tokio_util::sync::CancellationToken;

use super::{queue::TenantDirectory, schedule::Task};
use crate::{billing::Billing, error::Result};

/// See the module.
pub struct KeepMoney {
    pub tenants: Arc<dyn TenantDirectory>,
    pub billing: Billing,
}

#[async_trait]
impl Task for KeepMoney {
    fn name(&self) -> &'static str {
        "money"
    }

    fn every(&self) -> Duration {
        Duration::from_hours(1)
    }

    async fn run(&self, _: &CancellationToken) -> Result<()> {
        self.billing.keep(&self.tenants.tenants().await?).await
    }
}
