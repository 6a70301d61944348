//! What the operator of the service may see and do: who uses it and how much, never what they remember.
//!
//! An operator is a member whose role says so. The role is given on the command line (`jmem user role`), not by an e-mail
//! address in the settings: whoever registers an address first would have it.

use std::{str::FromStr, sync::Arc};

use async_trait::async_trait;

use super::{TenantScope, TenantStore};
use crate::{
    clock::Timestamp,
    error::{Code, Error, Result},
    ids::{CredentialId, TenantId, UserId},
};

/// What a member is in their tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Owns the memories.
    Owner,
    /// Owns the memories, and keeps the service running.
    Operator,
}

impl Role {
    /// The storage name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Operator => "operator",
        }
    }
}

impl FromStr for Role {
    type Err = Error;
    fn from_str(text: &str) -> Result<Self> {
        match text {
            "owner" => Ok(Self::Owner),
            "operator" => Ok(Self::Operator),
            other => Err(Error::invalid(format!("Unknown role '{other}'. Known: owner, operator."))),
        }
    }
}

/// One account in the operator's list.
#[derive(Debug, Clone)]
pub struct Account {
    pub user: UserId,
    pub tenant: TenantId,
    /// E-mail address, where known.
    pub email: Option<String>,
    pub role: Role,
    pub created_at: Timestamp,
    /// Their last sign-in with a password.
    pub last_login_at: Option<Timestamp>,
    /// Endpoints and API keys that work.
    pub credentials: i64,
    /// Memories that are not deleted.
    pub memories: i64,
    pub apps: i64,
}

/// One line of the audit trail: ids and counts, never text.
#[derive(Debug, Clone)]
pub struct AuditEntry {
    pub id: uuid::Uuid,
    /// Tenant; `None` for what concerns the service as a whole, or somebody whom it does not know.
    pub tenant: Option<TenantId>,
    /// Who did it; `None` likewise, and for the operator's command line.
    pub user: Option<UserId>,
    /// With which stored credential; `None` for a signed-in person.
    pub credential: Option<CredentialId>,
    pub action: String,
    pub subject: Option<uuid::Uuid>,
    pub detail: serde_json::Value,
    pub at: Timestamp,
}

/// What the operator asks of a database. None of it opens a table with text of a tenant.
#[async_trait]
pub trait OperatorStore: Send + Sync {
    /// The role of a member; `None` for a stranger.
    async fn role(&self, user: UserId, tenant: TenantId) -> Result<Option<Role>>;
    /// Gives a member another role; false for a stranger.
    async fn set_role(&self, user: UserId, tenant: TenantId, role: Role) -> Result<bool>;
    /// Accounts that came before `before`, newest first, without the counts of the tenant's own tables.
    async fn accounts(&self, before: Option<UserId>, limit: u32) -> Result<Vec<Account>>;
    /// How many accounts there are.
    async fn account_count(&self) -> Result<i64>;
    /// How many credentials work that were made under an earlier key of the server than this.
    async fn credentials_under_earlier(&self, version: i32, now: Timestamp) -> Result<i64>;
    /// The audit trail before the entry `before`, newest first.
    async fn audit(&self, before: Option<uuid::Uuid>, limit: u32) -> Result<Vec<AuditEntry>>;
}

/// The operator's view, and who has it.
#[derive(Clone)]
pub struct OperatorService {
    store: Arc<dyn OperatorStore>,
    tenancy: Arc<dyn TenantStore>,
}

impl OperatorService {
    /// Over its stores.
    #[must_use]
    pub fn new(store: Arc<dyn OperatorStore>, tenancy: Arc<dyn TenantStore>) -> Self {
        Self { store, tenancy }
    }

    /// Whether this member is an operator.
    ///
    /// # Errors
    /// Only those of the store.
    pub async fn is_operator(&self, user: UserId, tenant: TenantId) -> Result<bool> {
        Ok(self.store.role(user, tenant).await? == Some(Role::Operator))
    }

    /// Refuses everyone else.
    ///
    /// # Errors
    /// `insufficient_scope`.
    pub async fn require(&self, user: UserId, tenant: TenantId) -> Result<()> {
        if self.is_operator(user, tenant).await? {
            return Ok(());
        }
        Err(Error::new(Code::InsufficientScope, "This is for the operator of the service. The role is given with 'jmem user role'."))
    }

    /// Gives a member another role.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn set_role(&self, user: UserId, tenant: TenantId, role: Role) -> Result<()> {
        if self.store.set_role(user, tenant, role).await? { Ok(()) } else { Err(Error::not_found("user")) }
    }

    /// Accounts with their counts, newest first, and how many there are in all.
    ///
    /// # Errors
    /// Only those of the store.
    pub async fn accounts(&self, before: Option<UserId>, limit: u32) -> Result<(Vec<Account>, i64)> {
        let mut accounts = self.store.accounts(before, limit).await?;
        for account in &mut accounts {
            // One tenant at a time, within its own walls: no statement counts across tenants.
            let totals = self.tenancy.stats(&TenantScope::verified(account.tenant)).await?;
            (account.memories, account.apps) = (totals.total_memories, totals.total_apps);
        }
        Ok((accounts, self.store.account_count().await?))
    }

    /// How many credentials work that were made under an earlier key of the server than this.
    ///
    /// # Errors
    /// Only those of the store.
    pub async fn credentials_under_earlier(&self, version: i32, now: Timestamp) -> Result<i64> {
        self.store.credentials_under_earlier(version, now).await
    }

    /// The audit trail, newest first.
    ///
    /// # Errors
    /// Only those of the store.
    pub async fn audit(&self, before: Option<uuid::Uuid>, limit: u32) -> Result<Vec<AuditEntry>> {
        self.store.audit(before, limit).await
    }
}
