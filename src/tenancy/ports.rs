//! What tenancy needs from a database.

use std::collections::BTreeMap;

use async_trait::async_trait;

use super::{App, AppStats, Deed, Doer, Member, NewUser, Project, TenantScope, TenantStats};
use crate::{
    error::Result,
    ids::{AppId, ProjectId, TenantId, UserId},
};

/// Users and their memberships in the relational truth. What changes them writes its audit row in the same transaction. Methods
/// without a [`TenantScope`] serve sign-in, before a tenant is known; they answer nothing but the member.
#[async_trait]
pub trait UserStore: Send + Sync {
    /// Creates user, tenant, membership and default project in one transaction.
    ///
    /// MUST answer `None`, changing nothing, when the e-mail or subject is taken, however many calls race.
    async fn provision(&self, user: NewUser) -> Result<Option<Member>>;
    /// The member of this lower-cased e-mail address.
    async fn member_by_email(&self, email: &str) -> Result<Option<Member>>;
    /// The member of this outside identity.
    async fn member_by_subject(&self, subject: &str) -> Result<Option<Member>>;
    /// The member of this user id within a tenant that a verified token names.
    async fn member(&self, user: UserId, tenant: TenantId) -> Result<Option<Member>>;
    /// True while no user exists.
    async fn is_empty(&self) -> Result<bool>;
    /// Replaces the hash of a user's password; `deed` tells who did so.
    async fn set_password(&self, user: UserId, hash: &str, deed: Deed) -> Result<()>;
    /// Notes a sign-in.
    async fn touch_login(&self, member: &Member) -> Result<()>;
    /// Notes in the audit trail what changes no other row.
    async fn note(&self, deed: Deed) -> Result<()>;
}

/// Client programs of a tenant.
#[async_trait]
pub trait AppStore: Send + Sync {
    /// The app of this name, where there is one. `name` is normalised by the service.
    async fn find_app(&self, scope: &TenantScope, name: &str) -> Result<Option<App>>;
    /// The app of this name, created when new.
    ///
    /// MUST answer `limit_reached`, changing nothing, when the tenant has as many as it may.
    async fn app_by_name(&self, scope: &TenantScope, name: &str) -> Result<App>;
    /// One app with its counts, of one project where one is named.
    async fn app(&self, scope: &TenantScope, id: AppId, project: Option<ProjectId>) -> Result<Option<AppStats>>;
    /// All apps with their counts, of one project where one is named; by name.
    async fn apps(&self, scope: &TenantScope, project: Option<ProjectId>) -> Result<Vec<AppStats>>;
    /// Pauses or resumes; false when the app does not exist.
    async fn set_app_active(&self, scope: &TenantScope, by: Doer, id: AppId, active: bool) -> Result<bool>;
}

/// Projects of a tenant.
#[async_trait]
pub trait ProjectStore: Send + Sync {
    /// All projects, default first.
    async fn projects(&self, scope: &TenantScope) -> Result<Vec<Project>>;
    /// One project.
    async fn project(&self, scope: &TenantScope, id: ProjectId) -> Result<Option<Project>>;
    /// Creates a project; `None` when the name is taken.
    ///
    /// MUST answer `limit_reached`, changing nothing, when the tenant has as many as it may.
    async fn create_project(&self, scope: &TenantScope, by: Doer, name: &str) -> Result<Option<Project>>;
    /// Renames; `Ok(None)` when unknown, `Ok(Some(false))` when the name is taken.
    async fn rename_project(&self, scope: &TenantScope, by: Doer, id: ProjectId, name: &str) -> Result<Option<bool>>;
    /// Deletes an empty, non-default project; `Ok(None)` when unknown, `Ok(Some(false))` when it may not go.
    async fn delete_project(&self, scope: &TenantScope, by: Doer, id: ProjectId) -> Result<Option<bool>>;
}

/// A tenant as a whole.
#[async_trait]
pub trait TenantStore: Send + Sync {
    /// Deletes everything of a tenant, its users too; answers rows by table. Safe to repeat.
    async fn erase(&self, scope: &TenantScope) -> Result<BTreeMap<&'static str, u64>>;
    /// Totals.
    async fn stats(&self, scope: &TenantScope) -> Result<TenantStats>;
}
