//! Dynamic registration (RFC 7591) that stores nothing: the client id is what was registered, signed. A flood of registrations
//! fills no table, and no clean-up can forget a client that still has a grant.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;

use super::{
    Failure, Fault,
    client::{Client, plain_name},
    redirect::RedirectUri,
};
use crate::clock::Timestamp;

/// How such a client id begins.
const PREFIX: &str = "jmc_";
/// How the secret begins that goes with it, where the client wants one.
const SECRET_PREFIX: &str = "jms_";
/// Longest client id, in bytes: it travels in every authorization request.
const MOST: usize = 1536;
const MOST_REDIRECTS: usize = 5;
/// Bytes of the signature.
const SIGNED: usize = 16;

/// What a client says of itself. What else it says is not kept.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Registration {
    #[serde(default)]
    pub redirect_uris: Vec<String>,
    #[serde(default)]
    pub client_name: Option<String>,
    /// `none` (the default), `client_secret_post` or `client_secret_basic`.
    #[serde(default)]
    pub token_endpoint_auth_method: Option<String>,
}

/// What it is told.
#[derive(Debug, Clone, Serialize)]
pub struct Registered {
    pub client_id: String,
    /// Seconds since 1970.
    pub client_id_issued_at: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_secret: Option<String>,
    /// 0: never.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_secret_expires_at: Option<i64>,
    pub client_name: String,
    pub redirect_uris: Vec<String>,
    pub token_endpoint_auth_method: &'static str,
    pub grant_types: [&'static str; 2],
    pub response_types: [&'static str; 1],
}

/// What the client id carries.
#[derive(Serialize, Deserialize)]
struct Payload {
    #[serde(rename = "r")]
    redirects: Vec<String>,
    #[serde(rename = "n")]
    name: String,
    #[serde(rename = "i")]
    issued_at: i64,
    /// How it proves who it is.
    #[serde(rename = "m", default, skip_serializing_if = "Option::is_none")]
    method: Option<String>,
}

/// Signs and reads client ids, under the server's keys: the one in use first.
#[derive(Clone)]
pub(super) struct Registry {
    keys: Vec<[u8; 32]>,
}

impl Registry {
    pub(super) const fn new(keys: Vec<[u8; 32]>) -> Self {
        Self { keys }
    }

    /// Registers a client.
    pub(super) fn register(&self, asked: Registration, now: Timestamp) -> Result<Registered, Failure> {
        let Registration { redirect_uris, client_name, token_endpoint_auth_method } = asked;
        if redirect_uris.is_empty() || redirect_uris.len() > MOST_REDIRECTS {
            let sentence = format!("redirect_uris must name 1 to {MOST_REDIRECTS} addresses.");
            return Err(Failure::client(Fault::InvalidRedirectUri, sentence));
        }
        for uri in &redirect_uris {
            if let Err(wrong) = RedirectUri::parse(uri) {
                return Err(Failure::client(Fault::InvalidRedirectUri, format!("A redirect URI {wrong}.")));
            }
        }
        let method = match token_endpoint_auth_method.as_deref() {
            None | Some("none") => "none",
            Some("client_secret_post") => "client_secret_post",
            Some("client_secret_basic") => "client_secret_basic",
            Some(_) => {
                let sentence = "token_endpoint_auth_method must be none, client_secret_post or client_secret_basic.";
                return Err(Failure::client(Fault::InvalidClientMetadata, sentence));
            }
        };
        let name = plain_name(client_name.as_deref().unwrap_or_default());
        let payload = Payload {
            redirects: redirect_uris,
            name: name.clone(),
            issued_at: now.secs(),
            method: (method != "none").then(|| method.to_owned()),
        };
        let client_id = self.signed(&payload);
        if client_id.len() > MOST {
            return Err(Failure::client(Fault::InvalidClientMetadata, "The redirect URIs are too long together."));
        }
        let secret = (method != "none").then(|| self.secrets(&client_id).next()).flatten();
        Ok(Registered {
            client_id_issued_at: payload.issued_at,
            client_secret_expires_at: secret.as_ref().map(|_| 0),
            client_secret: secret,
            client_name: name,
            redirect_uris: payload.redirects,
            token_endpoint_auth_method: method,
            grant_types: ["authorization_code", "refresh_token"],
            response_types: ["code"],
            client_id,
        })
    }

    /// The client of an id that was made here; `None` for any other text.
    pub(super) fn client(&self, id: &str) -> Option<Client> {
        if id.len() > MOST {
            return None;
        }
        let (body, signature) = id.strip_prefix(PREFIX)?.split_once('.')?;
        let signature = BASE64_URL_SAFE_NO_PAD.decode(signature).ok()?;
        let signed = self.keys.iter().any(|key| signature.len() == SIGNED && mac(key, body).verify_truncated_left(&signature).is_ok());
        let payload: Payload = serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(body).ok().filter(|_| signed)?).ok()?;
        Some(Client {
            id: id.to_owned(),
            name: payload.name,
            host: None,
            redirects: payload.redirects.iter().filter_map(|uri| RedirectUri::parse(uri).ok()).collect(),
            confidential: payload.method.is_some(),
        })
    }

    /// Whether `secret` is that of the client.
    pub(super) fn is_secret(&self, client_id: &str, secret: &str) -> bool {
        let Some(shown) = secret.strip_prefix(SECRET_PREFIX).and_then(|text| BASE64_URL_SAFE_NO_PAD.decode(text).ok()) else {
            return false;
        };
        self.keys.iter().any(|key| secret_mac(key, client_id).verify_slice(&shown).is_ok())
    }

    fn signed(&self, payload: &Payload) -> String {
        let body = BASE64_URL_SAFE_NO_PAD.encode(serde_json::to_vec(payload).unwrap_or_default());
        let tag = self.keys.first().map(|key| mac(key, &body).finalize().into_bytes()).unwrap_or_default();
        format!("{PREFIX}{body}.{}", BASE64_URL_SAFE_NO_PAD.encode(&tag[..SIGNED]))
    }

    fn secrets<'a>(&'a self, client_id: &'a str) -> impl Iterator<Item = String> + 'a {
        let text = |key| format!("{SECRET_PREFIX}{}", BASE64_URL_SAFE_NO_PAD.encode(secret_mac(key, client_id).finalize().into_bytes()));
        self.keys.iter().map(text)
    }
}

fn mac(key: &[u8; 32], body: &str) -> Hmac<Sha256> {
    labelled(key, b"client\0", body)
}

fn secret_mac(key: &[u8; 32], client_id: &str) -> Hmac<Sha256> {
    labelled(key, b"client-secret\0", client_id)
}

fn labelled(key: &[u8; 32], label: &[u8], text: &str) -> Hmac<Sha256> {
    let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(key).expect("HMAC takes a key of any length");
    mac.update(label);
    mac.update(text.as_bytes());
    mac
}

#[cfg(test)]
mod tests {
    use super::*;

