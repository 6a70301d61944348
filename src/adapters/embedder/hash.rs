//! A deterministic stand-in for a model: each word votes for a few dimensions. It costs next to nothing and
//! understands nothing, so it serves tests and the benchmark alone.

use std::hash::{DefaultHasher, Hash, Hasher};

use async_trait::async_trait;

use crate::{
    memory::{Embedder, EmbeddingModel, ModelError},
    tenancy::TenantScope,
};

/// Bag of hashed words.
#[derive(Debug)]
pub struct HashEmbedder(EmbeddingModel);

impl HashEmbedder {
    /// Vectors of `dimension`, the length of the real model's for a fair benchmark.
    #[must_use]
    pub fn new(dimension: usize) -> Self {
        Self(EmbeddingModel::new(format!("hash-{dimension}"), dimension))
    }

    /// The unit vector of a text.
    #[must_use]
    pub fn vector(&self, text: &str) -> Vec<f32> {
        let mut vector = vec![0.0f32; self.0.dimension];
        for word in text.split_whitespace() {
            let mut hasher = DefaultHasher::new();
            word.to_lowercase().hash(&mut hasher);
            let mut bits = hasher.finish();
            for _ in 0..4 {
                #[expect(clippy::cast_possible_truncation, reason = "16 bits of them are meant")]
                let at = usize::from(bits as u16) % self.0.dimension;
                vector[at] += if bits & 0x8000_0000_0000_0000 == 0 { 1.0 } else { -1.0 };
                bits = bits.rotate_right(16);
            }
        }
        let norm = vector.iter().map(|v| v * v).sum::<f32>().sqrt();
        if norm > 0.0 {
            for value in &mut vector {
                *value /= norm;
            }
        } else {
            vector[0] = 1.0;
        }
        vector
    }
}

#[async_trait]
impl Embedder for HashEmbedder {
    fn model(&self) -> &EmbeddingModel {
        &self.0
    }

    fn is_local(&self) -> bool {
        true
    }

    async fn embed(&self, _: &TenantScope, texts: Vec<String>) -> Result<Vec<Vec<f32>>, ModelError> {
        Ok(texts.iter().map(|text| self.vector(text)).collect())
    }
}
