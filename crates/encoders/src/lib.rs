//! Local sentence embeddings: two models, compiled in, over one encoder.
//!
//! Owns the whole path from text to unit vector: vocabularies, tokenizers, weights, forward pass. It needs no
//! network, no files at run time and no native library, and knows nothing of memories. It does not own scheduling:
//! a call keeps one core busy for milliseconds and must be made off the async threads.
//!
//! [`MiniLm`] is small, fast and understands English. [`E5`] understands the languages of the world, takes longer texts, and
//! asks for each text whether it is searched for or found.
//!
//! A crate of its own, so that the loops below are optimised in every build and compiled anew only when they change. The
//! instruction set that they run on, [`simd`], serves other loops over vectors as well.
//!
//! Weights, their licences and the scripts that made them are in the folder `model`.
//!
//! ```
//! let model = encoders::MiniLm::load()?;
//! assert_eq!(model.embed("green tea").len(), encoders::minilm::DIMENSION);
//! # Ok::<(), encoders::EncoderError>(())
//! ```
#![forbid(unsafe_code)]

mod bert;
pub mod e5;
mod kernel;
mod math;
pub mod minilm;
#[cfg(test)]
mod reference;
pub mod simd;
mod table;
mod unigram;
mod weights;
mod wordpiece;

pub use e5::E5;
pub use minilm::MiniLm;

/// Why a compiled-in model cannot be used. Every case means that the files in `model` are damaged or do not
/// belong together.
#[derive(Debug, thiserror::Error)]
pub enum EncoderError {
    /// The weight file as a whole is not readable.
    #[error("not a usable weight file: {0}")]
    Format(&'static str),
    /// One tensor does not fit the network.
    #[error("tensor {name}: {problem}")]
    Tensor {
        /// Name in the file's directory.
        name: String,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// The vocabulary lacks a special token or is not readable.
    #[error("not a usable vocabulary: {0}")]
    Vocabulary(&'static str),
}
