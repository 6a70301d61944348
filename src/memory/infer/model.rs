//! Plain types of taking facts from text.

use serde::{Deserialize, Serialize};

use crate::{
    clock::Timestamp,
    ids::{MemoryId, OperationId, ProjectId},
    memory::model::{Actor, Added, Gated, Insert, NewMemory, OperationState, Update},
};

/// One turn of a conversation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// `user`, `assistant`, or what the client calls it.
    pub role: String,
    pub content: String,
}

/// What facts are taken from, and what all of them share.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct InferInput {
    /// The conversation; one message for a plain text.
    pub messages: Vec<Message>,
    /// Whatever else the caller sent: labels to which a fact's categories are added, kind, speaker, time, …; its text is empty.
    /// A key, and the memory whose place is taken, are those of the first fact.
    #[serde(flatten)]
    pub shared: NewMemory,
}

/// One thing worth remembering.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    /// A sentence that stands for itself.
    pub text: String,
    pub categories: Vec<String>,
}

/// What is to become of a fact beside the memories that were shown with it, each under its position.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Resolution {
    /// It is new.
    Add,
    /// It says more, or something else, than one of them: this text takes that one's place.
    Update {
        /// Which.
        known: usize,
        /// The new text.
        text: String,
    },
    /// It says only that one of them no longer holds.
    Delete {
        /// Which.
        known: usize,
    },
    /// One of them says it already.
    None {
        /// Which, where the model told.
        known: Option<usize>,
    },
}

/// What a model answered, and what it cost.
#[derive(Debug, Clone)]
pub struct Answer<T> {
    pub value: T,
    pub tokens: u64,
}

/// What an operation cost.
#[derive(Debug, Clone, Default)]
pub struct Spent {
    pub tokens: u64,
    /// The model that took them.
    pub model: String,
}

/// A write that was acknowledged before it was done.
#[derive(Debug, Clone)]
pub struct Operation {
    pub id: OperationId,
    pub project: ProjectId,
    pub actor: Actor,
    pub state: OperationState,
    /// What facts are taken from; empty when it has ended.
    pub input: InferInput,
    /// What became of each fact.
    pub results: Vec<Added>,
    /// Why it ended otherwise than by the model's answer: `token_budget`, `model_refused`, `model_faulty`, `no_model`, `no_facts`, …
    pub reason: Option<String>,
    pub tokens: i64,
    pub created_at: Timestamp,
    pub finished_at: Option<Timestamp>,
}

/// One change of an operation; all of them are made in one transaction.
#[derive(Debug, Clone)]
#[expect(clippy::large_enum_variant, reason = "few at a time")]
pub enum Step {
    /// A new memory, as the write gate judged it.
    Add(Gated),
    /// Change a memory that still has the version in the update; store a new one where it has not.
    Update {
        /// Which.
        id: MemoryId,
        /// The change.
        update: Update,
        /// The fact as a memory of its own.
        otherwise: Insert,
    },
    /// What a memory says holds no longer.
    Delete {
        /// Which.
        id: MemoryId,
        /// Its text, for the answer.
        text: String,
    },
    /// Nothing changes.
    Keep {
        /// The memory that says it.
        id: MemoryId,
        /// Its text, for the answer.
        text: String,
    },
}
