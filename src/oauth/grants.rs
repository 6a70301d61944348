//! The clients that a person let in, beside their endpoints and API keys.

use std::{collections::HashMap, sync::Arc};

use super::{GrantRow, TokenStore, client::imitates, redirect::RedirectUri};
use crate::{
    auth::{Credential, CredentialKind, CredentialService, Maker, Principal},
    error::Result,
    ids::CredentialId,
};

/// A client that was let in.
#[derive(Debug, Clone)]
pub struct Grant {
    pub credential: Credential,
    pub row: GrantRow,
    /// Where its person was sent back to; `None` for a program on their computer.
    pub redirect_host: Option<String>,
    /// The trusted name that the client seems to borrow.
    pub imitates: Option<&'static str>,
}

/// Shows, renames and ends grants. Every method needs `account:manage`.
pub struct Grants {
    credentials: Arc<CredentialService>,
    tokens: Arc<dyn TokenStore>,
}

impl Grants {
    /// Over the credentials that grants are, and what else is known of them.
    #[must_use]
    pub fn new(credentials: Arc<CredentialService>, tokens: Arc<dyn TokenStore>) -> Self {
        Self { credentials, tokens }
    }

    /// All grants, newest first, ended ones included.
    ///
    /// # Errors
    /// `insufficient_scope`.
    pub async fn list(&self, by: &Principal) -> Result<Vec<Grant>> {
        let all = self.credentials.list(&Maker::from(by), CredentialKind::Grant).await?;
        let mut rows: HashMap<_, _> = self.tokens.grants(&by.scope).await?.into_iter().collect();
        Ok(all.into_iter().filter_map(|credential| Some(grant(rows.remove(&credential.id)?, credential))).collect())
    }

    /// Gives a grant another label; the client's own name when it is empty.
    ///
    /// # Errors
    /// `insufficient_scope`, `not_found`, `invalid_argument` for the label.
    pub async fn rename(&self, by: &Principal, id: CredentialId, name: &str) -> Result<()> {
        self.credentials.rename(&Maker::from(by), CredentialKind::Grant, id, name).await.map(drop)
    }

    /// Ends a grant at once, for good. Ending twice is fine.
    ///
    /// # Errors
    /// `insufficient_scope`, `not_found`.
    pub async fn revoke(&self, by: &Principal, id: CredentialId, reason: &str) -> Result<()> {
        self.credentials.revoke(&Maker::from(by), CredentialKind::Grant, id, reason).await
    }
}

fn grant(row: GrantRow, credential: Credential) -> Grant {
    let redirect_host = RedirectUri::parse(&row.redirect_uri).ok().and_then(|uri| uri.host().map(str::to_owned));
    let hosts: Vec<_> = row.client_host.as_deref().into_iter().chain(redirect_host.as_deref()).collect();
    Grant { imitates: imitates(&credential.name, &hosts), redirect_host, row, credential }
}
