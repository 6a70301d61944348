//! How many nodes serve: each tells that it does, and takes its share of every limit.

use std::time::Duration;

use async_trait::async_trait;
use uuid::Uuid;

use crate::error::Result;

/// A node that was not seen for so long serves no longer.
pub const NODE_LOST: Duration = Duration::from_secs(15);

/// Nodes in the relational truth.
#[async_trait]
pub trait NodeStore: Send + Sync {
    /// Notes that a node serves; answers how many were seen within [`NODE_LOST`], itself among them.
    async fn seen(&self, node: Uuid) -> Result<u32>;
    /// Notes that a node serves no longer.
    async fn gone(&self, node: Uuid) -> Result<()>;
}
