//! Memories on the wire: what comes in to be stored, and the rows that go out.

use serde::{Deserialize, Serialize, de::IgnoredAny};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::{
    clock::Timestamp,
    error::{Error, Result},
    ids::ProjectId,
    memory::{AddEvent, Added, Hit, Memory, Message, Metadata, NewMemory},
    rest::common::When,
};

/// How memories are stored.
#[derive(Debug, Clone, Copy, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct HowToAdd {
    /// Also wait for the embedding, which otherwise follows in the background where the model is far; until then a
    /// memory is found by its words.
    #[serde(default)]
    pub(super) wait: bool,
}

/// A memory to store. Unknown fields are refused: what the server decides (`id`, `tenant_id`, `created_at`,
/// `strength`, …) cannot be sent.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct MemoryIn {
    /// The text, stored verbatim unless facts are to be taken from it.
    #[serde(default)]
    #[schema(example = "Maria is allergic to peanuts.")]
    pub(super) text: Option<String>,
    /// A conversation to take facts from, in place of `text`; not in a batch.
    #[serde(default)]
    pub(super) messages: Option<Vec<MessageIn>>,
    /// Any JSON object; it comes back as it was sent.
    #[serde(default)]
    #[schema(value_type = Option<Object>)]
    pub(super) metadata: Option<Metadata>,
    /// Take facts from the text, where the server is set up for it (`llm.provider`); the answer then tells what became of
    /// each. A batch is stored verbatim.
    #[serde(default)]
    pub(super) infer: Option<bool>,
    /// The app to store it for; the credential's when absent.
    #[serde(default)]
    pub(super) app: Option<String>,
    /// The same as `app`.
    #[serde(default)]
    pub(super) app_name: Option<String>,
    /// Labels.
    #[serde(default)]
    pub(super) tags: Option<Vec<String>>,
    /// Who said it.
    #[serde(default)]
    pub(super) speaker: Option<String>,
    /// When it happened: RFC 3339, a date, or seconds since 1970.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "2023-05-08")]
    pub(super) occurred_at: Option<When>,
    /// The conversation that it came from.
    #[serde(default)]
    pub(super) session_id: Option<String>,
    /// `episodic`, `semantic` (the default), `procedural`, `working` or `associative`.
    #[serde(default)]
    pub(super) memory_type: Option<String>,
    /// The project to store it in; the default one when absent.
    #[serde(default)]
    #[schema(value_type = Option<Uuid>)]
    pub(super) project_id: Option<ProjectId>,
    /// A key that is unique in its project: storing it again changes the memory that has it.
    #[serde(default)]
    pub(super) pattern_signature: Option<String>,
    /// 0 to 1; 1 when absent.
    #[serde(default)]
    pub(super) confidence: Option<f64>,
    /// Taken and ignored: the tenant comes from the credential.
    #[serde(default, rename = "user_id")]
    #[schema(ignore)]
    pub(super) _user_id: Option<IgnoredAny>,
}

/// One turn of a conversation.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Message)]
pub(super) struct MessageIn {
    /// `user`, `assistant`, …
    pub(super) role: String,
    /// What was said.
    pub(super) content: String,
}

impl MemoryIn {
    /// The conversation, if one was sent; taken out, for what is left is that of a single text.
    pub(super) fn take_messages(&mut self) -> Result<Vec<Message>> {
        let Some(messages) = self.messages.take() else { return Ok(Vec::new()) };
        if messages.is_empty() || self.text.is_some() {
            return Err(Error::invalid("Send either text or messages, and at least one of those."));
        }
        self.text = Some(String::new());
        Ok(messages.into_iter().map(|m| Message { role: m.role, content: m.content }).collect())
    }

    /// The app that this memory names, if any.
    pub(super) fn app(&self) -> Option<&str> {
        self.app.as_deref().or(self.app_name.as_deref())
    }

    pub(super) fn into_domain(self) -> Result<NewMemory> {
        if self.messages.is_some() {
            return Err(Error::invalid("messages are taken one conversation at a time: POST /api/v1/memories/."));
        }
        let text = self.text.ok_or_else(|| Error::invalid("text is missing. Send the text to remember, or messages."))?;
        Ok(NewMemory {
            text,
            project: self.project_id,
            metadata: self.metadata.unwrap_or_default(),
            tags: self.tags.unwrap_or_default(),
            memory_type: self.memory_type.as_deref().map(str::parse).transpose()?,
            pattern_signature: self.pattern_signature,
            confidence: self.confidence,
            speaker: self.speaker,
            occurred_at: self.occurred_at.map(|w| w.0),
            session_id: self.session_id,
            created_at: None,
        })
    }
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
    /// `active`, `paused` or `archived`.
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
    /// Hex SHA-256 by which equal memories are recognised.
    pub hash: String,
}