    fn registry() -> Registry {
        Registry::new(vec![[1; 32], [2; 32]])
    }

    fn asked(uris: &[&str]) -> Registration {
        let redirect_uris = uris.iter().map(|uri| (*uri).to_owned()).collect();
        Registration { redirect_uris, client_name: Some("Claude\u{202e} Code".into()), token_endpoint_auth_method: None }
    }

    #[test]
    fn an_id_says_what_was_registered_and_cannot_be_made_up() {
        let registered = registry().register(asked(&["http://localhost/callback"]), Timestamp(0)).expect("registered");
        assert_eq!((registered.client_name.as_str(), registered.token_endpoint_auth_method), ("Claude Code", "none"));
        let client = registry().client(&registered.client_id).expect("known");
        assert_eq!((client.name.as_str(), client.host, client.redirects.len()), ("Claude Code", None, 1));
        let rotated = Registry::new(vec![[9; 32], [1; 32]]);
        assert!(rotated.client(&registered.client_id).is_some(), "ids outlive a change of the key");
        assert!(Registry::new(vec![[9; 32]]).client(&registered.client_id).is_none());
        for at in [5, 20, registered.client_id.len() - 1] {
            let mut changed = registered.client_id.clone().into_bytes();
            changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
            assert!(registry().client(&String::from_utf8(changed).expect("ASCII")).is_none(), "{at}");
        }
        for foreign in ["", "jmc_", "jmc_.", "jmc_e30.", "https://claude.ai/x", &"x".repeat(5000)] {
            assert!(registry().client(foreign).is_none(), "{foreign}");
        }
    }

    #[test]
    fn secrets_are_given_to_who_wants_one() {
        let with_secret =
            Registration { token_endpoint_auth_method: Some("client_secret_post".into()), ..asked(&["https://a.example/cb"]) };
        let registered = registry().register(with_secret, Timestamp(0)).expect("registered");
        let secret = registered.client_secret.expect("one");
        assert!(registry().is_secret(&registered.client_id, &secret));
        assert!(!registry().is_secret("jmc_other", &secret));
        assert!(!registry().is_secret(&registered.client_id, "jms_AAAA"));
        assert!(registry().client(&registered.client_id).expect("known").confidential);
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let fault = |asked| match registry().register(asked, Timestamp(0)) {
            Err(Failure::Client(fault, _)) => fault,
            other => panic!("{other:?}"),
        };
        assert_eq!(fault(asked(&[])), Fault::InvalidRedirectUri);
        assert_eq!(fault(asked(&["https://a.example/"; 6])), Fault::InvalidRedirectUri);
        assert_eq!(fault(asked(&["javascript:x"])), Fault::InvalidRedirectUri);
        let jwt = Registration { token_endpoint_auth_method: Some("private_key_jwt".into()), ..asked(&["https://a.example/"]) };
        assert_eq!(fault(jwt), Fault::InvalidClientMetadata);
        let long = format!("https://a.example/{}", "x".repeat(1500));
        assert_eq!(fault(asked(&[&long])), Fault::InvalidClientMetadata);
    }
}
