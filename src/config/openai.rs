//! The OpenAI-compatible server that embeds.

use anyhow::{Result, ensure};
use serde::{Deserialize, Serialize};

use super::SecretString;

/// Where OpenAI itself is.
const OPENAI: &str = "https://api.openai.com/v1";

/// `[openai]`
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct OpenAiConfig {
    /// Address with the version, without a trailing slash; OpenAI, or any server that speaks its API.
    pub base_url: String,
    /// The service's own key; servers of one's own often need none.
    pub api_key: Option<SecretString>,
    /// Longest call, in seconds.
    pub timeout_secs: u64,
}

impl Default for OpenAiConfig {
    fn default() -> Self {
        Self { base_url: OPENAI.into(), api_key: None, timeout_secs: 10 }
    }
}

impl OpenAiConfig {
    pub(super) fn validate(&self) -> Result<()> {
        let http = self.base_url.starts_with("http://") || self.base_url.starts_with("https://");
        ensure!(http && !self.base_url.ends_with('/'), "openai.base_url (OPENAI_BASE_URL) must be http(s)://…, without a trailing slash");
        ensure!((1..=600).contains(&self.timeout_secs), "openai.timeout_secs must be 1 to 600");
        Ok(())
    }

    /// Refuses to call OpenAI without a key.
    pub(super) fn check_used(&self) -> Result<()> {
        ensure!(self.api_key.is_some() || self.base_url != OPENAI, "openai.api_key (OPENAI_API_KEY) must be set to use OpenAI");
        Ok(())
    }
}
