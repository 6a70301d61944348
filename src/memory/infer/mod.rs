//! Facts from text. The write is acknowledged as an [`Operation`]; a job then asks a model for the facts, finds the
//! memories nearest to each, asks what the facts change about those, and makes all changes in one transaction. Whatever a
//! model does, what was said is kept: where it fails for good, rules take its place.

mod model;
mod rules;

use std::time::Duration;

pub use model::*;

use super::{
    add::AddOptions,
    gate,
    model::{Added, Filter, Memory, NewMemory, OperationState, SearchQuery},
    ports::{Extractor, Insert, ModelError, Update},
    service::MemoryService,
    text,
};
use crate::{
    auth::{Principal, Scope},
    error::{Code, Error, Result},
    ids::OperationId,
    tenancy::TenantScope,
};

/// Memories shown beside each fact, and in all.
const NEAREST: usize = 5;
const MOST_KNOWN: usize = 40;
/// Facts taken from one text.
const MOST_FACTS: usize = 200;
/// Useless answers of a model before rules take its place.
const PATIENCE: i32 = 3;
/// How often a caller that waits looks.
const LOOK: Duration = Duration::from_millis(25);
/// How long the tokens of a tenant count.
const DAY: Duration = Duration::from_hours(24);

/// How facts are taken from text.
#[derive(Clone)]
pub enum Inference {
    /// Not at all: texts are stored as they are.
    Verbatim,
    /// By splitting lists and paragraphs.
    Rules,
    /// By a model.
    Model(ModelInference),
}

/// What asking a model takes.
#[derive(Clone)]
pub struct ModelInference {
    /// The model.
    pub extractor: std::sync::Arc<dyn Extractor>,
    /// Tokens that a tenant may take in 24 hours; rules take over beyond.
    pub daily_tokens: u64,
    /// Longest wait of a caller that waits.
    pub longest_wait: Duration,
}

/// How an inference was answered.
#[derive(Debug)]
pub enum Inferred {
    /// It is done.
    Now(Vec<Added>),
    /// It is, or will be, an operation.
    Operation(Box<Operation>),
}

/// Why an operation did not end.
#[derive(Debug)]
pub enum Setback {
    /// The model.
    Model(ModelError),
    /// A store.
    Store(Error),
}

impl From<Error> for Setback {
    fn from(error: Error) -> Self {
        Self::Store(error)
    }
}

impl MemoryService {
    /// Takes facts from a text, as configured. A model's work is not waited for; see [`Self::awaited`].
    ///
    /// # Errors
    /// Those of [`Self::add`].
    pub async fn infer(&self, by: &Principal, new: NewMemory, messages: Vec<Message>, options: AddOptions) -> Result<Inferred> {
        by.require(Scope::MemoryWrite)?;
        let (_, actor) = self.actor(by).await?;
        let mut messages = if messages.is_empty() { vec![Message { role: "user".into(), content: new.text.clone() }] } else { messages };
        let said = messages.iter().map(|m| m.content.as_str()).collect::<Vec<_>>().join("\n");
        let new = text::checked(NewMemory { text: said, ..new }, &self.parts.limits)?;
        let whole = |text: String| NewMemory { text, ..new.clone() };
        match &self.parts.inference {
            Inference::Model(_) => {}
            Inference::Verbatim => return Ok(Inferred::Now(self.add(by, vec![new], options).await?)),
            Inference::Rules => {
                let pieces = rules::facts(&messages, MOST_FACTS).into_iter().map(|fact| whole(fact.text)).collect();
                return Ok(Inferred::Now(self.add(by, pieces, options).await?));
            }
        }
        let project = by.project_for_write(new.project)?;
        if new.project.is_some() {
            self.parts.tenancy.project(&by.scope, project).await?;
        }
        // A model is not told what the account does not keep, and an operation does not hold it.
        let settings = self.settings_of(&by.scope).await?;
        for message in &mut messages {
            message.content = gate::scrubbed(std::mem::take(&mut message.content), &settings.gate)?;
        }
        let NewMemory { metadata, tags, speaker, occurred_at, session_id, .. } = new;
        let input = InferInput { messages, metadata, tags, speaker, occurred_at, session_id };
        let operation = self.parts.operations.create(&by.scope, &actor, project, &input, options.idempotency.as_ref()).await?;
        let Some(operation) = operation else { return Err(mismatch()) };
        self.parts.wake.infer.notify_one();
        metrics::counter!("memory_operations_total", "operation" => "infer").increment(1);
        Ok(Inferred::Operation(Box::new(operation)))
    }

