//! Memories on the wire: what comes in to be stored, and the rows that go out.

use axum::{
    http::header,
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize, de::IgnoredAny};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::{
    clock::{Period, Timestamp},
    error::{Error, Result},
    http::extract::{Json, etag},
    ids::{MemoryId, ProjectId},
    memory::{Content, Memory, MemoryType, Message, Metadata, NewMemory, Origin, Source},
    rest::common::or_default,
};

/// How memories are stored.
#[derive(Debug, Clone, Copy, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(in crate::rest) struct HowToAdd {
    /// Also wait for the embedding, which otherwise follows in the background where the model is far; until then a
    /// memory is found by its words.
    #[serde(default)]
    pub(in crate::rest) wait: bool,
}

/// A memory to store. Unknown fields are refused: what the server decides (`id`, `tenant_id`, `created_at`,
/// `strength`, …) cannot be sent.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::rest) struct MemoryIn {
    /// The text, stored verbatim unless facts are to be taken from it.
    #[serde(default)]
    #[schema(example = "Maria is allergic to peanuts.")]
    pub(in crate::rest) text: Option<String>,
    /// A conversation to take facts from, in place of `text`; not in a batch.
    #[serde(default)]
    pub(in crate::rest) messages: Option<Vec<MessageIn>>,
    /// Any JSON object; it comes back as it was sent.
    #[serde(default)]
    #[schema(value_type = Option<Object>)]
    pub(in crate::rest) metadata: Option<Metadata>,
    /// Take facts from the text, where the server is set up for it (`llm.provider`); the answer then tells what became of
    /// each. A batch is stored verbatim.
    #[serde(default)]
    pub(in crate::rest) infer: Option<bool>,
    /// The app to store it for; the credential's when absent.
    #[serde(default)]
    pub(in crate::rest) app: Option<String>,
    /// The same as `app`.
    #[serde(default)]
    pub(in crate::rest) app_name: Option<String>,
    /// Labels.
    #[serde(default)]
    pub(in crate::rest) tags: Option<Vec<String>>,
    /// Who said it.
    #[serde(default)]
    pub(in crate::rest) speaker: Option<String>,
    /// When it happened: RFC 3339, a date (UTC), or seconds since 1970.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "2023-05-08")]
    pub(in crate::rest) occurred_at: Option<Period>,
    /// The conversation that it came from.
    #[serde(default)]
    pub(in crate::rest) session_id: Option<String>,
    /// Its place in that conversation; the order of adding when absent.
    #[serde(default)]
    pub(in crate::rest) position: Option<i64>,
    /// `episodic`, `semantic` (the default), `procedural`, `working` or `associative`.
    #[serde(default)]
    pub(in crate::rest) memory_type: Option<String>,
    /// The project to store it in; the default one when absent.
    #[serde(default)]
    #[schema(value_type = Option<Uuid>)]
    pub(in crate::rest) project_id: Option<ProjectId>,
    /// A key that is unique in its project: storing it again changes the memory that has it.
    #[serde(default)]
    pub(in crate::rest) pattern_signature: Option<String>,
    /// 0 to 1; 1 when absent.
    #[serde(default)]
    pub(in crate::rest) confidence: Option<f64>,
    /// It never expires, and comes first in a context.
    #[serde(default, deserialize_with = "or_default")]
    pub(in crate::rest) pinned: bool,
    /// When it is no longer seen: RFC 3339, a date (after whose end, UTC), or seconds since 1970. A `working` memory without
    /// an end lives for a day after the last working memory of its session.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub(in crate::rest) expires_at: Option<Period>,
    /// The memory of the same project whose place it takes: that one is hidden from now on, and readable `as_of` an earlier
    /// time.
    #[serde(default)]
    #[schema(value_type = Option<Uuid>)]
    pub(in crate::rest) supersedes: Option<MemoryId>,
    /// Memories of the same project to link it with, up to 50.
    #[serde(default)]
    #[schema(value_type = Option<Vec<Uuid>>)]
    pub(in crate::rest) related: Option<Vec<MemoryId>>,
    /// A person's own word: the write gate does not hold it back, and what was put away comes back. Secrets are still replaced or
    /// refused as the account has chosen.
    #[serde(default, deserialize_with = "or_default")]
    pub(in crate::rest) force: bool,
    /// Taken and ignored: the tenant comes from the credential.
    #[serde(default, rename = "user_id")]
    #[schema(ignore)]
    pub(in crate::rest) _user_id: Option<IgnoredAny>,
}

