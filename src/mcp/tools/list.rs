//! `list_memories`: pages through what is there, newest first.

use rmcp::model::{JsonObject, ToolAnnotations};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Detail, MemoryTool, NOTE, Reply, fenced, given, line, lines_under, reads};
use crate::{
    auth::{Principal, Scope},
    clock::Timestamp,
    error::{Error, Result},
    memory::{Filter, ListQuery, Memories, Memory, Metadata, PageRequest, SortColumn, folded},
};

const MAX: u32 = 200;

pub(super) struct ListMemories;

#[derive(Deserialize, JsonSchema)]
pub(super) struct Args {
    #[serde(default = "fifty")]
    #[schemars(range(min = 1, max = 200))]
    limit: u32,
    /// From the page before
    #[serde(default)]
    cursor: String,
    /// held: what waits
    #[serde(default)]
    state: String,
    /// short or full
    #[serde(default)]
    detail: String,
}

const fn fifty() -> u32 {
    50
}

/// A page of memories: in short a line each, else in full.
#[derive(Serialize, JsonSchema)]
pub(super) struct Output {
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Vec<String>")]
    lines: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Vec<JsonObject>")]
    memories: Option<Vec<Listed>>,
    total: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    next_cursor: Option<String>,
}

#[derive(Serialize)]
struct Listed {
    id: String,
    memory: String,
    metadata: Metadata,
    created_at: String,
    updated_at: String,
    user_id: String,
    app: String,
    tags: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    speaker: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    occurred_at: Option<String>,
    /// Why it is held back.
    #[serde(skip_serializing_if = "Option::is_none")]
    held_for: Option<String>,
    /// Others that say the same.
    #[serde(skip_serializing_if = "Option::is_none")]
    alike: Option<usize>,
}

impl From<(Memory, usize)> for Listed {
    fn from((memory, alike): (Memory, usize)) -> Self {
        Self {
            id: memory.id.to_string(),
            memory: memory.content.text,
            metadata: memory.content.metadata,
            created_at: memory.created_at.rfc3339(),
            updated_at: memory.updated_at.rfc3339(),
            user_id: memory.user.to_string(),
            app: memory.app_name,
            tags: memory.content.tags,
            speaker: memory.origin.speaker,
            occurred_at: memory.origin.occurred_at.map(Timestamp::rfc3339),
            held_for: memory.held_for,
            alike: Some(alike).filter(|alike| *alike > 0),
        }
    }
}

/// OpenMemory's text: a bare array of these, without the hash.
#[derive(Serialize)]
struct TextEntry<'a> {
    id: &'a str,
    memory: &'a str,
    metadata: &'a Metadata,
    created_at: &'a str,
    updated_at: &'a str,
    user_id: &'a str,
}

impl<'a> From<&'a Listed> for TextEntry<'a> {
    fn from(listed: &'a Listed) -> Self {
        let Listed { id, memory, metadata, created_at, updated_at, user_id, .. } = listed;
        Self { id, memory, metadata, created_at, updated_at, user_id }
    }
}

/// Why something is held is what a model needs to tell the user.
fn listed_line(memory: &Memory, alike: usize) -> String {
    let held = memory.held_for.as_ref().map(|why| format!(" (held: {why})")).unwrap_or_default();
    format!("{}{held}", line(memory, alike))
}

impl MemoryTool for ListMemories {
    const NAME: &'static str = "list_memories";
    const TITLE: &'static str = "List memories";
    const DESCRIPTION: &'static str = "List the user's memories, newest first. To answer a question use search_memory.";
    const SCOPE: Scope = Scope::MemoryRead;
    type Args = Args;
    type Output = Output;

    fn annotations() -> ToolAnnotations {
        reads()
    }

    async fn run(memories: &Memories, by: &Principal, args: Args) -> Result<Reply<Output>> {
        if !(1..=MAX).contains(&args.limit) {
            return Err(Error::invalid(format!("limit must be 1 to {MAX}.")));
        }
        let cursor = match args.cursor.trim() {
            "" => None,
            text => Some(text.parse()?),
        };
        let query = ListQuery {
            filter: Filter { states: given(args.state).map(|state| state.parse()).transpose()?.into_iter().collect(), ..Filter::default() },
            contains: None,
            sort: SortColumn::CreatedAt,
            descending: true,
            page: PageRequest::After { cursor, size: args.limit },
        };
        let page = memories.reader.list(by, query).await?;
        let (total, next_cursor) = (page.total, page.next.map(|cursor| cursor.to_string()));
        let memories = folded(page.items);
        if Detail::of(&args.detail)? == Detail::Short {
            let lines: Vec<_> = memories.iter().map(|(memory, alike)| listed_line(memory, *alike)).collect();
            let more = next_cursor.as_ref().map(|cursor| format!(", the next with cursor {cursor}")).unwrap_or_default();
            let text = lines_under(NOTE, &lines, Some(&format!("{total} in all{more}")));
            return Ok(Reply { text, data: Output { lines: Some(lines), memories: None, total, next_cursor } });
        }
        let memories: Vec<_> = memories.into_iter().map(Listed::from).collect();
        let entries: Vec<_> = memories.iter().map(TextEntry::from).collect();
        Ok(Reply { text: fenced(&entries)?, data: Output { lines: None, memories: Some(memories), total, next_cursor } })
    }
}