    /// Waits for the end of an operation, for a while; answers how far it is then.
    ///
    /// # Errors
    /// Those of [`Self::operation`].
    pub async fn awaited(&self, by: &Principal, operation: Operation) -> Result<Operation> {
        let Inference::Model(inference) = &self.parts.inference else { return Ok(operation) };
        let give_up = tokio::time::Instant::now() + inference.longest_wait;
        let mut operation = operation;
        while operation.state == OperationState::Queued && tokio::time::Instant::now() < give_up {
            tokio::time::sleep(LOOK).await;
            operation = self.operation(by, operation.id).await?;
        }
        Ok(operation)
    }

    /// An operation of the caller's tenant (and project, where the credential is bound to one).
    ///
    /// # Errors
    /// `not_found`, `insufficient_scope`.
    pub async fn operation(&self, by: &Principal, id: OperationId) -> Result<Operation> {
        by.require(Scope::MemoryWrite)?;
        let operation = self.parts.operations.get(&by.scope, id).await?;
        let visible = operation.filter(|o| by.project.is_none_or(|project| project == o.project));
        visible.ok_or_else(|| Error::not_found("operation"))
    }

    /// Does what an operation asks for; `attempt` counts from 1. Safe to repeat: an operation ends once.
    ///
    /// # Errors
    /// What keeps it from ending now.
    pub async fn carry_out(&self, scope: &TenantScope, id: OperationId, attempt: i32) -> Result<(), Setback> {
        let Some(operation) = self.parts.operations.get(scope, id).await?.filter(|o| o.state == OperationState::Queued) else {
            return Ok(());
        };
        let Found { mut facts, mut tokens, mut reason } = self.facts(scope, &operation, attempt).await?;
        facts.retain(|fact| text::checked_text(&fact.text, &self.parts.limits).is_ok());
        facts.truncate(MOST_FACTS);
        if facts.is_empty() {
            reason = reason.or(Some("no_facts"));
        }
        let known = self.nearest(scope, &operation, &facts).await?;
        let mut resolutions = vec![Resolution::Add; facts.len()];
        if let Inference::Model(inference) = &self.parts.inference
            && !known.is_empty()
            && reason.is_none()
        {
            let texts: Vec<_> = known.iter().map(|memory| memory.text.clone()).collect();
            if let Some(answer) = settled(inference.extractor.resolve(scope, &facts, &texts).await, attempt, &mut reason)? {
                tokens += answer.tokens;
                // A fact that the model forgot is new.
                for (resolution, told) in resolutions.iter_mut().zip(answer.value) {
                    *resolution = told;
                }
            }
        }
        let steps = self.steps(scope, &operation, facts, &known, resolutions).await?;
        let model = self.parts.embedders.current().model();
        let ended = self.parts.operations.end(scope, &operation, model, steps, self.writes_leave_jobs(), tokens, reason).await;
        if let Err(error) = &ended
            && matches!(error.code(), Code::NotFound | Code::InvalidArgument)
        {
            self.parts.operations.fail(scope, id, error.code().as_str()).await?;
            return Ok(());
        }
        ended?;
        self.parts.wake.index.notify_one();
        Ok(())
    }

    async fn facts(&self, scope: &TenantScope, operation: &Operation, attempt: i32) -> Result<Found, Setback> {
        let messages = &operation.input.messages;
        let now = self.parts.clock.now();
        // What was acknowledged while there was a model is kept without one, too.
        let mut reason = Some("no_model");
        if let Inference::Model(inference) = &self.parts.inference {
            if self.parts.operations.tokens_since(scope, now.minus(DAY)).await? >= inference.daily_tokens {
                reason = Some("token_budget");
            } else if let Some(answer) = settled(inference.extractor.facts(scope, messages, now).await, attempt, &mut reason)? {
                return Ok(Found { facts: answer.value, tokens: answer.tokens, reason: None });
            }
        }
        Ok(Found { facts: rules::facts(messages, MOST_FACTS), tokens: 0, reason })
    }

    /// The memories of the operation's project that are nearest to the facts, each once.
    async fn nearest(&self, scope: &TenantScope, operation: &Operation, facts: &[Fact]) -> Result<Vec<Memory>> {
        let mut known: Vec<Memory> = Vec::new();
        for fact in facts {
            let mut text = fact.text.clone();
            text.truncate(text.floor_char_boundary(self.parts.limits.query_bytes));
            let filter = Filter { project: Some(operation.project), ..Filter::default() };
            for hit in self.find(scope, &SearchQuery { text, limit: NEAREST, threshold: 0.0, filter }).await?.hits {
                if known.len() < MOST_KNOWN && known.iter().all(|memory| memory.id != hit.memory.id) {
                    known.push(hit.memory);
                }
            }
        }
        Ok(known)
    }