/// One turn of a conversation.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Message)]
pub(in crate::rest) struct MessageIn {
    /// `user`, `assistant`, …
    pub(in crate::rest) role: String,
    /// What was said.
    pub(in crate::rest) content: String,
}

impl MemoryIn {
    /// The conversation, if one was sent; taken out, for what is left is that of a single text.
    pub(in crate::rest) fn take_messages(&mut self) -> Result<Vec<Message>> {
        let Some(messages) = self.messages.take() else { return Ok(Vec::new()) };
        if messages.is_empty() || self.text.is_some() {
            return Err(Error::invalid("Send either text or messages, and at least one of those."));
        }
        self.text = Some(String::new());
        Ok(messages.into_iter().map(|m| Message { role: m.role, content: m.content }).collect())
    }

    /// The app that this memory names, if any.
    pub(in crate::rest) fn app(&self) -> Option<&str> {
        self.app.as_deref().or(self.app_name.as_deref())
    }

    pub(in crate::rest) fn into_domain(self) -> Result<NewMemory> {
        if self.messages.is_some() {
            return Err(Error::invalid("messages are taken one conversation at a time: POST /api/v1/memories/."));
        }
        let text = self.text.ok_or_else(|| Error::invalid("text is missing. Send the text to remember, or messages."))?;
        Ok(NewMemory {
            content: Content {
                text,
                metadata: self.metadata.unwrap_or_default(),
                tags: self.tags.unwrap_or_default(),
                memory_type: self.memory_type.as_deref().map_or(Ok(MemoryType::Semantic), str::parse)?,
                confidence: self.confidence.unwrap_or(1.0),
                pinned: self.pinned,
                expires_at: self.expires_at.map(Period::last),
            },
            origin: Origin {
                speaker: self.speaker,
                occurred_at: self.occurred_at.map(Period::first),
                session_id: self.session_id,
                position: self.position,
                source: None,
            },
            project: self.project_id,
            pattern_signature: self.pattern_signature,
            supersedes: self.supersedes,
            related: self.related.unwrap_or_default(),
            force: self.force,
            ..NewMemory::default()
        })
    }
}

/// Where a memory was taken from.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = MemorySource)]
pub(in crate::rest) struct SourceOut {
    /// The conversation.
    #[serde(skip_serializing_if = "Option::is_none")]
    session_id: Option<String>,
    /// The message of it, from 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<usize>,
    /// The words.
    #[serde(skip_serializing_if = "Option::is_none")]
    quote: Option<String>,
}

impl From<Source> for SourceOut {
    fn from(Source { session_id, message, quote }: Source) -> Self {
        Self { session_id, message, quote }
    }
}

/// Serde asks for a reference.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "as said")]
pub(in crate::rest) const fn is_zero(count: &usize) -> bool {
    *count == 0
}

