//! The dense leg: which memories mean what the question means. No working set is held while a model or an index works, so
//! that neither keeps the tenant's writes waiting; what they found is put to the set's slots afterwards.

use super::{
    model::{Filter, Placement},
    ports::{DenseQuery, EmbeddingModel, Neighbours},
    rank::DenseScores,
    service::MemoryService,
    working_set::WorkingSet,
};
use crate::{ids::MemoryId, tenancy::TenantScope};

/// A question as the dense leg asks it, taken from the working set at one moment.
pub(super) struct Question {
    /// The words without speakers' names.
    text: String,
    pub(super) model: EmbeddingModel,
    pub(super) placement: Placement,
    memories: usize,
}

impl Question {
    pub(super) fn new(set: &WorkingSet, text: &str) -> Self {
        Self { text: set.without_names(text), model: set.model().clone(), placement: set.placement().clone(), memories: set.len() }
    }
}

/// What the leg found before it is put to slots.
pub(super) enum Found {
    /// The question's vector: the set's own are scanned.
    Vector(Vec<f32>),
    /// An external index's answer.
    Neighbours(Neighbours),
}

impl Found {
    /// By the slots of the set; and ids that it does not hold.
    pub(super) fn by_slot(self, set: &WorkingSet) -> (DenseScores, Vec<MemoryId>) {
        match self {
            Self::Vector(vector) => (DenseScores { scores: set.vectors().scores(&vector), best_only: false }, Vec::new()),
            Self::Neighbours(Neighbours { scores, best_only }) => {
                let mut unknown = Vec::new();
                let mut by_slot = Vec::with_capacity(scores.len());
                for (id, cosine) in scores {
                    match set.slot_of(id) {
                        Some(slot) => by_slot.push((slot, cosine)),
                        None => unknown.push(id),
                    }
                }
                (DenseScores { scores: by_slot, best_only }, unknown)
            }
        }
    }
}

impl MemoryService {
    /// What means the same; `None` when the model or the index cannot answer in the time that a search has.
    pub(super) async fn ask(&self, scope: &TenantScope, question: &Question, filter: &Filter) -> Option<Found> {
        let vector = self.query_vector(scope, question).await?;
        let Some(index) = &self.parts.index else { return Some(Found::Vector(vector)) };
        let Question { placement, model, memories, .. } = question;
        match index.search(scope, &DenseQuery { placement, model, memories: *memories, filter, vector: &vector }).await {
            Ok(neighbours) => Some(Found::Neighbours(neighbours)),
            Err(error) => {
                tracing::warn!(%error, cause = ?error.cause(), "the vector index did not answer; searching by words");
                None
            }
        }
    }

    async fn query_vector(&self, scope: &TenantScope, question: &Question) -> Option<Vec<f32>> {
        let made = self.parts.embedders.of(&question.model).embed(scope, vec![question.text.clone()]);
        match tokio::time::timeout(self.parts.limits.query_timeout, made).await {
            Ok(Ok(vectors)) => vectors.into_iter().next(),
            Ok(Err(error)) => {
                tracing::warn!(%error, "the query could not be embedded; searching by words");
                None
            }
            Err(_) => {
                tracing::warn!("the query was not embedded in time; searching by words");
                None
            }
        }
    }
}
