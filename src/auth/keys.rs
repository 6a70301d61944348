//! The server's own keys, all derived from one 32-byte master secret that lives outside the database. After a change of that
//! secret the earlier ones stay beside it: what was made under them goes on until it is made anew, or ends.
//!
//! Owns the derivation, the keyed hash under which secrets are stored, and the master's file. It does not decide what
//! is hashed: `credentials`, `accounts` and `authenticator` do.

use std::{
    fmt, fs,
    io::{ErrorKind, Write},
    path::Path,
    sync::Arc,
};

use anyhow::{Context, bail};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::{Secret, SecretKind};

/// Pepper and signing keys of this server; cheap to clone.
#[derive(Clone)]
pub struct ServerKeys(Arc<[Derived]>);

/// What one master secret gives.
struct Derived {
    /// Which master it is, from 1; stored beside each hash.
    version: i32,
    master: [u8; 32],
    pepper: [u8; 32],
    account_jwt: [u8; 32],
    sayings: [u8; 32],
    oauth: [u8; 32],
    webhooks: [u8; 32],
    fingerprint: [u8; 16],
}

impl Derived {
    /// Derives every key by HMAC-SHA-256 under a label each, so that no key tells another.
    fn of(version: i32, master: [u8; 32]) -> Self {
        let mut fingerprint = [0; 16];
        fingerprint.copy_from_slice(&hmac(&master, b"jonathans-memory/fingerprint/v1")[..16]);
        Self {
            version,
            master,
            pepper: hmac(&master, b"jonathans-memory/pepper/v1"),
            account_jwt: hmac(&master, b"jonathans-memory/account-jwt/v1"),
            sayings: hmac(&master, b"jonathans-memory/sayings/v1"),
            oauth: hmac(&master, b"jonathans-memory/oauth/v1"),
            webhooks: hmac(&master, b"jonathans-memory/webhooks/v1"),
            fingerprint,
        }
    }
}

impl ServerKeys {
    /// Those of one master secret.
    #[must_use]
    pub fn from_master(master: [u8; 32]) -> Self {
        Self([Derived::of(1, master)].into())
    }

