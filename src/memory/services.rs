//! The services of the domain, side by side: who puts a process together makes them once, and an edge takes the ones that it
//! needs.

use super::{
    Contexts, Embeddings, Erasure, Gate, Inference, Reach, Reader, Recall, Reviews, Revisions, Settings, Writer, learning::Learning,
};

/// Every service; cheap to clone.
#[derive(Clone)]
pub struct Memories {
    pub reach: Reach,
    pub writer: Writer,
    pub recall: Recall,
    /// Puts together what a model should know.
    pub contexts: Contexts,
    /// Lists, and tells of one memory.
    pub reader: Reader,
    pub revisions: Revisions,
    /// What people should look at.
    pub reviews: Reviews,
    /// The end, of memories and of tenants.
    pub erasure: Erasure,
    pub inference: Inference,
    pub learning: Learning,
    pub settings: Settings,
    /// What may be stored, and how.
    pub gate: Gate,
    pub embeddings: Embeddings,
}
