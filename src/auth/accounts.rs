//! Built-in accounts: registering, signing in, staying signed in and signing out.
//!
//! Owns the rules for e-mail addresses and passwords, their hashing, and the refresh tokens. It does not check access
//! tokens on requests (`jwt` and `authenticator` do) nor decide whether built-in accounts are switched on (the
//! configuration does). Users lie in `tenancy`'s store, refresh tokens in [`SessionStore`].

use std::{fmt, net::IpAddr, sync::Arc, time::Duration};

use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version};
use rand::distr::{Alphanumeric, SampleString};
use serde_json::json;
use tokio::sync::Semaphore;

use super::{
    ParsedSecret, Principal, RefreshOutcome, SecretKind, ServerKeys, SessionRow, SessionStore, guesses::Guesses, jwt::TokenSigner,
};
use crate::{
    clock::{Clock, Timestamp},
    error::{Code, Error, Result},
    ids::{SessionId, TenantId, UserId},
    limits::{Action, Limiter},
    tenancy::{Deed, Member, NewUser, UserStore},
};

/// How long an access token works.
const ACCESS_TTL: Duration = Duration::from_mins(15);
/// How long a refresh token works; each use starts it anew.
const REFRESH_TTL: Duration = Duration::from_hours(30 * 24);
/// How long the token of a sign-in link works.
const LINK_TTL: Duration = Duration::from_hours(1);
/// Password hashes computed at once: each takes 19 MiB and a core.
const HASHERS: usize = 2;
/// Longest wait for a turn to hash.
const HASH_WAIT: Duration = Duration::from_secs(10);
/// argon2id as OWASP recommends it: 19 MiB, two passes, one lane.
const MEMORY_KIB: u32 = 19_456;
const PASSES: u32 = 2;
const LANES: u32 = 1;
/// Checked in place of the hash of an unknown user, so that both take the same time. The parameters are ours; no
/// password is known for it, and its outcome is discarded.
const DUMMY_HASH: &str = "$argon2id$v=19$m=19456,t=2,p=1$bm8tc3VjaC11c2VyLXNhbHQ$AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";

/// What a new password must look like. Length only: rules about characters make passwords worse.
#[derive(Debug, Clone, Copy)]
pub struct PasswordPolicy {
    pub min_chars: usize,
    pub max_chars: usize,
}

impl Default for PasswordPolicy {
    fn default() -> Self {
        Self { min_chars: 10, max_chars: 256 }
    }
}

impl PasswordPolicy {
    /// Refuses a password that does not fit.
    ///
    /// # Errors
    /// `invalid_argument`, without the password.
    pub fn check(&self, password: &str) -> Result<()> {
        if (self.min_chars..=self.max_chars).contains(&password.chars().count()) {
            return Ok(());
        }
        Err(Error::invalid(format!("The password must have {} to {} characters. Choose another one.", self.min_chars, self.max_chars)))
    }
}

/// What a sign-in or a refresh hands out.
#[derive(Clone, PartialEq, Eq)]
pub struct TokenPair {
    pub access_token: String,
    /// Single-use token for the next pair.
    pub refresh_token: String,
    /// Seconds until the access token expires.
    pub expires_in_secs: u64,
}

impl fmt::Debug for TokenPair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenPair").field("expires_in_secs", &self.expires_in_secs).finish_non_exhaustive()
    }
}

/// A person who has just signed in.
#[derive(Debug, Clone)]
pub struct SignedIn {
    pub member: Member,
    pub tokens: TokenPair,
}

/// An account made, or given another password, on the operator's command line.
#[derive(Clone)]
pub struct CreatedUser {
    pub member: Member,
    /// The password that was made up, to be shown once; `None` when the operator gave one.
    pub generated_password: Option<String>,
}

impl fmt::Debug for CreatedUser {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CreatedUser").field("user", &self.member.user).finish_non_exhaustive()
    }
}

