//! `memory_feedback`: says what a memory was worth.

use rmcp::model::ToolAnnotations;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{MemoryTool, Reply, given, hints, json};
use crate::{
    auth::{Principal, Scope},
    error::{Error, Result},
    memory::{Memories, learning::Feedback},
};

pub(super) struct MemoryFeedback;

#[derive(Deserialize, JsonSchema)]
pub(super) struct Args {
    memory_id: String,
    /// POSITIVE, NEGATIVE, NEUTRAL, CORRECTION or CONFIRMATION
    feedback: String,
    /// What was asked
    #[serde(default)]
    query: String,
    /// CORRECTION: the right text
    #[serde(default)]
    text: String,
}

/// The memory's strength, 0 to 1, and the memory that took its place.
#[derive(Serialize, JsonSchema)]
pub(super) struct Output {
    memory_id: String,
    strength_before: f64,
    strength_after: f64,
    #[serde(skip_serializing_if = "String::is_empty")]
    #[schemars(default)]
    replaced_by: String,
}

impl MemoryTool for MemoryFeedback {
    const NAME: &'static str = "memory_feedback";
    const TITLE: &'static str = "Memory feedback";
    const DESCRIPTION: &'static str = "Say whether a memory helped, is wrong, or still holds.";
    const SCOPE: Scope = Scope::MemoryWrite;
    type Args = Args;
    type Output = Output;

    fn annotations() -> ToolAnnotations {
        hints(false, false, false)
    }

    async fn run(memories: &Memories, by: &Principal, args: Args) -> Result<Reply<Output>> {
        let feedback = Feedback {
            // A text that is no id is answered as an unknown id is.
            memory: memories.reader.named(by, &args.memory_id).await?.ok_or_else(|| Error::not_found("memory"))?,
            kind: args.feedback.trim().to_ascii_lowercase().parse()?,
            confidence: 1.0,
            query: given(args.query),
            text: given(args.text),
        };
        let learned = memories.learning.give(by, feedback).await?;
        let output = Output {
            memory_id: learned.event.memory.to_string(),
            strength_before: learned.event.strength_before,
            strength_after: learned.event.strength_after,
            replaced_by: learned.replacement.and_then(|added| added.id).map(|id| id.to_string()).unwrap_or_default(),
        };
        Ok(Reply { text: json(&output)?, data: output })
    }
}
