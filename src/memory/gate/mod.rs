//! The write gate: what is stored as it is, what is known, what is held back. It never drops a word in silence: what says
//! nothing for certain is *held* (stored, hidden, erased after a while, kept by one call), whatever it is unsure of is kept,
//! and a person's own word overrules it.
//!
//! `clean` is the one door to a row: it applies the account's rules on secrets to every text of a memory. Then `junk` says
//! what is certainly nothing, `instructions` what speaks to agents, `known` what the next search finds already, `served` what
//! a client was given and brings back, and `forgotten` what a person did not want to be remembered.

pub mod classifier;
mod clean;
mod counts;
mod echo;
mod forgotten;
mod forms;
mod instructions;
pub mod junk;
mod known;
mod remember;
mod scrub;
pub mod talk;

use std::sync::Arc;

use super::{
    embedding::Embeddings,
    gist::Gist,
    model::{Added, Gated, Insert, NewMemory, ReviewKind, State, Voice},
    recall::{WorkingSet, WorkingSets},
    served::Served,
    settings::{Chosen, GateSettings, ReviewPolicy, Settings, TenantSettings},
    store::ChangeLog,
};
use crate::{
    auth::{Principal, Scope},
    clock::{Clock, Timestamp},
    error::Result,
    ids::{AppId, ProjectId},
    tenancy::TenantScope,
    turns,
};

pub(crate) use clean::clean_text;
pub use clean::{Clean, Refused};
pub use counts::{GateCountStore, GateCounts};
pub use forgotten::{ForgottenStore, Said, Sayings};
pub use known::folded;
pub(super) use {
    clean::{clean, cleaned},
    junk::asks_to_remember,
};

/// Bytes of text that are judged in about a millisecond.
const LONG: usize = 8 * 1024;
/// Comparisons of vectors that take about a millisecond.
const MANY: usize = 5_000;

/// Which of the memories that pass are to have their vectors at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Embed {
    /// None.
    No,
    /// All, where that is cheap.
    Cheap,
    /// All, however long it takes.
    All,
}

/// Versions of the rules, for whoever compares counts over time.
pub const RULES: [(&str, u32); 4] =
    [("classifier", classifier::VERSION), ("instructions", instructions::VERSION), ("junk", junk::VERSION), ("scrub", scrub::VERSION)];
/// Trust of a memory that speaks to agents, or hides letters.
const LOW_TRUST: f64 = 0.5;
/// The flag of a memory in which something was replaced.
const REDACTED: &str = "redacted";
/// Why a memory is held that waits for a person's approval; it does not end by itself.
pub const FOR_REVIEW: &str = "review";
/// Every reason for which a memory is held.
pub const HELD_FOR: [&str; 10] =
    [FOR_REVIEW, ECHO, "empty_talk", "symbols", "request", "assistant_talk", "tool_output", "system_prompt", "encoded", "nothing_lasting"];
/// Why a memory is held that was put together from what its client was given a moment ago.
const ECHO: &str = "recall_echo";

/// Compiles the rules, so that no caller waits for it.
pub fn warm_up() {
    let _ = junk::why("some text", false);
    let _ = instructions::flags("some text");
    let _ = scrub::findings("some text");
}

/// What is to be noted about a text, and how far it is trusted.
pub(super) fn noted(text: &str) -> (Vec<String>, f64) {
    let flags: Vec<_> = instructions::flags(text).into_iter().map(str::to_owned).collect();
    let trust = if flags.is_empty() { 1.0 } else { LOW_TRUST };
    (flags, trust)
}

/// A memory on its way to the gate.
pub(super) struct Candidate {
    pub insert: Insert,
    /// Whether a person's word overrules the gate.
    pub force: bool,
}