/// Register, sign in, refresh, sign out.
pub struct AccountService {
    tenancy: Arc<dyn UserStore>,
    store: Arc<dyn SessionStore>,
    keys: ServerKeys,
    signer: TokenSigner,
    clock: Arc<dyn Clock>,
    policy: PasswordPolicy,
    hashers: Arc<Semaphore>,
    guesses: Guesses,
    /// Refused sign-ins that were noted, by account; of nobody's together.
    noted: Limiter<Option<UserId>>,
}

impl AccountService {
    /// Builds the service over its stores. From one network, `registrations` strangers an hour may register.
    #[must_use]
    pub fn new(
        tenancy: Arc<dyn UserStore>,
        store: Arc<dyn SessionStore>,
        keys: &ServerKeys,
        clock: Arc<dyn Clock>,
        policy: PasswordPolicy,
        registrations: u32,
    ) -> Self {
        Self {
            tenancy,
            store,
            keys: keys.clone(),
            signer: TokenSigner::new(keys),
            guesses: Guesses::new(registrations, &clock),
            noted: Limiter::new(Action::NotedSignIn, &clock),
            clock,
            policy,
            hashers: Arc::new(Semaphore::new(HASHERS)),
        }
    }

    /// Makes an account with tenant and default project for a stranger who asks from `ip`, and signs it in.
    ///
    /// # Errors
    /// `invalid_argument` for the address or password, `rate_limited` when enough were made from that network, `conflict` when
    /// the address is taken, `unavailable` under load.
    pub async fn register(&self, email: &str, password: &str, ip: IpAddr) -> Result<SignedIn> {
        // Before anything is looked up or hashed: who tries addresses finds out about few, and costs nothing.
        self.guesses.register(ip)?;
        let member = self.provision(email, password).await?;
        self.sign_in(member).await
    }

    /// Signs in.
    ///
    /// # Errors
    /// `unauthenticated`, equal in text and time for an unknown address and a wrong password; `rate_limited` after many
    /// failures from the network of `ip`; `unavailable` under load.
    pub async fn login(&self, email: &str, password: &str, ip: IpAddr) -> Result<SignedIn> {
        let member = self.check_password(email, password, ip).await?;
        self.tenancy.touch_login(&member).await?;
        self.sign_in(member).await
    }

    /// The member with this address and password.
    ///
    /// # Errors
    /// As [`Self::login`].
    pub async fn check_password(&self, email: &str, password: &str, ip: IpAddr) -> Result<Member> {
        // A text that is no address is looked up and throttled like one: it is simply nobody's.
        let email = normal_email(email).unwrap_or_default();
        let guess = self.guesses.guess(&email, ip)?;
        let member = if email.is_empty() { None } else { self.tenancy.member_by_email(&email).await? };
        let hash = member.as_ref().and_then(|m| m.password_hash.clone());
        let known = hash.is_some();
        let matches = self.verify(password, hash.unwrap_or_else(|| DUMMY_HASH.to_owned())).await?;
        match member {
            Some(member) if known && matches => {
                guess.right();
                Ok(member)
            }
            member => {
                self.note_failure(&email, member.as_ref());
                Err(Error::new(Code::Unauthenticated, "The e-mail address or the password is wrong. Check both and try again."))
            }
        }
    }

    /// Tells the audit trail of a wrong guess, on a task of its own: the answer to a guess at an account that exists takes no
    /// longer than any other. A flood is noted by its beginning.
    fn note_failure(&self, email: &str, member: Option<&Member>) {
        if self.noted.take(&member.map(|member| member.user)).is_err() {
            return;
        }
        // Of somebody whom nobody knows, a keyed hash: equal guesses can be told, and no address be read.
        let hash = hex::encode(&self.keys.hash_secret(email)[..8]);
        let detail = if member.is_some() { json!({}) } else { json!({ "address_hash": hash }) };
        let by = member.map(|member| (member.scope(), member.doer()));
        let deed = Deed { by, action: "account.sign_in_refused", subject: None, detail };
        let tenancy = self.tenancy.clone();
        tokio::spawn(async move {
            if let Err(error) = tenancy.note(deed).await {
                tracing::warn!(%error, cause = ?error.cause(), "a refused sign-in could not be written to the audit trail");
            }
        });
    }

