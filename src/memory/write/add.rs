//! Adding memories: check, clean and judge by text ([`Gate`](crate::memory::Gate)), embed where that is cheap, judge by what is
//! there, commit. The commit is what is acknowledged; a memory without a vector is found by its words until a job has embedded it.

use super::Writer;
use crate::{
    auth::{Principal, Scope},
    error::{Error, Result},
    ids::ProjectId,
    memory::{
        gate::Embed,
        model::{Actor, AddEvent, Added, Gated, Guarded, Idempotency, NewMemory, Voice},
        text,
    },
    tenancy::TenantScope,
};

/// Memories of one transaction: some 30 ms on SQLite.
const AT_ONCE: usize = 100;

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

impl Writer {
    /// Stores memories verbatim, in order: the answer tells what became of each. What says nothing for certain is held back, what
    /// the next search finds already is not stored again, and secrets are replaced as the account has chosen. One with the
    /// `pattern_signature` of a live memory of its project changes that. Many without an idempotency key are stored in parts; what
    /// was stored until an error stays.
    ///
    /// # Errors
    /// `insufficient_scope`, `app_paused`, `invalid_argument`, `too_large`, `not_found` (project),
    /// `idempotency_mismatch`, `unavailable`.
    pub async fn add(&self, by: &Principal, memories: Vec<NewMemory>, options: AddOptions) -> Result<Vec<Added>> {
        by.require(Scope::MemoryWrite)?;
        let limits = &self.limits;
        if memories.is_empty() || memories.len() > limits.batch {
            return Err(Error::invalid(format!("Send 1 to {} memories in one call, not {}.", limits.batch, memories.len())));
        }
        let (app, actor) = self.reach.actor(by).await?;
        let mut ready = Vec::with_capacity(memories.len());
        for memory in memories {
            ready.push(self.checked(by, memory).await?);
        }
        if let Some(key) = &options.idempotency
            && let Some(outcome) = self.store.recorded(&by.scope, key).await?
        {
            return outcome.settled();
        }
        let embed = if options.wait { Embed::All } else { Embed::Cheap };
        let gated = self.gate.pass(&by.scope, app.id, ready, options.voice, embed).await?;

        let unembedded = gated.iter().any(|g| !matches!(g, Gated::Store(insert) if insert.vector.is_some()));
        let outcome = self.store_in_turns(&by.scope, &actor, gated, options.idempotency.as_ref()).await?;
        if unembedded || self.indexing.texts_leave_jobs() {
            self.wake.index.notify_one();
        }
        if let Guarded::Done(added) = &outcome {
            let stored = added.iter().filter(|added| added.event != AddEvent::None).count();
            metrics::counter!("memory_operations_total", "operation" => "add").increment(stored as u64);
            self.gate.count(by, added);
            self.nudges.nudge(&by.scope);
        }
        outcome.settled()
    }

    /// Many at a time keep the others from writing: they are stored in parts, between which others come. A repeated call finds those
    /// stored that an earlier one came to. With a key the answer stands or falls with what it tells of, so that is one transaction.
    async fn store_in_turns(
        &self,
        scope: &TenantScope,
        actor: &Actor,
        gated: Vec<Gated>,
        idempotency: Option<&Idempotency>,
    ) -> Result<Guarded<Vec<Added>>> {
        if idempotency.is_some() || gated.len() <= AT_ONCE {
            return self.store.insert(scope, actor, gated, idempotency).await;
        }
        let mut added = Vec::with_capacity(gated.len());
        let mut gated = gated.into_iter();
        while gated.len() > 0 {
            let part = gated.by_ref().take(AT_ONCE).collect();
            added.extend(self.store.insert(scope, actor, part, None).await?.settled()?);
        }
        Ok(Guarded::Done(added))
    }

    /// Checks one memory as [`Self::add`] would, without storing it.
    ///
    /// # Errors
    /// `invalid_argument`, `too_large`.
    pub fn check(&self, memory: &NewMemory) -> Result<()> {
        text::checked(memory.clone(), &self.limits).map(drop)
    }

    async fn checked(&self, by: &Principal, memory: NewMemory) -> Result<(NewMemory, ProjectId)> {
        let memory = text::checked(memory, &self.limits)?;
        let project = self.reach.writable_project(by, memory.project).await?;
        Ok((memory, project))
    }
}
