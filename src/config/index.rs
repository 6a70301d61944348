//! Working sets: what search keeps in memory.

use anyhow::{Result, ensure};
use serde::{Deserialize, Serialize};

/// `[index]`
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct IndexConfig {
    /// Memory for the working sets of all tenants, in MiB; least recently used tenants leave.
    pub cache_mib: usize,
    /// Weight of the dense leg in `0..=1`.
    pub dense_weight: f32,
}

impl Default for IndexConfig {
    fn default() -> Self {
        Self { cache_mib: 512, dense_weight: 0.6 }
    }
}

impl IndexConfig {
    pub(super) fn validate(&self) -> Result<()> {
        ensure!(self.cache_mib >= 1, "index.cache_mib must be at least 1");
        ensure!((0.0..=1.0).contains(&self.dense_weight), "index.dense_weight must be 0 to 1");
        Ok(())
    }
}
