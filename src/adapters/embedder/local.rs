//! The local models behind the [`Embedder`] port, in turn with whatever else needs a core for long.

use std::sync::Arc;

use async_trait::async_trait;
use encoders::{E5, EncoderError, MiniLm, e5, minilm};
use futures::{StreamExt, TryStreamExt, stream};
use ranking::chance::Usual;

use crate::{
    error::Result as Done,
    memory::{Embedder, EmbeddingModel, ModelError},
    tenancy::TenantScope,
    turns,
};

/// Some 200 word pieces of English. Both models read more, but text that is all there has its say in the vector, and a shorter
/// window has few topics and takes no longer to make.
const WINDOW: usize = 800;

/// A model in this process.
pub struct LocalEmbedder {
    model: EmbeddingModel,
    network: Arc<Network>,
}

enum Network {
    Multilingual(E5),
    English(MiniLm),
}

/// What a text is to a model.
#[derive(Clone, Copy)]
enum Role {
    Question,
    Memory,
}

impl LocalEmbedder {
    /// multilingual-e5-small, whose weights are compiled in.
    ///
    /// # Errors
    /// When the weights are damaged.
    pub fn multilingual() -> Result<Self, EncoderError> {
        Ok(Self::new(e5::MODEL_ID, e5::DIMENSION, Network::Multilingual(E5::load()?)))
    }

    /// all-MiniLM-L6-v2, whose weights are compiled in.
    ///
    /// # Errors
    /// When the weights are damaged.
    pub fn english() -> Result<Self, EncoderError> {
        Ok(Self::new(minilm::MODEL_ID, minilm::DIMENSION, Network::English(MiniLm::load()?)))
    }

    fn new(id: &str, dimension: usize, network: Network) -> Self {
        Self { model: EmbeddingModel { window: WINDOW, ..EmbeddingModel::new(id, dimension) }, network: Arc::new(network) }
    }

    async fn vector(&self, scope: &TenantScope, text: String, role: Role) -> Done<Vec<f32>> {
        let network = self.network.clone();
        turns::run(scope, move || network.vector(&text, role)).await
    }
}

impl Network {
    fn vector(&self, text: &str, role: Role) -> Vec<f32> {
        match (self, role) {
            (Self::Multilingual(e5), Role::Question) => e5.query(text),
            (Self::Multilingual(e5), Role::Memory) => e5.passage(text),
            (Self::English(minilm), _) => minilm.embed(text),
        }
    }
}

#[async_trait]
impl Embedder for LocalEmbedder {
    fn model(&self) -> &EmbeddingModel {
        &self.model
    }

    fn knows(&self, question: &str) -> bool {
        let letters = question.chars().filter(|c| c.is_alphabetic());
        let (latin, other): (Vec<char>, Vec<char>) = letters.partition(|c| *c < '\u{250}');
        matches!(*self.network, Network::Multilingual(_)) || other.len() <= latin.len()
    }

    /// Measured on the dev halves of four collections of conversations and of sentences in eight languages.
    fn usual(&self) -> Usual {
        match *self.network {
            Network::Multilingual(_) => Usual { mean: 0.76, deviation: 0.022 },
            Network::English(_) => Usual { mean: 0.11, deviation: 0.09 },
        }
    }

    fn near_duplicate(&self) -> f32 {
        match *self.network {
            Network::Multilingual(_) => 0.985,
            Network::English(_) => 0.96,
        }
    }

    fn is_local(&self) -> bool {
        true
    }

    async fn embed(&self, scope: &TenantScope, texts: Vec<String>) -> Result<Vec<Vec<f32>>, ModelError> {
        // One text a turn, and a few turns asked for: a query waits for the texts of a running batch that have begun, never for the
        // whole batch.
        let vectors = stream::iter(texts).map(|text| self.vector(scope, text, Role::Memory)).buffered(turns::at_once());
        vectors.try_collect().await.map_err(|error| ModelError::Unavailable(error.to_string()))
    }

    async fn embed_question(&self, scope: &TenantScope, question: &str) -> Result<Vec<f32>, ModelError> {
        let vector = self.vector(scope, question.to_owned(), Role::Question).await;
        vector.map_err(|error| ModelError::Unavailable(error.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use minilm::MAX_PIECES;

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
