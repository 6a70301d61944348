//! Embeddings of an OpenAI-compatible server. A text goes at once while there are calls to spare; those that must wait go out
//! together with the next call that returns, taken from the tenants in turn.

use std::{collections::HashMap, sync::Arc};

use async_openai::types::embeddings::{CreateEmbeddingRequest, EmbeddingInput, EncodingFormat};
use async_trait::async_trait;
use base64::{Engine, engine::general_purpose::STANDARD};
use parking_lot::Mutex;
use serde::Deserialize;
use tokio::sync::oneshot;

use crate::{
    adapters::openai::OpenAi,
    fair_queue::FairQueue,
    memory::{Embedder, EmbeddingModel, ModelError},
    tenancy::TenantScope,
};

/// Longest text sent, in bytes. A token is seldom less than three bytes and the models read 8,191 tokens; what comes
/// after this is found by its words.
const TEXT_BYTES: usize = 24_000;
/// Bytes of one call: the API takes 300,000 tokens, and none is less than a byte.
const CALL_BYTES: usize = 250_000;

/// What a call asks for, and how calls are shared.
#[derive(Debug, Clone)]
pub struct OpenAiEmbedderSettings {
    /// Name of the model at the server.
    pub model: String,
    pub dimension: usize,
    /// Whether the server is told to shorten its vectors to `dimension`.
    pub shortened: bool,
    /// Most texts of one call.
    pub batch: usize,
    pub concurrency: usize,
}

/// The embedder; its calls run as tasks of the runtime.
pub struct OpenAiEmbedder {
    model: EmbeddingModel,
    shared: Arc<Shared>,
}

struct Shared {
    api: OpenAi,
    settings: OpenAiEmbedderSettings,
    line: Mutex<Line>,
}

#[derive(Default)]
struct Line {
    waiting: FairQueue<Waiting>,
    /// Calls under way.
    calls: usize,
}

/// A text and who waits for its vector.
struct Waiting {
    text: String,
    reply: oneshot::Sender<Result<Vec<f32>, ModelError>>,
}

impl OpenAiEmbedder {
    /// An embedder over `api`.
    #[must_use]
    pub fn new(api: OpenAi, settings: OpenAiEmbedderSettings) -> Self {
        // Vectors of one model at two lengths are not comparable.
        let id = if settings.shortened { format!("{}@{}", settings.model, settings.dimension) } else { settings.model.clone() };
        let model = EmbeddingModel::new(id, settings.dimension);
        Self { model, shared: Arc::new(Shared { api, settings, line: Mutex::default() }) }
    }
}

#[async_trait]
impl Embedder for OpenAiEmbedder {
    fn model(&self) -> &EmbeddingModel {
        &self.model
    }

    fn answers(&self) -> bool {
        self.shared.api.answers()
    }

    fn is_local(&self) -> bool {
        false
    }

    async fn embed(&self, scope: &TenantScope, texts: Vec<String>) -> Result<Vec<Vec<f32>>, ModelError> {
        let replies: Vec<_> = texts.into_iter().map(|text| self.shared.queue(scope, text)).collect();
        self.shared.send_waiting();
        let mut vectors = Vec::with_capacity(replies.len());
        for reply in replies {
            vectors.push(reply.await.map_err(|_| ModelError::Unavailable("the call was given up".into()))??);
        }
        Ok(vectors)
    }
}

impl Shared {
    fn queue(&self, scope: &TenantScope, mut text: String) -> oneshot::Receiver<Result<Vec<f32>, ModelError>> {
        text.truncate(text.floor_char_boundary(TEXT_BYTES));
        let (reply, answer) = oneshot::channel();
        self.line.lock().waiting.push(scope.tenant(), Waiting { text, reply });
        answer
    }

    /// Sends what waits, as far as there are calls to spare; the others go when a call returns.
    fn send_waiting(self: &Arc<Self>) {
        let mut line = self.line.lock();
        while line.calls < self.settings.concurrency {
            let batch = self.next_batch(&mut line);
            if batch.is_empty() {
                return;
            }
            line.calls += 1;
            tokio::spawn(self.clone().send(batch));
        }
    }

    fn next_batch(&self, line: &mut Line) -> Vec<Waiting> {
        let (mut batch, mut bytes) = (Vec::new(), 0);
        while batch.len() < self.settings.batch {
            let Some(next) = line.waiting.pop_if(|w| batch.is_empty() || bytes + w.text.len() <= CALL_BYTES) else { break };
            // Who no longer waits is not embedded.
            if !next.reply.is_closed() {
                bytes += next.text.len();
                batch.push(next);
            }
        }
        batch
    }

