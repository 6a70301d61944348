//! `add_memories`: keeps a text.

use rmcp::model::ToolAnnotations;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{MemoryTool, Reply, given, hints, json, period};
use crate::{
    auth::{Principal, Scope},
    clock::Period,
    error::Result,
    memory::{AddEvent, AddOptions, Added, Content, Inferred, Memories, Metadata, NewMemory, OperationState, Origin},
};

pub(super) struct AddMemories;

#[derive(Deserialize, JsonSchema)]
pub(super) struct Args {
    /// What to remember, in full sentences
    text: String,
    /// false: verbatim, never held back
    #[serde(default = "yes")]
    infer: bool,
    /// Store it in any case
    #[serde(default)]
    force: bool,
    /// Who said it
    #[serde(default)]
    speaker: String,
    /// When it happened (RFC 3339)
    #[serde(default)]
    occurred_at: String,
    /// Conversation id
    #[serde(default)]
    session_id: String,
    /// Place in the conversation
    #[serde(default)]
    #[schemars(with = "i64")]
    position: Option<i64>,
    #[serde(default)]
    tags: Vec<String>,
    #[serde(default)]
    metadata: Metadata,
}

const fn yes() -> bool {
    true
}

/// The same in both forms: OpenMemory's `{"results": [{"id", "memory", "event"}]}`.
#[derive(Serialize, JsonSchema)]
pub(super) struct Output {
    results: Vec<Stored>,
    /// Set while facts are still being taken: nothing is to be done.
    #[serde(skip_serializing_if = "String::is_empty")]
    #[schemars(default)]
    pending: String,
}

#[derive(Serialize, JsonSchema)]
struct Stored {
    #[serde(skip_serializing_if = "String::is_empty")]
    #[schemars(default)]
    id: String,
    memory: String,
    #[schemars(with = "String")]
    event: AddEvent,
    /// Why nothing new is found.
    #[serde(skip_serializing_if = "String::is_empty")]
    #[schemars(default)]
    reason: String,
    /// The same in a sentence, and what to do.
    #[serde(skip_serializing_if = "String::is_empty")]
    #[schemars(default)]
    message: String,
}

impl From<Added> for Stored {
    fn from(added: Added) -> Self {
        let message = added.sentence().unwrap_or_default();
        let id = added.id.map(|id| id.to_string()).unwrap_or_default();
        Self { id, memory: added.memory, event: added.event, reason: added.reason.unwrap_or_default(), message }
    }
}

impl MemoryTool for AddMemories {
    const NAME: &'static str = "add_memories";
    const TITLE: &'static str = "Add memories";
    const DESCRIPTION: &'static str = "Call this every time the user tells something about themselves, their preferences, \
people, work or plans, gives anything that may matter in a later conversation, or asks you to remember something.";
    const SCOPE: Scope = Scope::MemoryWrite;
    type Args = Args;
    type Output = Output;

    fn annotations() -> ToolAnnotations {
        // An equal text is not stored twice.
        hints(false, false, true)
    }

    async fn run(memories: &Memories, by: &Principal, args: Args) -> Result<Reply<Output>> {
        let memory = NewMemory {
            content: Content { text: args.text, metadata: args.metadata, tags: args.tags, ..Content::default() },
            origin: Origin {
                speaker: given(args.speaker),
                occurred_at: period("occurred_at", &args.occurred_at)?.map(Period::first),
                session_id: given(args.session_id),
                position: args.position,
                source: None,
            },
            // What is to be stored word for word is the person's own word.
            force: args.force || !args.infer,
            ..NewMemory::default()
        };
        let options = AddOptions::default();
        let (added, pending) = if args.infer {
            match memories.inference.infer(by, memory, Vec::new(), options).await? {
                Inferred::Now(added) => (added, String::new()),
                Inferred::Operation(begun) => {
                    let operation = memories.inference.awaited(by, *begun).await?;
                    let pending = if operation.state == OperationState::Queued { operation.id.to_string() } else { String::new() };
                    (operation.results, pending)
                }
            }
        } else {
            (memories.writer.add(by, vec![memory], options).await?, String::new())
        };
        let output = Output { results: added.into_iter().map(Stored::from).collect(), pending };
        Ok(Reply { text: json(&output)?, data: output })
    }
}
