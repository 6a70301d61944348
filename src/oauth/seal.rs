//! The pair of tokens that replaced another, kept so that only who holds the replaced refresh token can read it: a client whose
//! answer was lost asks again and gets the very same pair, and the database alone still opens nothing.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// Seals and opens under the server's keys: the one in use first.
#[derive(Clone)]
pub(super) struct Seal {
    keys: Vec<[u8; 32]>,
}

impl Seal {
    pub(super) const fn new(keys: Vec<[u8; 32]>) -> Self {
        Self { keys }
    }

    /// `tokens` under a key that only `holder`, the token that they replace, leads to.
    pub(super) fn close(&self, holder: &str, tokens: [&str; 2]) -> Option<Vec<u8>> {
        let key = cipher(self.keys.first()?, holder)?;
        let nonce: [u8; NONCE_LEN] = rand::random();
        let mut text = tokens.join(" ").into_bytes();
        key.seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::empty(), &mut text).ok()?;
        Some([&nonce, text.as_slice()].concat())
    }

    /// What was sealed, for who holds the token that was replaced.
    pub(super) fn open(&self, holder: &str, sealed: &[u8]) -> Option<[String; 2]> {
        let (nonce, sealed) = sealed.split_first_chunk::<NONCE_LEN>()?;
        let text = self.keys.iter().find_map(|key| {
            let mut text = sealed.to_vec();
            let opened = cipher(key, holder)?.open_in_place(Nonce::assume_unique_for_key(*nonce), Aad::empty(), &mut text).ok()?;
            String::from_utf8(opened.to_vec()).ok()
        })?;
        text.split_once(' ').map(|(access, refresh)| [access.to_owned(), refresh.to_owned()])
    }
}

fn cipher(key: &[u8; 32], holder: &str) -> Option<LessSafeKey> {
    let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(key).ok()?;
    mac.update(b"successor\0");
    mac.update(holder.as_bytes());
    UnboundKey::new(&AES_256_GCM, &mac.finalize().into_bytes()).ok().map(LessSafeKey::new)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_replaced_token_and_the_servers_key_open_it() {
        let seal = Seal::new(vec![[1; 32]]);
        let sealed = seal.close("old", ["access", "refresh"]).expect("sealed");
        assert_eq!(seal.open("old", &sealed), Some(["access".to_owned(), "refresh".to_owned()]));
        assert_eq!(seal.open("other", &sealed), None);
        assert_eq!(Seal::new(vec![[2; 32]]).open("old", &sealed), None);
        assert!(Seal::new(vec![[2; 32], [1; 32]]).open("old", &sealed).is_some(), "after a change of the server's key");
        assert_eq!(seal.open("old", &sealed[..10]), None);
        assert!(!String::from_utf8_lossy(&sealed).contains("access"));
    }
}
