//! From what a request shows to the [`Principal`] that it acts as.
//!
//! Owns the three doors, what each accepts, the second-long memory of answers, the batched notes of use, and the limit
//! on failures. It knows no HTTP: the edges read header or path and render the error. The principal goes on to the use
//! cases.

use std::{
    collections::{HashMap, HashSet},
    net::IpAddr,
    sync::Arc,
    time::Duration,
};

use moka::sync::Cache;
use parking_lot::Mutex;
use uuid::Uuid;

use super::{
    AccessTokens, Credential, CredentialKind, CredentialStore, JwtVerifier, ParsedSecret, Principal, Scopes, SecretKind, ServerKeys,
    SessionStore, TokenSubject, accounts::normal_email, credentials::normal_client,
};
use crate::{
    clock::{Clock, Timestamp},
    error::{Code, Error, Result},
    ids::{CredentialId, TenantId, UserId},
    limits::{Action, Limiter, Network},
    tenancy::{Member, NewUser, Nudges, TenancyService, TenantScope, UserStore},
};

/// How long an answer of the store is trusted: a revocation by another process bites after at most this.
const TRUST: Duration = Duration::from_secs(1);
/// How long somebody counts as active.
const ACTIVE: Duration = Duration::from_mins(15);
/// Answers remembered at once.
const REMEMBERED: u64 = 100_000;
/// Credentials whose latest use is noted between two flushes.
const USES: usize = 10_000;
/// How long a sign-in counts as the person being there.
const JUST_NOW: Duration = Duration::from_mins(10);
/// Client label of a signed-in person, until the request names another.
const WEB_CLIENT: &str = "web";

/// Decides who a request acts as.
pub struct Authenticator {
    tenancy: Arc<dyn UserStore>,
    apps: TenancyService,
    store: Arc<dyn CredentialStore>,
    tokens: Arc<dyn AccessTokens>,
    sessions: Arc<dyn SessionStore>,
    keys: ServerKeys,
    jwt: JwtVerifier,
    clock: Arc<dyn Clock>,
    credentials: Cache<[u8; 32], Remembered<Credential>>,
    /// When, by the clock that nobody can set, a credential was last changed by this process: older answers about it are not
    /// trusted.
    changed: Cache<CredentialId, Duration>,
    members: Cache<MemberKey, Remembered<Member>>,
    uses: Mutex<HashMap<CredentialId, Timestamp>>,
    /// Access tokens that were shown since the last flush, and those that the store knows to be in use.
    shown: Mutex<HashSet<[u8; 32]>>,
    known_used: Cache<[u8; 32], ()>,
    failures: Limiter<Network>,
    nudges: Nudges,
    /// Who was let in of late.
    active: Cache<UserId, ()>,
}

/// An answer of the store, with the moment just before it was asked for.
#[derive(Clone)]
struct Remembered<T> {
    what: Arc<T>,
    asked_at: Duration,
}

