//! The local model behind the [`Embedder`] port: CPU work kept off the request threads, and not more of it at a time
//! than there are cores.

use std::sync::Arc;

use async_trait::async_trait;
use tokio::sync::Semaphore;

use super::minilm::{DIMENSION, MODEL_ID, MiniLm, MiniLmError};
use crate::{
    memory::{Embedder, EmbeddingModel, ModelError},
    tenancy::TenantScope,
};

/// all-MiniLM-L6-v2 in this process.
pub struct LocalEmbedder {
    model: EmbeddingModel,
    network: Arc<MiniLm>,
    permits: Arc<Semaphore>,
}

impl LocalEmbedder {
    /// Unpacks the weights that are compiled in.
    ///
    /// # Errors
    /// When the weights are damaged.
    pub fn load() -> Result<Self, MiniLmError> {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Ok(Self {
            model: EmbeddingModel { id: MODEL_ID.to_owned(), dimension: DIMENSION },
            network: Arc::new(MiniLm::load()?),
            permits: Arc::new(Semaphore::new(cores)),
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

    async fn embed(&self, _: &TenantScope, texts: Vec<String>) -> Result<Vec<Vec<f32>>, ModelError> {
        // One text a task: a query waits for one text of a running batch, never for the whole batch.
        let mut vectors = Vec::with_capacity(texts.len());
        for text in texts {
            let permit = self.permits.clone().acquire_owned().await.map_err(|e| ModelError::Unavailable(e.to_string()))?;
            let network = self.network.clone();
            let vector = tokio::task::spawn_blocking(move || {
                let _permit = permit;
                network.embed(&text)
            });
            vectors.push(vector);
        }
        let mut done = Vec::with_capacity(vectors.len());
        for vector in vectors {
            done.push(vector.await.map_err(|e| ModelError::Unavailable(e.to_string()))?);
        }
        Ok(done)
    }
}