/// One memory.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Memory)]
pub(in crate::rest) struct MemoryOut {
    /// Identifier.
    pub id: Uuid,
    /// The text.
    pub content: String,
    /// The text, under the name that searches use.
    pub memory: String,
    /// The text, under the name that answers about a single memory use; absent in lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// Seconds since 1970.
    pub created_at: i64,
    /// Seconds since 1970.
    pub updated_at: i64,
    /// `active`, `paused`, `archived`, `held`, `superseded` or `deleted`.
    pub state: &'static str,
    /// The app that wrote it.
    pub app_id: Uuid,
    /// Its name.
    pub app_name: String,
    /// Labels; the same as `tags`.
    pub categories: Vec<String>,
    /// The client's JSON object.
    #[schema(value_type = Object)]
    pub metadata_: Metadata,
    /// Labels.
    pub tags: Vec<String>,
    /// Kind of memory.
    pub memory_type: &'static str,
    /// Who said it.
    pub speaker: Option<String>,
    /// When it happened, RFC 3339.
    pub occurred_at: Option<String>,
    /// The conversation that it came from.
    pub session_id: Option<String>,
    /// Its place in that conversation.
    pub position: Option<i64>,
    /// The project that it lies in.
    pub project_id: Uuid,
    /// Grows by one with each change; the `ETag` of the memory.
    pub version: i64,
    /// 0 to 1.
    pub confidence: f64,
    /// 0 to 1.
    pub strength: f64,
    /// Key that is unique in its project.
    pub pattern_signature: Option<String>,
    /// Never expires, and comes first in a context.
    pub pinned: bool,
    /// When it is no longer seen, RFC 3339.
    pub expires_at: Option<String>,
    /// The memory that took its place.
    pub superseded_by: Option<Uuid>,
    /// Until when it held, RFC 3339.
    pub superseded_at: Option<String>,
    /// How far its source is trusted, 0 to 1.
    pub trust: f64,
    /// What was noticed when it was written: `instructions`, `redacted`, …
    pub flags: Vec<String>,
    /// Why the write gate holds it back, while its state is `held`: `empty_talk`, `tool_output`, …, `review`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub held_for: Option<String>,
    /// What it was taken from, where it was not said in these words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<SourceOut>,
    /// Older memories that say the same in other words and are folded under this one; see `/memories/{memory_id}/alike`.
    #[serde(skip_serializing_if = "is_zero")]
    pub alike: usize,
    /// When it was deleted, RFC 3339; null unless it is.
    pub deleted_at: Option<String>,
    /// Hex SHA-256 by which equal memories are recognised.
    pub hash: String,
}

impl MemoryOut {
    /// The form of lists.
    pub(in crate::rest) fn listed(m: Memory) -> Self {
        let Content { text, metadata, tags, memory_type, confidence, pinned, expires_at } = m.content;
        let Origin { speaker, occurred_at, session_id, position, source } = m.origin;
        Self {
            id: m.id.0,
            content: text.clone(),
            memory: text,
            text: None,
            created_at: m.created_at.secs(),
            updated_at: m.updated_at.secs(),
            state: m.state.as_str(),
            app_id: m.app.0,
            app_name: m.app_name,
            categories: tags.clone(),
            metadata_: metadata,
            tags,
            memory_type: memory_type.as_str(),
            speaker,
            occurred_at: occurred_at.map(Timestamp::rfc3339),
            session_id,
            position,
            project_id: m.project.0,
            version: m.version,
            confidence,
            strength: m.strength,
            pattern_signature: m.pattern_signature,
            pinned,
            expires_at: expires_at.map(Timestamp::rfc3339),
            superseded_by: m.superseded_by.map(|id| id.0),
            superseded_at: m.superseded_at.map(Timestamp::rfc3339),
            trust: m.trust,
            flags: m.flags,
            held_for: m.held_for,
            source: source.map(Into::into),
            alike: 0,
            deleted_at: m.deleted_at.map(Timestamp::rfc3339),
            hash: m.hash,
        }
    }

    /// The form of answers about a single memory.
    pub(in crate::rest) fn single(m: Memory) -> Self {
        let text = Some(m.content.text.clone());
        Self { text, ..Self::listed(m) }
    }
}

/// A memory that an app read, and how often.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::rest) struct AppMemory {
    /// The memory.
    pub memory: MemoryOut,
    /// How often it was returned to the app.
    pub access_count: i64,
}

/// One memory, with its version as the `ETag`.
pub(in crate::rest) fn answer(memory: Memory) -> Response {
    ([(header::ETAG, etag(memory.version))], Json(MemoryOut::single(memory))).into_response()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_the_server_decides_cannot_be_sent() {
        let body = |extra: serde_json::Value| {
            let mut body = json!({"text": "x", "user_id": "someone", "infer": false, "metadata": null, "app": "cursor"});
            body.as_object_mut().expect("an object").extend(extra.as_object().expect("an object").clone());
            serde_json::from_value::<MemoryIn>(body)
        };
        assert_eq!(body(json!({})).expect("fits").app(), Some("cursor"));
        for name in ["tenant_id", "strength", "created_at", "id", "state", "version", "hash"] {
            assert!(body(json!({name: "1"})).is_err(), "{name}");
        }
        let odd = body(json!({"memory_type": "odd"})).expect("parses");
        assert!(odd.into_domain().is_err());
    }
}
