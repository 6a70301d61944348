//! The embedders of a service: the configured one, and the one before it while tenants still read by its vectors.

use std::sync::Arc;

use super::Embedder;
use crate::{
    memory::model::{EmbeddingModel, Placement},
    tenancy::TenantScope,
};

/// The embedders of a service; cheap to clone.
#[derive(Clone)]
pub struct Embedders {
    current: Arc<dyn Embedder>,
    previous: Option<Arc<dyn Embedder>>,
}

impl Embedders {
    /// `previous` is asked for queries of tenants that have not moved to `current` yet.
    #[must_use]
    pub fn new(current: Arc<dyn Embedder>, previous: Option<Arc<dyn Embedder>>) -> Self {
        let previous = previous.filter(|previous| previous.model() != current.model());
        Self { current, previous }
    }

    /// The configured one: it makes the vectors of what is written.
    #[must_use]
    pub fn current(&self) -> &dyn Embedder {
        &*self.current
    }

    /// The one that makes vectors of this model; the configured one where there is none.
    #[must_use]
    pub fn of(&self, model: &EmbeddingModel) -> &dyn Embedder {
        self.all().find(|embedder| embedder.model() == model).unwrap_or(&*self.current)
    }

    /// Their models, the configured one first.
    #[must_use]
    pub fn models(&self) -> Vec<EmbeddingModel> {
        self.all().map(|embedder| embedder.model().clone()).collect()
    }

    /// Whether tenants may still read by the vectors of another model, so that a job has to make those too.
    #[must_use]
    pub const fn is_moving(&self) -> bool {
        self.previous.is_some()
    }

    /// Those whose vectors a tenant needs: the configured one, and the one that it is read by.
    pub fn needed<'a>(&'a self, placement: &'a Placement) -> impl Iterator<Item = &'a dyn Embedder> {
        self.all().enumerate().filter(|(at, e)| *at == 0 || placement.model.as_ref() == Some(&e.model().id)).map(|(_, e)| e)
    }

    /// Whether each did its work the last time that it was asked.
    pub(super) fn answer(&self) -> bool {
        self.all().all(Embedder::answers)
    }

    /// Drops what is kept in memory of the tenant's texts.
    pub(in crate::memory) fn forget(&self, scope: &TenantScope) {
        self.all().for_each(|embedder| embedder.forget(scope));
    }

    fn all(&self) -> impl Iterator<Item = &dyn Embedder> {
        std::iter::once(&*self.current).chain(self.previous.as_deref())
    }
}
