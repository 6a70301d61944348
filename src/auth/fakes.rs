//! In-memory stores, keys and a key source for the tests of `auth`. No test key is trusted anywhere else.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use jsonwebtoken::{
    Algorithm, EncodingKey, crypto,
    jwk::{Jwk, JwkSet},
};
use parking_lot::Mutex;
use serde_json::{Value, json};

use super::{
    AccessTokens, AccountService, Authenticator, Credential, CredentialKind, CredentialService, CredentialStore, JwksCache, JwksFetch,
    JwtVerifier, NextSecret, PasswordPolicy, RefreshOutcome, ServerKeys, SessionRow, SessionStore, SupabaseSettings,
};
use crate::{
    clock::{Clock, ManualClock, Timestamp},
    error::Result,
    ids::{AppId, CredentialId, ProjectId, SessionId, TenantId, UserId},
    tenancy::{
        App, AppStats, AppStore, Deed, Doer, Member, NewUser, Project, ProjectStore, TenancyService, TenantScope, TenantStats, TenantStore,
        UserStore,
    },
};

pub(super) const SUPABASE: &str = "https://project.supabase.co";

pub(super) fn clock() -> Arc<ManualClock> {
    Arc::new(ManualClock::at(Timestamp::from_secs(1_800_000_000)))
}

#[derive(Clone, Copy)]
pub(super) enum TestKey {
    EcA,
    EcB,
    Rsa,
}

impl TestKey {
    fn parts(self) -> (Algorithm, EncodingKey) {
        let der = |pem: &str| STANDARD.decode(pem.lines().filter(|l| !l.starts_with("-----")).collect::<String>()).expect("a test key");
        match self {
            Self::EcA => (Algorithm::ES256, EncodingKey::from_ec_der(&der(include_str!("testdata/TEST-ONLY-es256-a.pem")))),
            Self::EcB => (Algorithm::ES256, EncodingKey::from_ec_der(&der(include_str!("testdata/TEST-ONLY-es256-b.pem")))),
            Self::Rsa => (Algorithm::RS256, EncodingKey::from_rsa_der(&der(include_str!("testdata/TEST-ONLY-rs256.pem")))),
        }
    }

    pub(super) fn jwk(self, kid: &str) -> Value {
        let (alg, key) = self.parts();
        let mut jwk = Jwk::from_encoding_key(&key, alg).expect("a public key");
        jwk.common.key_id = Some(kid.to_owned());
        serde_json::to_value(jwk).expect("JSON")
    }

    /// The public point of an EC key, as a verifier that mixes up key types would use it for HMAC.
    pub(super) fn public_bytes(self) -> Vec<u8> {
        let jwk = self.jwk("x");
        let part = |name: &str| URL_SAFE_NO_PAD.decode(jwk[name].as_str().expect("a coordinate")).expect("base64");
        [vec![4], part("x"), part("y")].concat()
    }

    pub(super) fn sign(self, kid: &str, claims: &Value) -> String {
        let alg = if matches!(self, Self::Rsa) { "RS256" } else { "ES256" };
        self.sign_header(&json!({"alg": alg, "typ": "JWT", "kid": kid}), claims)
    }

    /// Signs with any header at all, which the library would not.
    pub(super) fn sign_header(self, header: &Value, claims: &Value) -> String {
        let (alg, key) = self.parts();
        let message = format!("{}.{}", URL_SAFE_NO_PAD.encode(header.to_string()), URL_SAFE_NO_PAD.encode(claims.to_string()));
        let signature = crypto::sign(message.as_bytes(), &key, alg).expect("signed");
        format!("{message}.{signature}")
    }
}

/// A key source that counts.
pub(super) struct FakeJwks {
    set: Mutex<JwkSet>,
    count: AtomicUsize,
    pub(super) down: AtomicBool,
    pub(super) slow: AtomicBool,
    pub(super) hang: AtomicBool,
}

impl FakeJwks {
    pub(super) fn new(keys: &[(&str, TestKey)]) -> Self {
        let source = Self {
            set: Mutex::new(JwkSet { keys: Vec::new() }),
            count: AtomicUsize::new(0),
            down: AtomicBool::default(),
            slow: AtomicBool::default(),
            hang: AtomicBool::default(),
        };
        source.publish(keys);
        source
    }

    pub(super) fn publish(&self, keys: &[(&str, TestKey)]) {
        let keys: Vec<_> = keys.iter().map(|(kid, key)| key.jwk(kid)).collect();
        *self.set.lock() = serde_json::from_value(json!({ "keys": keys })).expect("a key set");
    }

    pub(super) fn fetches(&self) -> usize {
        self.count.load(Ordering::SeqCst)
    }
}