    /// Reads masters, the one in use first: 64 hexadecimal characters each, after a number and a colon where it is not the first
    /// that this server has had; between them commas or line breaks. `None` for anything else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let one = |part: &str| {
            let (version, master) = part.split_once(':').unwrap_or(("1", part));
            Some(Derived::of(version.parse().ok().filter(|version| *version > 0)?, unhex(master)?))
        };
        let all = text.split([',', '\n']).map(str::trim).filter(|part| !part.is_empty()).map(one).collect::<Option<Vec<_>>>()?;
        let falling = all.is_sorted_by(|newer, older| newer.version > older.version);
        (falling && !all.is_empty()).then(|| Self(all.into()))
    }

    /// The masters, as [`Self::parse`] reads them.
    fn text(&self) -> String {
        let one = |keys: &Derived| {
            let master = hex::encode(keys.master);
            if keys.version == 1 { master } else { format!("{}:{master}", keys.version) }
        };
        self.0.iter().map(one).collect::<Vec<_>>().join("\n")
    }

    fn current(&self) -> &Derived {
        &self.0[0]
    }

    /// Tells one master from another and nothing else of it: 32 hexadecimal characters, which a backup carries.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        hex::encode(self.current().fingerprint)
    }

    /// Whether the master of a fingerprint is among these.
    #[must_use]
    pub fn has(&self, fingerprint: &str) -> bool {
        self.0.iter().any(|keys| hex::encode(keys.fingerprint) == fingerprint)
    }

    /// Which master is in use, counted from 1.
    #[must_use]
    pub fn version(&self) -> i32 {
        self.current().version
    }

    /// The keys under which what people have deliberately forgotten is hashed, the one in use first.
    #[must_use]
    pub fn sayings(&self) -> Vec<[u8; 32]> {
        self.0.iter().map(|keys| keys.sayings).collect()
    }

    /// The keys that sign what clients register and seal what they are given twice, the one in use first.
    #[must_use]
    pub fn oauth(&self) -> Vec<[u8; 32]> {
        self.0.iter().map(|keys| keys.oauth).collect()
    }

    /// The keys that secrets of webhooks come from, with the version of each master; the one in use first.
    #[must_use]
    pub fn webhooks(&self) -> Vec<(i32, [u8; 32])> {
        self.0.iter().map(|keys| (keys.version, keys.webhooks)).collect()
    }

    /// A new master in use, with the others after it.
    #[must_use]
    pub fn with_another(&self) -> Self {
        let next = Derived::of(self.version() + 1, rand::random());
        let earlier = self.0.iter().map(|keys| Derived::of(keys.version, keys.master));
        Self(std::iter::once(next).chain(earlier).collect())
    }

    /// The master in use alone.
    #[must_use]
    pub fn without_earlier(&self) -> Self {
        Self([Derived::of(self.version(), self.current().master)].into())
    }

    /// The masters for [`Self::parse`], secret as they are, on one line.
    #[must_use]
    pub fn expose(&self) -> String {
        self.text().replace('\n', ",")
    }

    /// Puts these into the file at `path`, whole or not at all.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn store(&self, path: &Path) -> anyhow::Result<()> {
        let draft = draft(path);
        let written = write_private(&draft, &self.text()).and_then(|()| fs::rename(&draft, path));
        if written.is_err() {
            // It may not exist; that failure is the one to report.
            let _ = fs::remove_file(&draft);
        }
        written.with_context(|| format!("The master key file {} cannot be written", path.display()))
    }

    /// Reads the master secret from `path` (see [`Self::parse`]), making the file with mode 0600 when there is
    /// none. Processes that race agree on one file: it appears whole or not at all, and is never overwritten.
    ///
    /// # Errors
    /// When the directory is missing, the file cannot be read or written, or does not hold 64 hexadecimal characters.
    /// The content is never part of the error.
    pub fn load_or_create(path: &Path) -> anyhow::Result<Self> {
        for _ in 0..2 {
            match Self::load(path)? {
                Some(keys) => return Ok(keys),
                None => create(path)?,
            }
        }
        bail!("The master key file {} vanished while it was being made. Is another program cleaning this directory?", path.display())
    }

    /// Reads the master secret from `path` where there is one.
    ///
    /// # Errors
    /// As [`Self::load_or_create`].
    pub fn load(path: &Path) -> anyhow::Result<Option<Self>> {
        match fs::read_to_string(path) {
            Ok(text) => {
                let keys = Self::parse(&text).with_context(|| {
                    format!(
                        "The master key file {} does not hold 64 hexadecimal characters. Restore it from your backup; with another key \
                         every endpoint, API key and sign-in stops working.",
                        path.display()
                    )
                })?;
                Ok(Some(keys))
            }
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error).with_context(|| format!("The master key file {} cannot be read", path.display())),
        }
    }

    /// The keyed hash under which a secret is stored. 32 bytes.
    #[must_use]
    pub fn hash_secret(&self, secret: &str) -> [u8; 32] {
        hmac(&self.current().pepper, secret.as_bytes())
    }

    /// The hashes under which a secret may be stored, likeliest first.
    pub fn hashes_of(&self, secret: &str) -> impl Iterator<Item = [u8; 32]> {
        self.0.iter().map(move |keys| hmac(&keys.pepper, secret.as_bytes()))
    }

    /// A new secret with its hash.
    pub(crate) fn new_secret(&self, kind: SecretKind) -> (Secret, [u8; 32]) {
        let secret = Secret::generate(kind);
        let hash = self.hash_secret(secret.expose());
        (secret, hash)
    }

    /// HS256 keys of the built-in accounts' access tokens, the one to sign with first.
    pub(super) fn account_jwt(&self) -> impl Iterator<Item = &[u8; 32]> {
        self.0.iter().map(|keys| &keys.account_jwt)
    }
}

impl fmt::Debug for ServerKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ServerKeys([redacted])")
    }
}

fn hmac(key: &[u8], message: &[u8]) -> [u8; 32] {
    let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(key).expect("HMAC takes a key of any length");
    mac.update(message);
    mac.finalize().into_bytes().into()
}

/// Writes a new master beside `path` and links it into place: a link, unlike a rename, fails when the name is taken, so
/// the first of several processes wins and none ever reads half a file.
fn create(path: &Path) -> anyhow::Result<()> {
    let draft = draft(path);
    let written = write_private(&draft, &hex::encode(rand::random::<[u8; 32]>()))
        .and_then(|()| fs::hard_link(&draft, path).or_else(|e| if e.kind() == ErrorKind::AlreadyExists { Ok(()) } else { Err(e) }));
    // The draft may not exist when writing it failed; that failure is the one to report.
    let _ = fs::remove_file(&draft);
    written.with_context(|| {
        format!("The master key file {} cannot be made. Check that its directory exists and can be written", path.display())
    })
}

fn draft(path: &Path) -> std::path::PathBuf {
    path.with_extension(format!("{}.tmp", uuid::Uuid::new_v4().simple()))
}

