//! Where embeddings come from.

use anyhow::{Context, Result, ensure};
use serde::{Deserialize, Serialize};

/// Which embedder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EmbedderProvider {
    /// multilingual-e5-small in this process.
    #[default]
    Local,
    /// all-MiniLM-L6-v2 in this process: English alone, in half the time.
    LocalEnglish,
    /// The server of `[openai]`.
    #[serde(rename = "openai")]
    OpenAi,
    /// A deterministic hash of the words, for tests and benchmarks; it understands nothing.
    Hash,
}

/// `[embedder]`
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct EmbedderConfig {
    /// `local`, `local_english`, `openai` or `hash`.
    pub provider: EmbedderProvider,
    /// The model of `openai`.
    pub model: String,
    /// Length of the vectors of `openai`; known for OpenAI's models, which can be told to shorten theirs.
    pub dimensions: Option<usize>,
    /// The model before this one, while tenants move (`jmem reembed`): they are read by its vectors until they have moved.
    pub previous: Option<PreviousEmbedder>,
    /// Most texts of one call.
    pub batch: usize,
    /// Calls at a time.
    pub concurrency: usize,
    /// How long a search waits for the embedding of its query, in milliseconds; it goes on by words then.
    pub query_timeout_ms: u64,
    /// Memory for embeddings made before, in MiB.
    pub cache_mib: u64,
    /// An add of at most this many memories waits for its embeddings where the model is in this process; a larger one
    /// is embedded by a job.
    pub inline_limit: usize,
}

/// `[embedder.previous]`
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PreviousEmbedder {
    /// As in `[embedder]`.
    pub provider: EmbedderProvider,
    /// As in `[embedder]`.
    #[serde(default)]
    pub model: String,
    /// As in `[embedder]`.
    pub dimensions: Option<usize>,
}

impl Default for EmbedderConfig {
    fn default() -> Self {
        Self {
            provider: EmbedderProvider::Local,
            model: "text-embedding-3-small".into(),
            dimensions: None,
            previous: None,
            batch: 256,
            concurrency: 8,
            query_timeout_ms: 2_000,
            cache_mib: 64,
            inline_limit: 8,
        }
    }
}

/// Lengths of the vectors of OpenAI's models, and whether the API can shorten them.
const KNOWN: [(&str, usize, bool); 3] =
    [("text-embedding-3-small", 1536, true), ("text-embedding-3-large", 3072, true), ("text-embedding-ada-002", 1536, false)];

impl EmbedderConfig {
    pub(super) fn validate(&self) -> Result<()> {
        ensure!(self.inline_limit <= 1_000, "embedder.inline_limit must be at most 1000");
        ensure!((1..=2_048).contains(&self.batch), "embedder.batch must be 1 to 2048");
        ensure!((1..=256).contains(&self.concurrency), "embedder.concurrency must be 1 to 256");
        ensure!((1..=60_000).contains(&self.query_timeout_ms), "embedder.query_timeout_ms must be 1 to 60000");
        if self.provider == EmbedderProvider::OpenAi {
            self.vectors()?;
        }
        if let Some(previous) = self.before()
            && previous.provider == EmbedderProvider::OpenAi
        {
            previous.vectors().context("embedder.previous")?;
        }
        Ok(())
    }

    /// The settings as they were with the model before this one.
    #[must_use]
    pub fn before(&self) -> Option<Self> {
        let PreviousEmbedder { provider, model, dimensions } = self.previous.clone()?;
        Some(Self { provider, model, dimensions, previous: None, ..self.clone() })
    }

    /// Length of the vectors of `openai`, and whether the server is to be told it.
    ///
    /// # Errors
    /// When the length is not known, or not possible.
    pub fn vectors(&self) -> Result<(usize, bool)> {
        let known = KNOWN.iter().find(|(name, ..)| *name == self.model);
        let natural = known.map(|(_, dimension, _)| *dimension);
        let asked = self.dimensions.or(natural);
        let dimension = asked.with_context(|| format!("embedder.dimensions must be set: the length of the vectors of '{}'", self.model))?;
        ensure!((1..=65_536).contains(&dimension), "embedder.dimensions must be 1 to 65536");
        match known {
            Some((_, natural, shortens)) if dimension != *natural => {
                ensure!(
                    *shortens && dimension < *natural,
                    "embedder.dimensions must be {natural} for '{}'{}",
                    self.model,
                    if *shortens { " or less" } else { "" }
                );
                Ok((dimension, true))
            }
            _ => Ok((dimension, false)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vectors(model: &str, dimensions: Option<usize>) -> Result<(usize, bool)> {
        EmbedderConfig { model: model.into(), dimensions, ..EmbedderConfig::default() }.vectors()
    }

    #[test]
    fn the_length_of_vectors_is_known_or_must_be_told() {
        assert_eq!(vectors("text-embedding-3-small", None).expect("known"), (1536, false));
        assert_eq!(vectors("text-embedding-3-large", Some(1024)).expect("shortened"), (1024, true));
        assert_eq!(vectors("text-embedding-ada-002", None).expect("known"), (1536, false));
        vectors("text-embedding-ada-002", Some(512)).expect_err("it cannot be shortened");
        vectors("text-embedding-3-small", Some(3072)).expect_err("nor lengthened");
        assert_eq!(vectors("nomic-embed-text", Some(768)).expect("told"), (768, false));
        vectors("nomic-embed-text", None).expect_err("nobody knows");
    }
}