    /// Calls for a batch, and then for what waits, until nothing does.
    async fn send(self: Arc<Self>, mut batch: Vec<Waiting>) {
        while !batch.is_empty() {
            self.answer(batch).await;
            let mut line = self.line.lock();
            batch = self.next_batch(&mut line);
            line.calls -= usize::from(batch.is_empty());
        }
    }

    async fn answer(&self, batch: Vec<Waiting>) {
        let mut parts = vec![batch];
        while let Some(mut part) = parts.pop() {
            match self.call(&part).await {
                Ok(vectors) => {
                    for (waiting, vector) in part.into_iter().zip(vectors) {
                        // Nobody there any more is no fault.
                        let _ = waiting.reply.send(vector);
                    }
                }
                // One text that the server refuses must not take the others with it: halve until it stands alone.
                Err(ModelError::Refused(_)) if part.len() > 1 => {
                    parts.push(part.split_off(part.len() / 2));
                    parts.push(part);
                }
                Err(error) => {
                    for waiting in part {
                        let _ = waiting.reply.send(Err(error.clone()));
                    }
                }
            }
        }
    }

    /// A vector or the reason against it for each text.
    async fn call(&self, batch: &[Waiting]) -> Result<Vec<Result<Vec<f32>, ModelError>>, ModelError> {
        let OpenAiEmbedderSettings { model, dimension, shortened, .. } = &self.settings;
        let request = CreateEmbeddingRequest {
            model: model.clone(),
            input: EmbeddingInput::StringArray(batch.iter().map(|w| w.text.clone()).collect()),
            encoding_format: Some(EncodingFormat::Base64),
            user: None,
            dimensions: shortened.then(|| u32::try_from(*dimension).unwrap_or(u32::MAX)),
        };
        let answer: Answer = self.api.call("embedder", |client| async move { client.embeddings().create_byot(request).await }).await?;
        metrics::counter!("embedder_texts_total").increment(batch.len() as u64);
        metrics::counter!("embedder_tokens_total").increment(answer.usage.map_or(0, |usage| usage.total_tokens));
        let mut by_index: HashMap<usize, Values> = answer.data.into_iter().map(|item| (item.index, item.embedding)).collect();
        let vector = |at| match by_index.remove(&at) {
            Some(values) => unit(values, *dimension),
            None => Err(ModelError::Faulty("the server left a text out".into())),
        };
        Ok((0..batch.len()).map(vector).collect())
    }
}

#[derive(Deserialize)]
struct Answer {
    data: Vec<Item>,
    usage: Option<Usage>,
}

#[derive(Deserialize)]
struct Item {
    index: usize,
    embedding: Values,
}

#[derive(Deserialize)]
struct Usage {
    #[serde(default)]
    total_tokens: u64,
}

/// Base64 is asked for: a third of the bytes. Some servers answer numbers all the same.
#[derive(Deserialize)]
#[serde(untagged)]
enum Values {
    Base64(String),
    Numbers(Vec<f32>),
}

/// The unit vector, if it is one of `dimension` finite numbers and not all zero.
fn unit(values: Values, dimension: usize) -> Result<Vec<f32>, ModelError> {
    let mut vector = match values {
        Values::Numbers(numbers) => numbers,
        Values::Base64(text) => {
            let bytes = STANDARD.decode(text).map_err(|_| ModelError::Faulty("the embedding is not base64".into()))?;
            bytes.as_chunks::<4>().0.iter().map(|four| f32::from_le_bytes(*four)).collect()
        }
    };
    if vector.len() != dimension {
        return Err(ModelError::Faulty(format!(
            "the embedding has {} dimensions instead of {dimension}; set embedder.dimensions to what the model has",
            vector.len()
        )));
    }
    let length = vector.iter().map(|v| f64::from(*v) * f64::from(*v)).sum::<f64>().sqrt();
    if !length.is_finite() || length == 0.0 {
        return Err(ModelError::Faulty("the embedding is no direction: not finite, or all zero".into()));
    }
    #[expect(clippy::cast_possible_truncation, reason = "components of a unit vector")]
    for value in &mut vector {
        *value = (f64::from(*value) / length) as f32;
    }
    Ok(vector)
}
