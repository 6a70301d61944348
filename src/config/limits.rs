//! Sizes, counts and times.

use anyhow::{Result, ensure};
use serde::{Deserialize, Serialize};

/// `[limits]`
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LimitsConfig {
    /// Longest text of a memory, in bytes.
    pub text_bytes: usize,
    /// Largest metadata object, in bytes of JSON.
    pub metadata_bytes: usize,
    /// Longest query, in bytes.
    pub query_bytes: usize,
    /// Most memories of one batch.
    pub batch: usize,
    /// Days for which a deleted memory can be restored; then it is erased.
    pub deleted_kept_days: u32,
    /// Days for which a memory that the write gate holds back can be kept; then it is erased.
    pub held_days: u32,
    /// Largest body of a request, in bytes.
    pub body_bytes: usize,
    /// Largest file of an import, in bytes.
    pub import_bytes: u64,
    /// Open legacy SSE streams per user.
    pub streams_per_user: usize,
    /// Longest life of a legacy SSE stream, in seconds.
    pub stream_secs: u64,
    /// Longest request, in seconds, beside the time that a slow line needs for its body; streams are not requests.
    pub request_secs: u64,
    /// Time for running requests to end after SIGTERM, in seconds.
    pub shutdown_secs: u64,
}

impl Default for LimitsConfig {
    fn default() -> Self {
        Self {
            text_bytes: 32 * 1024,
            metadata_bytes: 16 * 1024,
            query_bytes: 8 * 1024,
            batch: 1_000,
            deleted_kept_days: 30,
            held_days: 30,
            body_bytes: 4 * 1024 * 1024,
            import_bytes: 256 * 1024 * 1024,
            streams_per_user: 32,
            stream_secs: 24 * 3600,
            request_secs: 60,
            shutdown_secs: 8,
        }
    }
}

impl LimitsConfig {
    pub(super) fn validate(&self) -> Result<()> {
        ensure!((1..=1_000).contains(&self.batch), "limits.batch must be 1 to 1000");
        ensure!((1..=3_650).contains(&self.held_days), "limits.held_days must be 1 to 3650");
        ensure!(self.deleted_kept_days <= 3_650, "limits.deleted_kept_days must be at most 3650");
        ensure!(self.text_bytes >= 64, "limits.text_bytes must be at least 64");
        ensure!(self.body_bytes >= self.text_bytes, "limits.body_bytes must be at least limits.text_bytes");
        ensure!(self.streams_per_user >= 1, "limits.streams_per_user must be at least 1");
        Ok(())
    }
}
