//! `delete_all_memories`: forgets everything that the caller may see, behind a scope of its own and a confirmation.

use rmcp::model::ToolAnnotations;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{MemoryTool, Reply, hints};
use crate::{
    auth::{Principal, Scope},
    error::{Error, Result},
    memory::{Memories, Selection},
};

pub(super) struct DeleteAllMemories;

#[derive(Deserialize, JsonSchema)]
pub(super) struct Args {
    /// true, once the user has confirmed it
    confirm: bool,
}

/// How many are gone; their ids could be many thousands.
#[derive(Serialize, JsonSchema)]
pub(super) struct Output {
    deleted: usize,
}

impl MemoryTool for DeleteAllMemories {
    const NAME: &'static str = "delete_all_memories";
    const TITLE: &'static str = "Delete all memories";
    const DESCRIPTION: &'static str = "Delete ALL memories of the user. Only when they ask for exactly that and confirm it.";
    const SCOPE: Scope = Scope::MemoryDeleteAll;
    type Args = Args;
    type Output = Output;

    fn annotations() -> ToolAnnotations {
        hints(false, true, true)
    }

    async fn run(memories: &Memories, by: &Principal, args: Args) -> Result<Reply<Output>> {
        if !args.confirm {
            return Err(Error::invalid("Nothing was deleted. Ask the user to confirm, then call again with confirm: true."));
        }
        let deleted = memories.writer.delete(by, Selection { all: true, ..Selection::default() }).await?;
        Ok(Reply { text: "Successfully deleted all memories".to_owned(), data: Output { deleted: deleted.len() } })
    }
}
