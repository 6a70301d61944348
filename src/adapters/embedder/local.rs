//! The local model behind the [`Embedder`] port, in turn with whatever else needs a core for long.

use std::sync::Arc;

use async_trait::async_trait;
use futures::{StreamExt, TryStreamExt, stream};

use super::minilm::{DIMENSION, MODEL_ID, MiniLm, MiniLmError};
use crate::{
    memory::{Embedder, EmbeddingModel, ModelError},
    tenancy::TenantScope,
    turns,
};

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
    pub fn load() -> Result<Self, MiniLmError> {
        Ok(Self {
            model: EmbeddingModel { window: WINDOW, ..EmbeddingModel::new(MODEL_ID, DIMENSION) },
            network: Arc::new(MiniLm::load()?),
        })
    }
}

#[cfg(feature = "fuzzing")]
impl LocalEmbedder {
    /// The numbers of a text's word pieces.
    #[must_use]
    pub fn pieces(&self, text: &str) -> Vec<u32> {
        self.network.pieces(text)
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
