//! `update_memory`: puts a memory right.

use rmcp::model::ToolAnnotations;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{MemoryTool, Reply, hints, json};
use crate::{
    auth::{Principal, Scope},
    error::{Error, Result},
    memory::{ContentChange, Memories},
};

pub(super) struct UpdateMemory;

#[derive(Deserialize, JsonSchema)]
pub(super) struct Args {
    memory_id: String,
    /// The new text
    text: String,
    /// As read; refused if changed since
    #[serde(default)]
    #[schemars(with = "i64")]
    version: Option<i64>,
}

/// What it is now.
#[derive(Serialize, JsonSchema)]
pub(super) struct Output {
    id: String,
    version: i64,
}

impl MemoryTool for UpdateMemory {
    const NAME: &'static str = "update_memory";
    const TITLE: &'static str = "Update a memory";
    const DESCRIPTION: &'static str = "Put a memory right that has changed or was wrong.";
    const SCOPE: Scope = Scope::MemoryWrite;
    type Args = Args;
    type Output = Output;

    fn annotations() -> ToolAnnotations {
        // The old text stays in the memory's history, and comes back by an undo.
        hints(false, false, true)
    }

    async fn run(memories: &Memories, by: &Principal, args: Args) -> Result<Reply<Output>> {
        let id = memories.reader.named(by, &args.memory_id).await?.ok_or_else(|| Error::not_found("memory"))?;
        let change = ContentChange { text: Some(args.text), ..ContentChange::default() };
        let memory = memories.writer.update(by, id, args.version, change).await?;
        let output = Output { id: memory.id.to_string(), version: memory.version };
        Ok(Reply { text: json(&output)?, data: output })
    }
}
