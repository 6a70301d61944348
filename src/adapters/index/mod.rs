//! Implementations of [`crate::memory::VectorIndex`].

mod embedded;
mod qdrant;

pub use embedded::EmbeddedIndex;
pub use qdrant::{QdrantIndex, QdrantSettings};
