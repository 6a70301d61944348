//! Finding memories again: a search goes `search` -> `sets` (what is in memory of the tenant, as new as
//! [`ChangeLog`] says) -> `dense` and `set` (what is known of each memory for the question) -> [`ranking`] (one pure function) ->
//! the answer.

mod dense;
mod index;
pub mod matrix;
mod search;
mod set;
mod sets;
mod watch;

use std::sync::Arc;

pub use {
    index::{DenseQuery, Neighbours, Point, VectorIndex},
    search::INDEXED_WITHIN,
    set::WorkingSet,
    sets::WorkingSets,
    watch::IndexWatch,
};

use super::{
    access::AccessRecorder,
    embedding::Embedders,
    model::{MemoryLimits, SearchAnswer, SearchQuery},
    reach::Reach,
    served::Served,
    settings::Settings,
    store::ChangeLog,
};
use crate::{clock::Clock, error::Result, tenancy::TenantScope};

/// Finds memories of one tenant at a time; cheap to clone.
#[derive(Clone)]
pub struct Recall {
    pub reach: Reach,
    pub changes: Arc<dyn ChangeLog>,
    /// What is in memory of each tenant.
    pub sets: WorkingSets,
    pub embedders: Embedders,
    /// The vector index outside this process, where there is one.
    pub index: Option<Arc<dyn VectorIndex>>,
    /// What is known of gaps in it.
    pub watch: IndexWatch,
    pub settings: Settings,
    pub access: AccessRecorder,
    /// What each app was given lately.
    pub served: Served,
    pub clock: Arc<dyn Clock>,
    pub limits: MemoryLimits,
}

impl Recall {
    /// The best memories for a question, whoever asks; no use of them is noted.
    pub(super) async fn find(&self, scope: &TenantScope, query: &SearchQuery) -> Result<SearchAnswer> {
        let learned = self.settings.at_hand(scope).await.learned.as_ref().and_then(|learned| learned.dense_weight);
        #[expect(clippy::cast_possible_truncation, reason = "a weight needs no more precision")]
        let learned = learned.map(|weight| weight as f32);
        self.find_weighted(scope, query, learned.unwrap_or(self.limits.dense_weight)).await
    }

    /// Whether the tenant's memories fade.
    pub(super) async fn decays(&self, scope: &TenantScope) -> bool {
        self.settings.at_hand(scope).await.person.decay
    }
}
