//! The task that drops requests of OAuth clients and tokens that have ended. A code that comes back within a day is still known for
//! what it was, and ends its grant; an access token is known for a month, so that a client that was away is not taken for a guesser.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use tokio_util::sync::CancellationToken;

use super::schedule::Task;
use crate::{clock::Clock, error::Result, oauth::RequestStore};

/// How long requests are kept after their end.
const REQUESTS: Duration = Duration::from_hours(24);
/// How long tokens are.
const TOKENS: Duration = Duration::from_hours(24 * 30);

/// See the module.
pub struct ForgetGrants {
    pub requests: Arc<dyn RequestStore>,
    pub clock: Arc<dyn Clock>,
}

#[async_trait]
impl Task for ForgetGrants {
    fn name(&self) -> &'static str {
        "forget_ended_grants"
    }

    fn every(&self) -> Duration {
        Duration::from_hours(1)
    }

    async fn run(&self, _: &CancellationToken) -> Result<()> {
        let now = self.clock.now();
        self.requests.forget_ended(now.minus(REQUESTS), now.minus(TOKENS)).await.map(drop)
    }
}