    /// Exchanges a refresh token, which works once, for a new pair.
    ///
    /// # Errors
    /// `unauthenticated` for every token that does not work. One that was used before also ends its whole sign-in:
    /// either its owner or a thief holds a copy.
    pub async fn refresh(&self, refresh_token: &str) -> Result<TokenPair> {
        let now = self.clock.now();
        let (secret, token_hash) = self.keys.new_secret(SecretKind::Refresh);
        // Family, user and tenant are placeholders: the store takes them from the old row.
        let next = SessionRow {
            id: SessionId::new(),
            family: SessionId::new(),
            user: UserId::new(),
            tenant: TenantId::new(),
            token_hash: token_hash.to_vec(),
            created_at: now,
            expires_at: now.plus(REFRESH_TTL),
        };
        let mut outcome = RefreshOutcome::Unknown;
        for hash in self.refresh_hashes(refresh_token) {
            outcome = self.store.rotate_session(&hash, next.clone(), now).await?;
            if !matches!(outcome, RefreshOutcome::Unknown) {
                break;
            }
        }
        let row = match outcome {
            RefreshOutcome::Rotated(row) => row,
            RefreshOutcome::Unknown => return Err(signed_out()),
            RefreshOutcome::Reused => {
                tracing::warn!("a refresh token came back after its use; its sign-in has been ended");
                return Err(signed_out());
            }
        };
        let member = self.tenancy.member(row.user, row.tenant).await?.ok_or_else(signed_out)?;
        self.pair(&member, row.family, secret.expose().to_owned(), now)
    }

    /// Ends the sign-in that this refresh token belongs to. Access tokens of it stop working too. Fine for a token that
    /// is not known.
    ///
    /// # Errors
    /// Only those of the store.
    pub async fn logout(&self, refresh_token: &str) -> Result<()> {
        for hash in self.refresh_hashes(refresh_token) {
            self.store.revoke_session(&hash, self.clock.now()).await?;
        }
        Ok(())
    }

    /// Ends every sign-in of a person, on all devices; their access tokens stop working too.
    ///
    /// # Errors
    /// Only those of the store.
    pub async fn logout_everywhere(&self, by: &Principal) -> Result<()> {
        self.store.revoke_sessions(by.user, self.clock.now()).await?;
        let by = Some((by.scope, by.doer()));
        self.tenancy.note(Deed { by, action: "account.sign_out_everywhere", subject: None, detail: json!({}) }).await
    }

    /// Replaces the password of a person who knows the current one. Ends every sign-in of theirs and makes a new one: a
    /// password is changed because somebody else may know it.
    ///
    /// # Errors
    /// `invalid_argument` for a wrong current password or a new one that does not fit; `rate_limited` and `unavailable` as
    /// for [`Self::login`].
    pub async fn change_password(&self, user: UserId, tenant: TenantId, current: &str, new: &str, ip: IpAddr) -> Result<SignedIn> {
        let member = self.proven(user, tenant, current, ip).await?;
        let by = Some((member.scope(), member.doer()));
        self.set_password(&member, new, Deed { by, action: "account.password", subject: None, detail: json!({}) }).await?;
        self.sign_in(member).await
    }

    /// Makes sure that the signed-in person is there, by their password.
    ///
    /// # Errors
    /// `invalid_argument` for a wrong password; `rate_limited` and `unavailable` as for [`Self::login`].
    pub async fn prove(&self, user: UserId, tenant: TenantId, password: &str, ip: IpAddr) -> Result<()> {
        self.proven(user, tenant, password, ip).await.map(drop)
    }

    async fn proven(&self, user: UserId, tenant: TenantId, password: &str, ip: IpAddr) -> Result<Member> {
        let email = self.tenancy.member(user, tenant).await?.and_then(|member| member.email).unwrap_or_default();
        self.check_password(&email, password, ip).await.map_err(|error| match error.code() {
            // Not `unauthenticated`: the caller is signed in, and stays so.
            Code::Unauthenticated => Error::invalid("The current password is wrong. Check it and try again."),
            _ => error,
        })
    }

