//! The secrets that the product hands out: endpoint secrets, API keys, and the tokens and codes of sign-ins and grants.
//!
//! Owns their format, their making and the check of shape and checksum that comes before any look-up. It does not know
//! which of them exist: a parsed secret goes on to [`super::ServerKeys::hash_secret`], and its hash to the store.
//!
//! Format, 63 characters that are safe in a URL path: prefix (4), public part (8), `_`, random part (43 base62
//! characters, 256 bits), `_`, checksum (6 base62 characters, CRC-32 of all before its `_`). The prefix and the
//! checksum let secret scanners recognise a leaked one, and let us refuse typing errors without a look-up.

use std::fmt;

use rand::distr::{Alphanumeric, SampleString};

const PUBLIC_LEN: usize = 8;
const RANDOM_LEN: usize = 43;
const CRC_LEN: usize = 6;
const PREFIX_LEN: usize = 4;
const HINT_LEN: usize = PREFIX_LEN + PUBLIC_LEN;
const BODY_LEN: usize = HINT_LEN + 1 + RANDOM_LEN;
const TOTAL_LEN: usize = BODY_LEN + 1 + CRC_LEN;
const BASE62: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// What a secret opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SecretKind {
    /// A personal endpoint: `jme_…`.
    Endpoint,
    /// An API key: `jmk_…`.
    ApiKey,
    /// A refresh token, of a built-in account or of a grant: `jmr_…`.
    Refresh,
    /// An access token of a grant: `jma_…`.
    Access,
    /// What a client exchanges for the tokens of a grant: `jmo_…`.
    Code,
    /// What a device asks with whether the person has said yes: `jmd_…`.
    Device,
}

impl SecretKind {
    const ALL: [Self; 6] = [Self::Endpoint, Self::ApiKey, Self::Refresh, Self::Access, Self::Code, Self::Device];

    /// The first four characters of every secret of this kind.
    #[must_use]
    pub const fn prefix(self) -> &'static str {
        match self {
            Self::Endpoint => "jme_",
            Self::ApiKey => "jmk_",
            Self::Refresh => "jmr_",
            Self::Access => "jma_",
            Self::Code => "jmo_",
            Self::Device => "jmd_",
        }
    }

    /// The kind that `text` claims to be by its prefix; says nothing about whether it is well formed.
    pub(super) fn of_prefix(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| text.starts_with(kind.prefix()))
    }
}

/// A secret in clear. Exists only between its making and the one answer that shows it; never stored, never logged.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// A new random secret.
    #[must_use]
    pub fn generate(kind: SecretKind) -> Self {
        // The thread generator is a CSPRNG seeded by the system, and Alphanumeric draws without bias.
        let mut rng = rand::rng();
        let mut text = String::with_capacity(TOTAL_LEN);
        text.push_str(kind.prefix());
        Alphanumeric.append_string(&mut rng, &mut text, PUBLIC_LEN);
        text.push('_');
        Alphanumeric.append_string(&mut rng, &mut text, RANDOM_LEN);
        let crc = checksum(&text);
        text.push('_');
        text.push_str(&crc);
        Self(text)
    }

    /// The whole secret, for the one place that shows it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Prefix and public part (`jme_ab12cd34`), safe to store, show and log.
    #[must_use]
    pub fn hint(&self) -> &str {
        &self.0[..HINT_LEN]
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Secret({}…)", self.hint())
    }
}

/// A presented text that has the shape and the checksum of a secret. Whether it opens anything is for the store to say.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct ParsedSecret<'a> {
    kind: SecretKind,
    text: &'a str,
}

impl<'a> ParsedSecret<'a> {
    /// Checks length, alphabet, prefix and checksum; `None` for anything that we cannot have made.
    #[must_use]
    pub fn parse(text: &'a str) -> Option<Self> {
        // ASCII first: the slices below need character boundaries.
        if text.len() != TOTAL_LEN || !text.is_ascii() {
            return None;
        }
        let kind = SecretKind::of_prefix(text)?;
        let bytes = text.as_bytes();
        let separators = bytes[HINT_LEN] == b'_' && bytes[BODY_LEN] == b'_';
        let fields = [&bytes[PREFIX_LEN..HINT_LEN], &bytes[HINT_LEN + 1..BODY_LEN], &bytes[BODY_LEN + 1..]];
        let alphabet = fields.iter().all(|field| field.iter().all(u8::is_ascii_alphanumeric));
        (separators && alphabet && checksum(&text[..BODY_LEN]) == text[BODY_LEN + 1..]).then_some(Self { kind, text })
    }

    /// What it claims to open.
    #[must_use]
    pub const fn kind(&self) -> SecretKind {
        self.kind
    }

    /// Prefix and public part, safe to log.
    #[must_use]
    pub fn hint(&self) -> &'a str {
        &self.text[..HINT_LEN]
    }

    /// The whole text, for hashing.
    #[must_use]
    pub const fn expose(&self) -> &'a str {
        self.text
    }
}

impl fmt::Debug for ParsedSecret<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ParsedSecret({}…)", self.hint())
    }
}

/// CRC-32 of `body` as six base62 digits, most significant first (62^6 exceeds 2^32).
pub(super) fn checksum(body: &str) -> String {
    let mut rest = crc32fast::hash(body.as_bytes());
    let mut digits = [b'0'; CRC_LEN];
    for digit in digits.iter_mut().rev() {
        *digit = BASE62[(rest % 62) as usize];
        rest /= 62;
    }
    digits.iter().map(|d| char::from(*d)).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn a_made_secret_parses_and_is_safe_in_a_path() {
        let mut seen = HashSet::new();
        for kind in SecretKind::ALL {
            for _ in 0..200 {
                let secret = Secret::generate(kind);
                let text = secret.expose();
                assert_eq!(text.len(), 63);
                assert!(text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_'));
                let parsed = ParsedSecret::parse(text).expect("well formed");
                assert_eq!((parsed.kind(), parsed.hint()), (kind, secret.hint()));
                assert!(seen.insert(text.to_owned()));
            }
        }
    }

    #[test]
    fn any_changed_character_is_refused_before_a_look_up() {
        let secret = Secret::generate(SecretKind::Endpoint);
        let text = secret.expose();
        for at in 0..text.len() {
            let mut changed = text.as_bytes().to_vec();
            changed[at] = if changed[at] == b'x' { b'y' } else { b'x' };
            let changed = String::from_utf8(changed).expect("ascii");
            assert_eq!(ParsedSecret::parse(&changed), None, "position {at}");
        }
    }

    #[test]
    fn odd_input_is_refused_without_panic() {
        let secret = Secret::generate(SecretKind::ApiKey);
        let long = "x".repeat(100_000);
        let umlaut = format!("jme_{}", "ä".repeat(29));
        let swapped = secret.expose().replacen("jmk_", "jme_", 1);
        let texts = ["", "jme_", "018f0000-0000-7000-8000-000000000000", &long, &umlaut, &secret.expose()[..62], &swapped];
        for text in texts {
            assert_eq!(ParsedSecret::parse(text), None);
        }
    }

    #[test]
    fn debug_shows_only_the_hint() {
        let secret = Secret::generate(SecretKind::Endpoint);
        let shown = format!("{secret:?} {:?}", ParsedSecret::parse(secret.expose()));
        assert!(shown.starts_with(&format!("Secret({}…)", secret.hint())));
        assert!(!shown.contains(&secret.expose()[13..56]));
    }
}
