//! `get_memory`: one memory with all that is known of it.

use rmcp::model::ToolAnnotations;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{MemoryTool, Reply, fenced, reads};
use crate::{
    auth::{Principal, Scope},
    clock::Timestamp,
    error::{Error, Result},
    memory::{Memories, Memory, Metadata},
};

pub(super) struct GetMemory;

#[derive(Deserialize, JsonSchema)]
pub(super) struct Args {
    memory_id: String,
}

/// A memory. What is absent does not apply.
#[derive(Serialize, JsonSchema)]
pub(super) struct Output {
    id: String,
    memory: String,
    /// For an update.
    version: i64,
    #[schemars(skip)]
    state: String,
    #[schemars(skip)]
    created_at: String,
    #[schemars(skip)]
    updated_at: String,
    #[schemars(skip)]
    app: String,
    #[schemars(skip)]
    tags: Vec<String>,
    #[serde(skip_serializing_if = "Metadata::is_empty")]
    #[schemars(skip)]
    metadata: Metadata,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(skip)]
    speaker: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(skip)]
    occurred_at: Option<String>,
}

impl From<Memory> for Output {
    fn from(memory: Memory) -> Self {
        Self {
            id: memory.id.to_string(),
            memory: memory.content.text,
            version: memory.version,
            state: memory.state.as_str().to_owned(),
            created_at: memory.created_at.rfc3339(),
            updated_at: memory.updated_at.rfc3339(),
            app: memory.app_name,
            tags: memory.content.tags,
            metadata: memory.content.metadata,
            speaker: memory.origin.speaker,
            occurred_at: memory.origin.occurred_at.map(Timestamp::rfc3339),
        }
    }
}

impl MemoryTool for GetMemory {
    const NAME: &'static str = "get_memory";
    const TITLE: &'static str = "Get a memory";
    const DESCRIPTION: &'static str = "All that is known of one memory.";
    const SCOPE: Scope = Scope::MemoryRead;
    type Args = Args;
    type Output = Output;

    fn annotations() -> ToolAnnotations {
        reads()
    }

    async fn run(memories: &Memories, by: &Principal, args: Args) -> Result<Reply<Output>> {
        let id = memories.reader.named(by, &args.memory_id).await?.ok_or_else(|| Error::not_found("memory"))?;
        let output = Output::from(memories.reader.get(by, id).await?);
        Ok(Reply { text: fenced(&output)?, data: output })
    }
}