    /// Gives a user who has forgotten their password a new one, for the operator; ends every sign-in of theirs.
    ///
    /// # Errors
    /// `not_found` for the address, `invalid_argument` for the password.
    pub async fn reset_password(&self, email: &str, password: Option<&str>) -> Result<CreatedUser> {
        let member = self.member_by_email(email).await?;
        let (password, generated_password) = given_or_made_up(password);
        let deed = Deed { by: None, action: "user.password", subject: Some(member.user.0), detail: json!({}) };
        self.set_password(&member, &password, deed).await?;
        Ok(CreatedUser { member, generated_password })
    }

    /// Makes an account for the operator, without signing it in.
    ///
    /// # Errors
    /// As [`Self::register`].
    pub async fn create_user(&self, email: &str, password: Option<&str>) -> Result<CreatedUser> {
        let (password, generated_password) = given_or_made_up(password);
        let member = self.provision(email, &password).await?;
        Ok(CreatedUser { member, generated_password })
    }

    /// The member of this address, for the operator's command line.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn member_by_email(&self, email: &str) -> Result<Member> {
        let email = normal_email(email)?;
        let unknown = || Error::new(Code::NotFound, "No user with this e-mail address. Make one with 'jmem user create'.");
        self.tenancy.member_by_email(&email).await?.ok_or_else(unknown)
    }

    async fn provision(&self, email: &str, password: &str) -> Result<Member> {
        let email = normal_email(email)?;
        self.policy.check(password)?;
        let hash = self.hash(password).await?;
        let user = NewUser { email: Some(email), password_hash: Some(hash), external_subject: None };
        let taken = || Error::new(Code::Conflict, "An account with this e-mail address exists already. Sign in, or use another address.");
        self.tenancy.provision(user).await?.ok_or_else(taken)
    }

    async fn set_password(&self, member: &Member, password: &str, deed: Deed) -> Result<()> {
        self.policy.check(password)?;
        let hash = self.hash(password).await?;
        self.tenancy.set_password(member.user, &hash, deed).await?;
        self.store.revoke_sessions(member.user, self.clock.now()).await
    }

    /// A token that signs a member in once, within an hour, for the operator to hand over: the beginning of a sign-in like any
    /// other, which `refresh` goes on with.
    ///
    /// # Errors
    /// Only those of the store.
    pub async fn sign_in_token(&self, member: &Member) -> Result<String> {
        Ok(self.begin(member, LINK_TTL).await?.1)
    }

    async fn sign_in(&self, member: Member) -> Result<SignedIn> {
        let (row, refresh_token) = self.begin(&member, REFRESH_TTL).await?;
        let tokens = self.pair(&member, row.family, refresh_token, row.created_at)?;
        Ok(SignedIn { member, tokens })
    }

    /// Begins a sign-in; answers its row and its first refresh token, which works for `ttl`.
    async fn begin(&self, member: &Member, ttl: Duration) -> Result<(SessionRow, String)> {
        let now = self.clock.now();
        let (secret, token_hash) = self.keys.new_secret(SecretKind::Refresh);
        let id = SessionId::new();
        let row = SessionRow {
            id,
            family: id,
            user: member.user,
            tenant: member.tenant,
            token_hash: token_hash.to_vec(),
            created_at: now,
            expires_at: now.plus(ttl),
        };
        self.store.insert_session(&row).await?;
        Ok((row, secret.expose().to_owned()))
    }

    fn pair(&self, member: &Member, family: SessionId, refresh_token: String, now: Timestamp) -> Result<TokenPair> {
        let access_token = self.signer.sign(member.user, member.tenant, family, member.email.clone(), now, ACCESS_TTL)?;
        Ok(TokenPair { access_token, refresh_token, expires_in_secs: ACCESS_TTL.as_secs() })
    }

    /// The hashes under which a refresh token may be stored; none where it is no such token.
    fn refresh_hashes(&self, token: &str) -> Vec<[u8; 32]> {
        let parsed = ParsedSecret::parse(token).filter(|parsed| parsed.kind() == SecretKind::Refresh);
        parsed.map(|parsed| self.keys.hashes_of(parsed.expose()).collect()).unwrap_or_default()
    }

    async fn hash(&self, password: &str) -> Result<String> {
        let password = password.to_owned();
        self.on_hasher(move || hasher().hash_password(password.as_bytes()).map(|hash| hash.to_string()).map_err(Error::internal)).await?
    }

    async fn verify(&self, password: &str, hash: String) -> Result<bool> {
        // Nothing longer was ever accepted; hashing it anyway would let a caller choose how long we work.
        let password: String = password.chars().take(self.policy.max_chars + 1).collect();
        self.on_hasher(move || hasher().verify_password(password.as_bytes(), hash.as_str()).is_ok()).await
    }

    /// Runs on a blocking thread, a few at a time. The permit goes along, so that callers who hang up free no turn
    /// before their work has ended.
    async fn on_hasher<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
        let busy = |_| Error::unavailable("Too many people are signing in right now. Try again in a few seconds.", 5);
        let permit = tokio::time::timeout(HASH_WAIT, self.hashers.clone().acquire_owned()).await.map_err(busy)?.map_err(Error::internal)?;
        tokio::task::spawn_blocking(move || {
            let done = work();
            drop(permit);
            done
        })
        .await
        .map_err(Error::internal)
    }
}