impl Candidate {
    /// Of a clean memory: flagged, and held where it says nothing for certain. `redacted` is noted where something was replaced.
    fn of(clean: Clean, project: ProjectId, voice: Voice, settings: &TenantSettings) -> Self {
        let is_redacted = clean.is_redacted();
        let mut insert = clean.into_insert(project);
        insert.voice = voice;
        note(&mut insert, is_redacted);
        let asks = asks_to_remember(&insert.content.text);
        let force = insert.force || asks;
        if !force && settings.gate.junk && insert.pattern_signature.is_none() {
            insert.held_for =
                insert.held_for.or_else(|| junk::why(&insert.content.text, insert.origin.speaker.is_some()).map(str::to_owned));
        }
        let waits = match settings.review {
            ReviewPolicy::Off => false,
            ReviewPolicy::Inferred => insert.origin.source.is_some(),
            // Words of a transcript that ask to be remembered are not the person's own to us.
            ReviewPolicy::All => !(asks && voice == Voice::Client),
        };
        if waits && !insert.force && insert.held_for.is_none() && insert.superseded_at.is_none() {
            insert.held_for = Some(FOR_REVIEW.into());
        }
        Self { insert, force }
    }
}

/// Notes flags and trust on a memory. What was noted elsewhere, before it was brought here, stays: nothing raises its trust.
fn note(insert: &mut Insert, is_redacted: bool) {
    let (mut flags, trust) = noted(&insert.content.text);
    insert.trust = insert.trust.min(trust);
    if is_redacted {
        flags.push(REDACTED.into());
    }
    for flag in flags {
        if !insert.flags.contains(&flag) {
            insert.flags.push(flag);
        }
    }
}

/// What the gate is made of.
pub struct GateParts {
    pub settings: Settings,
    pub changes: Arc<dyn ChangeLog>,
    pub sets: WorkingSets,
    /// What each app was given lately.
    pub served: Served,
    pub embeddings: Embeddings,
    pub forgotten: Arc<dyn ForgottenStore>,
    /// How often it decided what.
    pub counts: GateCounts,
    pub clock: Arc<dyn Clock>,
}

/// The write gate of a process; cheap to clone.
#[derive(Clone)]
pub struct Gate(Arc<GateParts>);

impl Gate {
    /// Builds it.
    #[must_use]
    pub fn new(parts: GateParts) -> Self {
        Self(Arc::new(parts))
    }

    /// Memories of one call through the whole gate, in their order: cleaned, given their vectors where that is asked for, judged by
    /// what is there.
    pub(crate) async fn pass(
        &self,
        scope: &TenantScope,
        app: AppId,
        memories: Vec<(NewMemory, ProjectId)>,
        voice: Voice,
        embed: Embed,
    ) -> Result<Vec<Gated>> {
        let settings = self.0.settings.of(scope).await?;
        let bytes: usize = memories.iter().map(|(memory, _)| memory.content.text.len()).sum();
        let rules = settings.clone();
        let cleaned: Vec<Result<Candidate, Refused>> = turns::run_if(bytes > LONG, scope, move || {
            let of = |(memory, project)| Ok(Candidate::of(clean(memory, &rules.person.gate)?, project, voice, &rules.person));
            memories.into_iter().map(of).collect()
        })
        .await?;
        // What the account does not keep is answered in its place; the others go on.
        let (mut candidates, mut refused) = (Vec::with_capacity(cleaned.len()), Vec::new());
        for (at, outcome) in cleaned.into_iter().enumerate() {
            match outcome {
                Ok(candidate) => candidates.push(candidate),
                Err(rule) => refused.push((at, Gated::Settled(not_kept(rule)))),
            }
        }
        if embed != Embed::No {
            self.embed(scope, &mut candidates, embed == Embed::All).await;
        }
        let mut gated = self.judge(scope, app, candidates, settings).await?;
        for (at, settled) in refused {
            gated.insert(at, settled);
        }
        Ok(gated)
    }

    /// Gives what is to be found its vectors before the write.
    async fn embed(&self, scope: &TenantScope, candidates: &mut [Candidate], wait: bool) {
        let mut seen: Vec<_> = candidates.iter_mut().map(|c| &mut c.insert).filter(|insert| insert.held_for.is_none()).collect();
        let texts: Vec<_> = seen.iter().map(|i| (i.origin.speaker.as_deref(), i.content.text.as_str())).collect();
        if let Some(vectors) = self.0.embeddings.before_write(scope, &texts, wait).await {
            for (insert, vector) in seen.iter_mut().zip(vectors) {
                insert.vector = Some(vector);
            }
        }
    }

