//! Plain types of tenancy.

use super::TenantScope;
use crate::{
    clock::Timestamp,
    error::{Code, Error, Result},
    ids::{AppId, CredentialId, ProjectId, TenantId, UserId},
};

/// A person's sign-in data before the user exists. Exactly one of `password_hash` and `external_subject` is set.
#[derive(Debug, Clone)]
pub struct NewUser {
    /// Lower-cased e-mail address, unique where present.
    pub email: Option<String>,
    /// argon2id in PHC format.
    pub password_hash: Option<String>,
    /// The `sub` of the outside identity provider, unique.
    pub external_subject: Option<String>,
}

/// A user in the tenant that they act in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    pub user: UserId,
    /// The tenant that the user was provisioned with.
    pub tenant: TenantId,
    pub default_project: ProjectId,
    /// E-mail address, where known.
    pub email: Option<String>,
    /// argon2id in PHC format, for built-in accounts.
    pub password_hash: Option<String>,
    /// When the user was created.
    pub created_at: Timestamp,
}

impl Member {
    /// The member, doing something themselves.
    #[must_use]
    pub const fn doer(&self) -> Doer {
        Doer { user: self.user, credential: None }
    }

    /// The scope of the member's tenant. A member row is only ever answered to sign-in or provisioning, so whoever holds
    /// one has been proven to belong there.
    #[must_use]
    pub const fn scope(&self) -> TenantScope {
        TenantScope::verified(self.tenant)
    }
}

/// A named space of memories.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Project {
    pub id: ProjectId,
    pub name: String,
    /// The project that memories go to when none is named.
    pub is_default: bool,
    /// Memories that are not deleted.
    pub memory_count: i64,
    pub created_at: Timestamp,
}

/// A client program of the tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct App {
    pub id: AppId,
    /// The `{client}` of the personal URL; unique within the tenant.
    pub name: String,
    /// False while paused: its calls are refused.
    pub is_active: bool,
    /// When it was first seen.
    pub created_at: Timestamp,
}

/// What an app wrote and read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppStats {
    pub app: App,
    /// Memories that it created and that are not deleted.
    pub memories_created: i64,
    /// Memories returned to it by search or list, counted each time.
    pub memories_accessed: i64,
    /// First such access.
    pub first_accessed: Option<Timestamp>,
    /// Latest such access.
    pub last_accessed: Option<Timestamp>,
}

impl AppStats {
    /// Whether it wrote what is still there, or read.
    #[must_use]
    pub const fn did_something(&self) -> bool {
        self.memories_created > 0 || self.memories_accessed > 0
    }
}

/// Order of the app list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum AppSort {
    /// By name.
    #[default]
    Name,
    /// By memories created.
    Memories,
    /// By accesses.
    Accessed,
}

/// Who did what the audit trail tells of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Doer {
    pub user: UserId,
    /// Their stored credential; `None` for a signed-in person.
    pub credential: Option<CredentialId>,
}

/// Something sensitive that was done, for the audit trail. Ids, counts and keyed hashes, never text.
#[derive(Debug, Clone)]
pub struct Deed {
    /// Whose account, and who did it; `None` for the service as a whole, or somebody whom it does not know.
    pub by: Option<(TenantScope, Doer)>,
    /// What, such as `account.export`.
    pub action: &'static str,
    pub subject: Option<uuid::Uuid>,
    pub detail: serde_json::Value,
}

/// How many of each a tenant may have: lists of them are read whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// Apps, which their first use makes.
    pub apps: u32,
    pub projects: u32,
    /// Endpoints and API keys that work or were made within a day, each tenant's together.
    pub credentials: u32,
}

impl Default for Bounds {
    fn default() -> Self {
        Self { apps: 500, projects: 200, credentials: 500 }
    }
}

impl Bounds {
    /// Refuses one more `what` where there are `most`; `key` is the setting that says so, `instead` what to do.
    ///
    /// # Errors
    /// `limit_reached`.
    pub fn check(have: i64, most: u32, what: &str, key: &str, instead: &str) -> Result<()> {
        if have < i64::from(most) {
            return Ok(());
        }
        Err(Error::new(Code::LimitReached, format!("This account has {have} {what}, and {most} is the most ({key}). {instead}")))
    }
}

/// Totals of a tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TenantStats {
    /// Memories that are not deleted.
    pub total_memories: i64,
    pub total_apps: i64,
}
