//! The rules of tenancy over its store: names, caching of apps, and clear errors.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use moka::sync::Cache;

use super::{App, AppSort, AppStats, AppStore, Deed, Doer, Project, ProjectStore, TenantScope, TenantStats, TenantStore, UserStore};
use crate::{
    error::{Code, Error, Result},
    ids::{AppId, ProjectId},
};

/// Longest name of an app or project, in characters.
const MAX_NAME: usize = 100;
/// How long a node trusts its view of an app; a pause made on another node takes at most this long to bite.
const APP_TTL: Duration = Duration::from_secs(1);

/// Projects, apps and totals of a tenant.
#[derive(Clone)]
pub struct TenancyService {
    users: Arc<dyn UserStore>,
    apps: Arc<dyn AppStore>,
    projects: Arc<dyn ProjectStore>,
    tenants: Arc<dyn TenantStore>,
    known: Cache<(TenantScope, String), App>,
}

impl TenancyService {
    /// Builds the service over stores that one type is.
    #[must_use]
    pub fn new<S: UserStore + AppStore + ProjectStore + TenantStore + 'static>(store: Arc<S>) -> Self {
        Self {
            users: store.clone(),
            apps: store.clone(),
            projects: store.clone(),
            tenants: store,
            known: Cache::builder().max_capacity(100_000).time_to_live(APP_TTL).build(),
        }
    }

    /// Deletes everything of a tenant, its users too; answers rows by table.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn erase(&self, scope: &TenantScope) -> Result<BTreeMap<&'static str, u64>> {
        self.tenants.erase(scope).await
    }

    /// The app that a `{client}` label names, created on first use.
    ///
    /// # Errors
    /// `invalid_argument` for an empty, overlong or odd label, `limit_reached` where it would be one too many.
    pub async fn app(&self, scope: &TenantScope, label: &str) -> Result<App> {
        let key = (*scope, app_name(label)?);
        if let Some(app) = self.known.get(&key) {
            return Ok(app);
        }
        let app = self.apps.app_by_name(scope, &key.1).await?;
        self.known.insert(key, app.clone());
        Ok(app)
    }

    /// As [`Self::app`], refusing a paused one.
    ///
    /// # Errors
    /// `app_paused`, and those of [`Self::app`].
    pub async fn active_app(&self, scope: &TenantScope, label: &str) -> Result<App> {
        unless_paused(self.app(scope, label).await?)
    }

    /// Refuses whoever speaks for a paused app; makes none. The door of every stored credential.
    ///
    /// # Errors
    /// `app_paused`; `invalid_argument` for a label that no app can have.
    pub async fn admit(&self, scope: &TenantScope, label: &str) -> Result<()> {
        let key = (*scope, app_name(label)?);
        let app = match self.known.get(&key) {
            Some(app) => app,
            None => match self.apps.find_app(scope, &key.1).await? {
                Some(app) => {
                    self.known.insert(key, app.clone());
                    app
                }
                None => return Ok(()),
            },
        };
        unless_paused(app).map(drop)
    }

    /// One app with its counts; who sees one project only is told what it did there.
    ///
    /// # Errors
    /// `not_found`, also for an app that did nothing in that project.
    pub async fn app_stats(&self, scope: &TenantScope, project: Option<ProjectId>, id: AppId) -> Result<AppStats> {
        let found = self.apps.app(scope, id, project).await?;
        found.filter(|app| project.is_none() || app.did_something()).ok_or_else(|| Error::not_found("app"))
    }

    /// All apps in the order asked for; who sees one project only is told of those that did something there, and of nothing else
    /// that they did.
    ///
    /// # Errors
    /// Only those of the store.
    pub async fn apps(&self, scope: &TenantScope, project: Option<ProjectId>, sort: AppSort, descending: bool) -> Result<Vec<AppStats>> {
        let mut apps = self.apps.apps(scope, project).await?;
        apps.retain(|app| project.is_none() || app.did_something());
        match sort {
            AppSort::Name => apps.sort_by(|a, b| a.app.name.cmp(&b.app.name)),
            AppSort::Memories => apps.sort_by_key(|a| a.memories_created),
            AppSort::Accessed => apps.sort_by_key(|a| a.memories_accessed),
        }
        if descending {
            apps.reverse();
        }
        Ok(apps)
    }

    /// Pauses or resumes an app.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn set_app_active(&self, scope: &TenantScope, by: Doer, id: AppId, active: bool) -> Result<()> {
        if !self.apps.set_app_active(scope, by, id, active).await? {
            return Err(Error::not_found("app"));
        }
        self.known.invalidate_all();
        Ok(())
    }

    /// All projects, default first.
    ///
    /// # Errors
    /// Only those of the store.
    pub async fn projects(&self, scope: &TenantScope) -> Result<Vec<Project>> {
        self.projects.projects(scope).await
    }

    /// One project.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn project(&self, scope: &TenantScope, id: ProjectId) -> Result<Project> {
        self.projects.project(scope, id).await?.ok_or_else(|| Error::not_found("project"))
    }

    /// Creates a project.
    ///
    /// # Errors
    /// `conflict` when the name is taken, `invalid_argument` for a bad name, `limit_reached`.
    pub async fn create_project(&self, scope: &TenantScope, by: Doer, name: &str) -> Result<Project> {
        let name = display_name(name)?;
        self.projects.create_project(scope, by, &name).await?.ok_or_else(|| taken(&name))
    }

    /// Renames a project.
    ///
    /// # Errors
    /// `not_found`, `conflict`, `invalid_argument`.
    pub async fn rename_project(&self, scope: &TenantScope, by: Doer, id: ProjectId, name: &str) -> Result<Project> {
        let name = display_name(name)?;
        match self.projects.rename_project(scope, by, id, &name).await? {
            None => Err(Error::not_found("project")),
            Some(false) => Err(taken(&name)),
            Some(true) => self.project(scope, id).await,
        }
    }

    /// Deletes an empty project.
    ///
    /// # Errors
    /// `not_found`; `conflict` for the default project or one that still holds memories.
    pub async fn delete_project(&self, scope: &TenantScope, by: Doer, id: ProjectId) -> Result<()> {
        match self.projects.delete_project(scope, by, id).await? {
            None => Err(Error::not_found("project")),
            Some(true) => Ok(()),
            Some(false) => Err(Error::new(
                Code::Conflict,
                "This project is the default one, still holds memories, or has a credential bound to it. Delete or revoke those first.",
            )),
        }
    }

    /// Notes in the audit trail what changes no other row.
    ///
    /// # Errors
    /// Only those of the store.
    pub async fn note(&self, deed: Deed) -> Result<()> {
        self.users.note(deed).await
    }

    /// Totals of the tenant.
    ///
    /// # Errors
    /// Only those of the store.
    pub async fn stats(&self, scope: &TenantScope) -> Result<TenantStats> {
        self.tenants.stats(scope).await
    }
}