fn write_private(path: &Path, text: &str) -> std::io::Result<()> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(text.as_bytes())?;
    // On disk before the first secret is hashed with it: losing the pepper loses every credential.
    file.sync_all()
}

fn unhex(text: &str) -> Option<[u8; 32]> {
    let mut bytes = [0; 32];
    hex::decode_to_slice(text, &mut bytes).ok().map(|()| bytes)
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    fn directory() -> PathBuf {
        let dir = std::env::temp_dir().join(format!("jm-keys-{}", uuid::Uuid::new_v4().simple()));
        fs::create_dir_all(&dir).expect("a temporary directory");
        dir
    }

    #[test]
    fn keys_differ_from_each_other_and_stay_the_same() {
        let (a, b) = (ServerKeys::from_master([7; 32]), ServerKeys::from_master([7; 32]));
        assert_ne!(a.current().pepper, a.current().account_jwt);
        assert_eq!(a.hash_secret("jme_x"), b.hash_secret("jme_x"));
        assert_ne!(a.hash_secret("jme_x"), ServerKeys::from_master([8; 32]).hash_secret("jme_x"));
        assert_eq!(format!("{a:?}"), "ServerKeys([redacted])");
        assert_eq!((a.fingerprint(), a.fingerprint().len()), (b.fingerprint(), 32));
        assert_ne!(a.fingerprint(), ServerKeys::from_master([8; 32]).fingerprint());
    }

    #[test]
    fn an_earlier_master_is_known_beside_the_new_one() {
        let dir = directory();
        let path = dir.join("master.key");
        let first = ServerKeys::load_or_create(&path).expect("made");
        let second = first.with_another();
        second.store(&path).expect("stored");
        let third = ServerKeys::load(&path).expect("read").expect("there").with_another();
        assert_eq!((first.version(), second.version(), third.version()), (1, 2, 3));
        let hashes: Vec<_> = third.hashes_of("x").collect();
        assert_eq!(hashes, [third.hash_secret("x"), second.hash_secret("x"), first.hash_secret("x")]);
        assert!(third.has(&first.fingerprint()) && !first.has(&third.fingerprint()));
        let read = ServerKeys::parse(&third.expose()).expect("read");
        assert_eq!((read.fingerprint(), read.0.len()), (third.fingerprint(), 3));
        let alone = read.without_earlier();
        assert!(alone.version() == 3 && alone.0.len() == 1 && ServerKeys::parse(&alone.expose()).is_some_and(|keys| keys.version() == 3));
        let hex = "ab".repeat(32);
        for wrong in ["", "x", &hex[1..], &format!("{hex},{hex}"), &format!("0:{hex}"), &format!("{hex},2:{hex}"), &format!("{hex},x")] {
            assert!(ServerKeys::parse(wrong).is_none(), "{wrong}");
        }
        assert_eq!(fs::read_dir(&dir).expect("readable").count(), 1, "no drafts stay behind");
        fs::remove_dir_all(dir).expect("removed");
    }

    #[test]
    fn racing_processes_agree_on_one_private_file() {
        let dir = directory();
        let path = dir.join("master.key");
        let hashes: Vec<_> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..8).map(|_| scope.spawn(|| ServerKeys::load_or_create(&path).map(|k| k.hash_secret("x")))).collect();
            threads.into_iter().map(|t| t.join().expect("no panic").expect("keys")).collect()
        });
        assert!(hashes.iter().all(|h| *h == hashes[0]));
        assert_eq!(fs::read_dir(&dir).expect("readable").count(), 1, "no drafts stay behind");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(fs::metadata(&path).expect("there").permissions().mode() & 0o777, 0o600);
        }
        assert_eq!(fs::read_to_string(&path).expect("readable").len(), 64);
        fs::remove_dir_all(dir).expect("removed");
    }

    #[test]
    fn a_malformed_file_is_refused_untouched_and_unquoted() {
        let dir = directory();
        let path = dir.join("master.key");
        fs::write(&path, "not-a-key-but-secret").expect("written");
        let error = format!("{:#}", ServerKeys::load_or_create(&path).expect_err("malformed"));
        assert!(error.contains("64 hexadecimal") && !error.contains("not-a-key"), "{error}");
        assert_eq!(fs::read_to_string(&path).expect("readable"), "not-a-key-but-secret");
        let missing = ServerKeys::load_or_create(&dir.join("none").join("master.key")).expect_err("no directory");
        assert!(format!("{missing:#}").contains("directory"));
        fs::remove_dir_all(dir).expect("removed");
    }
}
