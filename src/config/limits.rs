//! Sizes, counts and times.

use anyhow::{Result, ensure};
use serde::{Deserialize, Serialize};

use crate::limits::Rule;

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
    /// Apps of an account; the first use of a client's name makes one.
    pub apps: u32,
    /// Projects of an account.
    pub projects: u32,
    /// Endpoints and API keys of an account that work or were made within a day.
    pub credentials: u32,
    /// How often callers may ask, a rule each: `SCOPE [CALL] AMOUNT/PERIOD [burst N] [STRATEGY]`.
    pub rates: Vec<Rule>,
    /// Requests that are worked on at a time; more are told to try again.
    pub requests_at_once: usize,
    /// Contexts, exports and imports of one account at a time.
    pub costly_at_once: usize,
    /// Accounts that strangers may make from one network in an hour.
    pub registrations_per_hour: u32,
    /// Open legacy SSE streams per user.
    pub streams_per_user: usize,
    /// Answers that may lie in memory while their clients do not take them, in MiB: on legacy SSE streams, where one user has a
    /// quarter, and as much again on connections.
    pub unread_mib: usize,
    /// Longest life of a legacy SSE stream, in seconds.
    pub stream_secs: u64,
    /// Open connections in all.
    pub connections: usize,
    /// Open connections from one address; behind trusted proxies only those in all count.
    pub connections_per_address: usize,
    /// Longest time for the head of a request to become whole, in seconds.
    pub head_secs: u64,
    /// Longest silence between two requests of a connection, and longest time in which nothing of an answer is taken, in
    /// seconds.
    pub idle_secs: u64,
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
            apps: 500,
            projects: 200,
            credentials: 500,
            rates: Vec::new(),
            requests_at_once: 2_048,
            costly_at_once: 16,
            registrations_per_hour: 20,
            streams_per_user: 32,
            unread_mib: 64,
            stream_secs: 24 * 3600,
            connections: 4_096,
            connections_per_address: 1_024,
            head_secs: 10,
            idle_secs: 75,
            request_secs: 60,
            shutdown_secs: 8,
        }
    }
}

impl LimitsConfig {
    /// [`Self::unread_mib`] in bytes.
    #[must_use]
    pub const fn unread_bytes(&self) -> usize {
        self.unread_mib * 1024 * 1024
    }

    pub(super) fn validate(&self) -> Result<()> {
        ensure!((1..=1_000).contains(&self.batch), "limits.batch must be 1 to 1000");
        ensure!((1..=3_650).contains(&self.held_days), "limits.held_days must be 1 to 3650");
        ensure!(self.deleted_kept_days <= 3_650, "limits.deleted_kept_days must be at most 3650");
        ensure!(self.text_bytes >= 64, "limits.text_bytes must be at least 64");
        ensure!(self.body_bytes >= self.text_bytes, "limits.body_bytes must be at least limits.text_bytes");
        ensure!(
            self.apps >= 1 && self.projects >= 1 && self.credentials >= 1,
            "limits.apps, limits.projects and limits.credentials must be at least 1"
        );
        ensure!(
            self.registrations_per_hour >= 1,
            "limits.registrations_per_hour must be at least 1; auth.registration = false closes registration"
        );
        ensure!(
            self.requests_at_once >= 1 && self.costly_at_once >= 1,
            "limits.requests_at_once and limits.costly_at_once must be at least 1"
        );
        ensure!(self.streams_per_user >= 1, "limits.streams_per_user must be at least 1");
        ensure!((1..=1 << 20).contains(&self.unread_mib), "limits.unread_mib must be 1 to 1048576");
        ensure!(self.connections >= 1, "limits.connections must be at least 1");
        ensure!(self.connections_per_address >= 1, "limits.connections_per_address must be at least 1");
        ensure!(self.head_secs >= 1, "limits.head_secs must be at least 1");
        ensure!(self.idle_secs >= 1, "limits.idle_secs must be at least 1");
        Ok(())
    }
}