impl<T> Remembered<T> {
    fn fresh(&self, now: Duration) -> bool {
        now.saturating_sub(self.asked_at) < TRUST
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum MemberKey {
    Subject(Uuid),
    User(UserId, TenantId),
}

impl Authenticator {
    /// Builds the authenticator over its stores, the apps that may be paused, and the verifier of access tokens.
    #[must_use]
    pub fn new<S: CredentialStore + AccessTokens + SessionStore + 'static>(
        tenancy: Arc<dyn UserStore>,
        apps: TenancyService,
        store: Arc<S>,
        keys: &ServerKeys,
        jwt: JwtVerifier,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self {
            tenancy,
            apps,
            sessions: store.clone(),
            tokens: store.clone(),
            store,
            keys: keys.clone(),
            jwt,
            credentials: Cache::builder().max_capacity(REMEMBERED).time_to_live(TRUST).build(),
            // Must outlive every answer that it overrules.
            changed: Cache::builder().max_capacity(REMEMBERED).time_to_live(TRUST * 5).build(),
            members: Cache::builder().max_capacity(REMEMBERED).time_to_live(TRUST).build(),
            uses: Mutex::default(),
            shown: Mutex::default(),
            known_used: Cache::builder().max_capacity(REMEMBERED).time_to_live(ACTIVE).build(),
            active: Cache::builder().max_capacity(REMEMBERED).time_to_live(ACTIVE).build(),
            failures: Limiter::new(Action::RefusedCredential, &clock),
            nudges: Nudges::default(),
            clock,
        }
    }

    /// Tells those who watch a tenant when one of its credentials is used for the first time.
    #[must_use]
    pub fn nudging(mut self, nudges: Nudges) -> Self {
        self.nudges = nudges;
        self
    }

    /// The principal of an access token (of Supabase or a built-in account) or an API key.
    ///
    /// # Errors
    /// `unauthenticated`, the same for every reason; `app_paused` for a key whose app is paused; `unavailable` while the provider's
    /// keys cannot be had.
    pub async fn bearer_for_rest(&self, token: &str) -> Result<Principal> {
        // By prefix, so that a mistyped secret is never taken for an access token.
        if SecretKind::of_prefix(token).is_some() {
            let program = self.api_key(token).await?;
            // Whatever route it asks for. A person who is signed in is not asked: who else could resume the app?
            self.apps.admit(&program.scope, &program.client).await?;
            return Ok(program);
        }
        let claims = self.jwt.verify(token).await?;
        let (member, signed_in_at) = match claims.who {
            TokenSubject::BuiltIn { user, tenant, session } => {
                // Never remembered: signing out takes effect at once, and only the web page pays for it.
                let at = self.sessions.signed_in_at(session, self.clock.now()).await?.ok_or_else(Error::unauthenticated)?;
                (self.member(MemberKey::User(user, tenant), None).await?, Some(at))
            }
            TokenSubject::Supabase { subject, email } => (self.member(MemberKey::Subject(subject), email).await?, claims.proven_at),
        };
        self.active.insert(member.user, ());
        Ok(Principal {
            scope: TenantScope::verified(member.tenant),
            user: member.user,
            kind: CredentialKind::Jwt,
            credential: None,
            client: WEB_CLIENT.to_owned(),
            scopes: Scopes::all(),
            project: None,
            default_project: member.default_project,
            signed_in_at,
        })
    }

    /// Whether the person behind the request has proven who they are within ten minutes. Never true of a stored credential.
    #[must_use]
    pub fn just_signed_in(&self, by: &Principal) -> bool {
        by.signed_in_at.is_some_and(|at| at.plus(JUST_NOW) > self.clock.now())
    }

    /// How many people this process let in within a quarter of an hour.
    pub fn active_users(&self) -> u64 {
        self.active.run_pending_tasks();
        self.active.entry_count()
    }

    /// The principal of an API key or of a grant's access token, which opens this door alone. Access tokens of people and endpoint
    /// secrets are refused: each door has its own credential.
    ///
    /// # Errors
    /// `unauthenticated`, the same for every reason.
    pub async fn bearer_for_mcp(&self, token: &str) -> Result<Principal> {
        if SecretKind::of_prefix(token) == Some(SecretKind::Access) {
            let credential = self.working(token, SecretKind::Access).await?.ok_or_else(Error::unauthenticated)?;
            return Ok(self.principal(&credential, CredentialKind::Grant));
        }
        self.api_key(token).await
    }

    /// Whether this is an access token that once opened something. Asked of refused ones, whose answer is still remembered.
    pub async fn has_ended(&self, token: &str) -> bool {
        let Some(parsed) = ParsedSecret::parse(token).filter(|parsed| parsed.kind() == SecretKind::Access) else { return false };
        for hash in self.keys.hashes_of(parsed.expose()) {
            if let Ok(Some(_)) = self.of_hash(SecretKind::Access, hash, self.clock.now()).await {
                return true;
            }
        }
        false
    }

    async fn api_key(&self, token: &str) -> Result<Principal> {
        let credential = self.working(token, SecretKind::ApiKey).await?.ok_or_else(Error::unauthenticated)?;
        Ok(self.principal(&credential, CredentialKind::ApiKey))
    }

    /// The principal of a personal endpoint, for the client that the path names.
    ///
    /// # Errors
    /// `not_found` with one text for every secret that does not open this path, whatever the reason; `unauthenticated`
    /// for a UUID, as the URLs of other servers carry in the secret's place: an id is not a credential.
    pub async fn path_secret(&self, client: &str, secret: &str) -> Result<Principal> {
        if Uuid::try_parse(secret).is_ok() {
            return Err(Error::unauthenticated());
        }
        let credential = self.working(secret, SecretKind::Endpoint).await?;
        let matching = credential.filter(|c| normal_client(client).is_some_and(|client| client == c.client));
        let credential = matching.ok_or_else(no_endpoint)?;
        Ok(self.principal(&credential, CredentialKind::Endpoint))
    }

    /// Makes the next request with this credential ask the store. Called after it was changed.
    pub fn forget(&self, id: CredentialId) {
        self.changed.insert(id, self.clock.elapsed());
    }

    /// Writes the latest uses to the store, for a call every few seconds and one at shutdown. Answers of how many credentials.
    ///
    /// # Errors
    /// Those of the store; the uses are then kept for the next call.
    pub async fn flush_last_used(&self) -> Result<usize> {
        self.flush_shown().await?;
        let batch: Vec<_> = std::mem::take(&mut *self.uses.lock()).into_iter().collect();
        if batch.is_empty() {
            return Ok(0);
        }
        let written = self.store.touch_credentials(&batch).await;
        if written.is_err() {
            for (id, at) in &batch {
                self.note_use(*id, *at);
            }
        }
        written.map(|()| batch.len())
    }

    /// The answer for a request from `ip` that failed with `error`: counts refused credentials by network, and turns them into
    /// `rate_limited` beyond 20 a minute. Other failures pass unchanged. Never called for a request that succeeds, so a neighbour's
    /// guessing does not keep anyone out.
    #[must_use]
    pub fn refusal(&self, ip: IpAddr, error: Error) -> Error {
        if !matches!(error.code(), Code::Unauthenticated | Code::NotFound) {
            return error;
        }
        self.failures.take(&Network::of(ip)).map_or_else(Error::from, |()| error)
    }

    async fn flush_shown(&self) -> Result<()> {
        let shown: Vec<_> = std::mem::take(&mut *self.shown.lock()).into_iter().collect();
        if shown.is_empty() {
            return Ok(());
        }
        if let Err(error) = self.tokens.touch_tokens(&shown, self.clock.now()).await {
            for hash in shown {
                self.note_shown(hash);
            }
            return Err(error);
        }
        for hash in shown {
            self.known_used.insert(hash, ());
        }
        Ok(())
    }

    async fn member(&self, key: MemberKey, email: Option<String>) -> Result<Arc<Member>> {
        let asked_at = self.clock.elapsed();
        if let Some(known) = self.members.get(&key).filter(|known| known.fresh(asked_at)) {
            return Ok(known.what);
        }
        let member = match key {
            MemberKey::User(user, tenant) => self.tenancy.member(user, tenant).await?.ok_or_else(Error::unauthenticated)?,
            MemberKey::Subject(subject) => self.find_or_provision(subject, email).await?,
        };
        let what = Arc::new(member);
        self.members.insert(key, Remembered { what: what.clone(), asked_at });
        Ok(what)
    }

    async fn find_or_provision(&self, subject: Uuid, email: Option<String>) -> Result<Member> {
        let subject = subject.to_string();
        if let Some(member) = self.tenancy.member_by_subject(&subject).await? {
            return Ok(member);
        }
        let email = email.and_then(|email| normal_email(&email).ok());
        // An address that another account holds must neither keep this person out nor let them into that account: the
        // second round makes theirs without an address.
        for email in [email, None] {
            let user = NewUser { email, password_hash: None, external_subject: Some(subject.clone()) };
            if let Some(member) = self.tenancy.provision(user).await? {
                return Ok(member);
            }
            // Somebody else was faster, most likely the same person's other request.
            if let Some(member) = self.tenancy.member_by_subject(&subject).await? {
                return Ok(member);
            }
        }
        Err(Error::internal(anyhow::anyhow!("a subject can neither be provisioned nor found")))
    }

    /// The credential of this secret, if it is of this kind and works now.
    async fn working(&self, text: &str, kind: SecretKind) -> Result<Option<Arc<Credential>>> {
        let Some(parsed) = ParsedSecret::parse(text).filter(|parsed| parsed.kind() == kind) else {
            tracing::debug!("refused a credential of the wrong form");
            return Ok(None);
        };
        let now = self.clock.now();
        let mut found = None;
        for hash in self.keys.hashes_of(parsed.expose()) {
            found = self.of_hash(kind, hash, now).await?;
            if found.is_some() {
                break;
            }
        }
        let Some(credential) = found else {
            tracing::debug!(hint = parsed.hint(), "refused an unknown credential");
            return Ok(None);
        };
        if credential.revoked_at.is_some() || credential.expires_at.is_some_and(|at| at <= now) {
            tracing::debug!(credential = %credential.id, "refused a revoked or expired credential");
            return Ok(None);
        }
        Ok(Some(credential))
    }

    async fn of_hash(&self, kind: SecretKind, hash: [u8; 32], now: Timestamp) -> Result<Option<Arc<Credential>>> {
        let asked_at = self.clock.elapsed();
        let known = self.credentials.get(&hash).filter(|known| {
            // Strictly later: an answer asked for in the same microsecond as the change may be from before it.
            known.fresh(asked_at) && self.changed.get(&known.what.id).is_none_or(|changed| known.asked_at > changed)
        });
        if let Some(known) = known {
            return Ok(Some(known.what));
        }
        let found = match kind {
            SecretKind::Access => self.tokens.grant_by_access_token(&hash).await?,
            _ => self.store.credential_by_hash(&hash, now).await?,
        };
        let found = found.map(Arc::new);
        if let Some(what) = &found {
            if kind == SecretKind::Access && !self.known_used.contains_key(&hash) {
                self.note_shown(hash);
            }
            self.credentials.insert(hash, Remembered { what: what.clone(), asked_at });
        }
        Ok(found)
    }

    fn principal(&self, credential: &Credential, kind: CredentialKind) -> Principal {
        self.note_use(credential.id, self.clock.now());
        if credential.last_used_at.is_none() {
            self.nudges.nudge(&TenantScope::verified(credential.tenant));
        }
        self.active.insert(credential.user, ());
        Principal {
            scope: TenantScope::verified(credential.tenant),
            user: credential.user,
            kind,
            credential: Some(credential.id),
            client: credential.client.clone(),
            scopes: credential.scopes,
            project: credential.project,
            default_project: credential.default_project,
            signed_in_at: None,
        }
    }

    fn note_shown(&self, hash: [u8; 32]) {
        let mut shown = self.shown.lock();
        if shown.len() < USES {
            shown.insert(hash);
        }
    }

    /// Bounded: with more credentials in use between two flushes than fit, the further ones are noted next time.
    fn note_use(&self, id: CredentialId, at: Timestamp) {
        let mut uses = self.uses.lock();
        if let Some(latest) = uses.get_mut(&id) {
            *latest = at.max(*latest);
        } else if uses.len() < USES {
            uses.insert(id, at);
        }
    }
}

/// One answer for unknown, mistyped, revoked, expired and wrongly addressed secrets: it must not tell which.
fn no_endpoint() -> Error {
    Error::new(Code::NotFound, "There is no personal endpoint at this address. Copy it again, or create a new one.")
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::Ordering;

    use super::*;
    use crate::auth::{CreatedCredential, Maker, NewCredential, Scope, Secret, fakes::World};

    const SUB: &str = "0b5e2c5e-3a55-4d5c-9f0e-6f6d1d1f0a01";

    fn new(kind: CredentialKind) -> NewCredential {
        NewCredential { kind, name: String::new(), client: Some("claude".into()), scopes: None, project: None, expires_at: None }
    }

    async fn made(w: &World, kind: CredentialKind) -> (Maker, CreatedCredential) {
        let by = Maker::operator(&w.member("ann@example.com").await);
        let made = w.credentials.create(&by, new(kind)).await.expect("made");
        (by, made)
    }

    #[tokio::test]
    async fn each_door_takes_its_own_credential_only() {
        let w = World::new();
        let (by, endpoint) = made(&w, CredentialKind::Endpoint).await;
        let key = w.credentials.create(&by, new(CredentialKind::ApiKey)).await.expect("made");
        let (endpoint, key, token) = (endpoint.secret.expose(), key.secret.expose(), w.supabase_token(SUB, "s@example.com"));

        let opened = w.authenticator.path_secret("Claude", endpoint).await.expect("opens");
        assert_eq!((opened.kind, opened.client.as_str(), opened.project), (CredentialKind::Endpoint, "claude", None));
        assert!(!opened.scopes.allows(Scope::AccountManage));
        assert_eq!(w.authenticator.bearer_for_mcp(key).await.expect("opens").kind, CredentialKind::ApiKey);
        assert_eq!(w.authenticator.bearer_for_rest(key).await.expect("opens").scope, opened.scope);
        let web = w.authenticator.bearer_for_rest(&token).await.expect("opens");
        assert_eq!((web.kind, web.credential, web.client.as_str(), web.scopes), (CredentialKind::Jwt, None, "web", Scopes::all()));

        for token in [token.as_str(), endpoint, "", "jmk_", SUB] {
            assert_eq!(w.authenticator.bearer_for_mcp(token).await.expect_err("refused").code(), Code::Unauthenticated);
        }
        for token in [endpoint, "", "jmk_", SUB] {
            assert_eq!(w.authenticator.bearer_for_rest(token).await.expect_err("refused").code(), Code::Unauthenticated);
        }
        for secret in [token.as_str(), key, "", "jme_"] {
            assert_eq!(w.authenticator.path_secret("claude", secret).await.expect_err("refused").code(), Code::NotFound);
        }
    }

    #[tokio::test]
    async fn a_paused_app_is_stopped_at_the_door_and_its_person_is_not() {
        let w = World::new();
        let (by, _) = made(&w, CredentialKind::Endpoint).await;
        let key = w.credentials.create(&by, new(CredentialKind::ApiKey)).await.expect("made");
        let other = NewCredential { client: Some("cursor".into()), ..new(CredentialKind::ApiKey) };
        let other = w.credentials.create(&by, other).await.expect("made");
        let token = w.supabase_token(SUB, "s@example.com");
        let person = w.authenticator.bearer_for_rest(&token).await.expect("opens");
        let scope = w.authenticator.bearer_for_rest(key.secret.expose()).await.expect("opens").scope;
        w.store.pause(scope, "claude");
        w.store.pause(person.scope, WEB_CLIENT);
        let error = w.authenticator.bearer_for_rest(key.secret.expose()).await.expect_err("paused");
        assert_eq!(error.code(), Code::AppPaused);
        w.authenticator.bearer_for_rest(other.secret.expose()).await.expect("another app");
        w.authenticator.bearer_for_rest(&token).await.expect("who resumes it");
    }

    #[tokio::test]
    async fn guesses_get_one_answer_and_a_uuid_the_ordinary_one() {
        let w = World::new();
        let (by, endpoint) = made(&w, CredentialKind::Endpoint).await;
        let secret = endpoint.secret.expose().to_owned();
        let gone = w.credentials.create(&by, new(CredentialKind::Endpoint)).await.expect("made");
        w.credentials.revoke(&by, CredentialKind::Endpoint, gone.credential.id, "test").await.expect("revoked");
        let expires_at = Some(w.clock.now().plus(Duration::from_secs(5)));
        let old = w.credentials.create(&by, NewCredential { expires_at, ..new(CredentialKind::Endpoint) }).await.expect("made");
        w.authenticator.path_secret("claude", old.secret.expose()).await.expect("works yet");
        w.clock.advance(Duration::from_secs(5));
        let look_ups = w.store.look_ups.load(Ordering::SeqCst);
        let mistyped = format!("{}{}{}", &secret[..20], if &secret[20..21] == "z" { "y" } else { "z" }, &secret[21..]);
        assert_eq!(w.authenticator.path_secret("claude", &mistyped).await.expect_err("mistyped").code(), Code::NotFound);
        assert_eq!(w.store.look_ups.load(Ordering::SeqCst), look_ups, "the checksum refuses before any look-up");

        let random = Secret::generate(SecretKind::Endpoint);
        // The public part of a real secret with another random part and a right checksum.
        let body = format!("{}{}", &secret[..12], &random.expose()[12..56]);
        let same_id = format!("{body}_{}", super::super::secret::checksum(&body));
        assert!(ParsedSecret::parse(&same_id).is_some());
        let guesses =
            [random.expose(), &same_id, &mistyped, gone.secret.expose(), old.secret.expose(), "", "x", &"x".repeat(100_000), "jme_ä"];
        let expected = w.authenticator.path_secret("cursor", &secret).await.expect_err("another client's path");
        for guess in guesses {
            let error = w.authenticator.path_secret("claude", guess).await.expect_err("refused");
            assert_eq!((error.code(), error.detail()), (expected.code(), expected.detail()));
        }
        assert_eq!(w.authenticator.path_secret("a/b", &secret).await.expect_err("odd label").detail(), expected.detail());
        for uuid in [SUB.to_owned(), SUB.to_uppercase(), Uuid::new_v4().simple().to_string()] {
            let error = w.authenticator.path_secret("claude", &uuid).await.expect_err("an id is no credential");
            assert_eq!((error.code(), error.detail()), (Code::Unauthenticated, Error::unauthenticated().detail()));
        }
        assert!(w.authenticator.path_secret("claude", &secret).await.is_ok());
    }

    #[tokio::test]
    async fn answers_are_remembered_for_a_second_and_changes_bite_at_once() {
        let w = World::new();
        let (by, endpoint) = made(&w, CredentialKind::Endpoint).await;
        let (id, first) = (endpoint.credential.id, endpoint.secret.expose());
        let kind = CredentialKind::Endpoint;
        for _ in 0..100 {
            w.authenticator.path_secret("claude", first).await.expect("works");
        }
        assert_eq!(w.store.look_ups.load(Ordering::SeqCst), 1);
        w.clock.advance(Duration::from_secs(1));
        w.authenticator.path_secret("claude", first).await.expect("works");
        assert_eq!(w.store.look_ups.load(Ordering::SeqCst), 2);

        let second = w.credentials.rotate(&by, kind, id, Duration::from_mins(1)).await.expect("rotated").secret;
        w.clock.advance(Duration::from_millis(1));
        assert!(w.authenticator.path_secret("claude", first).await.is_ok(), "within the grace");
        assert!(w.authenticator.path_secret("claude", second.expose()).await.is_ok());
        w.clock.advance(Duration::from_mins(1));
        assert!(w.authenticator.path_secret("claude", first).await.is_err(), "the grace is over");
        let third = w.credentials.rotate(&by, kind, id, Duration::ZERO).await.expect("rotated").secret;
        assert!(w.authenticator.path_secret("claude", second.expose()).await.is_err(), "no grace");
        assert!(w.authenticator.path_secret("claude", third.expose()).await.is_ok());
        w.credentials.revoke(&by, kind, id, "test").await.expect("revoked");
        assert!(w.authenticator.path_secret("claude", third.expose()).await.is_err(), "at once");
    }

    #[tokio::test]
    async fn first_sight_provisions_once_however_many_race() {
        let w = Arc::new(World::new());
        let token = w.supabase_token(SUB, "S@Example.com");
        let calls = (0..50).map(|_| {
            let (w, token) = (w.clone(), token.clone());
            tokio::spawn(async move { w.authenticator.bearer_for_rest(&token).await.expect("provisioned").scope.tenant() })
        });
        let tenants: Vec<_> = futures::future::join_all(calls).await.into_iter().map(|t| t.expect("no panic")).collect();
        assert!(tenants.iter().all(|tenant| *tenant == tenants[0]));
        assert_eq!(w.store.members(), 1);
        assert!(w.store.member_by_email("s@example.com").await.expect("read").is_some());
    }

    #[tokio::test]
    async fn an_address_that_is_taken_neither_joins_accounts_nor_keeps_anyone_out() {
        let w = World::new();
        let ann = w.member("ann@example.com").await;
        let token = w.supabase_token(SUB, "ann@example.com");
        let other = w.authenticator.bearer_for_rest(&token).await.expect("provisioned");
        assert_ne!((other.user, other.scope.tenant()), (ann.user, ann.tenant));
        assert_eq!(w.store.members(), 2);
    }

    #[tokio::test]
    async fn uses_are_batched_and_kept_when_the_store_is_down() {
        let w = World::new();
        let (by, endpoint) = made(&w, CredentialKind::Endpoint).await;
        for _ in 0..10 {
            w.clock.advance(Duration::from_secs(1));
            w.authenticator.path_secret("claude", endpoint.secret.expose()).await.expect("works");
        }
        w.store.fails.store(true, Ordering::SeqCst);
        assert!(w.authenticator.flush_last_used().await.is_err());
        w.store.fails.store(false, Ordering::SeqCst);
        assert_eq!(w.authenticator.flush_last_used().await.expect("written"), 1);
        assert_eq!(w.authenticator.flush_last_used().await.expect("nothing left"), 0);
        let row = w.credentials.get(&by, CredentialKind::Endpoint, endpoint.credential.id).await.expect("there");
        assert_eq!(row.last_used_at, Some(w.clock.now()));
        for _ in 0..USES + 10 {
            w.authenticator.note_use(CredentialId::new(), w.clock.now());
        }
        assert_eq!(w.authenticator.flush_last_used().await.expect("written"), USES, "bounded");
    }

    #[tokio::test]
    async fn failures_are_limited_per_network_and_success_is_not() {
        let w = World::new();
        let (_, endpoint) = made(&w, CredentialKind::Endpoint).await;
        let ip = |text: &str| text.parse::<IpAddr>().expect("an address");
        let guess = async |from: &str| {
            let error = w.authenticator.path_secret("claude", "jme_guess").await.expect_err("refused");
            w.authenticator.refusal(ip(from), error)
        };
        for n in 0..20 {
            assert_eq!(guess(&format!("2001:db8:1:2::{n}")).await.code(), Code::NotFound);
        }
        let error = guess("2001:db8:1:2:ffff::9").await;
        assert_eq!((error.code(), error.retry_after_secs()), (Code::RateLimited, Some(3)));
        assert!(w.authenticator.path_secret("claude", endpoint.secret.expose()).await.is_ok(), "the valid one is untouched");
        for other in ["2001:db8:1:3::1", "192.0.2.1", "::ffff:192.0.2.2"] {
            assert_eq!(guess(other).await.code(), Code::NotFound);
        }
        let internal = w.authenticator.refusal(ip("2001:db8:1:2::1"), Error::unavailable("down", 1));
        assert_eq!(internal.code(), Code::Unavailable, "our own faults are not failures of theirs");
    }
}
