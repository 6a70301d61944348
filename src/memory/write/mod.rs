//! Writing memories: adding, changing, deleting. What is acknowledged is committed.

mod add;
mod change;

use std::sync::Arc;

pub use add::AddOptions;

use super::{
    embedding::Embeddings,
    gate::Gate,
    model::{Indexing, MemoryLimits},
    reach::Reach,
    settings::Settings,
    signals::Wake,
    store::MemoryStore,
};
use crate::tenancy::Nudges;

/// Most ids of one action.
pub(super) const MAX_IDS: usize = 1_000;

/// Writes memories of one tenant at a time; cheap to clone.
#[derive(Clone)]
pub struct Writer {
    pub reach: Reach,
    pub store: Arc<dyn MemoryStore>,
    pub gate: Gate,
    pub embeddings: Embeddings,
    pub settings: Settings,
    pub limits: MemoryLimits,
    /// What a write leaves to jobs.
    pub indexing: Arc<Indexing>,
    /// Wakes the job runner when a write left a job behind.
    pub wake: Arc<Wake>,
    /// Tells those who watch a tenant that its memories changed.
    pub nudges: Nudges,
}
