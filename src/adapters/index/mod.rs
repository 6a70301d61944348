//! Implementations of [`crate::memory::VectorIndex`].

mod embedded;

pub use embedded::EmbeddedIndex;
