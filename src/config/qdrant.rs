//! The Qdrant server.

use anyhow::{Result, ensure};
use serde::{Deserialize, Serialize};

use super::SecretString;

/// Ports of Qdrant's gRPC and REST interfaces. What was written for clients of REST names the latter.
const GRPC_PORT: u16 = 6334;
const REST_PORT: u16 = 6333;

/// `[qdrant]`
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct QdrantConfig {
    /// `http(s)://host:port` of the gRPC interface; goes before `host` and `port`.
    pub url: Option<String>,
    /// Name of the host.
    pub host: Option<String>,
    /// Port of the gRPC interface.
    pub port: u16,
    /// The service's own key.
    pub api_key: Option<SecretString>,
    /// The collection that tenants share.
    pub collection: String,
    /// Longest search, in milliseconds; it goes on by words then.
    pub search_timeout_ms: u64,
    /// Longest write, in milliseconds.
    pub write_timeout_ms: u64,
}

impl Default for QdrantConfig {
    fn default() -> Self {
        Self {
            url: None,
            host: None,
            port: GRPC_PORT,
            api_key: None,
            collection: "jonathans_memory_main".into(),
            search_timeout_ms: 2_000,
            write_timeout_ms: 10_000,
        }
    }
}

impl QdrantConfig {
    pub(super) fn validate(&self) -> Result<()> {
        if let Some(url) = &self.url {
            let known = url.starts_with("http://") || url.starts_with("https://");
            ensure!(known, "qdrant.url (QDRANT_URL) must be http(s)://host:6334");
        }
        ensure!(!self.collection.is_empty(), "qdrant.collection (MAIN_QDRANT_COLLECTION_NAME) must not be empty");
        for (name, millis) in [("search", self.search_timeout_ms), ("write", self.write_timeout_ms)] {
            ensure!((1..=120_000).contains(&millis), "qdrant.{name}_timeout_ms must be 1 to 120000");
        }
        Ok(())
    }

    /// Where the gRPC interface is, also where the port of REST was given. A full host name is reached over TLS when a key
    /// is set: Qdrant Cloud wants both.
    ///
    /// # Errors
    /// When nothing says where.
    pub fn address(&self) -> Result<String> {
        if let Some(url) = &self.url {
            let url = url.trim_end_matches('/');
            return Ok(url.strip_suffix(&format!(":{REST_PORT}")).map_or_else(|| url.to_owned(), |rest| format!("{rest}:{GRPC_PORT}")));
        }
        ensure!(self.host.is_some(), "qdrant.url (QDRANT_URL) or qdrant.host (QDRANT_HOST) must be set for index.provider = \"qdrant\"");
        let host = self.host.as_deref().unwrap_or_default();
        let scheme = if self.api_key.is_some() && host.contains('.') { "https" } else { "http" };
        let port = if self.port == REST_PORT { GRPC_PORT } else { self.port };
        Ok(format!("{scheme}://{host}:{port}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_becomes_an_address() {
        let of = |host: &str, key: bool| {
            let api_key = key.then(|| SecretString::from("k".to_owned()));
            QdrantConfig { host: Some(host.into()), api_key, ..QdrantConfig::default() }.address().expect("an address")
        };
        assert_eq!(of("qdrant", true), "http://qdrant:6334", "a neighbour on a private network");
        assert_eq!(of("x.cloud.qdrant.io", true), "https://x.cloud.qdrant.io:6334");
        assert_eq!(of("10.0.0.7", false), "http://10.0.0.7:6334");
        QdrantConfig::default().address().expect_err("nowhere");
        for url in ["http://q:6333/", "http://q:6334"] {
            let config = QdrantConfig { url: Some(url.into()), ..QdrantConfig::default() };
            assert_eq!(config.address().expect("an address"), "http://q:6334");
        }
        let config = QdrantConfig { host: Some("q".into()), port: 6333, ..QdrantConfig::default() };
        assert_eq!(config.address().expect("an address"), "http://q:6334");
    }
}
