//! What is said again, by its text or by its key: the memory that is there answers, comes back from where it was put away, and
//! takes what the new one has beyond it.

use super::{rows, supersede::end_of_working, unit::Write};
use crate::{
    clock::Timestamp,
    error::{Error, Result},
    ids::MemoryId,
    jobs::Priority,
    memory::{AddEvent, Added, Content, Event, Insert, Memory, MemoryType, Revision, State, Voice, same_text},
};

impl Write<'_> {
    /// The memory of its key says this from now on.
    pub(super) async fn keyed(&mut self, id: MemoryId, memory: Insert, end: Option<Timestamp>) -> Result<Added> {
        // The key may be that of a memory of this very call: its first step is told before its second is made.
        self.record_created().await?;
        let Some(mut there) = rows::memory(&mut self.session, self.scope, None, id).await? else {
            return Err(Error::internal(anyhow::anyhow!("memory {id} vanished inside the transaction that found it")));
        };
        let content = Content {
            pinned: memory.content.pinned || there.content.pinned,
            expires_at: end.or(there.content.expires_at),
            ..memory.content.clone()
        };
        let mut to = Revision { content, flags: memory.flags.clone(), trust: memory.trust, ..Revision::of(&there, there.state) };
        to.vector.clone_from(&memory.vector);
        self.revise(&there, &to).await?;
        self.history(&[id], Event::Updated).await?;
        let mut state = None;
        if there.state != State::Active {
            if memory.voice == Voice::Client || memory.force {
                there.hash = there.origin.hash(&to.content.text);
                there = Memory { content: to.content, flags: to.flags, trust: to.trust, ..there };
                self.bring_back(&there, &memory, end, memory.vector.clone()).await?;
                self.jobs.insert(id.0, Priority::High);
            } else {
                state = Some(there.state);
            }
        }
        Ok(Added { flags: memory.flags, state, ..Added::plain(id, memory.content.text, AddEvent::Update) })
    }

    /// A text that a memory of the project has already: known where the next search finds that one, back where it was put away.
    /// `None` where it has gone meanwhile.
    pub(super) async fn again(&mut self, id: MemoryId, new: &Insert) -> Result<Option<Added>> {
        // It may be of this very call: its first step is told before its second is made.
        self.record_created().await?;
        let Some(there) = rows::memory(&mut self.session, self.scope, None, id).await? else { return Ok(None) };
        let known = |reason: &str, state| {
            let answer = Added::plain(id, there.content.text.clone(), AddEvent::None);
            Ok(Some(Added { reason: Some(reason.into()), state, ..answer }))
        };
        // It may have changed since it was looked at.
        if !same_text(&there.content.text, &new.content.text) || matches!(there.state, State::Superseded | State::Deleted) {
            return Ok(None);
        }
        let over = there.is_expired(self.now);
        let end = new.content.expires_at.or_else(|| end_of_working(new, self.now));
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
        let vector = new.vector.clone().filter(|_| new.hash == there.hash);
        let back = self.bring_back(&there, new, end, vector).await?;
        self.lasting(back, new, end).await?;
        let answer = Added::plain(id, there.content.text, AddEvent::Update);
        Ok(Some(Added { reason: Some(format!("was_{was}")), ..answer }))
    }

    /// A known memory takes what tags and metadata it has not of who says it again, and lasts as long as that would.
    async fn lasting(&mut self, there: Memory, new: &Insert, end: Option<Timestamp>) -> Result<Added> {
        // Each field by name, so that a new one is decided on. The end is that of the caller; the first word on confidence stays.
        let Content { text: _, metadata, tags, memory_type, confidence: _, pinned, expires_at: _ } = &new.content;
        let mut to = there.content.clone();
        to.tags.extend(tags.iter().filter(|tag| !there.content.tags.contains(tag)).cloned());
        for (name, value) in metadata {
            to.metadata.entry(name.clone()).or_insert_with(|| value.clone());
        }
        to.pinned |= pinned;
        let longer = to.expires_at.is_some_and(|old| end.is_none_or(|end| end > old));
        if longer {
            to.expires_at = end;
            if to.memory_type == MemoryType::Working {
                to.memory_type = *memory_type;
            }
        }
        let (id, text) = (there.id, to.text.clone());
        if to == there.content {
            return Ok(Added { reason: Some("duplicate".into()), ..Added::plain(id, text, AddEvent::None) });
        }
        let reason = if longer || to.pinned != there.content.pinned { "kept_longer" } else { "tags_added" };
        self.revise(&there, &Revision { content: to, ..Revision::of(&there, there.state) }).await?;
        self.history(&[id], Event::Updated).await?;
        Ok(Added { reason: Some(reason.into()), ..Added::plain(id, text, AddEvent::Update) })
    }

    /// What was put away is active from now until `end`, as it is then.
    async fn bring_back(&mut self, there: &Memory, new: &Insert, end: Option<Timestamp>, vector: Option<Vec<f32>>) -> Result<Memory> {
        let was = &there.content;
        let memory_type = if was.memory_type == MemoryType::Working { new.content.memory_type } else { was.memory_type };
        let content = Content { expires_at: end, pinned: was.pinned || new.content.pinned, memory_type, ..was.clone() };
        let to = Revision { content, vector, ..Revision::of(there, State::Active) };
        self.revise(there, &to).await?;
        self.history(&[there.id], Event::Restored).await?;
        Ok(Memory { content: to.content, state: State::Active, ..there.clone() })
    }
}
