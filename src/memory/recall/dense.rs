//! The dense leg: which memories mean what the question means. No working set is held while a model or an index works, so
//! that neither keeps the tenant's writes waiting; what they found is put to the set's slots afterwards.

use std::collections::HashMap;

use super::{DenseQuery, Neighbours, Recall, WorkingSet};
use crate::{
    error::Result,
    ids::MemoryId,
    memory::{
        embedding::windows,
        model::{EmbeddingModel, Filter, Hit, Placement},
    },
    tenancy::TenantScope,
};

/// How much nearer to any question the nearest of several windows is than a text of one, for each e-fold of their number, in
/// standard deviations of the tenant's cosines: the best of many draws is better by chance. Measured on long messages of
/// conversations (BEAM): without it long texts push short ones out.
const BY_CHANCE: f32 = 0.6;

/// Scores of the dense leg.
#[derive(Debug, Default)]
pub(super) struct DenseScores {
    /// Cosines by slot of the working set that is ranked.
    pub(super) scores: Vec<(u32, f32)>,
    /// True when only the best were looked for: an embedded memory that is missing is less like the query than those.
    pub(super) best_only: bool,
}

impl DenseScores {
    /// By slot; not a number where there is none. A long text is as near as the nearest of its windows, less what that is by chance.
    pub(super) fn cosines(&self, set: &WorkingSet) -> Vec<f32> {
        let mut cosines = vec![f32::NAN; set.slot_count()];
        for (slot, cosine) in &self.scores {
            cosines[*slot as usize] = *cosine;
        }
        if set.has_long() {
            let by_chance = BY_CHANCE * deviation(&self.scores);
            for (slot, windows) in set.long() {
                cosines[slot as usize] -= by_chance * windows.ln();
            }
        }
        cosines
    }
}

/// The standard deviation of cosines.
fn deviation(scores: &[(u32, f32)]) -> f32 {
    let finite = || scores.iter().map(|(_, cosine)| *cosine).filter(|cosine| cosine.is_finite());
    #[expect(clippy::cast_precision_loss, reason = "a tenant in memory has fewer than 2^24 memories to speak of")]
    let count = finite().count().max(1) as f32;
    let mean = finite().sum::<f32>() / count;
    (finite().map(|cosine| (cosine - mean).powi(2)).sum::<f32>() / count).sqrt()
}

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
    /// By the slots of the set; and ids that it does not hold.
    pub(super) fn by_slot(&self, set: &WorkingSet) -> (DenseScores, Vec<MemoryId>) {
        let mut unknown = Vec::new();
        let (scores, best_only) = match &self.neighbours {
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
        let made = self.embedders.of(&question.model).embed_question(scope, &question.text);
        match tokio::time::timeout(self.limits.query_timeout, made).await {
            Ok(Ok(vector)) => Some(vector),
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
