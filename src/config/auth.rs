//! Who may sign in, and how.

use anyhow::{Result, ensure};
use serde::{Deserialize, Serialize};

use super::SecretString;
use crate::auth::ServerKeys;

/// A key drawn by lot has fewer different bytes once in 10^18 draws.
const DIFFERENT_BYTES: usize = 16;

/// `[auth]`
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AuthConfig {
    /// Built-in accounts with e-mail and password.
    pub accounts: bool,
    /// Whether strangers may register; when absent, they may in embedded mode and not in production. The operator's command
    /// line always may.
    pub registration: Option<bool>,
    /// 64 hex characters from which the server's keys are derived, and after a comma those of before, as `jmem key
    /// rotate-server` prints them; a file in the data directory when absent.
    pub secret_key: Option<SecretString>,
    /// `https://<ref>.supabase.co`; switches Supabase sign-in on.
    pub supabase_url: Option<String>,
    /// The Supabase project's publishable (or `anon`) key, which the web page signs in with; public by its nature.
    pub supabase_anon_key: Option<String>,
    /// Legacy shared secret; only tokens signed HS256 need it.
    pub supabase_jwt_secret: Option<SecretString>,
}

impl Default for AuthConfig {
    fn default() -> Self {
        Self {
            accounts: true,
            registration: None,
            secret_key: None,
            supabase_url: None,
            supabase_anon_key: None,
            supabase_jwt_secret: None,
        }
    }
}

impl AuthConfig {
    pub(super) fn validate(&self) -> Result<()> {
        if let Some(key) = &self.secret_key {
            ensure!(
                ServerKeys::parse(key.expose()).is_some(),
                "auth.secret_key (JM_SECRET_KEY) must be 64 hex characters; make one with: openssl rand -hex 32"
            );
        }
        if let Some(url) = &self.supabase_url {
            ensure!(url.starts_with("https://") || url.starts_with("http://"), "auth.supabase_url (SUPABASE_URL) must be an http(s) URL");
        }
        ensure!(
            self.supabase_jwt_secret.is_none() || self.supabase_url.is_some(),
            "auth.supabase_jwt_secret (SUPABASE_JWT_SECRET) has no use without auth.supabase_url (SUPABASE_URL)"
        );
        Ok(())
    }

    /// Refuses a key that somebody typed instead of drawing it by lot: whoever guesses it makes tokens for everybody.
    pub(super) fn refuse_a_weak_key(&self) -> Result<()> {
        let Some(key) = &self.secret_key else { return Ok(()) };
        // The one in use stands first; a number and a colon may stand before it.
        let current = key.expose().split(',').next().unwrap_or_default().rsplit(':').next().unwrap_or_default();
        let bytes: Vec<_> = current.trim().as_bytes().chunks(2).map(<[u8]>::to_ascii_lowercase).collect();
        let different = bytes.iter().collect::<std::collections::HashSet<_>>().len();
        ensure!(
            different >= DIFFERENT_BYTES,
            "auth.secret_key (JM_SECRET_KEY) repeats itself ({different} different bytes of 32) and can be guessed; make one with: openssl \
             rand -hex 32"
        );
        Ok(())
    }
}