/// The password to use, and the same again where it was made up.
fn given_or_made_up(password: Option<&str>) -> (String, Option<String>) {
    if let Some(given) = password {
        return (given.to_owned(), None);
    }
    let made_up = Alphanumeric.sample_string(&mut rand::rng(), 24);
    (made_up.clone(), Some(made_up))
}

fn hasher() -> Argon2<'static> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None).expect("these parameters are in range");
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

fn signed_out() -> Error {
    Error::new(Code::Unauthenticated, "This refresh token does not work any more. Sign in again.")
}

/// An address as stored: trimmed, lower case, and roughly of the right shape. Whether it receives mail, nobody knows.
///
/// # Errors
/// `invalid_argument`.
pub(super) fn normal_email(text: &str) -> Result<String> {
    let email = text.trim().to_lowercase();
    let fits = email.len() <= 254
        && !email.chars().any(|c| c.is_whitespace() || c.is_control())
        && email.split_once('@').is_some_and(|(local, domain)| {
            !local.is_empty() && !domain.is_empty() && !domain.contains('@') && !domain.starts_with('.') && !domain.ends_with('.')
        });
    if fits { Ok(email) } else { Err(Error::invalid("The e-mail address must look like name@example.com.")) }
}

#[cfg(test)]
mod tests {
    use std::{net::Ipv4Addr, sync::atomic::Ordering, time::Instant};

    use argon2::password_hash::phc::PasswordHash;

    use super::*;
    use crate::auth::fakes::World;

