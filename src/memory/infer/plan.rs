//! What each fact changes, as the gate and the model see it.

use super::{Fact, Resolution, Step};
use crate::{
    ids::MemoryId,
    memory::{
        gate,
        gist::Gist,
        model::{ContentChange, Gated, Memory, MemoryLimits, ReviewKind, Update},
        settings::{ReviewPolicy, TenantSettings},
        text,
    },
};

/// What is to be done with each fact, as the gate and the model see it.
pub(super) struct Planning<'a> {
    /// What the model was shown.
    pub(super) known: &'a [Memory],
    pub(super) settings: &'a TenantSettings,
    pub(super) limits: &'a MemoryLimits,
    /// What earlier facts have changed.
    pub(super) changed: Vec<MemoryId>,
}

impl Planning<'_> {
    /// What the gate settles, holds or trusts less changes no other memory; where changes wait for approval, none is made.
    pub(super) fn step(&mut self, fact: &Fact, gated: Gated, resolution: Resolution) -> Step {
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
                Step::Delete { id: old.id, text: old.content.text.clone() }
            }
            (Resolution::None { known: Some(at) }, _) => match shown(at) {
                // A model may take for known what is not: a name or number that the memory lacks is news.
                Some(old) if Gist::of(&fact.text).adds_no_mark_to(&Gist::of(&old.content.text)) => {
                    Step::Keep { id: old.id, text: old.content.text.clone() }
                }
                _ => Step::Add(Gated::Store(insert)),
            },
            _ => Step::Add(Gated::Store(insert)),
        }
    }

    /// The text that a model gives a memory, judged as any other; `None` where it may not stand there.
    fn update(&self, old: &Memory, told: &str) -> Option<Update> {
        let text = gate::clean_text(text::checked_text(told, self.limits).ok()?, &self.settings.gate).ok()?;
        let (mut flags, trust) = gate::noted(&text);
        flags.extend(old.flags.iter().filter(|flag| !flags.contains(flag)).cloned().collect::<Vec<_>>());
        let noted = Some((flags, trust.min(old.trust)));
        Some(Update {
            expected_version: Some(old.version),
            change: ContentChange { text: Some(text), ..ContentChange::default() },
            noted,
            ..Update::default()
        })
    }
}

/// The same without the memories that are named in them.
pub(super) fn without_links(steps: &[Step]) -> Vec<Step> {
    let mut steps = steps.to_vec();
    for step in &mut steps {
        if let Step::Add(Gated::Store(insert) | Gated::Again { insert, .. }) | Step::Update { otherwise: insert, .. } = step {
            insert.supersedes = None;
            insert.related.clear();
        }
    }
    steps
}