#[async_trait]
impl JwksFetch for FakeJwks {
    async fn fetch(&self) -> Result<JwkSet, anyhow::Error> {
        self.count.fetch_add(1, Ordering::SeqCst);
        if self.slow.load(Ordering::SeqCst) {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        if self.hang.load(Ordering::SeqCst) {
            std::future::pending::<()>().await;
        }
        tokio::task::yield_now().await;
        if self.down.load(Ordering::SeqCst) {
            anyhow::bail!("down");
        }
        Ok(self.set.lock().clone())
    }
}

/// Both stores in memory.
#[derive(Default)]
pub(super) struct FakeStore {
    inner: Mutex<Tables>,
    pub(super) look_ups: AtomicUsize,
    pub(super) fails: AtomicBool,
}

#[derive(Default)]
struct Tables {
    members: Vec<(Member, Option<String>)>,
    credentials: HashMap<CredentialId, Credential>,
    /// Hashes that were rotated away: the credential, and until when they work.
    old: HashMap<Vec<u8>, (CredentialId, Timestamp)>,
    sessions: Vec<(SessionRow, bool)>,
    revoked_families: Vec<SessionId>,
    /// Apps that are paused; no others are known.
    paused: Vec<(TenantScope, String)>,
    deeds: Vec<Deed>,
}

impl FakeStore {
    pub(super) fn pause(&self, scope: TenantScope, app: &str) {
        self.inner.lock().paused.push((scope, app.to_owned()));
    }

    /// What was noted so far.
    pub(super) fn deeds(&self) -> Vec<Deed> {
        self.inner.lock().deeds.clone()
    }

    pub(super) fn members(&self) -> usize {
        self.inner.lock().members.len()
    }
}

#[async_trait]
impl UserStore for FakeStore {
    async fn provision(&self, user: NewUser) -> Result<Option<Member>> {
        // Lets racing calls meet here.
        tokio::task::yield_now().await;
        let mut t = self.inner.lock();
        let taken = t.members.iter().any(|(m, subject)| {
            (user.email.is_some() && m.email == user.email) || (subject.is_some() && *subject == user.external_subject)
        });
        if taken {
            return Ok(None);
        }
        let member = Member {
            user: UserId::new(),
            tenant: TenantId::new(),
            default_project: ProjectId::new(),
            email: user.email,
            password_hash: user.password_hash,
            created_at: Timestamp(0),
        };
        t.members.push((member.clone(), user.external_subject));
        Ok(Some(member))
    }

    async fn member_by_email(&self, email: &str) -> Result<Option<Member>> {
        Ok(self.inner.lock().members.iter().find(|(m, _)| m.email.as_deref() == Some(email)).map(|(m, _)| m.clone()))
    }

    async fn member_by_subject(&self, subject: &str) -> Result<Option<Member>> {
        tokio::task::yield_now().await;
        Ok(self.inner.lock().members.iter().find(|(_, s)| s.as_deref() == Some(subject)).map(|(m, _)| m.clone()))
    }

    async fn member(&self, user: UserId, tenant: TenantId) -> Result<Option<Member>> {
        Ok(self.inner.lock().members.iter().find(|(m, _)| m.user == user && m.tenant == tenant).map(|(m, _)| m.clone()))
    }

    async fn is_empty(&self) -> Result<bool> {
        Ok(self.members() == 0)
    }

    async fn set_password(&self, user: UserId, hash: &str, deed: Deed) -> Result<()> {
        for (member, _) in self.inner.lock().members.iter_mut().filter(|(m, _)| m.user == user) {
            member.password_hash = Some(hash.to_owned());
        }
        self.note(deed).await
    }

    async fn touch_login(&self, _: &Member) -> Result<()> {
        Ok(())
    }

    async fn note(&self, deed: Deed) -> Result<()> {
        self.inner.lock().deeds.push(deed);
        Ok(())
    }
}

#[async_trait]
impl AppStore for FakeStore {
    async fn find_app(&self, scope: &TenantScope, name: &str) -> Result<Option<App>> {
        let paused = self.inner.lock().paused.contains(&(*scope, name.to_owned()));
        Ok(paused.then(|| App { id: AppId::new(), name: name.to_owned(), is_active: false, created_at: Timestamp(0) }))
    }

    async fn app_by_name(&self, _: &TenantScope, _: &str) -> Result<App> {
        unimplemented!("not used by auth")
    }

    async fn app(&self, _: &TenantScope, _: AppId, _: Option<ProjectId>) -> Result<Option<AppStats>> {
        unimplemented!("not used by auth")
    }

    async fn apps(&self, _: &TenantScope, _: Option<ProjectId>) -> Result<Vec<AppStats>> {
        unimplemented!("not used by auth")
    }

    async fn set_app_active(&self, _: &TenantScope, _: Doer, _: AppId, _: bool) -> Result<bool> {
        unimplemented!("not used by auth")
    }
}

#[async_trait]
impl ProjectStore for FakeStore {
    async fn projects(&self, _: &TenantScope) -> Result<Vec<Project>> {
        unimplemented!("not used by auth")
    }