    /// Judges candidates by what is there: what the next search finds already, what was forgotten on purpose, what the app was
    /// given lately, and what is nearly the same, which is stored and proposed for review.
    async fn judge(&self, scope: &TenantScope, app: AppId, candidates: Vec<Candidate>, settings: Arc<Chosen>) -> Result<Vec<Gated>> {
        let parts = &*self.0;
        let forgotten = self.forgotten_among(scope, &candidates).await?;
        let newest = parts.changes.sequence(scope).await?;
        let set = parts.sets.at_least(scope, newest).await?;
        let served = if settings.person.gate.echoes { parts.served.to(scope, app) } else { Vec::new() };
        let current = parts.embeddings.embedders.current();
        let near = (*set.model() == *current.model()).then(|| current.near_duplicate());
        let now = parts.clock.now();
        let bytes: usize = candidates.iter().map(|candidate| candidate.insert.content.text.len()).sum();
        // Each is compared with all that there is.
        let is_long = bytes > LONG || set.len() * candidates.len() > MANY || !served.is_empty();
        turns::run_if(is_long, scope, move || {
            let served = echo::Sentences::of(&set, &served, now, candidates.iter().map(|candidate| candidate.insert.content.text.as_str()));
            let mut judging = Judging { set: &set, served, near, settings: &settings.person.gate, now };
            let mut batch = known::Batch::default();
            let judged = candidates.into_iter().zip(forgotten);
            judged.map(|(candidate, is_forgotten)| judging.judge(candidate, is_forgotten, &mut batch)).collect()
        })
        .await
    }

    /// For each candidate, whether it is an automatic write of what a person has deliberately forgotten.
    async fn forgotten_among(&self, scope: &TenantScope, candidates: &[Candidate]) -> Result<Vec<bool>> {
        let automatic = |c: &Candidate| c.insert.voice == Voice::Automatic && !c.insert.force;
        let said: Vec<_> = candidates.iter().filter(|c| automatic(c)).map(|c| (c.insert.project, Said::of_insert(&c.insert))).collect();
        if said.is_empty() {
            return Ok(vec![false; candidates.len()]);
        }
        let mut found = self.0.forgotten.forgotten(scope, &said).await?.into_iter();
        Ok(candidates.iter().map(|c| automatic(c) && found.next().unwrap_or(false)).collect())
    }

    /// What the gate decided about the caller's memories in the last days, today included, by decision.
    ///
    /// # Errors
    /// `insufficient_scope`, `unavailable`.
    pub async fn counts(&self, by: &Principal, days: u32) -> Result<Vec<(String, i64)>> {
        by.require(Scope::MemoryRead)?;
        self.0.counts.flush().await;
        let from = counts::day(self.0.clock.now()) - i64::from(days) + 1;
        self.0.counts.store.gate_counts(&by.scope, from).await
    }

    /// Counts what became of each memory of a call.
    pub(super) fn count(&self, by: &Principal, added: &[Added]) {
        let now = self.0.clock.now();
        for outcome in added {
            let reason = outcome.reason.as_deref().or(outcome.flags.first().map(String::as_str));
            self.0.counts.note(&by.scope, now, reason.unwrap_or("stored"));
        }
    }

    /// A name that a person gives something, as the account's rules on secrets let it be stored.
    ///
    /// # Errors
    /// `invalid_argument` where they refuse it, `unavailable`.
    pub async fn clean_name(&self, scope: &TenantScope, name: String) -> Result<String> {
        clean_text(name, &self.0.settings.of(scope).await?.person.gate)
    }
}

/// What candidates of one call are judged by.
struct Judging<'a> {
    set: &'a WorkingSet,
    served: echo::Sentences,
    /// The cosine from which vectors may mean the same; `None` where they cannot be compared.
    near: Option<f32>,
    settings: &'a GateSettings,
    now: Timestamp,
}

