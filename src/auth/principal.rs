//! Who is calling: built anew for each request, never remembered from a session.

use super::scopes::{Scope, Scopes};
use crate::{
    clock::Timestamp,
    error::{Code, Error, Result},
    ids::{CredentialId, ProjectId, UserId},
    tenancy::{Doer, Member, TenantScope},
};

/// How the caller proved who they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CredentialKind {
    /// A Supabase access token or a token of the built-in accounts.
    Jwt,
    /// An API key.
    ApiKey,
    /// The secret of a personal endpoint.
    Endpoint,
    /// The tokens of a grant: a client that a person let in on the consent page.
    Grant,
}

/// tenant + user + credential + client + scopes of one request.
#[derive(Debug, Clone)]
pub struct Principal {
    /// The tenant that the request may touch.
    pub scope: TenantScope,
    pub user: UserId,
    pub kind: CredentialKind,
    /// The stored credential; `None` for a JWT.
    pub credential: Option<CredentialId>,
    /// Label of the client program, from the URL or the credential.
    pub client: String,
    /// What the request may do.
    pub scopes: Scopes,
    /// The only project that the credential opens; `None` opens all of the tenant.
    pub project: Option<ProjectId>,
    /// The tenant's default project, where memories go when none is named.
    pub default_project: ProjectId,
    /// When the person proved who they are; staying signed in proves nothing anew. `None` for a stored credential, which anybody
    /// may hold.
    pub signed_in_at: Option<Timestamp>,
}

impl Principal {
    /// The person at this machine's terminal, who has the data directory in their hands anyway: everything but
    /// account management.
    #[must_use]
    pub fn local(member: &Member, client: &str) -> Self {
        Self {
            scope: TenantScope::verified(member.tenant),
            user: member.user,
            kind: CredentialKind::Endpoint,
            credential: None,
            client: client.to_owned(),
            scopes: Scopes::of(&[Scope::MemoryRead, Scope::MemoryWrite, Scope::MemoryDelete, Scope::MemoryDeleteAll]),
            project: None,
            default_project: member.default_project,
            signed_in_at: None,
        }
    }

    /// Who acts, for the audit trail.
    #[must_use]
    pub const fn doer(&self) -> Doer {
        Doer { user: self.user, credential: self.credential }
    }

    /// Refuses unless the credential has `scope`.
    ///
    /// # Errors
    /// `insufficient_scope`.
    pub fn require(&self, scope: Scope) -> Result<()> {
        self.scopes.require(scope)
    }

    /// Refuses a credential that opens one project: what is asked for belongs to the whole account.
    ///
    /// # Errors
    /// `insufficient_scope`.
    pub fn require_account(&self) -> Result<()> {
        if self.project.is_none() {
            return Ok(());
        }
        Err(Error::new(Code::InsufficientScope, "This credential is bound to one project, and this belongs to the whole account."))
    }

    /// The project that a request works in, from what it asked for: a bound credential stays in its own.
    /// `None` means all projects of the tenant.
    ///
    /// # Errors
    /// `not_found` when a bound credential names another project (the same answer as for an unknown one).
    pub fn project_for_read(&self, asked: Option<ProjectId>) -> Result<Option<ProjectId>> {
        match (self.project, asked) {
            (Some(bound), Some(asked)) if bound != asked => Err(Error::not_found("project")),
            (Some(bound), _) => Ok(Some(bound)),
            (None, asked) => Ok(asked),
        }
    }

    /// The project that a new memory goes to.
    ///
    /// # Errors
    /// As [`Self::project_for_read`].
    pub fn project_for_write(&self, asked: Option<ProjectId>) -> Result<ProjectId> {
        Ok(self.project_for_read(asked)?.unwrap_or(self.default_project))
    }
}
