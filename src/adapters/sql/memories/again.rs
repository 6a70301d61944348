//! What is said again, by its text or by its key: the memory that is there answers, comes back from where it was put away, and
//! takes what the new one has beyond it.

use super::{rows, supersede::end_of_working, write::Write};
use crate::{
    adapters::sql::statements,
    clock::Timestamp,
    error::Result,
    ids::MemoryId,
    jobs::Priority,
    memory::{AddEvent, Added, Event, Insert, Memory, MemoryType, State, Update, Voice, same_text},
};

statements! {
    BRING_BACK: "UPDATE memories SET state = 'active', expires_at = $3, pinned = pinned OR $4, version = version + 1, seq = $5, updated_at = $6 \
        WHERE tenant_id = $1 AND id = $2 AND state NOT IN ('deleted', 'superseded')";
}

impl Write<'_> {
    /// The memory of its key says this from now on.
    pub(super) async fn keyed(&mut self, id: MemoryId, memory: Insert, end: Option<Timestamp>) -> Result<Added> {
        // The key may be that of a memory of this very call: its first step is told before its second is made.
        self.record_created().await?;
        let update = Update {
            text: Some((memory.hash, memory.text.clone())),
            noted: Some((memory.flags.clone(), memory.trust)),
            metadata: Some(memory.metadata),
            tags: Some(memory.tags),
            memory_type: Some(memory.memory_type),
            confidence: Some(memory.confidence),
            pinned: memory.pinned.then_some(true),
            expires_at: end.map(Some),
            vector: memory.vector,
            ..Update::default()
        };
        self.update(id, update).await?;
        self.history(&[id], Event::Updated).await?;
        let mut state = None;
        if let Some(there) = rows::memory(&mut self.session, self.scope, None, id).await?
            && there.state != State::Active
        {
            if memory.voice == Voice::Client || memory.force {
                self.bring_back(id, end, memory.pinned).await?;
                self.jobs.insert(id.0, Priority::High);
            } else {
                state = Some(there.state);
            }
        }
        Ok(Added { flags: memory.flags, state, ..Added::plain(id, memory.text, AddEvent::Update) })
    }

    /// A text that a memory of the project has already: known where the next search finds that one, back where it was put away.
    /// `None` where it has gone meanwhile.
    pub(super) async fn again(&mut self, id: MemoryId, new: &Insert) -> Result<Option<Added>> {
        // It may be of this very call: its first step is told before its second is made.
        self.record_created().await?;
        let Some(there) = rows::memory(&mut self.session, self.scope, None, id).await? else { return Ok(None) };
        let known = |reason: &str, state| {
            let answer = Added::plain(id, there.text.clone(), AddEvent::None);
            Ok(Some(Added { reason: Some(reason.into()), state, ..answer }))
        };
        // It may have changed since it was looked at.
        if !same_text(&there.text, &new.text) || matches!(there.state, State::Superseded | State::Deleted) {
            return Ok(None);
        }
        let over = there.is_expired(self.now);
        let end = new.expires_at.or_else(|| end_of_working(new, self.now));
        let hidden = Some(there.state).filter(|state| *state != State::Active);
        match there.state {
            // An import leaves what is there as it is.
            State::Active if new.voice == Voice::Import => return known("duplicate", None),
            _ if new.voice == Voice::Import => return known(there.state.as_str(), hidden),
            State::Active if !over => return self.lasting(there, new, end).await.map(Some),
            State::Held if new.held_for.is_some() => return known("duplicate", hidden),
            // What waits wakes nothing, and neither does what nobody chose to say.
            _ if new.held_for.is_some() => return known(if over { "expired" } else { there.state.as_str() }, hidden),
            State::Paused | State::Archived if new.voice == Voice::Automatic && !new.force => {
                return known(there.state.as_str(), hidden);
            }
            _ => {}
        }
        let was = if over { "expired" } else { there.state.as_str() };
        self.bring_back(id, end, new.pinned).await?;
        self.lasting(there.clone(), new, None).await?;
        if there.state == State::Held {
            let vector = new.vector.as_deref().filter(|_| new.hash == there.hash);
            self.vector_or_job(id, &there.hash, vector, Priority::High).await?;
        } else if self.indexing.external {
            self.jobs.insert(id.0, Priority::Normal);
        }
        let answer = Added::plain(id, there.text, AddEvent::Update);
        Ok(Some(Added { reason: Some(format!("was_{was}")), ..answer }))
    }

    /// A known memory takes what tags and metadata it has not of who says it again, and lasts as long as that would.
    async fn lasting(&mut self, there: Memory, new: &Insert, end: Option<Timestamp>) -> Result<Added> {
        let fresh = new.tags.iter().filter(|tag| !there.tags.contains(tag)).cloned();
        let tags: Vec<_> = there.tags.iter().cloned().chain(fresh).collect();
        let mut metadata = there.metadata.clone();
        for (name, value) in &new.metadata {
            metadata.entry(name.clone()).or_insert_with(|| value.clone());
        }
        let more = tags.len() > there.tags.len() || metadata.len() > there.metadata.len();
        let pinned = new.pinned && !there.pinned;
        let longer = there.expires_at.is_some_and(|old| end.is_none_or(|end| end > old));
        if !more && !pinned && !longer {
            return Ok(Added { reason: Some("duplicate".into()), ..Added::plain(there.id, there.text, AddEvent::None) });
        }
        let update = Update {
            tags: Some(tags),
            metadata: Some(metadata),
            pinned: pinned.then_some(true),
            expires_at: longer.then_some(end),
            memory_type: (longer && there.memory_type == MemoryType::Working).then_some(new.memory_type),
            ..Update::default()
        };
        self.update(there.id, update).await?;
        self.history(&[there.id], Event::Updated).await?;
        let reason = if pinned || longer { "kept_longer" } else { "tags_added" };
        Ok(Added { reason: Some(reason.into()), ..Added::plain(there.id, there.text, AddEvent::Update) })
    }

    /// What was put away is active from now until `end`.
    async fn bring_back(&mut self, id: MemoryId, end: Option<Timestamp>, pinned: bool) -> Result<()> {
        self.session
            .query(&BRING_BACK)
            .bind(self.scope.tenant().0)
            .bind(id.0)
            .bind(end.map(|t| t.0))
            .bind(pinned)
            .bind(self.sequence)
            .bind(self.now.0)
            .execute()
            .await?;
        self.history(&[id], Event::Restored).await
    }
}
