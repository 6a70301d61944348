//! Where embeddings come from.

use anyhow::{Result, ensure};
use serde::{Deserialize, Serialize};

/// Which embedder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EmbedderProvider {
    /// all-MiniLM-L6-v2 in this process.
    #[default]
    Local,
    /// A deterministic hash of the words, for tests and benchmarks; it understands nothing.
    Hash,
}

/// `[embedder]`
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct EmbedderConfig {
    /// `local` or `hash`.
    pub provider: EmbedderProvider,
    /// Query embeddings kept, per process.
    pub query_cache: u64,
    /// An add of at most this many memories waits for its embeddings; a larger one is embedded by a job.
    pub inline_limit: usize,
}

impl Default for EmbedderConfig {
    fn default() -> Self {
        Self { provider: EmbedderProvider::Local, query_cache: 10_000, inline_limit: 8 }
    }
}

impl EmbedderConfig {
    pub(super) fn validate(&self) -> Result<()> {
        ensure!(self.inline_limit <= 1_000, "embedder.inline_limit must be at most 1000");
        Ok(())
    }
}
