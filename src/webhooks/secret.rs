//! Secrets and signatures of Standard Webhooks: `v1,<base64 of HMAC-SHA256 of id.timestamp.body>`, under a secret that is written
//! `whsec_<base64>`.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::Webhook;

/// The keys of the server that secrets come from, by their version; the one in use first.
#[derive(Clone)]
pub struct WebhookKeys(Vec<(i32, [u8; 32])>);

impl WebhookKeys {
    #[must_use]
    pub const fn new(keys: Vec<(i32, [u8; 32])>) -> Self {
        Self(keys)
    }

    /// The version of the key in use.
    #[must_use]
    pub fn version(&self) -> i32 {
        self.0.first().map_or(0, |(version, _)| *version)
    }

    /// The secret of a webhook after so many changes, as its owner is shown it; `None` where the server's key is gone.
    #[must_use]
    pub fn secret(&self, webhook: &Webhook, rotation: i32) -> Option<String> {
        self.bytes(webhook, rotation).map(|bytes| format!("whsec_{}", STANDARD.encode(bytes)))
    }

    /// The signatures of what is told, one for each of these secrets.
    #[must_use]
    pub fn sign(&self, webhook: &Webhook, rotations: &[i32], id: &str, timestamp: i64, body: &str) -> String {
        let signature = |rotation: &i32| {
            let secret = self.bytes(webhook, *rotation)?;
            Some(format!("v1,{}", STANDARD.encode(hmac(&secret, &[id, ".", &timestamp.to_string(), ".", body]))))
        };
        rotations.iter().filter_map(signature).collect::<Vec<_>>().join(" ")
    }

    fn bytes(&self, webhook: &Webhook, rotation: i32) -> Option<Vec<u8>> {
        let (_, key) = self.0.iter().find(|(version, _)| *version == webhook.key_version)?;
        Some(hmac(key, &["webhook ", &webhook.id.to_string(), " ", &rotation.to_string()]))
    }
}

fn hmac(key: &[u8], parts: &[&str]) -> Vec<u8> {
    let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(key).expect("any length of key will do");
    for part in parts {
        mac.update(part.as_bytes());
    }
    mac.finalize().into_bytes().to_vec()
}
