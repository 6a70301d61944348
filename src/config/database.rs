//! The relational truth.

use anyhow::{Result, ensure};
use serde::{Deserialize, Serialize};

use super::SecretString;

/// `[database]`
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DatabaseConfig {
    /// `postgres://…` or `sqlite://…`; a SQLite file in the data directory when absent.
    pub url: Option<SecretString>,
    /// Connections in the pool.
    pub max_connections: u32,
    /// Longest wait for a connection, in seconds.
    pub acquire_timeout_secs: u64,
}

impl Default for DatabaseConfig {
    fn default() -> Self {
        Self { url: None, max_connections: 10, acquire_timeout_secs: 5 }
    }
}

impl DatabaseConfig {
    pub(super) fn validate(&self) -> Result<()> {
        ensure!((2..=200).contains(&self.max_connections), "database.max_connections must be 2 to 200");
        if let Some(url) = &self.url {
            let known = ["postgres://", "postgresql://", "sqlite://"].iter().any(|scheme| url.expose().starts_with(scheme));
            ensure!(known, "database.url (DATABASE_URL) must begin with postgres:// or sqlite://");
        }
        Ok(())
    }
}
