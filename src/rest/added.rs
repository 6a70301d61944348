//! What became of a memory that was sent, on the wire.

use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::wire::MemoryOut;
use crate::memory::{AddEvent, Added, State};

/// What became of a memory that was sent.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(in crate::rest) struct AddedOut {
    /// The memory that now holds the text; null where none does.
    pub(in crate::rest) id: Option<Uuid>,
    /// Its text.
    pub(in crate::rest) memory: String,
    /// `ADD`, `UPDATE`, `DELETE`, or `NONE` where the next search finds nothing new.
    #[schema(value_type = String, example = "ADD")]
    pub(in crate::rest) event: AddEvent,
    #[serde(flatten)]
    pub(in crate::rest) remarks: Remarks,
}

/// What the write gate has to say.
#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub(in crate::rest) struct Remarks {
    /// Why: `duplicate`, `tags_added`, `held_…`, `was_archived`, `was_paused`, `was_expired`, `was_held`, `archived`, `paused`,
    /// `forgotten_before`, `secret_…`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::rest) reason: Option<String>,
    /// `held` where the memory is held back: `POST /api/v1/memories/{id}/keep` keeps it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::rest) state: Option<&'static str>,
    /// The same in a sentence, with what can be done.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::rest) message: Option<String>,
    /// What was noticed about what was stored: `redacted`, `instructions`, `hidden_text`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(in crate::rest) flags: Vec<String>,
}

impl Remarks {
    pub(in crate::rest) fn of(added: &Added) -> Self {
        Self { reason: added.reason.clone(), state: added.state.map(State::as_str), message: added.sentence(), flags: added.flags.clone() }
    }
}

impl From<Added> for AddedOut {
    fn from(added: Added) -> Self {
        let remarks = Remarks::of(&added);
        Self { id: added.id.map(|id| id.0), memory: added.memory, event: added.event, remarks }
    }
}

/// A memory just stored: what happened, and the whole row where the caller may read it.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::rest) struct CreatedOut {
    /// `ADD`, `UPDATE`, or `NONE` where the next search finds nothing new: the row is then the memory that says the same, or the one
    /// that is held back.
    #[schema(value_type = String, example = "ADD")]
    pub(in crate::rest) event: AddEvent,
    /// Why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::rest) reason: Option<String>,
    /// The same in a sentence, with what can be done.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::rest) message: Option<String>,
    /// The row.
    #[serde(flatten)]
    pub(in crate::rest) row: CreatedRow,
}

/// The row of [`CreatedOut`].
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
pub(in crate::rest) enum CreatedRow {
    /// For callers with `memory:read`.
    Full(Box<MemoryOut>),
    /// For callers that may only write.
    Brief {
        /// Identifier; null where nothing holds the text.
        id: Option<Uuid>,
        /// The text.
        content: String,
        /// The text.
        memory: String,
        /// `held` where it is held back.
        #[serde(skip_serializing_if = "Option::is_none")]
        state: Option<&'static str>,
    },
}
