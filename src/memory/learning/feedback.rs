//! Saying what a memory was worth, taking it back, and looking at what was learned.

use std::{collections::HashMap, time::Duration};

use super::{Analytics, Fading, Feedback, FeedbackKind, Learned, Learning, LearningEvent, TakenBack};
use crate::{
    auth::{Principal, Scope},
    error::{Code, Error, Result},
    ids::{FeedbackId, MemoryId, ProjectId},
    memory::{
        gate,
        model::{Access, AddEvent, Added, Content, ContentChange, NewMemory, Origin},
        text,
        write::AddOptions,
    },
};

/// How far back the trend goes.
const TREND: Duration = Duration::from_hours(30 * 24);
/// Strength that a memory has lost before it is said to fade.
const NOTICEABLE: f64 = 0.01;
/// Most entries of the list of what fades.
const MOST_FADING: usize = 100;

impl Learning {
    /// Notes what a memory was worth: its strength moves by the kind's step times the confidence, within `0..=1`. What speaks
    /// for it is a use of it: it fades from now on.
    ///
    /// A correction may carry the right text. That becomes a memory of its own with the old one's type, tags, speaker, time
    /// and session, and takes the old one's place; a memory with a key is changed instead, as the key stays with it.
    ///
    /// # Errors
    /// `not_found`, `insufficient_scope`, `app_paused`, `invalid_argument`, `too_large`, `conflict` (another memory has the
    /// new text), `unavailable`.
    pub async fn give(&self, by: &Principal, feedback: Feedback) -> Result<Learned> {
        by.require(Scope::MemoryWrite)?;
        let Feedback { memory, kind, confidence, query, text } = feedback;
        let confidence = text::checked_confidence(confidence)?;
        let settings = self.settings.of(&by.scope).await?;
        let query = query.map(|query| self.checked_query(&gate::clean_text(query, &settings.person.gate)?)).transpose()?.flatten();
        if text.is_some() && kind != FeedbackKind::Correction {
            return Err(Error::invalid("text goes with CORRECTION alone. Leave it out, or send feedback: CORRECTION."));
        }
        let (_, actor) = self.reach.actor(by).await?;
        // First what may be refused. Sent again after a failure between the two, the text is found to be there already.
        let replacement = match text {
            Some(text) => Some(self.corrected(by, memory, &text).await?),
            None => None,
        };
        let event = self.store.give(&by.scope, &actor, by.project, memory, kind, confidence, query.as_deref()).await?;
        let event = event.ok_or_else(|| Error::not_found("memory"))?;
        metrics::counter!("memory_operations_total", "operation" => "feedback").increment(1);
        Ok(Learned { event, replacement })
    }

    /// Takes feedback back: the step that it made, and its part in what is learned. The entry stays, beside one that says so.
    /// A text that came with a correction stays; the history of the memory brings it back.
    ///
    /// # Errors
    /// `not_found`, `conflict` when it was taken back before, `insufficient_scope`, `app_paused`, `unavailable`.
    pub async fn take_back(&self, by: &Principal, id: FeedbackId) -> Result<LearningEvent> {
        by.require(Scope::MemoryWrite)?;
        let (_, actor) = self.reach.actor(by).await?;
        match self.store.take_back(&by.scope, &actor, by.project, id).await? {
            TakenBack::Done(event) => Ok(*event),
            TakenBack::Unknown => Err(Error::not_found("feedback")),
            TakenBack::Settled => Err(Error::new(
                Code::Conflict,
                "This feedback was taken back already, or is itself a taking back. To say it again, give the feedback anew.",
            )),
        }
    }

    /// What was said of a memory, oldest first.
    ///
    /// # Errors
    /// `not_found`, `insufficient_scope`, `app_paused`, `unavailable`.
    pub async fn events(&self, by: &Principal, memory: MemoryId) -> Result<Vec<LearningEvent>> {
        by.require(Scope::MemoryRead)?;
        self.reach.actor(by).await?;
        self.reach.visible(by, memory).await?;
        self.store.events(&by.scope, memory).await
    }