impl Judging<'_> {
    fn judge(&mut self, candidate: Candidate, is_forgotten: bool, batch: &mut known::Batch) -> Gated {
        let Candidate { mut insert, force } = candidate;
        let gist = Gist::of(&insert.content.text);
        // A key, or a place that it takes, says which memory is meant.
        let plain = insert.pattern_signature.is_none() && insert.supersedes.is_none() && insert.superseded_at.is_none();
        // Word for word it is known all the same: the store sees to that.
        if plain && self.settings.duplicates && !insert.force {
            let known = known::in_set(self.set, &insert, &gist, self.now).or_else(|| batch.known(&insert, &gist));
            if let Some(id) = known {
                return Gated::Again { id, insert };
            }
        }
        if is_forgotten {
            // Its text is not kept in the answer either.
            return Gated::Settled(Added { reason: Some("forgotten_before".into()), ..Added::nothing("[forgotten]".into()) });
        }
        // A turn of a conversation is an event of its own, whatever its words.
        let echoes = plain && !force && insert.held_for.is_none() && insert.origin.speaker.is_none();
        if echoes && self.served.holds_all_of(insert.project, &insert.content.text) {
            insert.held_for = Some(ECHO.into());
            insert.vector = None;
        }
        if insert.held_for.is_some() {
            insert.review.push((ReviewKind::Held, None));
        } else if plain && let Some(other) = known::alike(self.set, &insert, &gist, self.near, self.now) {
            insert.review.push((ReviewKind::Alike, Some(other)));
        }
        if insert.origin.source.is_some() {
            insert.review.push((ReviewKind::Inferred, None));
        }
        if insert.flags.iter().any(|flag| flag != REDACTED) {
            insert.review.push((ReviewKind::Flagged, None));
        }
        batch.take(&insert, &gist);
        Gated::Store(insert)
    }
}

impl Added {
    /// What became of it in a sentence, and what can be done; nothing where it was simply stored.
    #[must_use]
    pub fn sentence(&self) -> Option<String> {
        let keep = "To keep it, send it again with force: true, or keep it by its id.";
        let reason = self.reason.as_deref().unwrap_or_default();
        if self.state == Some(State::Held) {
            if reason == "duplicate" {
                return Some(format!("The same text is held back already. {keep}"));
            }
            let why = held_because(reason.strip_prefix("held_").unwrap_or(reason));
            return Some(if why.is_empty() {
                "Held for review: it is found once the user approves it.".to_owned()
            } else {
                format!("Held back, since it {why}: hidden from searches, and erased after a while. {keep}")
            });
        }
        Some(match reason {
            "duplicate" => "Known already: the memory of this id says the same, so nothing was stored.".to_owned(),
            "kept_longer" => "Known already: the memory of this id now lasts as long as this one would.".to_owned(),
            "tags_added" => "Known already: what tags and metadata were new were added to the memory of this id.".to_owned(),
            "forgotten_before" => {
                "Not stored: the user has deleted this before. If the user asks for it again, send it with force: true.".to_owned()
            }
            "archived" | "paused" | "expired" => {
                format!("Known, but {reason}: left as it is. If the user wants it back, send it with force: true, or restore it.")
            }
            "was_archived" | "was_paused" | "was_held" => {
                format!("A memory with this text was {}; it is active and found again.", &reason[4..])
            }
            "was_expired" => "A memory with this text had expired; it is active and found again.".to_owned(),
            _ => match reason.strip_prefix("secret_") {
                Some(rule) => format!(
                    "Not stored: it holds what this account does not keep ({rule}). Take that out and send the rest, or change the \
                     account's settings."
                ),
                None if self.flags.iter().any(|flag| flag == REDACTED) => {
                    "Stored; what looked like a secret was replaced by its name.".to_owned()
                }
                None => return None,
            },
        })
    }
}

/// The second half of a sentence that begins with "it"; empty for what waits for approval.
#[must_use]
pub fn held_because(held_for: &str) -> &'static str {
    match held_for {
        FOR_REVIEW => "",
        "empty_talk" => "is a greeting, thanks or a word of agreement",
        "symbols" => "has no words",
        "request" => "asks for something of this moment and names nothing to remember",
        "assistant_talk" => "is what an assistant says before or after its work",
        "tool_output" => "is bare output of a tool",
        "system_prompt" => "is a prompt of a program",
        "encoded" => "is one long code without a word that says what it is",
        "repeated" => "repeats what is held back already",
        ECHO => "was put together from what this client had just been given",
        _ => "says nothing that lasts",
    }
}

/// The answer to a memory that holds what the account does not keep.
fn not_kept(Refused(rule): Refused) -> Added {
    Added { reason: Some(format!("secret_{rule}")), ..Added::nothing("[refused]".into()) }
}
