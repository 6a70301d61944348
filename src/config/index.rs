//! Working sets: what search keeps in memory.

use anyhow::{Result, ensure};
use serde::{Deserialize, Serialize};

/// Where the vectors are searched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IndexProvider {
    /// In this process, exactly.
    #[default]
    Embedded,
    /// By the server of `[qdrant]`.
    Qdrant,
}

/// `[index]`
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct IndexConfig {
    /// `embedded` or `qdrant`.
    pub provider: IndexProvider,
    /// Memory for the working sets of all tenants, in MiB; least recently used tenants leave.
    pub cache_mib: usize,
    /// Weight of the dense leg in `0..=1`.
    pub dense_weight: f32,
    /// Tenants of at most this many memories are scanned whole by `qdrant`, as by `embedded`.
    pub exact_limit: usize,
    /// Best ones that `qdrant` is asked for where a tenant is larger.
    pub candidates: usize,
}

impl Default for IndexConfig {
    fn default() -> Self {
        Self { provider: IndexProvider::Embedded, cache_mib: 512, dense_weight: 0.6, exact_limit: 10_000, candidates: 1_000 }
    }
}

impl IndexConfig {
    pub(super) fn validate(&self) -> Result<()> {
        ensure!(self.cache_mib >= 1, "index.cache_mib must be at least 1");
        ensure!((0.0..=1.0).contains(&self.dense_weight), "index.dense_weight must be 0 to 1");
        ensure!(self.exact_limit <= 100_000, "index.exact_limit must be at most 100000");
        ensure!((100..=10_000).contains(&self.candidates), "index.candidates must be 100 to 10000");
        Ok(())
    }
}
