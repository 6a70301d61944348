//! The write gate: what is stored, what is known already, what is no memory. `scrub` finds secrets, `instructions` what speaks
//! to agents, `junk` what says nothing, `gist` and the tenant's vectors what was said before, and `served` what a client was
//! given and now brings back. Nothing is dropped in silence: each decision is in the answer with its reason and is counted,
//! and `force` overrules it.

pub mod classifier;
mod counts;
mod gist;
mod instructions;
mod junk;
mod scrub;
mod served;
mod twins;

use super::{
    model::{AddEvent, Added, NewMemory},
    ports::{Gated, Insert},
    service::MemoryService,
    settings::{GateSettings, Policy},
};
use crate::{
    auth::{Principal, Scope},
    error::{Error, Result},
    ids::{AppId, MemoryId},
};

pub use counts::GateCounts;
pub(super) use gist::Gist;
pub use served::Served;

/// Versions of the rules, for whoever compares counts over time.
pub const RULES: [(&str, u32); 4] =
    [("classifier", classifier::VERSION), ("instructions", instructions::VERSION), ("junk", junk::VERSION), ("scrub", scrub::VERSION)];
/// Trust of a memory that speaks to agents, or hides letters.
const LOW_TRUST: f64 = 0.5;
/// The flag of a memory in which something was replaced.
const REDACTED: &str = "redacted";

/// Compiles the rules, so that no caller waits for it.
pub fn warm_up() {
    let _ = junk::why("some text", false);
    let _ = instructions::flags("some text");
    let _ = scrub::findings("some text");
}

/// What may not be stored as it is, by a tenant's policy.
#[derive(Debug, PartialEq, Eq)]
enum Scrubbed {
    /// Nothing was found that must not be there.
    Clean,
    /// It was replaced.
    Redacted(String),
    /// The tenant wants none of it; the rule that found it.
    Refused(String),
}

/// Applies a tenant's policies on secrets and identifiers to a text.
fn scrub(text: &str, settings: &GateSettings) -> Scrubbed {
    let policy = |kind| match kind {
        scrub::Kind::Secret => settings.secrets,
        scrub::Kind::Identifier => settings.identifiers,
        scrub::Kind::Contact => settings.contacts,
    };
    let mut found = scrub::findings(text);
    found.retain(|finding| policy(finding.kind) != Policy::Keep);
    if let Some(refused) = found.iter().find(|finding| policy(finding.kind) == Policy::Refuse) {
        return Scrubbed::Refused(refused.rule.clone());
    }
    if found.is_empty() { Scrubbed::Clean } else { Scrubbed::Redacted(scrub::redacted(text, &found)) }
}

/// A text as the tenant's policies let it be stored.
///
/// # Errors
/// `invalid_argument` where they refuse it.
pub(super) fn scrubbed(text: String, settings: &GateSettings) -> Result<String> {
    match scrub(&text, settings) {
        Scrubbed::Clean => Ok(text),
        Scrubbed::Redacted(clean) => Ok(clean),
        Scrubbed::Refused(rule) => Err(Error::invalid(format!(
            "The text holds what this account does not keep ({rule}). Take it out, or change the settings of the write gate."
        ))),
    }
}

/// The same in every string of a client's JSON.
fn scrub_json(value: &mut serde_json::Value, settings: &GateSettings) -> Scrubbed {
    use serde_json::Value;
    let mut worst = Scrubbed::Clean;
    let inner: Vec<&mut Value> = match value {
        Value::String(text) => {
            let outcome = scrub(text, settings);
            if let Scrubbed::Redacted(clean) = &outcome {
                text.clone_from(clean);
            }
            return outcome;
        }
        Value::Array(items) => items.iter_mut().collect(),
        Value::Object(fields) => fields.values_mut().collect(),
        _ => Vec::new(),
    };
    for value in inner {
        match scrub_json(value, settings) {
            refused @ Scrubbed::Refused(_) => return refused,
            Scrubbed::Redacted(text) => worst = Scrubbed::Redacted(text),
            Scrubbed::Clean => {}
        }
    }
    worst
}

/// What is to be noted about a text, and how far it is trusted.
pub(super) fn noted(text: &str) -> (Vec<String>, f64) {
    let flags: Vec<_> = instructions::flags(text).into_iter().map(str::to_owned).collect();
    let trust = if flags.is_empty() { 1.0 } else { LOW_TRUST };
    (flags, trust)
}

/// Notes it on a memory. What was noted elsewhere, before it was brought here, stays: nothing raises its trust.
fn note(insert: &mut Insert) {
    let (flags, trust) = noted(&insert.text);
    insert.trust = insert.trust.min(trust);
    for flag in flags {
        if !insert.flags.contains(&flag) {
            insert.flags.push(flag);
        }
    }
}

/// A memory on its way to the gate.
pub(super) struct Candidate {
    /// What would be stored.
    pub insert: Insert,
    /// Whether the caller overrules the gate.
    pub force: bool,
}

