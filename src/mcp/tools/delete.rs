//! `delete_memories`: forgets single memories.

use rmcp::model::ToolAnnotations;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{MemoryTool, Reply, hints};
use crate::{
    auth::{Principal, Scope},
    error::{Code, Error, Result},
    memory::{Memories, Selection},
};

pub(super) struct DeleteMemories;

#[derive(Deserialize, JsonSchema)]
pub(super) struct Args {
    /// Ids as searched or listed
    memory_ids: Vec<String>,
}

/// What is gone; ids that were not there are left out.
#[derive(Serialize, JsonSchema)]
pub(super) struct Output {
    deleted: usize,
    ids: Vec<String>,
}

impl MemoryTool for DeleteMemories {
    const NAME: &'static str = "delete_memories";
    const TITLE: &'static str = "Delete memories";
    const DESCRIPTION: &'static str = "Delete memories that the user wants forgotten or that are wrong.";
    const SCOPE: Scope = Scope::MemoryDelete;
    type Args = Args;
    type Output = Output;

    fn annotations() -> ToolAnnotations {
        hints(false, true, true)
    }

    async fn run(memories: &Memories, by: &Principal, args: Args) -> Result<Reply<Output>> {
        if args.memory_ids.is_empty() {
            return Err(Error::invalid(
                "memory_ids is empty. Send the ids of the memories to delete, from search_memory or list_memories.",
            ));
        }
        // A text that is no id is answered as an unknown id is.
        let mut ids = Vec::with_capacity(args.memory_ids.len());
        for id in &args.memory_ids {
            ids.extend(memories.reader.named(by, id).await?);
        }
        let deleted =
            if ids.is_empty() { Vec::new() } else { memories.writer.delete(by, Selection { ids, ..Selection::default() }).await? };
        if deleted.is_empty() {
            return Err(Error::new(Code::NotFound, "Error: No accessible memories found with provided IDs"));
        }
        let ids: Vec<_> = deleted.iter().map(ToString::to_string).collect();
        Ok(Reply { text: format!("Successfully deleted {} memories", ids.len()), data: Output { deleted: ids.len(), ids } })
    }
}
