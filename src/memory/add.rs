//! Adding memories: check, judge by text ([`gate`]), embed where that is cheap, judge by what is known, commit. The commit is what is acknowledged; a memory without a
//! vector is found by its words until a job has embedded it.

use super::{
    gate::{self, Candidate},
    model::{AddEvent, Added, NewMemory},
    ports::{Gated, Guarded, Idempotency},
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
    /// Stores memories verbatim, in order, in one transaction, but for what the write gate keeps out or replaces: the answer
    /// tells of each. One with the `pattern_signature` of a live memory of its project changes that.
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
        let (app, actor) = self.actor(by).await?;
        let settings = self.settings_of(&by.scope).await?;
        let mut candidates = Vec::with_capacity(memories.len());
        for memory in memories {
            candidates.push(self.prepare(by, memory).await?);
        }
        if let Some(key) = &options.idempotency
            && let Some(outcome) = self.parts.store.recorded(&by.scope, key).await?
        {
            return answered(outcome);
        }
        let mut gated = Self::judge_texts(candidates, &settings.gate);
        self.embed_inline(by, &mut gated, options.wait).await;
        self.judge_by_known(by, app.id, &mut gated, &settings.gate).await?;
        let gated: Vec<_> = gated.into_iter().map(|(gated, _)| gated).collect();

        let index_job = self.writes_leave_jobs();
        let unembedded = gated.iter().any(|g| matches!(g, Gated::Store(insert) if insert.vector.is_none()));
        let model = self.parts.embedders.current().model();
        let outcome = self.parts.store.insert(&by.scope, &actor, model, gated, index_job, options.idempotency.as_ref()).await?;
        if index_job || unembedded {
            self.parts.wake.index.notify_one();
        }
        if let Guarded::Done(added) = &outcome {
            let stored = added.iter().filter(|added| added.event != AddEvent::None).count();
            metrics::counter!("memory_operations_total", "operation" => "add").increment(stored as u64);
            self.count_decisions(by, added);
            self.parts.nudges.nudge(&by.scope);
        }
        answered(outcome)
    }

    /// Checks one memory as [`Self::add`] would, without storing it.
    ///
    /// # Errors
    /// `invalid_argument`, `too_large`.
    pub fn check(&self, memory: &NewMemory) -> Result<()> {
        text::checked(memory.clone(), &self.parts.limits).map(drop)
    }

    async fn prepare(&self, by: &Principal, memory: NewMemory) -> Result<Candidate> {
        let memory = text::checked(memory, &self.parts.limits)?;
        let project = by.project_for_write(memory.project)?;
        if memory.project.is_some() {
            self.parts.tenancy.project(&by.scope, project).await?;
        }
        Ok(gate::candidate(memory, project))
    }

    /// Gives an add its vectors before the write, where that is cheap or the caller waits for it, so that it is found by
    /// meaning at once. A failure is no reason to refuse the add: the job will do it.
    async fn embed_inline(&self, by: &Principal, gated: &mut [(Gated, bool)], wait: bool) {
        let mut inserts: Vec<_> = gated
            .iter_mut()
            .filter_map(|(gated, _)| match gated {
                Gated::Store(insert) => Some(insert),
                Gated::Settled(_) => None,
            })
            .collect();
        let embedder = self.parts.embedders.current();
        let cheap = embedder.is_local() && inserts.len() <= self.parts.limits.inline_limit;
        if inserts.is_empty() || !(cheap || wait) {
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

fn answered(outcome: Guarded<Vec<Added>>) -> Result<Vec<Added>> {
    match outcome {
        Guarded::Done(added) | Guarded::Replayed(added) => Ok(added),
        Guarded::Mismatch => Err(Error::new(
            Code::IdempotencyMismatch,
            "This Idempotency-Key was used with another request. Use a new key for a new request.",
        )),
    }
}
