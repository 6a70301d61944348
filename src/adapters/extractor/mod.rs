//! Implementations of [`crate::memory::Extractor`].

mod openai;

pub use openai::{OpenAiExtractor, OpenAiExtractorSettings};
