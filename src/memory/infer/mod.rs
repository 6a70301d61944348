//! Facts from text. The write is acknowledged as an [`Operation`]; a job then asks a model for the facts, finds the
//! memories nearest to each, asks what the facts change about those, and makes all changes in one transaction. Whatever a
//! model does, what was said is kept: where it fails for good, rules take its place.

mod model;
mod plan;
mod ports;
mod rules;
mod sources;

use std::{sync::Arc, time::Duration};

pub use {model::*, ports::*};

use plan::Planning;
use sources::Sources;

use super::{
    embedding::{Embeddings, ModelError, Spoken},
    gate::{self, Embed, Gate},
    model::{Added, Filter, Gated, Guarded, Memory, MemoryLimits, NewMemory, OperationState, SearchQuery, Voice},
    reach::Reach,
    recall::Recall,
    settings::Settings,
    signals::Wake,
    text,
    write::{AddOptions, Writer},
};
use crate::{
    auth::{Principal, Scope},
    clock::Clock,
    error::{Code, Error, Result},
    ids::OperationId,
    metering::{Allowance, Usage},
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
pub enum InferenceMode {
    /// Not at all: texts are stored as they are.
    Verbatim,
    /// By splitting lists and paragraphs.
    Rules,
    /// By a model.
    Model(ModelInference),
}

impl InferenceMode {
    /// How it is done for a tenant whose plan has no model, or has used it up.
    const fn without_model(&self) -> &Self {
        match self {
            Self::Model(_) => &Self::Rules,
            other => other,
        }
    }
}

/// What asking a model takes.
#[derive(Clone)]
pub struct ModelInference {
    pub extractor: Arc<dyn Extractor>,
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

/// Takes facts from text; cheap to clone.
#[derive(Clone)]
pub struct Inference {
    pub mode: InferenceMode,
    pub reach: Reach,
    /// What is acknowledged before it is done.
    pub operations: Arc<dyn OperationStore>,
    pub writer: Writer,
    pub gate: Gate,
    /// The memories nearest to a fact.
    pub recall: Recall,
    pub embeddings: Embeddings,
    /// Whether the plan has a model, and room for what it finds.
    pub usage: Usage,
    pub settings: Settings,
    pub limits: MemoryLimits,
    pub wake: Arc<Wake>,
    pub clock: Arc<dyn Clock>,
}

impl Inference {
    /// Whether the model did its work the last time that it was asked; `None` where there is none.
    #[must_use]
    pub fn model_answers(&self) -> Option<bool> {
        match &self.mode {
            InferenceMode::Model(model) => Some(model.extractor.answers()),
            InferenceMode::Verbatim | InferenceMode::Rules => None,
        }
    }

    /// Takes facts from a text, as configured. A model's work is not waited for; see [`Self::awaited`].
    ///
    /// # Errors
    /// Those of [`Writer::add`].
    pub async fn infer(&self, by: &Principal, new: NewMemory, messages: Vec<Message>, options: AddOptions) -> Result<Inferred> {
        by.require(Scope::MemoryWrite)?;
        let (_, actor) = self.reach.actor(by).await?;
        let mode = if self.usage.has_model(&by.scope).await? { &self.mode } else { self.mode.without_model() };
        let is_transcript = !messages.is_empty();
        let mut messages = if is_transcript { messages } else { vec![Message { role: "user".into(), content: new.content.text.clone() }] };
        let said = messages.iter().map(|m| m.content.as_str()).collect::<Vec<_>>().join("\n");
        let new = text::checked(with_text(&new, said), &self.limits)?;
        let automatic = AddOptions { voice: Voice::Automatic, ..options.clone() };
        match mode {
            InferenceMode::Model(_) => self.usage.require_room(&by.scope).await?,
            InferenceMode::Verbatim if !is_transcript => return Ok(Inferred::Now(self.writer.add(by, vec![new], options).await?)),
            InferenceMode::Verbatim => {
                let said = rules::of_people(&messages).into_iter().enumerate();
                let turns = said.map(|(at, message)| with_text(&of_fact(&new, at), message.content.clone())).collect();
                return Ok(Inferred::Now(self.writer.add(by, turns, automatic).await?));
            }
            InferenceMode::Rules => {
                let pieces = rules::facts(&messages, MOST_FACTS);
                let pieces = pieces.into_iter().enumerate().map(|(at, fact)| with_text(&of_fact(&new, at), fact.text)).collect();
                return Ok(Inferred::Now(self.writer.add(by, pieces, automatic).await?));
            }
        }
        let project = self.reach.writable_project(by, new.project).await?;
        // A model is not told what the account does not keep, and an operation does not hold it.
        let settings = self.settings.of(&by.scope).await?;
        for message in &mut messages {
            message.content = gate::clean_text(std::mem::take(&mut message.content), &settings.person.gate)?;
        }
        let shared = gate::clean(with_text(&new, String::new()), &settings.person.gate).map_err(Error::from)?.into_memory();
        let input = InferInput { messages, shared };
        let operation = self.operations.create(&by.scope, &actor, project, &input, options.idempotency.as_ref()).await?;
        let Some(operation) = operation else { return Guarded::Mismatch.settled() };
        self.wake.infer.notify_one();
        metrics::counter!("memory_operations_total", "operation" => "infer").increment(1);
        Ok(Inferred::Operation(Box::new(operation)))
    }

    /// Waits for the end of an operation, for a while; answers how far it is then.
    ///
    /// # Errors
    /// Those of [`Self::operation`].
    pub async fn awaited(&self, by: &Principal, operation: Operation) -> Result<Operation> {
        let InferenceMode::Model(inference) = &self.mode else { return Ok(operation) };
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
        let operation = self.operations.get(&by.scope, id).await?;
        let visible = operation.filter(|o| by.project.is_none_or(|project| project == o.project));
        visible.ok_or_else(|| Error::not_found("operation"))
    }

    /// Does what an operation asks for; `attempt` counts from 1. Safe to repeat: an operation ends once.
    ///
    /// # Errors
    /// What keeps it from ending now.
    pub async fn carry_out(&self, scope: &TenantScope, id: OperationId, attempt: i32) -> Result<(), Setback> {
        let Some(mut operation) = self.operations.get(scope, id).await?.filter(|o| o.state == OperationState::Queued) else {
            return Ok(());
        };
        operation.actor.allowance = Allowance { acknowledged: true, ..self.usage.allowance(scope).await? };
        let Found { mut facts, mut tokens, mut reason } = self.facts(scope, &operation, attempt).await?;
        facts.retain(|fact| text::checked_text(&fact.text, &self.limits).is_ok());
        facts.truncate(MOST_FACTS);
        if facts.is_empty() {
            reason = reason.or(Some("no_facts"));
        }
        let known = self.nearest(scope, &operation, &facts).await?;
        let mut resolutions = vec![Resolution::Add; facts.len()];
        if let InferenceMode::Model(inference) = &self.mode
            && !known.is_empty()
            && reason.is_none()
        {
            let texts: Vec<_> = known.iter().map(|memory| memory.content.text.clone()).collect();
            if let Some(answer) = settled(inference.extractor.resolve(scope, &facts, &texts).await, attempt, &mut reason)? {
                tokens += answer.tokens;
                // A fact that the model forgot is new.
                for (resolution, told) in resolutions.iter_mut().zip(answer.value) {
                    *resolution = told;
                }
            }
        }
        let gated = self.gated_facts(scope, &operation, &facts).await?;
        let settings = self.settings.of(scope).await?;
        let mut planning = Planning { known: &known, settings: &settings.person, limits: &self.limits, changed: Vec::new() };
        let planned = facts.iter().zip(gated).zip(resolutions);
        let mut steps: Vec<_> = planned.map(|((fact, gated), resolution)| planning.step(fact, gated, resolution)).collect();
        self.embed_updates(scope, &mut steps).await;
        let spare = plan::without_links(&steps);
        let model = match &self.mode {
            InferenceMode::Model(inference) if tokens > 0 => inference.extractor.model(),
            _ => "",
        };
        let spent = Spent { tokens, model: model.to_owned() };
        let mut ended = self.operations.end(scope, &operation, steps, &spent, reason).await;
        if ended.as_ref().is_err_and(|error| error.code() == Code::NotFound) {
            // A memory that it was to take the place of, or to be linked with, has gone: what was said is kept without.
            ended = self.operations.end(scope, &operation, spare, &spent, reason).await;
        }
        if let Err(error) = &ended
            && matches!(error.code(), Code::NotFound | Code::InvalidArgument)
        {
            self.operations.fail(scope, id, error.code().as_str()).await?;
            return Ok(());
        }
        ended?;
        self.wake.index.notify_one();
        Ok(())
    }

    async fn facts(&self, scope: &TenantScope, operation: &Operation, attempt: i32) -> Result<Found, Setback> {
        let messages = &operation.input.messages;
        let now = self.clock.now();
        // What was acknowledged while there was a model is kept without one, too.
        let mut reason = Some("no_model");
        if let InferenceMode::Model(inference) = &self.mode {
            let used_up = self.operations.tokens_since(scope, now.minus(DAY)).await? >= inference.daily_tokens;
            if used_up || !self.usage.has_model(scope).await? {
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
            text.truncate(text.floor_char_boundary(self.limits.query_bytes));
            let filter = Filter { project: Some(operation.project), ..Filter::default() };
            for hit in
                self.recall.find(scope, &SearchQuery { text, limit: NEAREST, threshold: Some(0.0), nearest: false, filter }).await?.hits
            {
                if known.len() < MOST_KNOWN && known.iter().all(|memory| memory.id != hit.memory.id) {
                    known.push(hit.memory);
                }
            }
        }
        Ok(known)
    }

    /// Each fact as a memory, judged as whatever else is added: by the account's rules, flags and trust, what is known, forgotten
    /// or says nothing. It is trusted no more than the messages that it was taken from.
    async fn gated_facts(&self, scope: &TenantScope, operation: &Operation, facts: &[Fact]) -> Result<Vec<Gated>> {
        let sources = Sources::of(&operation.input);
        let memories = facts.iter().enumerate().map(|(at, fact)| (sources.memory(&operation.input, fact, at), operation.project)).collect();
        self.gate.pass(scope, operation.actor.app, memories, Voice::Automatic, Embed::All).await
    }

    async fn embed_updates(&self, scope: &TenantScope, steps: &mut [Step]) {
        let mut updates: Vec<_> = steps
            .iter_mut()
            .filter_map(|step| match step {
                Step::Update { update, .. } => Some(update),
                _ => None,
            })
            .collect();
        let texts: Vec<Spoken<'_>> = updates.iter().filter_map(|update| Some((None, update.change.text.as_deref()?))).collect();
        let Some(vectors) = self.embeddings.before_write(scope, &texts, true).await else { return };
        for (update, vector) in updates.iter_mut().zip(vectors) {
            update.vector = Some(vector);
        }
    }
}

/// The same memory with another text.
fn with_text(memory: &NewMemory, text: String) -> NewMemory {
    let mut memory = memory.clone();
    memory.content.text = text;
    memory
}

/// What every fact of a text shares; its key, and the place that it takes, are the first one's.
fn of_fact(shared: &NewMemory, at: usize) -> NewMemory {
    let first = at == 0;
    NewMemory {
        pattern_signature: shared.pattern_signature.clone().filter(|_| first),
        supersedes: shared.supersedes.filter(|_| first),
        ..shared.clone()
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
