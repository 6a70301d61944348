//! Personal endpoints and API keys: making, listing, rotating and revoking them.
//!
//! Owns who may make what, and telling open streams that their credential has changed. It does not check credentials
//! on requests: `authenticator` does, whose cache this module keeps honest. Rows lie in [`CredentialStore`].

use std::{fmt, sync::Arc, time::Duration};

use tokio::sync::broadcast;

use super::{
    Authenticator, Credential, CredentialKind, CredentialStore, NextSecret, Principal, Scope, Scopes, Secret, SecretKind, ServerKeys,
};
use crate::{
    clock::{Clock, Timestamp},
    error::{Code, Error, Result},
    ids::{CredentialId, ProjectId, TenantId, UserId},
    tenancy::{Member, ProjectStore, TenantScope, UserStore},
};

/// Longest time that a rotated secret may go on working.
const MAX_GRACE: Duration = Duration::from_hours(24);
/// Longest name or client label, in characters.
const MAX_NAME: usize = 100;
/// Client label of an API key that names none.
const API_CLIENT: &str = "api";
/// Changes that a slow stream watcher may fall behind before it must poll.
const CHANGES: usize = 1024;

/// On whose behalf a credential is made or changed, and what they hold themselves.
#[derive(Debug, Clone)]
pub struct Maker {
    scope: TenantScope,
    user: UserId,
    scopes: Scopes,
    project: Option<ProjectId>,
}

impl Maker {
    /// The operator of this server, acting for a member with everything that a signed-in member holds.
    #[must_use]
    pub fn operator(member: &Member) -> Self {
        Self { scope: TenantScope::verified(member.tenant), user: member.user, scopes: Scopes::all(), project: None }
    }
}

impl From<&Principal> for Maker {
    fn from(p: &Principal) -> Self {
        Self { scope: p.scope, user: p.user, scopes: p.scopes, project: p.project }
    }
}

/// What a new credential shall be.
#[derive(Debug, Clone)]
pub struct NewCredential {
    /// `Endpoint` or `ApiKey`.
    pub kind: CredentialKind,
    /// Label for lists, up to 100 characters; empty takes the client's.
    pub name: String,
    /// Client (app) label. An endpoint needs one; an API key without one gets `api`.
    pub client: Option<String>,
    /// What it may do; `None` takes the default set, as far as the maker holds it.
    pub scopes: Option<Scopes>,
    /// The only project that it opens; `None` opens all that the maker sees.
    pub project: Option<ProjectId>,
    /// When it stops working; `None` never.
    pub expires_at: Option<Timestamp>,
}

/// A new credential with its secret, which is shown this once.
#[derive(Debug, Clone)]
pub struct CreatedCredential {
    /// As stored.
    pub credential: Credential,
    pub secret: Secret,
}

/// A credential with its new secret, which is shown this once.
#[derive(Debug, Clone)]
pub struct Rotation {
    /// As stored.
    pub credential: Credential,
    pub secret: Secret,
    /// Until when the old secret works; now, without a grace.
    pub old_until: Timestamp,
}

/// Makes, lists, rotates and revokes credentials. Every method needs `account:manage`.
pub struct CredentialService {
    users: Arc<dyn UserStore>,
    projects: Arc<dyn ProjectStore>,
    store: Arc<dyn CredentialStore>,
    keys: ServerKeys,
    clock: Arc<dyn Clock>,
    authenticator: Arc<Authenticator>,
    changes: broadcast::Sender<CredentialId>,
}

impl fmt::Debug for CredentialService {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CredentialService").finish_non_exhaustive()
    }
}

