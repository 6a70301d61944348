//! The local model behind the [`Embedder`] port, in turn with whatever else needs a core for long.

use std::sync::Arc;

use crate::{
    memory::{Embedder, EmbeddingModel, ModelError},
    tenancy::TenantScope,
    turns,
};
use async_trait::async_trait;
use encoders::{
    EncoderError, MiniLm,
    minilm::{DIMENSION, MODEL_ID},
};
use futures::{StreamExt, TryStreamExt, stream};

/// It reads 254 word pieces, some four letters each. Text that is all there has its say in the vector; a shorter window has few
/// topics, and takes as long to make.
const WINDOW: usize = 800;

/// all-MiniLM-L6-v2 in this process.
pub struct LocalEmbedder {
    model: EmbeddingModel,
    network: Arc<MiniLm>,
}

impl LocalEmbedder {
    /// Unpacks the weights that are compiled in.
    ///
    /// # Errors
    /// When the weights are damaged.
    pub fn load() -> Result<Self, EncoderError> {
        Ok(Self {
            model: EmbeddingModel { window: WINDOW, ..EmbeddingModel::new(MODEL_ID, DIMENSION) },
            network: Arc::new(MiniLm::load()?),
        })
    }
}

#[async_trait]
impl Embedder for LocalEmbedder {
    fn model(&self) -> &EmbeddingModel {
        &self.model
    }

    fn knows(&self, question: &str) -> bool {
        // It was taught on English.
        let letters = question.chars().filter(|c| c.is_alphabetic());
        let (latin, other): (Vec<char>, Vec<char>) = letters.partition(|c| *c < '\u{250}');
        other.len() <= latin.len()
    }

    fn is_local(&self) -> bool {
        true
    }

    async fn embed(&self, scope: &TenantScope, texts: Vec<String>) -> Result<Vec<Vec<f32>>, ModelError> {
        // One text a turn, and a few turns asked for: a query waits for the texts of a running batch that have begun, never for the
        // whole batch.
        let vector = |text: String| {
            let network = self.network.clone();
            turns::run(scope, move || network.embed(&text))
        };
        let vectors = stream::iter(texts).map(vector).buffered(turns::at_once());
        vectors.try_collect().await.map_err(|error| ModelError::Unavailable(error.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use encoders::minilm::MAX_PIECES;

    use super::*;
    use crate::memory::context::tokens;

    /// Texts that people and programs write: prose, tables, code, settings.
    const WRITTEN: [&str; 4] = [
        include_str!("../../../README.md"),
        include_str!("../../../docs/configuration.md"),
        include_str!("../../../migrations/README.md"),
        include_str!("../../memory/reach.rs"),
    ];

    /// The domain counts tokens without a tokenizer: never too few for what is written, never absurdly many.
    #[test]
    fn the_estimate_of_tokens_is_on_the_high_side() {
        let network = MiniLm::load().unwrap();
        let pieces = |text: &str| network.pieces(text).len() - 2;
        let (mut estimated, mut real, mut compared) = (0, 0, 0);
        for text in WRITTEN {
            for words in text.split_whitespace().collect::<Vec<_>>().chunks(30) {
                let passage = words.join(" ");
                let (guess, truth) = (tokens(&passage), pieces(&passage));
                assert!(truth < MAX_PIECES - 2, "cut: {passage}");
                assert!(guess * 100 >= truth * 85, "{guess} for {truth}: {passage}");
                (estimated, real, compared) = (estimated + guess, real + truth, compared + 1);
            }
        }
        assert!(compared > 100 && estimated >= real && estimated * 2 <= real * 3, "{estimated} for {real} in {compared} passages");
        // Whatever the text: no piece has less than a character, and no character counts less than a quarter.
        for text in ["xqzjvkw".repeat(8), "漢字".repeat(20), "a1!".repeat(30), "é".repeat(40), "😀".repeat(30), "Ω≈ç√".repeat(10)]
        {
            assert!(pieces(&text) <= 4 * tokens(&text), "{text}");
        }
    }
}
