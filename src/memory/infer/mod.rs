//! Facts from text. The write is acknowledged as an [`Operation`]; a job then asks a model for the facts, finds the
//! memories nearest to each, asks what the facts change about those, and makes all changes in one transaction. Whatever a
//! model does, what was said is kept: where it fails for good, rules take its place.

mod model;
mod rules;
mod sources;

use std::time::Duration;

pub use model::*;
use sources::Sources;

use super::{
    add::AddOptions,
    gate::{self, Embed, Gist, Voice},
    model::{Added, Filter, Memory, NewMemory, OperationState, SearchQuery},
    ports::{Extractor, Gated, ModelError, Update},
    review::ReviewKind,
    service::{MemoryLimits, MemoryService},
    settings::{ReviewPolicy, TenantSettings},
    text,
    windows::{Spoken, embed_texts},
};
use crate::{
    auth::{Principal, Scope},
    error::{Code, Error, Result},
    ids::{MemoryId, OperationId},
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
        let is_transcript = !messages.is_empty();
        let mut messages = if is_transcript { messages } else { vec![Message { role: "user".into(), content: new.text.clone() }] };
        let said = messages.iter().map(|m| m.content.as_str()).collect::<Vec<_>>().join("\n");
        let new = text::checked(NewMemory { text: said, ..new }, &self.parts.limits)?;
        let automatic = AddOptions { voice: Voice::Automatic, ..options.clone() };
        match &self.parts.inference {
            Inference::Model(_) => {}
            Inference::Verbatim if !is_transcript => return Ok(Inferred::Now(self.add(by, vec![new], options).await?)),
            Inference::Verbatim => {
                let said = rules::of_people(&messages).into_iter().enumerate();
                let turns = said.map(|(at, message)| NewMemory { text: message.content.clone(), ..of_fact(&new, at) }).collect();
                return Ok(Inferred::Now(self.add(by, turns, automatic).await?));
            }
            Inference::Rules => {
                let pieces = rules::facts(&messages, MOST_FACTS);
                let pieces = pieces.into_iter().enumerate().map(|(at, fact)| NewMemory { text: fact.text, ..of_fact(&new, at) }).collect();
                return Ok(Inferred::Now(self.add(by, pieces, automatic).await?));
            }
        }
        let project = by.project_for_write(new.project)?;
        if new.project.is_some() {
            self.parts.tenancy.project(&by.scope, project).await?;
        }
        // A model is not told what the account does not keep, and an operation does not hold it.
        let settings = self.settings_of(&by.scope).await?;
        for message in &mut messages {
            message.content = gate::clean_text(std::mem::take(&mut message.content), &settings.gate)?;
        }
        let shared = gate::clean(NewMemory { text: String::new(), ..new }, &settings.gate).map_err(Error::from)?.into_memory();
        let input = InferInput { messages, shared };
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
        let gated = self.gated_facts(scope, &operation, &facts).await?;
        let settings = self.settings_of(scope).await?;
        let mut planning = Planning { known: &known, settings: &settings, limits: &self.parts.limits, changed: Vec::new() };
        let planned = facts.iter().zip(gated).zip(resolutions);
        let mut steps: Vec<_> = planned.map(|((fact, gated), resolution)| planning.step(fact, gated, resolution)).collect();
        self.embed_updates(scope, &mut steps).await;
        let model = self.parts.embedders.current().model();
        let spare = without_links(&steps);
        let mut ended = self.parts.operations.end(scope, &operation, model, steps, self.writes_leave_jobs(), tokens, reason).await;
        if ended.as_ref().is_err_and(|error| error.code() == Code::NotFound) {
            // A memory that it was to take the place of, or to be linked with, has gone: what was said is kept without.
            ended = self.parts.operations.end(scope, &operation, model, spare, self.writes_leave_jobs(), tokens, reason).await;
        }
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

    /// Each fact as a memory, judged as whatever else is added: by the account's rules, flags and trust, what is known, forgotten
    /// or says nothing. It is trusted no more than the messages that it was taken from.
    async fn gated_facts(&self, scope: &TenantScope, operation: &Operation, facts: &[Fact]) -> Result<Vec<Gated>> {
        let sources = Sources::of(&operation.input);
        let memories = facts.iter().enumerate().map(|(at, fact)| (sources.memory(&operation.input, fact, at), operation.project)).collect();
        self.through_the_gate(scope, operation.actor.app, memories, Voice::Automatic, Embed::All).await
    }

    /// A failure leaves the vectors to jobs.
    async fn embed_updates(&self, scope: &TenantScope, steps: &mut [Step]) {
        let mut updates: Vec<_> = steps
            .iter_mut()
            .filter_map(|step| match step {
                Step::Update { update, .. } if update.text.is_some() => Some(update),
                _ => None,
            })
            .collect();
        let texts: Vec<Spoken<'_>> = updates.iter().flat_map(|update| &update.text).map(|(_, text)| (None, text.as_str())).collect();
        if texts.is_empty() {
            return;
        }
        let Ok(vectors) = embed_texts(self.parts.embedders.current(), scope, &texts).await else { return };
        for (update, vector) in updates.iter_mut().zip(vectors) {
            update.vector = Some(vector);
        }
    }
}