impl MemoryService {
    /// Judges each candidate by its text alone: what remains to be stored is scrubbed and flagged.
    pub(super) fn judge_texts(candidates: Vec<Candidate>, settings: &GateSettings) -> Vec<(Gated, bool)> {
        let judged = candidates.into_iter().map(|Candidate { mut insert, force }| {
            if force {
                note(&mut insert);
                return (Gated::Store(insert), true);
            }
            let text = scrub(&insert.text, settings);
            let mut metadata = serde_json::Value::Object(std::mem::take(&mut insert.metadata));
            let in_metadata = scrub_json(&mut metadata, settings);
            if let serde_json::Value::Object(clean) = metadata {
                insert.metadata = clean;
            }
            if let Scrubbed::Refused(rule) = [&text, &in_metadata].into_iter().find(|s| matches!(s, Scrubbed::Refused(_))).unwrap_or(&text)
            {
                return (Gated::Settled(refused("[refused]".into(), format!("secret_{rule}"))), false);
            }
            let redacted = text != Scrubbed::Clean || in_metadata != Scrubbed::Clean;
            if let Scrubbed::Redacted(clean) = text {
                insert.set_text(clean);
            }
            if settings.junk
                && let Some(why) = junk::why(&insert.text, insert.speaker.is_some())
            {
                return (Gated::Settled(refused(insert.text, format!("junk_{why}"))), false);
            }
            note(&mut insert);
            if redacted {
                insert.flags.retain(|flag| flag != REDACTED);
                insert.flags.push(REDACTED.into());
            }
            (Gated::Store(insert), false)
        });
        judged.collect()
    }

    /// Judges what is left by what is known: the tenant's memories, those before it in the same call, and what the app was
    /// given lately.
    pub(super) async fn judge_by_known(
        &self,
        by: &Principal,
        app: AppId,
        gated: &mut [(Gated, bool)],
        settings: &GateSettings,
    ) -> Result<()> {
        let open = |(gated, force): &(Gated, bool)| {
            !force && matches!(gated, Gated::Store(insert) if insert.pattern_signature.is_none() && insert.supersedes.is_none())
        };
        if !(settings.duplicates || settings.echoes) || !gated.iter().any(open) {
            return Ok(());
        }
        let newest = self.parts.store.sequence(&by.scope).await?;
        let set = self.parts.sets.at_least(&by.scope, newest).await?;
        let served =
            if settings.echoes { served::shingles(&set, &self.parts.served.to(&by.scope, app)) } else { served::Shingles::default() };
        let current = self.parts.embedders.current();
        let limit = (*set.model() == *current.model()).then(|| current.near_duplicate());
        let mut batch = twins::Batch::default();
        let now = self.parts.clock.now();
        for entry in gated {
            let judged = open(entry);
            let Gated::Store(insert) = &entry.0 else { continue };
            let gist = Gist::of(&insert.text);
            let mut settled = None;
            if judged && settings.duplicates {
                settled = twins::in_set(&set, insert, &gist, limit, now).or_else(|| batch.twin(insert, &gist, limit));
            }
            if judged && settled.is_none() && settings.echoes {
                settled = served.echoed(&insert.text).map(|id| (id, "recall_echo"));
            }
            match settled {
                Some((id, reason)) => {
                    let added = Added {
                        id: Some(id),
                        memory: insert.text.clone(),
                        event: AddEvent::None,
                        reason: Some(reason.into()),
                        flags: Vec::new(),
                    };
                    entry.0 = Gated::Settled(added);
                }
                None => batch.take(insert, gist),
            }
        }
        Ok(())
    }

    /// What the gate decided about the caller's memories in the last days, today included, by decision.
    ///
    /// # Errors
    /// `insufficient_scope`, `unavailable`.
    pub async fn gate_counts(&self, by: &Principal, days: u32) -> Result<Vec<(String, i64)>> {
        by.require(Scope::MemoryRead)?;
        self.parts.gate_counts.flush(&*self.parts.store).await;
        let from = counts::day(self.parts.clock.now()) - i64::from(days) + 1;
        self.parts.store.gate_counts(&by.scope, from).await
    }

    /// Counts what became of each memory of a call.
    pub(super) fn count_decisions(&self, by: &Principal, added: &[Added]) {
        let now = self.parts.clock.now();
        for outcome in added {
            let reason = outcome.reason.as_deref().or(outcome.flags.first().map(String::as_str));
            self.parts.gate_counts.note(&by.scope, now, reason.unwrap_or("stored"));
        }
    }
}

fn refused(text: String, reason: String) -> Added {
    Added { id: None, memory: text, event: AddEvent::None, reason: Some(reason), flags: Vec::new() }
}

/// What the gate asks of a memory to be added: nothing of its own, but whether the caller overrules it.
pub(super) fn candidate(memory: NewMemory, project: crate::ids::ProjectId) -> Candidate {
    let force = memory.force;
    Candidate { insert: Insert::of(memory, project), force }
}

/// The memory that holds what is said, and why it is the same.
type Twin = (MemoryId, &'static str);
