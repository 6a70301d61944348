//! What is due from time to time, once across all nodes: a schedule is a row that says when, and whoever moves it on does the work.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use tokio_util::sync::CancellationToken;

use crate::error::Result;

/// How often a node looks for what is due.
const LOOK: Duration = Duration::from_secs(5);

/// Schedules in the relational truth.
#[async_trait]
pub trait ScheduleStore: Send + Sync {
    /// Whether the task of this name is due, and then not again before `every` has passed: of all nodes one is told so. A task
    /// that nobody has heard of is due.
    async fn take_if_due(&self, name: &str, every: Duration) -> Result<bool>;
}

/// A task with a schedule; to be repeated safely, as a node may end in the middle of it.
#[async_trait]
pub trait Task: Send + Sync {
    /// Its name in the table.
    fn name(&self) -> &'static str;
    /// How often.
    fn every(&self) -> Duration;
    /// Does it; what fails is tried at the next time.
    async fn run(&self, stop: &CancellationToken) -> Result<()>;
}

/// Does tasks when they are due, until `stop`.
pub async fn run(store: Arc<dyn ScheduleStore>, tasks: Vec<Arc<dyn Task>>, stop: CancellationToken) {
    while !stop.is_cancelled() {
        for task in &tasks {
            let outcome = match store.take_if_due(task.name(), task.every()).await {
                Ok(true) => task.run(&stop).await,
                Ok(false) => Ok(()),
                Err(error) => Err(error),
            };
            if let Err(error) = outcome {
                tracing::warn!(task = task.name(), %error, cause = ?error.cause(), "a task was not done; it is tried again at its next time");
            }
        }
        tokio::select! {
            () = stop.cancelled() => {}
            () = tokio::time::sleep(LOOK) => {}
        }
    }
}
