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
    /// Longest wait for a connection while all are in use, in seconds.
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
            ensure!(
                !is_transaction_pooler(url.expose()),
                "database.url (DATABASE_URL) is a transaction pooler (port 6543): it gives every transaction another connection, which \
                 breaks prepared statements. Take the direct URL or the session pooler's: port 5432"
            );
        }
        Ok(())
    }
}

/// Whether a Postgres URL is that of Supabase's transaction pooler, or says that it is one.
fn is_transaction_pooler(url: &str) -> bool {
    let (place, parameters) = url.split_once('?').unwrap_or((url, ""));
    let host = place.split_once("://").map_or("", |(_, rest)| rest).split('/').next().unwrap_or("");
    host.ends_with(":6543") || parameters.split('&').any(|p| p == "pgbouncer=true")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_transaction_pooler_is_refused_with_the_reason() {
        let check = |url: &str| DatabaseConfig { url: Some(url.to_owned().into()), ..DatabaseConfig::default() }.validate();
        for url in [
            "postgres://postgres.ref:p%40ss@aws-0-eu-central-1.pooler.supabase.com:6543/postgres",
            "postgresql://postgres:p@db.ref.supabase.co:6543/postgres?sslmode=require",
            "postgres://u:p@pgbouncer:5432/app?pgbouncer=true",
        ] {
            let error = check(url).expect_err(url).to_string();
            assert!(error.contains("session pooler") && !error.contains("p%40ss"), "{error}");
        }
        for url in [
            "postgres://postgres.ref:p@aws-0-eu-central-1.pooler.supabase.com:5432/postgres",
            "postgres://postgres:p6543@db.ref.supabase.co/postgres",
            "sqlite:///data/a:6543/memory.db",
            "sqlite://memory.db",
        ] {
            check(url).expect(url);
        }
    }
}