    /// What was learned in a project: memories by kind, feedback by kind, and the last thirty days.
    ///
    /// # Errors
    /// `not_found` (project), `insufficient_scope`, `app_paused`, `unavailable`.
    pub async fn analytics(&self, by: &Principal, project: ProjectId) -> Result<Analytics> {
        by.require(Scope::MemoryRead)?;
        self.reach.actor(by).await?;
        by.project_for_read(Some(project))?;
        self.tenancy.project(&by.scope, project).await?;
        self.access.flush().await;
        self.store.analytics(&by.scope, project, self.clock.now().minus(TREND)).await
    }

    /// The memories that have lost most of their strength by not being used, or would have if decay were on, most first;
    /// and whether it is on. Looking at them is no use of them.
    ///
    /// # Errors
    /// `insufficient_scope`, `app_paused`, `invalid_argument`, `unavailable`.
    pub async fn fading(&self, by: &Principal, limit: usize) -> Result<(bool, Vec<Fading>)> {
        by.require(Scope::MemoryRead)?;
        if !(1..=MOST_FADING).contains(&limit) {
            return Err(Error::invalid(format!("limit must be 1 to {MOST_FADING}.")));
        }
        let (app, _) = self.reach.actor(by).await?;
        // The uses of the last seconds count too.
        self.access.flush().await;
        let now = self.clock.now();
        let vitals = self.store.vitals(&by.scope, by.project, now).await?;
        let mut lost: Vec<_> = vitals.into_iter().map(|(id, vitals)| (id, vitals.reinforced(), vitals.at(now))).collect();
        lost.retain(|(_, full, left)| full - left >= NOTICEABLE);
        lost.sort_by(|a, b| (b.1 - b.2).total_cmp(&(a.1 - a.2)).then(a.0.cmp(&b.0)));
        lost.truncate(limit);
        let ids: Vec<_> = lost.iter().map(|(id, ..)| *id).collect();
        let stored = self.changes.stored(&by.scope, &self.indexing.model, &ids).await?;
        let mut memories: HashMap<_, _> = stored.into_iter().map(|stored| (stored.memory.id, stored.memory)).collect();
        let fading: Vec<_> =
            lost.into_iter().filter_map(|(id, full, left)| Some(Fading { memory: memories.remove(&id)?, full, left })).collect();
        self.access.note(&by.scope, app.id, Access::Inspect, now, fading.iter().map(|f| f.memory.id));
        Ok((self.recall.decays(&by.scope).await, fading))
    }

    fn checked_query(&self, query: &str) -> Result<Option<String>> {
        let (query, limit) = (query.trim(), self.limits.query_bytes);
        if query.len() > limit {
            return Err(Error::new(Code::TooLarge, format!("The query has {} bytes; the limit is {limit}. Shorten it.", query.len())));
        }
        if query.contains('\0') {
            return Err(Error::invalid("The query contains a NUL character. Remove it and send the query again."));
        }
        Ok((!query.is_empty()).then(|| query.to_owned()))
    }

    async fn corrected(&self, by: &Principal, id: MemoryId, text: &str) -> Result<Added> {
        let text = text::checked_text(text, &self.limits)?;
        let old = self.reach.visible(by, id).await?;
        if text == old.content.text {
            return Err(Error::invalid("The memory has exactly this text. Send the right text, or CONFIRMATION if it still holds."));
        }
        if old.pattern_signature.is_some() {
            let changed = self.writer.update(by, id, None, ContentChange { text: Some(text), ..ContentChange::default() }).await?;
            return Ok(Added::plain(id, changed.content.text, AddEvent::Update));
        }
        let new = NewMemory {
            content: Content { text, ..old.content },
            origin: Origin { position: None, source: None, ..old.origin },
            project: Some(old.project),
            supersedes: Some(id),
            force: true,
            ..NewMemory::default()
        };
        let added = self.writer.add(by, vec![new], AddOptions::default()).await?.pop();
        added.ok_or_else(|| Error::internal(anyhow::anyhow!("an add of one memory answered none")))
    }
}
