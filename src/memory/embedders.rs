//! The embedders of a service: the configured one, and the one before it while tenants still read by its vectors.

use std::sync::Arc;

use super::{
    infer::Inference,
    model::{EmbeddingProgress, Placement},
    ports::{Embedder, EmbeddingModel},
    service::MemoryService,
};
use crate::{
    auth::{Principal, Scope},
    error::Result,
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
    fn answer(&self) -> bool {
        self.all().all(Embedder::answers)
    }

    /// Drops what is kept in memory of the tenant's texts.
    pub(super) fn forget(&self, scope: &TenantScope) {
        self.all().for_each(|embedder| embedder.forget(scope));
    }

    fn all(&self) -> impl Iterator<Item = &dyn Embedder> {
        std::iter::once(&*self.current).chain(self.previous.as_deref())
    }
}

impl MemoryService {
    /// The kinds of models in use, and whether each did its work the last time that it was asked.
    pub fn models_answer(&self) -> impl Iterator<Item = (&'static str, bool)> {
        let chat = match &self.parts.inference {
            Inference::Model(model) => Some(("chat_model", model.extractor.answers())),
            Inference::Verbatim | Inference::Rules => None,
        };
        std::iter::once(("embedder", self.parts.embedders.answer())).chain(chat)
    }

    /// How far the caller's tenant is in its move to the configured model.
    ///
    /// # Errors
    /// `insufficient_scope`, `unavailable`.
    pub async fn embedding_progress(&self, by: &Principal) -> Result<EmbeddingProgress> {
        by.require(Scope::MemoryRead)?;
        by.require_account()?;
        let models = self.parts.embedders.models();
        let placement = self.parts.store.placement(&by.scope).await?;
        let (memories, embedded) = self.parts.store.embedded(&by.scope, &models[0]).await?;
        Ok(EmbeddingProgress { reads: placement.reads(&models).id.clone(), current: models[0].id.clone(), memories, embedded })
    }
}
