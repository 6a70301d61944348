//! Models and indexes as they are configured.

use std::{sync::Arc, time::Duration};

use anyhow::Context;
use encoders::minilm::MODEL_ID as ENGLISH;

use crate::{
    adapters::{
        embedder::{CachedEmbedder, HashEmbedder, LocalEmbedder, OpenAiEmbedder, OpenAiEmbedderSettings},
        extractor::{OpenAiExtractor, OpenAiExtractorSettings},
        index::{QdrantIndex, QdrantSettings},
        openai::{OpenAi, OpenAiSettings},
        sql::{Db, any_tenant_reads},
    },
    config::{Config, EmbedderConfig, EmbedderProvider, IndexProvider, LlmProvider},
    memory::{Embedder, Embedders, InferenceMode, ModelInference, VectorIndex},
};

/// The embedders: the configured one, or `instead`, and the one before it while tenants move. What was the local model until
/// version 0.1 needs no setting: it is there while a tenant is read by its vectors.
pub(super) async fn embedders(config: &Config, instead: Option<Arc<dyn Embedder>>, db: &Db) -> anyhow::Result<Embedders> {
    let current = match instead {
        Some(embedder) => embedder,
        None => embedder(config, &config.embedder)?,
    };
    let previous = match config.embedder.before() {
        Some(previous) => Some(embedder(config, &previous)?),
        None if config.embedder.provider == EmbedderProvider::Local && any_tenant_reads(db, ENGLISH).await? => {
            tracing::info!("some accounts are read by '{ENGLISH}' still: 'jmem reembed' moves them");
            Some(Arc::new(english()?) as Arc<dyn Embedder>)
        }
        None => None,
    };
    Ok(Embedders::new(cached(current, config), previous.map(|previous| cached(previous, config))))
}

fn english() -> anyhow::Result<LocalEmbedder> {
    LocalEmbedder::english().context("the local embedding model cannot be loaded")
}

fn cached(embedder: Arc<dyn Embedder>, config: &Config) -> Arc<dyn Embedder> {
    Arc::new(CachedEmbedder::new(embedder, config.embedder.cache_mib * 1024 * 1024))
}

fn embedder(config: &Config, which: &EmbedderConfig) -> anyhow::Result<Arc<dyn Embedder>> {
    Ok(match which.provider {
        EmbedderProvider::Local => Arc::new(LocalEmbedder::multilingual().context("the local embedding model cannot be loaded")?),
        EmbedderProvider::LocalEnglish => Arc::new(english()?),
        EmbedderProvider::Hash => Arc::new(HashEmbedder::new(384)),
        EmbedderProvider::OpenAi => {
            let (dimension, shortened) = which.vectors()?;
            let settings = OpenAiEmbedderSettings {
                model: which.model.clone(),
                dimension,
                shortened,
                batch: which.batch,
                concurrency: which.concurrency,
            };
            Arc::new(OpenAiEmbedder::new(openai(config, config.openai.timeout_secs)?, settings))
        }
    })
}

pub(super) async fn vector_index(config: &Config, embedders: &Embedders) -> anyhow::Result<Option<Arc<dyn VectorIndex>>> {
    if config.index.provider == IndexProvider::Embedded {
        return Ok(None);
    }
    let index = QdrantIndex::new(QdrantSettings {
        url: config.qdrant.address()?,
        api_key: config.qdrant.api_key.as_ref().map(|key| key.expose().to_owned()),
        collection: config.qdrant.collection.clone(),
        search_timeout: Duration::from_millis(config.qdrant.search_timeout_ms),
        write_timeout: Duration::from_millis(config.qdrant.write_timeout_ms),
        exact_limit: config.index.exact_limit,
        candidates: config.index.candidates,
    })?;
    index.prepare(&embedders.models()).await?;
    Ok(Some(Arc::new(index)))
}

pub(super) fn inference(config: &Config) -> anyhow::Result<InferenceMode> {
    Ok(match config.llm.provider {
        LlmProvider::None => InferenceMode::Verbatim,
        LlmProvider::Rules => InferenceMode::Rules,
        LlmProvider::OpenAi => {
            let settings = OpenAiExtractorSettings { model: config.llm.model.clone(), max_output_tokens: config.llm.max_output_tokens };
            InferenceMode::Model(ModelInference {
                extractor: Arc::new(OpenAiExtractor::new(openai(config, config.llm.timeout_secs)?, settings)),
                daily_tokens: config.llm.daily_tokens,
                longest_wait: Duration::from_secs(config.llm.wait_secs),
            })
        }
    })
}

fn openai(config: &Config, timeout_secs: u64) -> anyhow::Result<OpenAi> {
    OpenAi::new(OpenAiSettings {
        base_url: config.openai.base_url.clone(),
        api_key: config.openai.api_key.as_ref().map(|key| key.expose().to_owned()),
        timeout: Duration::from_secs(timeout_secs),
    })
}