/// What is to be done with each fact, as the gate and the model see it.
struct Planning<'a> {
    /// What the model was shown.
    known: &'a [Memory],
    settings: &'a TenantSettings,
    limits: &'a MemoryLimits,
    /// What earlier facts have changed.
    changed: Vec<MemoryId>,
}

impl Planning<'_> {
    /// What the gate settles, holds or trusts less changes no other memory; where changes wait for approval, none is made.
    fn step(&mut self, fact: &Fact, gated: Gated, resolution: Resolution) -> Step {
        let Gated::Store(mut insert) = gated else { return Step::Add(gated) };
        // A memory that the model was not shown, or that another fact has changed already, is none to change.
        let shown = |at: usize| self.known.get(at).filter(|memory| !self.changed.contains(&memory.id));
        let about = match &resolution {
            Resolution::Update { known, .. } | Resolution::Delete { known } => shown(*known),
            Resolution::Add | Resolution::None { .. } => None,
        };
        let waits = self.settings.review != ReviewPolicy::Off && about.is_some();
        if insert.held_for.is_some() || insert.trust < 1.0 || waits {
            insert.review.extend(about.map(|old| (ReviewKind::Contradicts, Some(old.id))));
            return Step::Add(Gated::Store(insert));
        }
        match (resolution, about) {
            (Resolution::Update { text, .. }, Some(old)) => match self.update(old, &text) {
                Some(update) => {
                    self.changed.push(old.id);
                    Step::Update { id: old.id, update, otherwise: insert }
                }
                None => Step::Add(Gated::Store(insert)),
            },
            (Resolution::Delete { .. }, Some(old)) => {
                self.changed.push(old.id);
                Step::Delete { id: old.id, text: old.text.clone() }
            }
            (Resolution::None { known: Some(at) }, _) => match shown(at) {
                // A model may take for known what is not: a name or number that the memory lacks is news.
                Some(old) if Gist::of(&fact.text).adds_no_mark_to(&Gist::of(&old.text)) => {
                    Step::Keep { id: old.id, text: old.text.clone() }
                }
                _ => Step::Add(Gated::Store(insert)),
            },
            _ => Step::Add(Gated::Store(insert)),
        }
    }

    /// The text that a model gives a memory, judged as any other; `None` where it may not stand there.
    fn update(&self, old: &Memory, told: &str) -> Option<Update> {
        let text = gate::clean_text(text::checked_text(told, self.limits).ok()?, &self.settings.gate).ok()?;
        let hash = text::hash(&text, old.speaker.as_deref(), old.occurred_at, old.session_id.as_deref());
        let (mut flags, trust) = gate::noted(&text);
        flags.extend(old.flags.iter().filter(|flag| !flags.contains(flag)).cloned().collect::<Vec<_>>());
        let noted = Some((flags, trust.min(old.trust)));
        Some(Update { expected_version: Some(old.version), text: Some((hash, text)), noted, ..Update::default() })
    }
}

/// The same without the memories that are named in them.
fn without_links(steps: &[Step]) -> Vec<Step> {
    let mut steps = steps.to_vec();
    for step in &mut steps {
        if let Step::Add(Gated::Store(insert) | Gated::Again { insert, .. }) | Step::Update { otherwise: insert, .. } = step {
            insert.supersedes = None;
            insert.related.clear();
        }
    }
    steps
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

fn mismatch() -> Error {
    Error::new(Code::IdempotencyMismatch, "This Idempotency-Key was used with another request. Use a new key for a new request.")
}