fn unless_paused(app: App) -> Result<App> {
    if app.is_active {
        return Ok(app);
    }
    let detail = "is paused. Resume it under Apps on the web page, or with PUT /api/v1/apps/{id}?is_active=true.";
    Err(Error::new(Code::AppPaused, format!("The app '{}' {detail}", app.name)))
}

fn taken(name: &str) -> Error {
    Error::new(Code::Conflict, format!("A project named '{name}' exists already. Choose another name."))
}

/// A client label as stored: lower case, of letters, digits and `. _ -`.
///
/// # Errors
/// `invalid_argument` when nothing of it can be a label.
pub(super) fn app_name(label: &str) -> Result<String> {
    let name = label.trim().to_lowercase();
    let fits = !name.is_empty()
        && name.chars().count() <= MAX_NAME
        && name.chars().all(|c| c.is_alphanumeric() || matches!(c, '.' | '_' | '-' | ' '));
    if fits {
        return Ok(name);
    }
    Err(Error::invalid("The client name must be 1 to 100 letters, digits, spaces, dots, dashes or underscores, such as 'claude'."))
}

fn display_name(name: &str) -> Result<String> {
    let name = name.trim();
    if name.is_empty() || name.chars().count() > MAX_NAME || name.chars().any(char::is_control) {
        return Err(Error::invalid("The name must be 1 to 100 characters without control characters."));
    }
    Ok(name.to_owned())
}