impl CredentialService {
    /// Builds the service over its stores and the authenticator whose cache it keeps honest.
    #[must_use]
    pub fn new<S: UserStore + ProjectStore + 'static>(
        tenancy: Arc<S>,
        store: Arc<dyn CredentialStore>,
        keys: &ServerKeys,
        clock: Arc<dyn Clock>,
        authenticator: Arc<Authenticator>,
    ) -> Self {
        Self {
            users: tenancy.clone(),
            projects: tenancy,
            store,
            keys: keys.clone(),
            clock,
            authenticator,
            changes: broadcast::channel(CHANGES).0,
        }
    }

    /// Makes a credential. It never holds a scope, nor opens a project, that its maker does not.
    ///
    /// # Errors
    /// `insufficient_scope` for more than the maker holds; `not_found` for a project that the maker does not see;
    /// `invalid_argument` for labels, an expiry in the past, or `account:manage` on an endpoint.
    pub async fn create(&self, by: &Maker, new: NewCredential) -> Result<CreatedCredential> {
        by.scopes.require(Scope::AccountManage)?;
        let secret_kind = secret_kind(new.kind)?;
        let scopes = granted(by.scopes, new.scopes)?;
        if new.kind == CredentialKind::Endpoint && scopes.allows(Scope::AccountManage) {
            // A secret in a URL is seen by more eyes than one in a header: it must not make further credentials.
            return Err(Error::invalid("A personal endpoint cannot hold 'account:manage'. Leave it out, or create an API key."));
        }
        let client = match (new.kind, new.client.as_deref()) {
            (CredentialKind::ApiKey, None) => API_CLIENT.to_owned(),
            (_, label) => normal_client(label.unwrap_or_default()).ok_or_else(|| {
                Error::invalid("The client must be 1 to 100 letters, digits, spaces, dots, dashes or underscores, such as 'claude'.")
            })?,
        };
        let name = normal_name(&new.name, &client)?;
        let now = self.clock.now();
        if new.expires_at.is_some_and(|at| at <= now) {
            return Err(Error::invalid("The expiry lies in the past. Give a later time, or none."));
        }
        let (project, default_project) = self.projects(by, new.project).await?;
        let (secret, hash) = self.keys.new_secret(secret_kind);
        let credential = Credential {
            id: CredentialId::new(),
            tenant: by.scope.tenant(),
            user: by.user,
            kind: new.kind,
            name,
            client,
            secret_hash: hash.to_vec(),
            pepper_version: self.keys.version(),
            hint: secret.hint().to_owned(),
            scopes,
            project,
            created_at: now,
            expires_at: new.expires_at,
            last_used_at: None,
            revoked_at: None,
            default_project,
        };
        self.store.insert_credential(&by.scope, by.user, &credential).await?;
        Ok(CreatedCredential { credential, secret })
    }

    /// The credentials of a kind, newest first, revoked ones included. A maker bound to a project sees those of it.
    ///
    /// # Errors
    /// `insufficient_scope`.
    pub async fn list(&self, by: &Maker, kind: CredentialKind) -> Result<Vec<Credential>> {
        by.scopes.require(Scope::AccountManage)?;
        let mut all = self.store.credentials(&by.scope, kind).await?;
        all.retain(|credential| by.sees(credential));
        Ok(all)
    }

    /// One credential of a kind.
    ///
    /// # Errors
    /// `insufficient_scope`, `not_found`.
    pub async fn get(&self, by: &Maker, kind: CredentialKind, id: CredentialId) -> Result<Credential> {
        by.scopes.require(Scope::AccountManage)?;
        let found = self.store.credential(&by.scope, kind, id).await?;
        found.filter(|credential| by.sees(credential)).ok_or_else(|| unknown(kind))
    }

    /// Gives a credential a new secret. The old one works for another `grace` (0 to 24 hours); streams that it opened
    /// are closed then, and reopen with the new one.
    ///
    /// # Errors
    /// `not_found` for one that is unknown, expired or revoked; `insufficient_scope` for one that holds more than the
    /// maker, who would learn its secret; `invalid_argument` for a longer grace.
    pub async fn rotate(&self, by: &Maker, kind: CredentialKind, id: CredentialId, grace: Duration) -> Result<Rotation> {
        let current = self.get(by, kind, id).await?;
        if let Some(more) = current.scopes.iter().find(|scope| !by.scopes.allows(*scope)) {
            by.scopes.require(more)?;
        }
        if grace > MAX_GRACE {
            return Err(Error::invalid("The grace may be at most 24 hours (86400 seconds)."));
        }
        let now = self.clock.now();
        let old_until = now.plus(grace);
        let (secret, hash) = self.keys.new_secret(secret_kind(kind)?);
        let rotated = self
            .store
            .rotate(
                &by.scope,
                by.user,
                kind,
                id,
                NextSecret { hash: &hash, pepper_version: self.keys.version(), hint: secret.hint(), old_until, now },
            )
            .await?;
        let credential = rotated.ok_or_else(|| unknown(kind))?;
        self.authenticator.forget(id);
        if grace.is_zero() {
            self.tell(id);
        } else {
            let changes = self.changes.clone();
            tokio::spawn(async move {
                tokio::time::sleep(grace).await;
                // Nobody listens while no stream is open.
                let _ = changes.send(id);
            });
        }
        Ok(Rotation { credential, secret, old_until })
    }

    /// Gives a credential another label; the client's name when it is empty.
    ///
    /// # Errors
    /// `insufficient_scope`, `not_found`, `invalid_argument` for the label.
    pub async fn rename(&self, by: &Maker, kind: CredentialKind, id: CredentialId, name: &str) -> Result<Credential> {
        let name = normal_name(name, &self.get(by, kind, id).await?.client)?;
        let renamed = self.store.rename_credential(&by.scope, by.user, kind, id, &name, self.clock.now()).await?;
        renamed.ok_or_else(|| unknown(kind))
    }

    /// Revokes a credential at once, for good. Revoking twice is fine. `reason` goes to the audit.
    ///
    /// # Errors
    /// `insufficient_scope`, `not_found`.
    pub async fn revoke(&self, by: &Maker, kind: CredentialKind, id: CredentialId, reason: &str) -> Result<()> {
        self.get(by, kind, id).await?;
        let found = self.store.revoke(&by.scope, by.user, kind, id, reason, self.clock.now()).await?;
        self.authenticator.forget(id);
        self.tell(id);
        if found { Ok(()) } else { Err(unknown(kind)) }
    }

    /// Ends a grant that was misused, or that its client gives up. Nobody is asked: the client has shown a secret of it.
    ///
    /// # Errors
    /// Only those of the store.
    pub(crate) async fn end_grant(&self, tenant: TenantId, user: UserId, id: CredentialId, reason: &str) -> Result<()> {
        self.store.revoke(&TenantScope::verified(tenant), user, CredentialKind::Grant, id, reason, self.clock.now()).await?;
        self.forget(id);
        self.tell(id);
        Ok(())
    }

    /// Makes the next request with a credential ask the store.
    pub(crate) fn forget(&self, id: CredentialId) {
        self.authenticator.forget(id);
    }

    /// The credentials whose open streams must close now: revoked, or rotated with the grace over. Only changes made by
    /// this process; those of others are found with [`Self::still_working`]. A receiver that lags must poll as well.
    #[must_use]
    pub fn subscribe(&self) -> broadcast::Receiver<CredentialId> {
        self.changes.subscribe()
    }

    /// Those of `ids` that are neither revoked nor expired, for closing streams every few seconds.
    ///
    /// # Errors
    /// Only those of the store.
    pub async fn still_working(&self, ids: &[CredentialId]) -> Result<Vec<CredentialId>> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        self.store.working(ids, self.clock.now()).await
    }

    fn tell(&self, id: CredentialId) {
        // Nobody listens while no stream is open.
        let _ = self.changes.send(id);
    }

    /// The project of a new credential, and the tenant's default one.
    async fn projects(&self, by: &Maker, asked: Option<ProjectId>) -> Result<(Option<ProjectId>, ProjectId)> {
        let project = match (by.project, asked) {
            (Some(bound), Some(asked)) if bound != asked => return Err(Error::not_found("project")),
            (bound, asked) => bound.or(asked),
        };
        if let Some(id) = project {
            self.projects.project(&by.scope, id).await?.ok_or_else(|| Error::not_found("project"))?;
        }
        let member = self.users.member(by.user, by.scope.tenant()).await?.ok_or_else(Error::unauthenticated)?;
        Ok((project, member.default_project))
    }
}

