//! Implementations of [`crate::memory::Embedder`].

mod hash;
mod local;
mod minilm;

pub use hash::HashEmbedder;
pub use local::LocalEmbedder;
