//! Clients let in by OAuth.

use anyhow::{Result, ensure};
use serde::{Deserialize, Serialize};

/// `[oauth]`
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct OAuthConfig {
    /// Whether clients may ask to be let in.
    pub enabled: bool,
    /// Whether documents about clients are fetched from the addresses that clients name; when absent, where `server.public_url` is
    /// https.
    pub client_documents: Option<bool>,
    /// Life of an access token, in hours.
    pub access_hours: u64,
    /// Days after which a grant ends that nobody uses.
    pub idle_days: u64,
    /// Days after which a grant ends in any case.
    pub absolute_days: u64,
    /// What OpenAI asks to be shown at `/.well-known/openai-apps-challenge`.
    pub openai_challenge: Option<String>,
}

impl Default for OAuthConfig {
    fn default() -> Self {
        Self { enabled: true, client_documents: None, access_hours: 24, idle_days: 90, absolute_days: 365, openai_challenge: None }
    }
}

impl OAuthConfig {
    pub(super) fn validate(&self) -> Result<()> {
        ensure!((1..=24 * 365).contains(&self.access_hours), "oauth.access_hours must be 1 to 8760");
        ensure!((1..=3650).contains(&self.idle_days), "oauth.idle_days must be 1 to 3650");
        ensure!((1..=3650).contains(&self.absolute_days), "oauth.absolute_days must be 1 to 3650");
        let shown = |token: &String| token.len() <= 500 && token.bytes().all(|b| b.is_ascii_graphic());
        ensure!(self.openai_challenge.as_ref().is_none_or(shown), "oauth.openai_challenge must be visible ASCII of at most 500 characters");
        Ok(())
    }
}