impl Maker {
    /// A maker bound to a project sees only credentials bound to the same one: any other opens more than it may.
    fn sees(&self, credential: &Credential) -> bool {
        self.project.is_none_or(|bound| credential.project == Some(bound))
    }
}

/// The scopes of a new credential: those asked for, or the default ones, and never more than `held`.
fn granted(held: Scopes, asked: Option<Scopes>) -> Result<Scopes> {
    let scopes = match asked {
        Some(asked) => {
            if let Some(more) = asked.iter().find(|scope| !held.allows(*scope)) {
                held.require(more)?;
            }
            asked
        }
        None => Scopes::of(&Scopes::default_for_credentials().iter().filter(|scope| held.allows(*scope)).collect::<Vec<_>>()),
    };
    if scopes == Scopes::default() {
        return Err(Error::new(
            Code::InvalidArgument,
            "A credential needs at least one scope, such as 'memory:read'. Name those that it shall have.",
        ));
    }
    Ok(scopes)
}

/// A client label as stored and compared: trimmed, lower case, of letters, digits and `. _ -` or space. The rule is that
/// of the app of the same name.
pub(crate) fn normal_client(label: &str) -> Option<String> {
    let name = label.trim().to_lowercase();
    let fits =
        (1..=MAX_NAME).contains(&name.chars().count()) && name.chars().all(|c| c.is_alphanumeric() || matches!(c, '.' | '_' | '-' | ' '));
    fits.then_some(name)
}