impl MemoryOut {
    /// The form of lists.
    pub(in crate::rest) fn listed(m: Memory) -> Self {
        Self {
            id: m.id.0,
            content: m.text.clone(),
            memory: m.text,
            text: None,
            created_at: m.created_at.secs(),
            updated_at: m.updated_at.secs(),
            state: m.state.as_str(),
            app_id: m.app.0,
            app_name: m.app_name,
            categories: m.tags.clone(),
            metadata_: m.metadata,
            tags: m.tags,
            memory_type: m.memory_type.as_str(),
            speaker: m.speaker,
            occurred_at: m.occurred_at.map(Timestamp::rfc3339),
            session_id: m.session_id,
            project_id: m.project.0,
            version: m.version,
            confidence: m.confidence,
            strength: m.strength,
            pattern_signature: m.pattern_signature,
            hash: m.hash,
        }
    }

    /// The form of answers about a single memory.
    pub(super) fn single(m: Memory) -> Self {
        let text = Some(m.text.clone());
        Self { text, ..Self::listed(m) }
    }
}

/// What became of a memory that was sent.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(in crate::rest) struct AddedOut {
    /// The memory that now holds the text.
    pub(super) id: Uuid,
    /// Its text.
    pub(super) memory: String,
    /// `ADD`, `UPDATE`, `DELETE`, or `NONE` when an equal memory was there already.
    #[schema(value_type = String, example = "ADD")]
    pub(super) event: AddEvent,
}

impl From<Added> for AddedOut {
    fn from(added: Added) -> Self {
        Self { id: added.id.0, memory: added.memory, event: added.event }
    }
}

/// A memory just stored: what happened, and the whole row where the caller may read it.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct CreatedOut {
    /// `ADD`, `UPDATE`, or `NONE` when an equal memory was there already.
    #[schema(value_type = String, example = "ADD")]
    pub(super) event: AddEvent,
    /// The row.
    #[serde(flatten)]
    pub(super) row: CreatedRow,
}

/// The row of [`CreatedOut`].
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
pub(super) enum CreatedRow {
    /// For callers with `memory:read`.
    Full(Box<MemoryOut>),
    /// For callers that may only write.
    Brief {
        /// Identifier.
        id: Uuid,
        /// The text.
        content: String,
        /// The text.
        memory: String,
    },
}

/// The parts of a score.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ScoresOut {
    /// Cosine to the query, -1 to 1; null while the memory has no embedding.
    pub(super) dense: Option<f32>,
    /// BM25; 0 where no word matches.
    pub(super) lexical: f32,
    /// The fused score, 0 to 1, that the order follows.
    pub(super) fused: f32,
}

/// One result of a search.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct HitOut {
    pub(super) id: Uuid,
    /// The text.
    pub(super) memory: String,
    /// The fused score, 0 to 1.
    pub(super) score: f32,
    /// Its parts.
    pub(super) scores: ScoresOut,
    /// The client's JSON object.
    #[schema(value_type = Object)]
    pub(super) metadata: Metadata,
    pub(super) tags: Vec<String>,
    pub(super) memory_type: &'static str,
    pub(super) speaker: Option<String>,
    /// When it happened, RFC 3339.
    pub(super) occurred_at: Option<String>,
    pub(super) session_id: Option<String>,
    pub(super) project_id: Uuid,
    pub(super) app_id: Uuid,
    pub(super) app_name: String,
    pub(super) state: &'static str,
    /// Seconds since 1970.
    pub(super) created_at: i64,
    /// Seconds since 1970.
    pub(super) updated_at: i64,
    pub(super) version: i64,
    pub(super) confidence: f64,
    pub(super) hash: String,
}

impl From<Hit> for HitOut {
    fn from(Hit { memory: m, scores }: Hit) -> Self {
        Self {
            id: m.id.0,
            memory: m.text,
            score: scores.fused,
            scores: ScoresOut { dense: scores.dense, lexical: scores.lexical, fused: scores.fused },
            metadata: m.metadata,
            tags: m.tags,
            memory_type: m.memory_type.as_str(),
            speaker: m.speaker,
            occurred_at: m.occurred_at.map(Timestamp::rfc3339),
            session_id: m.session_id,
            project_id: m.project.0,
            app_id: m.app.0,
            app_name: m.app_name,
            state: m.state.as_str(),
            created_at: m.created_at.secs(),
            updated_at: m.updated_at.secs(),
            version: m.version,
            confidence: m.confidence,
            hash: m.hash,
        }
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
