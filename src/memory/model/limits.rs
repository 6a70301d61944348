//! Sizes that are configured.

use std::time::Duration;

/// Sizes that a memory or query must keep.
#[derive(Debug, Clone)]
pub struct MemoryLimits {
    /// Longest text, in bytes.
    pub text_bytes: usize,
    /// Largest metadata, in bytes of JSON.
    pub metadata_bytes: usize,
    /// Longest query, in bytes.
    pub query_bytes: usize,
    /// Most memories of one call.
    pub batch: usize,
    /// An add of at most this many memories waits for its embeddings.
    pub inline_limit: usize,
    /// Weight of the dense leg.
    pub dense_weight: f32,
    /// How long a search waits for the embedding of its query.
    pub query_timeout: Duration,
}
