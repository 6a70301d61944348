//! Implementations of [`crate::memory::VectorIndex`]. A service without one scans the vectors of its working sets.

mod qdrant;

pub use qdrant::{QdrantIndex, QdrantSettings};