fn normal_name(name: &str, client: &str) -> Result<String> {
    let name = if name.trim().is_empty() { client } else { name.trim() };
    if name.chars().count() > MAX_NAME || name.chars().any(char::is_control) {
        return Err(Error::invalid("The name must be at most 100 characters without control characters."));
    }
    Ok(name.to_owned())
}

fn secret_kind(kind: CredentialKind) -> Result<SecretKind> {
    match kind {
        CredentialKind::Endpoint => Ok(SecretKind::Endpoint),
        CredentialKind::ApiKey => Ok(SecretKind::ApiKey),
        CredentialKind::Jwt | CredentialKind::Grant => {
            Err(Error::invalid("Only personal endpoints and API keys can be made here. Sign in for an access token."))
        }
    }
}

fn unknown(kind: CredentialKind) -> Error {
    Error::not_found(match kind {
        CredentialKind::Endpoint => "endpoint",
        CredentialKind::Grant => "connection",
        CredentialKind::ApiKey | CredentialKind::Jwt => "API key",
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::fakes::World;

    fn new(kind: CredentialKind) -> NewCredential {
        NewCredential { kind, name: String::new(), client: Some("Claude".into()), scopes: None, project: None, expires_at: None }
    }

    #[tokio::test]
    async fn a_new_endpoint_has_the_defaults_and_shows_its_secret_once() {
        let w = World::new();
        let by = Maker::operator(&w.member("ann@example.com").await);
        let made = w.credentials.create(&by, new(CredentialKind::Endpoint)).await.expect("made");
        assert_eq!((made.credential.name.as_str(), made.credential.client.as_str()), ("claude", "claude"));
        assert_eq!(made.credential.scopes, Scopes::default_for_credentials());
        assert!(made.secret.expose().starts_with(&made.credential.hint));
        assert!(!format!("{made:?}").contains(made.secret.expose()));
        let listed = w.credentials.list(&by, CredentialKind::Endpoint).await.expect("listed");
        assert_eq!(listed, vec![made.credential.clone()]);
        assert!(w.credentials.list(&by, CredentialKind::ApiKey).await.expect("listed").is_empty());
        assert_eq!(w.credentials.get(&by, CredentialKind::ApiKey, made.credential.id).await.expect_err("kind").code(), Code::NotFound);
        let key = w.credentials.create(&by, NewCredential { client: None, ..new(CredentialKind::ApiKey) }).await.expect("made");
        assert_eq!((key.credential.client.as_str(), &key.secret.expose()[..4]), ("api", "jmk_"));
    }

    #[tokio::test]
    async fn scopes_and_projects_cannot_be_widened() {
        let w = World::new();
        let member = w.member("ann@example.com").await;
        let owner = Maker::operator(&member);
        let reader = Maker { scopes: Scopes::of(&[Scope::MemoryRead, Scope::AccountManage]), ..owner.clone() };
        let bound = Maker { project: Some(member.default_project), ..owner.clone() };
        let powerless = Maker { scopes: Scopes::default_for_credentials(), ..owner.clone() };
        let key = || new(CredentialKind::ApiKey);

        let wider = NewCredential { scopes: Some(Scopes::of(&[Scope::MemoryRead, Scope::MemoryDeleteAll])), ..key() };
        assert_eq!(w.credentials.create(&reader, wider).await.expect_err("wider").code(), Code::InsufficientScope);
        let narrowed = w.credentials.create(&reader, key()).await.expect("made");
        assert_eq!(narrowed.credential.scopes, Scopes::of(&[Scope::MemoryRead]), "the default shrinks to what the maker holds");
        assert_eq!(w.credentials.create(&powerless, key()).await.expect_err("no right").code(), Code::InsufficientScope);

        let full = w.credentials.create(&owner, key()).await.expect("made").credential;
        let taken =
            w.credentials.rotate(&reader, CredentialKind::ApiKey, full.id, Duration::ZERO).await.expect_err("would learn a wider secret");
        assert_eq!(taken.code(), Code::InsufficientScope);

        let inherited = w.credentials.create(&bound, key()).await.expect("made").credential;
        assert_eq!(inherited.project, Some(member.default_project), "a bound maker makes bound credentials");
        let elsewhere = NewCredential { project: Some(ProjectId::new()), ..key() };
        for by in [&bound, &owner] {
            assert_eq!(w.credentials.create(by, elsewhere.clone()).await.expect_err("unknown").code(), Code::NotFound);
        }
        let hidden = w.credentials.rotate(&bound, CredentialKind::ApiKey, full.id, Duration::ZERO).await.expect_err("not of its project");
        assert_eq!(hidden.code(), Code::NotFound);
        assert_eq!(w.credentials.list(&bound, CredentialKind::ApiKey).await.expect("listed"), vec![inherited]);

        let in_url = NewCredential { scopes: Some(Scopes::all()), ..new(CredentialKind::Endpoint) };
        assert_eq!(w.credentials.create(&owner, in_url).await.expect_err("never in a URL").code(), Code::InvalidArgument);
    }

    #[tokio::test]
    async fn another_tenants_credential_is_unknown() {
        let w = World::new();
        let ann = Maker::operator(&w.member("ann@example.com").await);
        let bob_member = w.member("bob@example.com").await;
        let bob = Maker::operator(&bob_member);
        let id = w.credentials.create(&ann, new(CredentialKind::Endpoint)).await.expect("made").credential.id;
        let kind = CredentialKind::Endpoint;
        let theirs = [
            w.credentials.get(&bob, kind, id).await.expect_err("get"),
            w.credentials.rotate(&bob, kind, id, Duration::ZERO).await.expect_err("rotate"),
            w.credentials.revoke(&bob, kind, id, "x").await.expect_err("revoke"),
        ];
        let unknown = w.credentials.get(&bob, kind, CredentialId::new()).await.expect_err("unknown");
        for error in theirs {
            assert_eq!((error.code(), error.detail()), (unknown.code(), unknown.detail()));
        }
        let project = NewCredential { project: Some(bob_member.default_project), ..new(kind) };
        assert_eq!(w.credentials.create(&ann, project).await.expect_err("another tenant's project").code(), Code::NotFound);
    }

    #[tokio::test]
    async fn bad_input_is_refused() {
        let w = World::new();
        let by = Maker::operator(&w.member("ann@example.com").await);
        let base = || new(CredentialKind::Endpoint);
        let bad = [
            NewCredential { client: None, ..base() },
            NewCredential { client: Some("a/b".into()), ..base() },
            NewCredential { client: Some("x".repeat(101)), ..base() },
            NewCredential { name: "x".repeat(101), ..base() },
            NewCredential { name: "a\nb".into(), ..base() },
            NewCredential { expires_at: Some(w.clock.now()), ..base() },
            NewCredential { scopes: Some(Scopes::default()), ..base() },
            NewCredential { kind: CredentialKind::Jwt, ..base() },
        ];
        for new in bad {
            let shown = format!("{new:?}");
            assert_eq!(w.credentials.create(&by, new).await.expect_err(&shown).code(), Code::InvalidArgument, "{shown}");
        }
    }

    #[tokio::test]
    async fn watchers_hear_of_revocation_at_once_and_of_rotation_after_the_grace() {
        let w = World::new();
        let by = Maker::operator(&w.member("ann@example.com").await);
        let kind = CredentialKind::Endpoint;
        let id = w.credentials.create(&by, new(kind)).await.expect("made").credential.id;
        let mut changes = w.credentials.subscribe();
        assert_eq!(w.credentials.still_working(&[id, CredentialId::new()]).await.expect("asked"), vec![id]);
        w.credentials.rotate(&by, kind, id, Duration::from_millis(200)).await.expect("rotated");
        assert!(changes.try_recv().is_err(), "the old secret still works");
        assert_eq!(changes.recv().await, Ok(id), "when the grace is over");
        w.credentials.rotate(&by, kind, id, Duration::ZERO).await.expect("rotated");
        assert_eq!(changes.try_recv(), Ok(id));
        let long = w.credentials.rotate(&by, kind, id, MAX_GRACE + Duration::from_secs(1)).await.expect_err("too long");
        assert_eq!(long.code(), Code::InvalidArgument);
        w.credentials.revoke(&by, kind, id, "lost laptop").await.expect("revoked");
        assert_eq!(changes.try_recv(), Ok(id));
        assert!(w.credentials.still_working(&[id]).await.expect("asked").is_empty());
        w.credentials.revoke(&by, kind, id, "again").await.expect("fine");
        assert_eq!(w.credentials.rotate(&by, kind, id, Duration::ZERO).await.expect_err("revoked").code(), Code::NotFound);
    }
}