    async fn project(&self, scope: &TenantScope, id: ProjectId) -> Result<Option<Project>> {
        let t = self.inner.lock();
        let project = |m: &Member| Project { id, name: "d".into(), is_default: true, memory_count: 0, created_at: m.created_at };
        Ok(t.members.iter().find(|(m, _)| m.tenant == scope.tenant() && m.default_project == id).map(|(m, _)| project(m)))
    }

    async fn create_project(&self, _: &TenantScope, _: Doer, _: &str) -> Result<Option<Project>> {
        unimplemented!("not used by auth")
    }

    async fn rename_project(&self, _: &TenantScope, _: Doer, _: ProjectId, _: &str) -> Result<Option<bool>> {
        unimplemented!("not used by auth")
    }

    async fn delete_project(&self, _: &TenantScope, _: Doer, _: ProjectId) -> Result<Option<bool>> {
        unimplemented!("not used by auth")
    }
}

#[async_trait]
impl TenantStore for FakeStore {
    async fn erase(&self, _: &TenantScope) -> Result<BTreeMap<&'static str, u64>> {
        unimplemented!("not used by auth")
    }

    async fn stats(&self, _: &TenantScope) -> Result<TenantStats> {
        unimplemented!("not used by auth")
    }
}

fn works(c: &Credential, now: Timestamp) -> bool {
    c.revoked_at.is_none() && c.expires_at.is_none_or(|at| at > now)
}

#[async_trait]
impl CredentialStore for FakeStore {
    async fn credential_by_hash(&self, secret_hash: &[u8], now: Timestamp) -> Result<Option<Credential>> {
        self.look_ups.fetch_add(1, Ordering::SeqCst);
        let t = self.inner.lock();
        let current = t.credentials.values().find(|c| c.secret_hash == secret_hash);
        let old = || t.old.get(secret_hash).filter(|(_, until)| *until > now).and_then(|(id, _)| t.credentials.get(id));
        Ok(current.or_else(old).cloned())
    }

    async fn working(&self, ids: &[CredentialId], now: Timestamp) -> Result<Vec<CredentialId>> {
        let t = self.inner.lock();
        Ok(ids.iter().copied().filter(|id| t.credentials.get(id).is_some_and(|c| works(c, now))).collect())
    }

    async fn insert_credential(&self, _: &TenantScope, _: UserId, credential: &Credential) -> Result<()> {
        self.inner.lock().credentials.insert(credential.id, credential.clone());
        Ok(())
    }

    async fn credentials(&self, scope: &TenantScope, kind: CredentialKind) -> Result<Vec<Credential>> {
        Ok(self.inner.lock().credentials.values().filter(|c| c.tenant == scope.tenant() && c.kind == kind).cloned().collect())
    }

    async fn credential(&self, scope: &TenantScope, kind: CredentialKind, id: CredentialId) -> Result<Option<Credential>> {
        Ok(self.inner.lock().credentials.get(&id).filter(|c| c.tenant == scope.tenant() && c.kind == kind).cloned())
    }

    async fn rotate(
        &self,
        scope: &TenantScope,
        _: UserId,
        kind: CredentialKind,
        id: CredentialId,
        next: NextSecret<'_>,
    ) -> Result<Option<Credential>> {
        let mut t = self.inner.lock();
        let Some(c) = t.credentials.get_mut(&id).filter(|c| c.tenant == scope.tenant() && c.kind == kind && works(c, next.now)) else {
            return Ok(None);
        };
        let old = std::mem::replace(&mut c.secret_hash, next.hash.to_vec());
        next.hint.clone_into(&mut c.hint);
        let answer = c.clone();
        t.old.insert(old, (id, next.old_until));
        Ok(Some(answer))
    }

    async fn revoke(
        &self,
        scope: &TenantScope,
        _: UserId,
        kind: CredentialKind,
        id: CredentialId,
        _: &str,
        now: Timestamp,
    ) -> Result<bool> {
        let mut t = self.inner.lock();
        let found = t.credentials.get_mut(&id).filter(|c| c.tenant == scope.tenant() && c.kind == kind);
        Ok(found.is_some_and(|c| {
            c.revoked_at.get_or_insert(now);
            true
        }))
    }

    async fn rename_credential(
        &self,
        scope: &TenantScope,
        _: UserId,
        kind: CredentialKind,
        id: CredentialId,
        name: &str,
        _: Timestamp,
    ) -> Result<Option<Credential>> {
        let mut t = self.inner.lock();
        let found = t.credentials.get_mut(&id).filter(|c| c.tenant == scope.tenant() && c.kind == kind);
        Ok(found.map(|c| {
            name.clone_into(&mut c.name);
            c.clone()
        }))
    }

