//! What a person has deliberately forgotten is remembered as forgotten: by a keyed hash of what it said, without a word of it.
//! No automatic writer brings such a thing back; the person's own add does, and lifts it.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::Gist;
use crate::tenancy::TenantScope;

/// Hashes what texts say, in whatever dress, so that nobody without the server's key can tell which text a hash is of.
#[derive(Clone)]
pub struct Sayings([u8; 32]);

impl Sayings {
    /// Under a key.
    #[must_use]
    pub const fn under(key: [u8; 32]) -> Self {
        Self(key)
    }

    /// 64 hexadecimal characters, equal for texts of one gist of one tenant.
    #[must_use]
    #[expect(clippy::missing_panics_doc, reason = "HMAC takes a key of any length")]
    pub fn hash(&self, scope: &TenantScope, text: &str) -> String {
        let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(&self.0).expect("HMAC takes a key of any length");
        mac.update(scope.tenant().0.as_bytes());
        mac.update(Gist::of(text).line().to_lowercase().as_bytes());
        crate::memory::text::hex(&mac.finalize().into_bytes())
    }
}
