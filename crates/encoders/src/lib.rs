//! Local sentence embeddings: all-MiniLM-L6-v2 with int8 weights, compiled in.
//!
//! Owns the whole path from text to unit vector: vocabulary, tokenizer, weights, forward pass. It needs no
//! network, no files at run time and no native library, and knows nothing of memories. It does not own scheduling:
//! [`MiniLm::embed`] keeps one core busy for milliseconds and must be called off the async threads.
//!
//! A crate of its own, so that the loops below are optimised in every build and compiled anew only when they change. The
//! instruction set that they run on, [`simd`], serves other loops over vectors as well.
//!
//! Weights, their licence and the scripts that made them are in the folder `model/minilm`.
//!
//! ```
//! let model = encoders::MiniLm::load()?;
//! assert_eq!(model.embed("green tea").len(), encoders::DIMENSION);
//! # Ok::<(), encoders::MiniLmError>(())
//! ```
#![forbid(unsafe_code)]

mod forward;
mod kernel;
mod math;
pub mod simd;
mod tokenizer;
mod weights;

use forward::Encoder;
pub use tokenizer::MAX_PIECES;
use tokenizer::Tokenizer;
use weights::WeightFile;

/// Identity of the vectors. Vectors of different identities must never be compared.
pub const MODEL_ID: &str = "all-MiniLM-L6-v2-q8";
/// Elements of every vector.
pub const DIMENSION: usize = 384;

static WEIGHTS: &[u8] = include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/model/minilm/model.q8"));
static VOCABULARY: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/model/minilm/vocab.txt"));