    async fn touch_credentials(&self, uses: &[(CredentialId, Timestamp)]) -> Result<()> {
        if self.fails.load(Ordering::SeqCst) {
            return Err(crate::error::Error::unavailable("down", 1));
        }
        let mut t = self.inner.lock();
        for (id, at) in uses {
            if let Some(c) = t.credentials.get_mut(id) {
                c.last_used_at = Some(*at);
            }
        }
        Ok(())
    }
}

#[async_trait]
impl AccessTokens for FakeStore {
    async fn grant_by_access_token(&self, _: &[u8]) -> Result<Option<Credential>> {
        Ok(None)
    }

    async fn touch_tokens(&self, _: &[[u8; 32]], _: Timestamp) -> Result<()> {
        Ok(())
    }
}

#[async_trait]
impl SessionStore for FakeStore {
    async fn insert_session(&self, session: &SessionRow) -> Result<()> {
        self.inner.lock().sessions.push((session.clone(), false));
        Ok(())
    }

    async fn rotate_session(&self, token_hash: &[u8], next: SessionRow, now: Timestamp) -> Result<RefreshOutcome> {
        let mut t = self.inner.lock();
        let Some(at) = t.sessions.iter().position(|(s, _)| s.token_hash == token_hash) else { return Ok(RefreshOutcome::Unknown) };
        let (old, used) = t.sessions[at].clone();
        if old.expires_at <= now || t.revoked_families.contains(&old.family) {
            return Ok(RefreshOutcome::Unknown);
        }
        if used {
            t.revoked_families.push(old.family);
            return Ok(RefreshOutcome::Reused);
        }
        t.sessions[at].1 = true;
        let row = SessionRow { family: old.family, user: old.user, tenant: old.tenant, ..next };
        t.sessions.push((row.clone(), false));
        Ok(RefreshOutcome::Rotated(row))
    }

    async fn revoke_session(&self, token_hash: &[u8], _: Timestamp) -> Result<()> {
        let mut t = self.inner.lock();
        let family = t.sessions.iter().find(|(s, _)| s.token_hash == token_hash).map(|(s, _)| s.family);
        t.revoked_families.extend(family);
        Ok(())
    }

    async fn revoke_sessions(&self, user: UserId, _: Timestamp) -> Result<()> {
        let mut t = self.inner.lock();
        let families: Vec<_> = t.sessions.iter().filter(|(s, _)| s.user == user).map(|(s, _)| s.family).collect();
        t.revoked_families.extend(families);
        Ok(())
    }

    async fn signed_in_at(&self, family: SessionId, _: Timestamp) -> Result<Option<Timestamp>> {
        let t = self.inner.lock();
        let alive = !t.revoked_families.contains(&family);
        Ok(t.sessions.iter().filter(|(s, _)| alive && s.family == family).map(|(s, _)| s.created_at).min())
    }
}

/// All services over the fakes.
pub(super) struct World {
    pub(super) store: Arc<FakeStore>,
    pub(super) clock: Arc<ManualClock>,
    pub(super) accounts: AccountService,
    pub(super) authenticator: Arc<Authenticator>,
    pub(super) credentials: CredentialService,
}

impl World {
    pub(super) fn new() -> Self {
        let (store, clock, keys) = (Arc::new(FakeStore::default()), clock(), ServerKeys::from_master([1; 32]));
        let cache = JwksCache::new(Arc::new(FakeJwks::new(&[("ec", TestKey::EcA)])), clock.clone());
        let settings = SupabaseSettings { url: SUPABASE.into(), jwt_secret: None };
        let verifier = JwtVerifier::new(&keys, true, Some((settings, cache)), clock.clone());
        let authenticator =
            Arc::new(Authenticator::new(store.clone(), TenancyService::new(store.clone()), store.clone(), &keys, verifier, clock.clone()));
        let accounts = AccountService::new(store.clone(), store.clone(), &keys, clock.clone(), PasswordPolicy::default(), 20);
        let credentials = CredentialService::new(store.clone(), store.clone(), &keys, clock.clone(), authenticator.clone());
        Self { store, clock, accounts, authenticator, credentials }
    }

    /// A member without a password, whose making costs no hash.
    pub(super) async fn member(&self, email: &str) -> Member {
        let user = NewUser { email: Some(email.into()), password_hash: None, external_subject: None };
        self.store.provision(user).await.expect("stored").expect("new")
    }

    /// An access token of Supabase for this `sub`.
    pub(super) fn supabase_token(&self, sub: &str, email: &str) -> String {
        let exp = self.clock.now().secs() + 3600;
        let claims = json!({"iss": format!("{SUPABASE}/auth/v1"), "sub": sub, "aud": "authenticated", "role": "authenticated", "exp": exp, "email": email});
        TestKey::EcA.sign("ec", &claims)
    }
}
