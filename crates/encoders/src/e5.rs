//! The model multilingual-e5-small with 4-bit weights, for the languages of the world.
//!
//! Owns what is particular to this model: its files, its limits, its identity, and the words that it wants before a text. Does
//! not own the network (`bert`) or the tokenizer (`unigram`).

use crate::{
    EncoderError,
    bert::{Encoder, POSITIONS, Shape},
    kernel::FOUR_LIMIT,
    table::Table,
    unigram::Tokenizer,
    weights::WeightFile,
};

pub use crate::unigram::MAX_PIECES;

/// Identity of the vectors. Vectors of different identities must never be compared.
pub const MODEL_ID: &str = "multilingual-e5-small-q4";
/// Elements of every vector.
pub const DIMENSION: usize = crate::bert::DIMENSION;

static WEIGHTS: &[u8] = include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/model/e5/model.q4"));
static VOCABULARY: &[u8] = include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/model/e5/vocabulary.bin"));
const MAGIC: [u8; 8] = *b"E5SMALQ4";
const SHAPE: Shape = Shape { layers: 12, value_residuals: false, activation_limit: FOUR_LIMIT };

/// The embedding model. Immutable and shareable between threads; calls do not influence each other.
pub struct E5 {
    tokenizer: Tokenizer,
    encoder: Encoder,
}

impl E5 {
    /// Prepares the compiled-in model: checks the vocabulary and the weights. Some milliseconds.
    ///
    /// # Errors
    /// [`EncoderError`] when the files the binary was built from are damaged.
    pub fn load() -> Result<Self, EncoderError> {
        let tokenizer = Tokenizer::parse(VOCABULARY)?;
        let file = WeightFile::parse(WEIGHTS, MAGIC)?;
        let words = Table::four(&file, "embeddings.word", tokenizer.len())?;
        let positions = Table::floats(&file, "embeddings.position", POSITIONS)?;
        Ok(Self { tokenizer, encoder: Encoder::read(&file, SHAPE, words, positions)? })
    }

    /// The unit vector of a text that is searched for, [`DIMENSION`] elements; cosine similarity with a [`Self::passage`] is the
    /// dot product.
    ///
    /// Only the first 510 word pieces count. Any text is accepted, also the empty one. The result depends on the text alone and
    /// is bit for bit the same on every machine. Synchronous and single-threaded; time grows with the number of pieces.
    #[must_use]
    pub fn query(&self, text: &str) -> Vec<f32> {
        self.encoder.encode(&self.tokenizer.encode("query: ", text))
    }

    /// The unit vector of a text that is to be found. As [`Self::query`] in all else.
    #[must_use]
    pub fn passage(&self, text: &str) -> Vec<f32> {
        self.encoder.encode(&self.tokenizer.encode("passage: ", text))
    }

    /// The numbers of a text's word pieces, between those that mark its start and its end.
    #[must_use]
    pub fn pieces(&self, text: &str) -> Vec<u32> {
        self.tokenizer.encode("", text)
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::*;
    use crate::{
        reference::{self, Case, cosine},
        simd::Isa,
    };

    fn cases() -> Vec<Case> {
        reference::cases(include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/model/e5/reference.json")))
    }

    #[test]
    fn pieces_equal_the_reference() {
        let model = E5::load().unwrap();
        let cases = cases();
        assert!(cases.len() >= 90);
        for Case { text, json, .. } in cases {
            let pieces: Vec<String> = serde_json::from_value(json["pieces"].clone()).unwrap();
            let ids = model.tokenizer.encode(json["prefix"].as_str().unwrap(), &text);
            let ours: Vec<&str> = ids.iter().map(|id| std::str::from_utf8(model.tokenizer.bytes(*id as usize)).unwrap()).collect();
            assert_eq!(ours, pieces, "{text:?}");
        }
    }

    #[test]
    fn vectors_agree_with_the_reference() {
        let model = E5::load().unwrap();
        let (mut least, mut sum, mut count) = (1.0_f64, 0.0, 0.0);
        for Case { text, json, vector } in cases() {
            let ours = if json["prefix"] == "query: " { model.query(&text) } else { model.passage(&text) };
            assert_eq!(ours.len(), DIMENSION);
            assert!((ours.iter().map(|v| v * v).sum::<f32>() - 1.0).abs() < 1e-5, "{text:?}");
            let cosine = cosine(&ours, &vector);
            assert!(cosine >= 0.9999, "{cosine} for {text:?}");
            (least, sum, count) = (least.min(cosine), sum + cosine, count + 1.0);
        }
        println!("cosine: least {least:.8}, mean {:.8}", sum / count);
    }

    #[test]
    fn both_kernels_give_the_same_bits() {
        let model = E5::load().unwrap();
        for text in ["", "семь", "Anna moved from Berlin to Lisbon in March 2023."] {
            let ids = model.pieces(text);
            assert_eq!(model.encoder.encode(&ids), model.encoder.encode_with(Isa::Portable, &ids), "{text:?}");
        }
    }

    #[test]
    fn a_text_has_one_vector_whatever_came_before() {
        let model = E5::load().unwrap();
        let texts = ["green tea", "", "一篇更长的文章", "!", "green tea"];
        let alone: Vec<_> = texts.iter().map(|text| E5::load().unwrap().query(text)).collect();
        let threads: Vec<_> = std::thread::scope(|scope| {
            let handles: Vec<_> = texts.iter().map(|text| scope.spawn(|| model.query(text))).collect();
            handles.into_iter().map(|handle| handle.join().unwrap()).collect()
        });
        assert_eq!(alone, threads);
        assert_eq!(alone[0], alone[4]);
    }

    #[test]
    fn a_question_finds_its_answer_in_another_language() {
        let model = E5::load().unwrap();
        let question = model.query("where does my sister live?");
        let answer = model.passage("Моя сестра переехала в Варшаву в прошлом году.");
        for other in ["Процентные ставки в еврозоне выросли.", "我喜欢喝咖啡,不喜欢茶", "The cat sat on the mat."]
        {
            assert!(cosine(&question, &answer) > cosine(&question, &model.passage(other)) + 0.02, "{other}");
        }
    }

    #[test]
    fn unusual_texts_neither_panic_nor_take_long() {
        let model = E5::load().unwrap();
        let many = 1 << 20;
        for text in ["", " ", "\0", "\u{301}", "\u{10ffff}", "\u{fdd0}\u{ffff}", "</s> <s> <unk> <pad> <mask>", "\u{fdfa}"] {
            assert!(model.query(text).iter().all(|v| v.is_finite()), "{text:?}");
        }
        for unit in ["\0", " ", "a", "a ", "\u{301}", "漢", "\u{fdfa}", "\u{10ffff}", "\u{200b}", "▁"] {
            let start = Instant::now();
            assert!(model.pieces(&unit.repeat(many)).len() <= MAX_PIECES, "{unit:?}");
            assert!(start.elapsed() < Duration::from_secs(1), "{unit:?} takes {:?}", start.elapsed());
        }
    }
}
