//! Vectors of texts: the models that make them, long texts in windows, and where SQL and an external index keep them.

mod embedders;
mod places;
mod ports;
pub(crate) mod windows;

use std::sync::Arc;

pub use {
    embedders::Embedders,
    places::{FIRST_LOOK, LeftPlace, PlaceStore},
    ports::{Embedder, Embedding, EmbeddingStore, ModelError, OnRoll},
    windows::{Spoken, cut as windows_of, embed_texts},
};

use super::model::EmbeddingProgress;
use crate::{
    auth::{Principal, Scope},
    error::Result,
    tenancy::TenantScope,
};

/// Makes vectors for writes, and tells how far a move to another model is; cheap to clone.
#[derive(Clone)]
pub struct Embeddings {
    pub(super) embedders: Embedders,
    store: Arc<dyn EmbeddingStore>,
    /// A write of at most this many windows waits for its vectors, where the model is in this process.
    inline_limit: usize,
}

impl Embeddings {
    /// Over the models in use.
    #[must_use]
    pub fn new(embedders: Embedders, store: Arc<dyn EmbeddingStore>, inline_limit: usize) -> Self {
        Self { embedders, store, inline_limit }
    }

    /// The vectors of these texts before they are written, so that they are found by meaning at once: where that is cheap, or the
    /// caller waits for it. `None` leaves them to a job, as a failure does: it is no reason to refuse a write.
    pub(super) async fn before_write(&self, scope: &TenantScope, texts: &[Spoken<'_>], wait: bool) -> Option<Vec<Vec<f32>>> {
        if texts.is_empty() || !(wait || self.is_cheap(texts)) {
            return None;
        }
        match embed_texts(self.embedders.current(), scope, texts).await {
            Ok(vectors) => Some(vectors),
            Err(error) => {
                tracing::warn!(%error, "storing without embeddings; a job will make them");
                None
            }
        }
    }

    fn is_cheap(&self, texts: &[Spoken<'_>]) -> bool {
        let embedder = self.embedders.current();
        embedder.is_local() && windows::count(embedder.model(), texts.iter().map(|(_, text)| *text)) <= self.inline_limit
    }

    /// Whether each model did its work the last time that it was asked.
    #[must_use]
    pub fn answer(&self) -> bool {
        self.embedders.answer()
    }

    /// How far the caller's tenant is in its move to the configured model.
    ///
    /// # Errors
    /// `insufficient_scope`, `unavailable`.
    pub async fn progress(&self, by: &Principal) -> Result<EmbeddingProgress> {
        by.require(Scope::MemoryRead)?;
        by.require_account()?;
        let models = self.embedders.models();
        let placement = self.store.placement(&by.scope).await?;
        let (memories, embedded) = self.store.embedded(&by.scope, &models[0]).await?;
        Ok(EmbeddingProgress { reads: placement.reads(&models).id.clone(), current: models[0].id.clone(), memories, embedded })
    }
}