    async fn steps(
        &self,
        scope: &TenantScope,
        operation: &Operation,
        facts: Vec<Fact>,
        known: &[Memory],
        resolutions: Vec<Resolution>,
    ) -> Result<Vec<Step>> {
        let mut steps = Vec::with_capacity(facts.len());
        let mut changed = Vec::new();
        for (fact, resolution) in facts.into_iter().zip(resolutions) {
            // A memory that the model was not shown, or that another fact has changed already, is none to change.
            let shown = |at: usize| known.get(at).filter(|memory| !changed.contains(&memory.id));
            let step = match resolution {
                Resolution::Update { known, text: told } => match (shown(known), text::checked_text(&told, &self.parts.limits)) {
                    (Some(old), Ok(told)) => {
                        let hash = text::hash(&told, old.speaker.as_deref(), old.occurred_at, old.session_id.as_deref());
                        let update = Update { expected_version: Some(old.version), text: Some((hash, told)), ..Update::default() };
                        Some(Step::Update { id: old.id, update, otherwise: new_memory(operation, &fact) })
                    }
                    _ => None,
                },
                Resolution::Delete { known } => shown(known).map(|old| Step::Delete { id: old.id, text: old.text.clone() }),
                Resolution::None { known: Some(at) } => known.get(at).map(|old| Step::Keep { id: old.id, text: old.text.clone() }),
                Resolution::Add | Resolution::None { known: None } => None,
            };
            let step = step.unwrap_or_else(|| Step::Add(new_memory(operation, &fact)));
            if let Step::Update { id, .. } | Step::Delete { id, .. } = &step {
                changed.push(*id);
            }
            steps.push(step);
        }
        self.embed_steps(scope, &mut steps).await;
        Ok(steps)
    }

    /// A failure leaves the vectors to jobs.
    async fn embed_steps(&self, scope: &TenantScope, steps: &mut [Step]) {
        let mut texts = Vec::new();
        for step in &*steps {
            match step {
                Step::Add(new) => texts.push(text::dense_text(new.speaker.as_deref(), &new.text)),
                Step::Update { update, .. } => texts.extend(update.text.iter().map(|(_, text)| text.clone())),
                Step::Delete { .. } | Step::Keep { .. } => {}
            }
        }
        if texts.is_empty() {
            return;
        }
        let Ok(vectors) = self.parts.embedders.current().embed(scope, texts).await else { return };
        let mut vectors = vectors.into_iter();
        for step in steps {
            match step {
                Step::Add(new) => new.vector = vectors.next(),
                Step::Update { update, .. } => update.vector = vectors.next(),
                Step::Delete { .. } | Step::Keep { .. } => {}
            }
        }
    }
}

/// Facts, their price, and why they are not the model's.
struct Found {
    facts: Vec<Fact>,
    tokens: u64,
    reason: Option<&'static str>,
}

/// What a model answered; `None` once rules are to take its place.
fn settled<T>(
    answer: Result<Answer<T>, ModelError>,
    attempt: i32,
    reason: &mut Option<&'static str>,
) -> Result<Option<Answer<T>>, Setback> {
    match answer {
        Ok(answer) => Ok(Some(answer)),
        Err(ModelError::Refused(why)) => {
            tracing::warn!(why, "the model refused a text; rules take its place");
            *reason = Some("model_refused");
            Ok(None)
        }
        Err(ModelError::Faulty(why)) if attempt >= PATIENCE => {
            tracing::warn!(why, "the model's answers are of no use; rules take its place");
            *reason = Some("model_faulty");
            Ok(None)
        }
        Err(error) => Err(Setback::Model(error)),
    }
}

fn new_memory(operation: &Operation, fact: &Fact) -> Insert {
    let InferInput { metadata, tags, speaker, occurred_at, session_id, .. } = &operation.input;
    let mut all = tags.clone();
    all.extend(fact.categories.iter().cloned());
    let memory = NewMemory {
        text: fact.text.trim().to_owned(),
        metadata: metadata.clone(),
        // A category that is no tag is left out; the fact is kept.
        tags: text::checked_tags(&all).unwrap_or_else(|_| tags.clone()),
        speaker: speaker.clone(),
        occurred_at: *occurred_at,
        session_id: session_id.clone(),
        ..NewMemory::default()
    };
    Insert::of(memory, operation.project)
}

fn mismatch() -> Error {
    Error::new(Code::IdempotencyMismatch, "This Idempotency-Key was used with another request. Use a new key for a new request.")
}
