//! What a caller may reach: its app, refused while paused; its project; the memories in its sight.

use std::sync::Arc;

use super::{
    model::{Actor, Filter, Memory, State},
    store::MemoryStore,
};
use crate::{
    auth::Principal,
    error::{Error, Result},
    ids::{MemoryId, ProjectId},
    metering::Usage,
    plans::{Feature, Meter},
    tenancy::{App, TenancyService},
};

/// Asked first by every service; cheap to clone.
#[derive(Clone)]
pub struct Reach {
    store: Arc<dyn MemoryStore>,
    tenancy: TenancyService,
    usage: Usage,
}

impl Reach {
    /// Over the memories, the apps and projects of tenants, and what they may use.
    #[must_use]
    pub fn new(store: Arc<dyn MemoryStore>, tenancy: TenancyService, usage: Usage) -> Self {
        Self { store, tenancy, usage }
    }

    /// Refuses the calls of a paused app.
    ///
    /// # Errors
    /// `app_paused`, `unavailable`.
    pub async fn admit(&self, by: &Principal) -> Result<()> {
        self.tenancy.admit(&by.scope, &by.client).await
    }

    /// The app that the principal speaks for, refused while paused, and the provenance of what it does.
    pub(crate) async fn actor(&self, by: &Principal) -> Result<(App, Actor)> {
        let app = self.tenancy.active_app(&by.scope, &by.client).await?;
        let allowance = self.usage.allowance(&by.scope).await?;
        let actor = Actor { user: by.user, credential: by.credential, app: app.id, allowance };
        Ok((app, actor))
    }

    /// Refuses what the plan of the caller's tenant does not have.
    pub(crate) async fn require(&self, by: &Principal, feature: Feature) -> Result<()> {
        self.usage.require(&by.scope, feature).await
    }

    /// The app that the principal reads for, refused while paused; the read is counted, and taken from what the plan allows.
    pub(super) async fn reader(&self, by: &Principal, meter: Meter) -> Result<App> {
        let app = self.tenancy.active_app(&by.scope, &by.client).await?;
        self.usage.read(&by.scope, meter, app.id, by.credential).await?;
        Ok(app)
    }

    /// The memory, if this principal may see it.
    pub(super) async fn visible(&self, by: &Principal, id: MemoryId) -> Result<Memory> {
        self.store.get(&by.scope, by.project, id).await?.ok_or_else(|| Error::not_found("memory"))
    }

    /// The project that the filter may look into; an unknown one is refused instead of silently finding nothing.
    pub(super) async fn readable_project(&self, by: &Principal, filter: &Filter) -> Result<Option<ProjectId>> {
        if filter.states.contains(&State::Deleted) {
            return Err(Error::invalid("Deleted memories cannot be listed."));
        }
        let project = by.project_for_read(filter.project)?;
        if let (Some(asked), None) = (filter.project, by.project) {
            self.tenancy.project(&by.scope, asked).await?;
        }
        Ok(project)
    }

    /// The project that a write goes to; one that is named must be there.
    pub(super) async fn writable_project(&self, by: &Principal, asked: Option<ProjectId>) -> Result<ProjectId> {
        let project = by.project_for_write(asked)?;
        if asked.is_some() {
            self.tenancy.project(&by.scope, project).await?;
        }
        Ok(project)
    }
}
