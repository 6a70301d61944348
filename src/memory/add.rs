//! Adding memories: check, embed where that is cheap, commit. The commit is what is acknowledged; a memory without a
//! vector is found by its words until a job has embedded it.

use super::{
    model::{Added, NewMemory},
    ports::{Guarded, Idempotency, Insert},
    service::MemoryService,
    text,
};
use crate::{
    auth::{Principal, Scope},
    error::{Code, Error, Result},
};

/// How an add is done.
#[derive(Debug, Clone, Default)]
pub struct AddOptions {
    /// Makes a repeated call answer as the first did.
    pub idempotency: Option<Idempotency>,
    /// Also waits for the embeddings, however far the model is.
    pub wait: bool,
}

impl MemoryService {
    /// Stores memories verbatim, in order, in one transaction. An equal live text in the same project is not stored
    /// again; one with the same `pattern_signature` is updated.
    ///
    /// # Errors
    /// `insufficient_scope`, `app_paused`, `invalid_argument`, `too_large`, `not_found` (project),
    /// `idempotency_mismatch`, `unavailable`.
    pub async fn add(&self, by: &Principal, memories: Vec<NewMemory>, options: AddOptions) -> Result<Vec<Added>> {
        by.require(Scope::MemoryWrite)?;
        let limits = &self.parts.limits;
        if memories.is_empty() || memories.len() > limits.batch {
            return Err(Error::invalid(format!("Send 1 to {} memories in one call, not {}.", limits.batch, memories.len())));
        }
        let (_, actor) = self.actor(by).await?;
        let mut inserts = Vec::with_capacity(memories.len());
        for memory in memories {
            inserts.push(self.prepare(by, memory).await?);
        }
        self.embed_inline(by, &mut inserts, options.wait).await;
        let external = self.parts.index.is_external();
        let unembedded = inserts.iter().any(|i| i.vector.is_none());
        let model = self.parts.embedder.model();
        let outcome = self.parts.store.insert(&by.scope, &actor, model, inserts, external, options.idempotency.as_ref()).await?;
        if external || unembedded {
            self.parts.wake.index.notify_one();
        }
        match outcome {
            Guarded::Done(added) => {
                metrics::counter!("memory_operations_total", "operation" => "add").increment(added.len() as u64);
                Ok(added)
            }
            Guarded::Replayed(added) => Ok(added),
            Guarded::Mismatch => Err(Error::new(
                Code::IdempotencyMismatch,
                "This Idempotency-Key was used with another request. Use a new key for a new request.",
            )),
        }
    }

    /// Checks one memory as [`Self::add`] would, without storing it.
    ///
    /// # Errors
    /// `invalid_argument`, `too_large`.
    pub fn check(&self, memory: &NewMemory) -> Result<()> {
        text::checked(memory.clone(), &self.parts.limits).map(drop)
    }

    async fn prepare(&self, by: &Principal, memory: NewMemory) -> Result<Insert> {
        let memory = text::checked(memory, &self.parts.limits)?;
        let project = by.project_for_write(memory.project)?;
        if memory.project.is_some() {
            self.parts.tenancy.project(&by.scope, project).await?;
        }
        Ok(Insert::of(memory, project))
    }

    /// Gives an add its vectors before the write, where that is cheap or the caller waits for it, so that it is found by
    /// meaning at once. A failure is no reason to refuse the add: the job will do it.
    async fn embed_inline(&self, by: &Principal, inserts: &mut [Insert], wait: bool) {
        let embedder = &self.parts.embedder;
        let cheap = embedder.is_local() && inserts.len() <= self.parts.limits.inline_limit;
        if !cheap && !wait {
            return;
        }
        let texts = inserts.iter().map(|i| text::dense_text(i.speaker.as_deref(), &i.text)).collect();
        match embedder.embed(&by.scope, texts).await {
            Ok(vectors) => {
                for (insert, vector) in inserts.iter_mut().zip(vectors) {
                    insert.vector = Some(vector);
                }
            }
            Err(error) => tracing::warn!(%error, "storing without embeddings; a job will make them"),
        }
    }
}
