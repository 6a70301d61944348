//! Adding memories: check, clean and judge by text ([`super::gate`]), embed where that is cheap, judge by what is there, commit. The
//! commit is what is acknowledged; a memory without a vector is found by its words until a job has embedded it.

use super::{
    gate::{Candidate, Embed, Voice},
    model::{AddEvent, Added, NewMemory},
    ports::{Gated, Guarded, Idempotency},
    service::MemoryService,
    text,
    windows::{self, Spoken, embed_texts},
};
use crate::{
    auth::{Principal, Scope},
    error::{Code, Error, Result},
    ids::ProjectId,
    tenancy::TenantScope,
};

/// How an add is done.
#[derive(Debug, Clone, Default)]
pub struct AddOptions {
    /// Makes a repeated call answer as the first did.
    pub idempotency: Option<Idempotency>,
    /// Also waits for the embeddings, however far the model is.
    pub wait: bool,
    /// How these memories came about.
    pub voice: Voice,
}

impl MemoryService {
    /// Stores memories verbatim, in order, in one transaction: the answer tells what became of each. What says nothing for
    /// certain is held back, what the next search finds already is not stored again, and secrets are replaced as the account
    /// has chosen. One with the `pattern_signature` of a live memory of its project changes that.
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
        let mut ready = Vec::with_capacity(memories.len());
        for memory in memories {
            ready.push(self.checked(by, memory).await?);
        }
        if let Some(key) = &options.idempotency
            && let Some(outcome) = self.parts.store.recorded(&by.scope, key).await?
        {
            return answered(outcome);
        }
        let embed = if options.wait { Embed::All } else { Embed::Cheap };
        let gated = self.through_the_gate(&by.scope, app.id, ready, options.voice, embed).await?;

        let index_job = self.writes_leave_jobs();
        let unembedded = gated.iter().any(|g| !matches!(g, Gated::Store(insert) if insert.vector.is_some()));
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

    async fn checked(&self, by: &Principal, memory: NewMemory) -> Result<(NewMemory, ProjectId)> {
        let memory = text::checked(memory, &self.parts.limits)?;
        let project = by.project_for_write(memory.project)?;
        if memory.project.is_some() {
            self.parts.tenancy.project(&by.scope, project).await?;
        }
        Ok((memory, project))
    }

    /// Gives what is to be found its vectors before the write, where that is cheap or the caller waits for it, so that it is
    /// found by meaning at once. A failure is no reason to refuse the add: the job will do it.
    pub(super) async fn embed_candidates(&self, scope: &TenantScope, candidates: &mut [Candidate], wait: bool) {
        let mut seen: Vec<_> = candidates.iter_mut().map(|c| &mut c.insert).filter(|insert| insert.held_for.is_none()).collect();
        let texts: Vec<Spoken<'_>> = seen.iter().map(|i| (i.speaker.as_deref(), i.text.as_str())).collect();
        if texts.is_empty() || !(wait || self.is_cheap(&texts)) {
            return;
        }
        match embed_texts(self.parts.embedders.current(), scope, &texts).await {
            Ok(vectors) => {
                for (insert, vector) in seen.iter_mut().zip(vectors) {
                    insert.vector = Some(vector);
                }
            }
            Err(error) => tracing::warn!(%error, "storing without embeddings; a job will make them"),
        }
    }

    /// Whether a write may wait for the vectors of these texts.
    pub(super) fn is_cheap(&self, texts: &[Spoken<'_>]) -> bool {
        let embedder = self.parts.embedders.current();
        embedder.is_local() && windows::count(embedder.model(), texts.iter().map(|(_, text)| *text)) <= self.parts.limits.inline_limit
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