/// Why the compiled-in model cannot be used. Every case means that the files in `model` are damaged or do not
/// belong together.
#[derive(Debug, thiserror::Error)]
pub enum MiniLmError {
    /// The weight file as a whole is not readable.
    #[error("model.q8 is not a usable weight file: {0}")]
    Format(&'static str),
    /// One tensor does not fit the network.
    #[error("model.q8, tensor {name}: {problem}")]
    Tensor {
        /// Name in the file's directory.
        name: String,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// The vocabulary lacks a special token.
    #[error("vocab.txt has no entry {0}")]
    Vocabulary(&'static str),
}

/// The embedding model. Immutable and shareable between threads; calls do not influence each other.
pub struct MiniLm {
    tokenizer: Tokenizer,
    encoder: Encoder,
}

impl MiniLm {
    /// Prepares the compiled-in model: builds the vocabulary tables and checks the weights. A few milliseconds.
    ///
    /// # Errors
    /// [`MiniLmError`] when the files the binary was built from are damaged.
    pub fn load() -> Result<Self, MiniLmError> {
        let tokenizer = Tokenizer::new(VOCABULARY)?;
        let encoder = Encoder::read(&WeightFile::parse(WEIGHTS)?, VOCABULARY.lines().count())?;
        Ok(Self { tokenizer, encoder })
    }

    /// The unit vector of `text`, [`DIMENSION`] elements; cosine similarity is the dot product.
    ///
    /// Case and accents are ignored. Only the first 254 word pieces (roughly 180 English words) count.
    /// Any text is accepted, also the empty one. The result depends on the text alone and is bit for bit the same
    /// on every machine. Synchronous and single-threaded; time grows with the number of pieces.
    #[must_use]
    pub fn embed(&self, text: &str) -> Vec<f32> {
        self.encoder.encode(&self.tokenizer.encode(text))
    }

    /// The numbers of a text's word pieces, between those that mark its start and its end.
    #[must_use]
    pub fn pieces(&self, text: &str) -> Vec<u32> {
        self.tokenizer.encode(text)
    }
}

#[cfg(test)]
mod tests {
    use base64::{Engine, engine::general_purpose::STANDARD};
    use serde_json::Value;

    use super::*;
    use crate::simd::Isa;

    struct Case {
        text: String,
        ids: Vec<u32>,
        vector: Vec<f32>,
    }

    /// The answers of the original f32 model; see `reference.py`.
    fn reference() -> Vec<Case> {
        let json = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/model/minilm/reference.json"));
        let root: Value = serde_json::from_str(json).unwrap();
        let case = |case: &Value| Case {
            text: if let Some(text) = case["text"].as_str() {
                text.to_owned()
            } else {
                let count = usize::try_from(case["repeat"][1].as_u64().unwrap()).unwrap();
                case["repeat"][0].as_str().unwrap().repeat(count)
            },
            ids: serde_json::from_value(case["ids"].clone()).unwrap(),
            vector: {
                let bytes = STANDARD.decode(case["vector"].as_str().unwrap()).unwrap();
                bytes.as_chunks().0.iter().map(|b| f32::from_le_bytes(*b)).collect()
            },
        };
        root["cases"].as_array().unwrap().iter().map(case).collect()
    }

    fn cosine(a: &[f32], b: &[f32]) -> f64 {
        let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(x, y)| f64::from(*x) * f64::from(*y)).sum::<f64>();
        dot(a, b) / (dot(a, a) * dot(b, b)).sqrt()
    }

    #[test]
    fn token_ids_equal_the_reference() {
        let model = MiniLm::load().unwrap();
        let cases = reference();
        assert!(cases.len() >= 64);
        for case in cases {
            assert_eq!(model.tokenizer.encode(&case.text), case.ids, "{:?}", case.text);
        }
    }

    #[test]
    fn vectors_agree_with_the_reference() {
        let model = MiniLm::load().unwrap();
        for case in reference() {
            let vector = model.embed(&case.text);
            assert_eq!(vector.len(), DIMENSION);
            assert!((cosine(&vector, &vector) - 1.0).abs() < 1e-6);
            assert!((vector.iter().map(|v| v * v).sum::<f32>() - 1.0).abs() < 1e-5, "{:?}", case.text);
            let cosine = cosine(&vector, &case.vector);
            assert!(cosine >= 0.999, "{cosine} for {:?}", case.text);
        }
    }

    #[test]
    fn both_kernels_give_the_same_bits() {
        let model = MiniLm::load().unwrap();
        for text in ["", "seven", "Anna moved from Berlin to Lisbon in March 2023."] {
            let ids = model.tokenizer.encode(text);
            assert_eq!(model.encoder.encode(&ids), model.encoder.encode_with(Isa::Portable, &ids), "{text:?}");
        }
    }

    #[test]
    fn a_text_has_one_vector_whatever_came_before() {
        let model = MiniLm::load().unwrap();
        let texts = ["green tea", "", "a somewhat longer text about trains to Vienna", "!", "green tea"];
        let alone: Vec<_> = texts.iter().map(|text| MiniLm::load().unwrap().embed(text)).collect();
        let together: Vec<_> = texts.iter().map(|text| model.embed(text)).collect();
        let threads: Vec<_> = std::thread::scope(|scope| {
            let handles: Vec<_> = texts.iter().map(|text| scope.spawn(|| model.embed(text))).collect();
            handles.into_iter().map(|handle| handle.join().unwrap()).collect()
        });
        assert_eq!(alone, together);
        assert_eq!(alone, threads);
        assert_eq!(alone[0], alone[4]);
    }

    #[test]
    fn related_texts_are_closer_than_unrelated_ones() {
        let model = MiniLm::load().unwrap();
        let cat = model.embed("The cat sat on the mat.");
        let feline = model.embed("A feline was resting upon the rug.");
        let rates = model.embed("Interest rates rose in the euro area.");
        assert!(cosine(&cat, &feline) > cosine(&cat, &rates) + 0.3);
    }

    #[test]
    fn unusual_texts_do_not_panic() {
        let model = MiniLm::load().unwrap();
        for text in ["", " ", "\0", "\u{301}", "\u{10ffff}", "[CLS] [SEP] [MASK]", &"\u{301}".repeat(5000)] {
            assert!(model.embed(text).iter().all(|v| v.is_finite()), "{text:?}");
        }
    }
}
