//! Implementations of [`crate::memory::Embedder`].

mod cached;
mod hash;
mod local;
mod openai;

pub use cached::CachedEmbedder;
pub use hash::HashEmbedder;
pub use local::LocalEmbedder;
pub use openai::{OpenAiEmbedder, OpenAiEmbedderSettings};
