//! The dense leg: which memories mean what the question means. No working set is held while a model or an index works, so
//! that neither keeps the tenant's writes waiting; what they found is put to the set's slots afterwards.

use std::collections::HashMap;

use super::{DenseQuery, Neighbours, Recall, WorkingSet, rank::DenseScores};
use crate::{
    error::Result,
    ids::MemoryId,
    memory::{
        embedding::windows,
        model::{EmbeddingModel, Filter, Hit, Placement},
    },
    tenancy::TenantScope,
};

/// A question as the dense leg asks it, taken from the working set at one moment.
pub(super) struct Question {
    /// The words without speakers' names.
    text: String,
    pub(super) model: EmbeddingModel,
    pub(super) placement: Placement,
    memories: usize,
    long: bool,
}

impl Question {
    pub(super) fn new(set: &WorkingSet, text: &str) -> Self {
        Self {
            text: set.without_names(text),
            model: set.model().clone(),
            placement: set.placement().clone(),
            memories: set.len(),
            long: set.has_long(),
        }
    }
}

/// What the leg found before it is put to slots.
pub(super) struct Found {
    pub(super) vector: Vec<f32>,
    /// An external index's answer; without one, the set's own vectors are scanned.
    neighbours: Option<Neighbours>,
}

impl Found {
    /// By the slots of the set, a long text by its nearest window; and ids that it does not hold.
    pub(super) fn by_slot(&self, set: &WorkingSet) -> (DenseScores, Vec<MemoryId>) {
        let mut unknown = Vec::new();
        let (mut scores, best_only) = match &self.neighbours {
            None => (set.vectors().scores(&self.vector), false),
            Some(Neighbours { scores, best_only }) => {
                let mut by_slot = Vec::with_capacity(scores.len());
                for (id, cosine) in scores {
                    match set.slot_of(*id) {
                        Some(slot) => by_slot.push((slot, *cosine)),
                        None => unknown.push(*id),
                    }
                }
                (by_slot, *best_only)
            }
        };
        if set.has_long() {
            for (slot, cosine) in &mut scores {
                *cosine -= set.by_chance(*slot);
            }
        }
        (DenseScores { scores, best_only }, unknown)
    }
}

impl Recall {
    /// What means the same; `None` when the model or the index cannot answer in the time that a search has.
    pub(super) async fn ask(&self, scope: &TenantScope, question: &Question, filter: &Filter) -> Option<Found> {
        let vector = self.query_vector(scope, question).await?;
        let Some(index) = &self.index else { return Some(Found { vector, neighbours: None }) };
        let Question { placement, model, memories, long, .. } = question;
        match index.search(scope, &DenseQuery { placement, model, memories: *memories, long: *long, filter, vector: &vector }).await {
            Ok(neighbours) => Some(Found { vector, neighbours: Some(neighbours) }),
            Err(error) => {
                // Whoever asks the index has said so once; and what it lost is looked for.
                tracing::debug!(%error, "the vector index did not answer; searching by words");
                self.watch.suspect(scope);
                None
            }
        }
    }

    /// Names the part of each long text that is nearest to the question, by the vectors that SQL keeps: an external index does not
    /// say it.
    pub(super) async fn name_parts(&self, scope: &TenantScope, model: &EmbeddingModel, vector: &[f32], hits: &mut [Hit]) -> Result<()> {
        let long: Vec<_> = hits.iter().filter(|hit| windows::is_long(model, &hit.memory.content.text)).map(|hit| hit.memory.id).collect();
        if long.is_empty() {
            return Ok(());
        }
        let stored = self.changes.stored(scope, model, &long).await?;
        let vectors: HashMap<_, _> = stored.into_iter().filter_map(|stored| Some((stored.memory.id, stored.vector?))).collect();
        for hit in hits {
            hit.part =
                vectors.get(&hit.memory.id).and_then(|of| windows::nearest(model, &hit.memory.content.text, of, vector)).map(str::to_owned);
        }
        Ok(())
    }

    async fn query_vector(&self, scope: &TenantScope, question: &Question) -> Option<Vec<f32>> {
        let made = self.embedders.of(&question.model).embed(scope, vec![question.text.clone()]);
        match tokio::time::timeout(self.limits.query_timeout, made).await {
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
