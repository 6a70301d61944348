//! Links between memories of one project. They have no direction, and are no part of a memory's versions.

use super::Revisions;
use crate::{
    auth::{Principal, Scope},
    error::{Error, Result},
    ids::MemoryId,
    memory::model::{Access, Memory},
};

impl Revisions {
    /// Links two memories of one project; linking again changes nothing.
    ///
    /// # Errors
    /// `not_found` when one of them is not there or lies in another project, `invalid_argument`, `insufficient_scope`,
    /// `app_paused`.
    pub async fn link(&self, by: &Principal, one: MemoryId, other: MemoryId) -> Result<()> {
        by.require(Scope::MemoryWrite)?;
        if one == other {
            return Err(Error::invalid("A memory cannot be linked with itself."));
        }
        let (_, actor) = self.reach.actor(by).await?;
        let there = self.store.link(&by.scope, &actor, by.project, one, other).await?;
        if there { Ok(()) } else { Err(Error::not_found("memory")) }
    }

    /// Takes a link away.
    ///
    /// # Errors
    /// `not_found` when there is none, `insufficient_scope`, `app_paused`.
    pub async fn unlink(&self, by: &Principal, one: MemoryId, other: MemoryId) -> Result<()> {
        by.require(Scope::MemoryWrite)?;
        let (_, actor) = self.reach.actor(by).await?;
        let there = self.store.unlink(&by.scope, &actor, by.project, one, other).await?;
        if there { Ok(()) } else { Err(Error::not_found("link")) }
    }

    /// The memories that are linked with one and seen, newest link first.
    ///
    /// # Errors
    /// `not_found`, `insufficient_scope`, `app_paused`.
    pub async fn linked(&self, by: &Principal, id: MemoryId, limit: u32) -> Result<Vec<Memory>> {
        by.require(Scope::MemoryRead)?;
        let (app, _) = self.reach.actor(by).await?;
        self.reach.visible(by, id).await?;
        let linked = self.store.linked(&by.scope, by.project, id, limit).await?;
        self.access.note(&by.scope, app.id, Access::List, self.clock.now(), linked.iter().map(|m| m.id));
        Ok(linked)
    }
}
