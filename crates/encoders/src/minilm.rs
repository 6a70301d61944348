//! The model all-MiniLM-L6-v2 with int8 weights: small, fast, for English.
//!
//! Owns what is particular to this model: its files, its limits and its identity. Does not own the network (`bert`) or the
//! tokenizer (`wordpiece`).

use crate::{
    EncoderError,
    bert::{Encoder, Shape},
    kernel::EIGHT_LIMIT,
    table::Table,
    weights::WeightFile,
    wordpiece::Tokenizer,
};

pub use crate::wordpiece::MAX_PIECES;

/// Identity of the vectors. Vectors of different identities must never be compared.
pub const MODEL_ID: &str = "all-MiniLM-L6-v2-q8";
/// Elements of every vector.
pub const DIMENSION: usize = crate::bert::DIMENSION;

static WEIGHTS: &[u8] = include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/model/minilm/model.q8"));
static VOCABULARY: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/model/minilm/vocab.txt"));
const MAGIC: [u8; 8] = *b"MINILMQ8";
const SHAPE: Shape = Shape { layers: 6, value_residuals: true, activation_limit: EIGHT_LIMIT };

/// The embedding model. Immutable and shareable between threads; calls do not influence each other.
pub struct MiniLm {
    tokenizer: Tokenizer,
    encoder: Encoder,
}

impl MiniLm {
    /// Prepares the compiled-in model: builds the vocabulary tables and checks the weights. A few milliseconds.
    ///
    /// # Errors
    /// [`EncoderError`] when the files the binary was built from are damaged.
    pub fn load() -> Result<Self, EncoderError> {
        let tokenizer = Tokenizer::new(VOCABULARY)?;
        let file = WeightFile::parse(WEIGHTS, MAGIC)?;
        let words = Table::eight(&file, "embeddings.word", VOCABULARY.lines().count())?;
        let positions = Table::eight(&file, "embeddings.position", crate::bert::POSITIONS)?;
        Ok(Self { tokenizer, encoder: Encoder::read(&file, SHAPE, words, positions)? })
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
    use super::*;
    use crate::{
        reference::{self, Case, cosine},
        simd::Isa,
    };

    fn cases() -> Vec<Case> {
        reference::cases(include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/model/minilm/reference.json")))
    }

    #[test]
    fn token_ids_equal_the_reference() {
        let model = MiniLm::load().unwrap();
        let cases = cases();
        assert!(cases.len() >= 64);
        for case in cases {
            assert_eq!(model.tokenizer.encode(&case.text), case.ids(), "{:?}", case.text);
        }
    }

    #[test]
    fn vectors_agree_with_the_reference() {
        let model = MiniLm::load().unwrap();
        for case in cases() {
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