    const PASSWORD: &str = "correct horse battery";
    const HOME: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1));
    const ELSEWHERE: IpAddr = IpAddr::V4(Ipv4Addr::new(198, 51, 100, 7));

    #[tokio::test]
    async fn register_login_refresh_logout() {
        let w = World::new();
        let first = w.accounts.register(" Ann@Example.com ", PASSWORD, HOME).await.expect("registered");
        assert_eq!(first.member.email.as_deref(), Some("ann@example.com"));
        let phc = first.member.password_hash.clone().expect("a hash");
        assert!(phc.starts_with("$argon2id$v=19$m=19456,t=2,p=1$") && !phc.contains(PASSWORD));
        assert_eq!(w.accounts.register("ann@example.com", PASSWORD, HOME).await.expect_err("taken").code(), Code::Conflict);
        let again = w.accounts.login("ANN@example.com", PASSWORD, HOME).await.expect("signed in");
        assert_eq!((again.member.user, again.tokens.expires_in_secs), (first.member.user, 900));
        assert_eq!(w.authenticator.bearer_for_rest(&again.tokens.access_token).await.expect("works").user, first.member.user);
        let next = w.accounts.refresh(&again.tokens.refresh_token).await.expect("refreshed");
        assert!(w.authenticator.bearer_for_rest(&next.access_token).await.is_ok());
        w.accounts.logout(&next.refresh_token).await.expect("signed out");
        for token in [&again.tokens.access_token, &next.access_token] {
            assert_eq!(w.authenticator.bearer_for_rest(token).await.expect_err("signed out").code(), Code::Unauthenticated);
        }
        assert_eq!(w.accounts.refresh(&next.refresh_token).await.expect_err("signed out").code(), Code::Unauthenticated);
        assert!(w.authenticator.bearer_for_rest(&first.tokens.access_token).await.is_ok(), "the other sign-in goes on");
        w.accounts.logout("nonsense").await.expect("fine");
    }

    #[tokio::test]
    async fn using_a_refresh_token_twice_ends_the_sign_in() {
        let w = World::new();
        let stolen = w.accounts.register("ann@example.com", PASSWORD, HOME).await.expect("registered").tokens;
        let thief = w.accounts.refresh(&stolen.refresh_token).await.expect("first use");
        let reused = w.accounts.refresh(&stolen.refresh_token).await.expect_err("second use");
        let after = w.accounts.refresh(&thief.refresh_token).await.expect_err("the family is revoked");
        let unknown = w.accounts.refresh("jmr_nonsense").await.expect_err("unknown");
        for error in [reused, after] {
            assert_eq!((error.code(), error.detail()), (unknown.code(), unknown.detail()));
        }
        assert!(w.authenticator.bearer_for_rest(&thief.access_token).await.is_err());
    }

    #[tokio::test]
    async fn a_sign_in_link_works_once_and_for_an_hour() {
        let w = World::new();
        let ann = w.accounts.create_user("ann@example.com", None).await.expect("created").member;
        let link = w.accounts.sign_in_token(&ann).await.expect("a token");
        w.clock.advance(Duration::from_secs(LINK_TTL.as_secs() - 1));
        let tokens = w.accounts.refresh(&link).await.expect("once");
        assert_eq!(w.authenticator.bearer_for_rest(&tokens.access_token).await.expect("signed in").user, ann.user);
        w.clock.advance(Duration::from_hours(24));
        w.accounts.refresh(&tokens.refresh_token).await.expect("it goes on as any sign-in");
        assert_eq!(w.accounts.refresh(&link).await.expect_err("twice").code(), Code::Unauthenticated);
        let link = w.accounts.sign_in_token(&ann).await.expect("a token");
        let tokens = w.accounts.refresh(&link).await.expect("once");
        assert!(
            w.accounts.refresh(&link).await.is_err() && w.accounts.refresh(&tokens.refresh_token).await.is_err(),
            "somebody has a copy"
        );
        let late = w.accounts.sign_in_token(&ann).await.expect("a token");
        w.clock.advance(LINK_TTL);
        assert!(w.accounts.refresh(&late).await.is_err());
    }

    #[tokio::test]
    async fn refresh_tokens_last_thirty_days() {
        let w = World::new();
        let tokens = w.accounts.register("ann@example.com", PASSWORD, HOME).await.expect("registered").tokens;
        w.clock.advance(Duration::from_secs(30 * 86_400 - 1));
        let tokens = w.accounts.refresh(&tokens.refresh_token).await.expect("just in time");
        w.clock.advance(REFRESH_TTL);
        assert!(w.accounts.refresh(&tokens.refresh_token).await.is_err());
    }

    #[tokio::test]
    async fn unknown_user_and_wrong_password_are_alike() {
        let w = World::new();
        w.accounts.register("ann@example.com", PASSWORD, HOME).await.expect("registered");
        let mut times = [Vec::new(), Vec::new(), Vec::new()];
        let mut texts = Vec::new();
        for round in 0..5 {
            // An address of its own each round for the unknown, so that no throttle speaks.
            let unknown = format!("nobody-{round}@example.com");
            for (slot, email) in ["ann@example.com", unknown.as_str(), "not an address"].into_iter().enumerate() {
                let start = Instant::now();
                let error = w.accounts.login(email, "wrong password", HOME).await.expect_err("refused");
                times[slot].push(start.elapsed());
                texts.push((error.code(), error.detail().to_owned()));
            }
        }
        assert!(texts.iter().all(|text| *text == texts[0]));
        let medians = times.map(|mut t| {
            t.sort();
            t[2].as_secs_f64()
        });
        for median in medians {
            // Wide, because other tests share the cores: it only has to tell "hashes" from "does not hash".
            assert!((0.05..20.0).contains(&(median / medians[0])), "{medians:?}");
        }
    }

    #[tokio::test]
    async fn guesses_are_limited_by_who_guesses_and_keep_nobody_else_out() {
        let w = World::new();
        w.accounts.register("ann@example.com", PASSWORD, HOME).await.expect("registered");
        for _ in 0..9 {
            assert_eq!(w.accounts.login("ann@example.com", "x", HOME).await.expect_err("wrong").code(), Code::Unauthenticated);
        }
        w.accounts.login("ann@example.com", PASSWORD, HOME).await.expect("right");
        for email in ["ann@example.com", "nobody@example.com"] {
            for _ in 0..10 {
                assert_eq!(w.accounts.login(email, "x", ELSEWHERE).await.expect_err("wrong").code(), Code::Unauthenticated);
            }
            let error = w.accounts.login(email, PASSWORD, ELSEWHERE).await.expect_err("throttled");
            assert_eq!((error.code(), error.retry_after_secs()), (Code::RateLimited, Some(6)));
        }
        w.accounts.login("ann@example.com", PASSWORD, HOME).await.expect("the person at home");
        w.clock.advance(Duration::from_secs(6));
        w.accounts.login("ann@example.com", PASSWORD, ELSEWHERE).await.expect("after the wait");
    }

    #[tokio::test]
    async fn a_wrong_guess_is_told_without_an_address_and_a_flood_by_its_beginning() {
        let w = World::new();
        let ann = w.accounts.register("ann@example.com", PASSWORD, HOME).await.expect("registered").member;
        for email in ["ann@example.com", "nobody@example.com", "not an address"] {
            for n in 0..8 {
                let from = Ipv4Addr::new(203, 0, 113, n);
                w.accounts.login(email, "wrong", from.into()).await.expect_err("refused");
            }
        }
        while w.store.deeds().len() < 10 {
            tokio::task::yield_now().await;
        }
        let deeds = w.store.deeds();
        assert_eq!(deeds.len(), 10, "five of the account, five of nobody's");
        let (known, unknown): (Vec<_>, Vec<_>) = deeds.iter().partition(|deed| deed.by.is_some());
        assert!(known.iter().all(|deed| deed.by == Some((ann.scope(), ann.doer()))) && known.len() == 5);
        assert!(unknown.iter().all(|deed| deed.detail["address_hash"].as_str().is_some_and(|hash| hash.len() == 16)));
        assert!(!format!("{deeds:?}").contains("nobody"), "{deeds:?}");
    }

    #[tokio::test]
    async fn a_refused_guess_costs_no_hash_and_no_look_up() {
        let w = World::new();
        w.accounts.register("ann@example.com", PASSWORD, HOME).await.expect("registered");
        for n in 0..30 {
            w.accounts.guesses.guess(&format!("{n}@example.com"), ELSEWHERE).map(drop).expect("let through");
        }
        // With no turn to hash left, whatever hashes waits for ten seconds.
        let _all = w.accounts.hashers.clone().acquire_many_owned(u32::try_from(HASHERS).expect("few")).await.expect("open");
        w.store.fails.store(true, Ordering::SeqCst);
        for email in ["ann@example.com", "nobody@example.com", "not an address"] {
            let error = w.accounts.login(email, PASSWORD, ELSEWHERE).await.expect_err("refused");
            assert_eq!(error.code(), Code::RateLimited, "{email}");
        }
        for n in 0..20 {
            w.accounts.guesses.register(ELSEWHERE).unwrap_or_else(|_| panic!("registration {n}"));
        }
        for email in ["ann@example.com", "new@example.com"] {
            let error = w.accounts.register(email, PASSWORD, ELSEWHERE).await.expect_err("refused");
            assert_eq!((error.code(), error.retry_after_secs()), (Code::RateLimited, Some(180)));
        }
    }

    #[tokio::test]
    async fn addresses_and_passwords_are_checked() {
        let w = World::new();
        for email in ["", "x", "@x", "x@", "a@b@c", "a b@c.d", "a@.d", "a@d."] {
            assert_eq!(w.accounts.register(email, PASSWORD, HOME).await.expect_err(email).code(), Code::InvalidArgument);
        }
        for password in ["", "123456789", &"x".repeat(257)] {
            let error = w.accounts.register("a@b.c", password, HOME).await.expect_err("does not fit");
            assert_eq!(error.code(), Code::InvalidArgument);
        }
        assert!(w.accounts.register("owner@localhost", &"ä".repeat(10), HOME).await.is_ok());
    }

    #[tokio::test]
    async fn a_new_password_ends_every_sign_in_but_its_own() {
        const NEW: &str = "another horse battery";
        let w = World::new();
        let first = w.accounts.register("ann@example.com", PASSWORD, HOME).await.expect("registered");
        let Member { user, tenant, .. } = first.member;
        for (current, new) in [("wrong", NEW), (PASSWORD, "short")] {
            let error = w.accounts.change_password(user, tenant, current, new, HOME).await.expect_err("refused");
            assert_eq!(error.code(), Code::InvalidArgument);
        }
        let changed = w.accounts.change_password(user, tenant, PASSWORD, NEW, HOME).await.expect("changed");
        assert_eq!(w.accounts.refresh(&first.tokens.refresh_token).await.expect_err("ended").code(), Code::Unauthenticated);
        w.accounts.refresh(&changed.tokens.refresh_token).await.expect("its own goes on");
        assert_eq!(w.accounts.login("ann@example.com", PASSWORD, HOME).await.expect_err("old").code(), Code::Unauthenticated);
        w.accounts.login("ann@example.com", NEW, HOME).await.expect("new");

        let reset = w.accounts.reset_password("ANN@example.com", None).await.expect("reset");
        assert!(w.accounts.refresh(&changed.tokens.refresh_token).await.is_err());
        w.accounts.login("ann@example.com", &reset.generated_password.expect("made up"), HOME).await.expect("works");
        assert_eq!(w.accounts.reset_password("bob@example.com", None).await.expect_err("nobody").code(), Code::NotFound);
    }

    #[tokio::test]
    async fn the_operator_may_let_a_password_be_made_up() {
        let w = World::new();
        let created = w.accounts.create_user("ann@example.com", None).await.expect("created");
        let password = created.generated_password.clone().expect("made up");
        assert!(!format!("{created:?}").contains(&password));
        w.accounts.login("ann@example.com", &password, HOME).await.expect("works");
        let given = w.accounts.create_user("bob@example.com", Some(PASSWORD)).await.expect("created");
        assert_eq!(given.generated_password, None);
        assert_eq!(w.accounts.member_by_email("BOB@example.com").await.expect("known").user, given.member.user);
    }

    #[test]
    fn the_dummy_hash_costs_what_a_real_one_costs() {
        let dummy = PasswordHash::new(DUMMY_HASH).expect("a PHC string");
        let real = hasher().hash_password(b"x").expect("hashed");
        assert_eq!((dummy.algorithm, dummy.version, &dummy.params), (real.algorithm, real.version, &real.params));
        assert_eq!(dummy.hash.expect("an output").len(), real.hash.expect("an output").len());
    }
}
