//! `search` and `fetch`: the two read-only tools that ChatGPT's connectors and deep research know by these names and shapes. Its
//! clients see them in place of `search_memory` and `get_memory`.

use rmcp::model::ToolAnnotations;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{MemoryTool, Reply, fenced, reads};
use crate::{
    auth::{Principal, Scope},
    error::{Error, Result},
    memory::{Filter, Memories, Memory, SearchQuery, shown},
};

/// Longest title, in characters.
const TITLE: usize = 80;
/// Hits of a search.
const HITS: usize = 10;

pub(super) struct Search;

#[derive(Deserialize, JsonSchema)]
pub(super) struct Query {
    query: String,
}

/// Hits, best first.
#[derive(Serialize, JsonSchema)]
pub(super) struct Results {
    results: Vec<Hit>,
}

#[derive(Serialize, JsonSchema)]
struct Hit {
    id: String,
    title: String,
    url: String,
}

pub(super) struct Fetch;

#[derive(Deserialize, JsonSchema)]
pub(super) struct Id {
    id: String,
}

/// One memory.
#[derive(Serialize, JsonSchema)]
pub(super) struct Document {
    id: String,
    title: String,
    text: String,
    url: String,
    metadata: About,
}

#[derive(Serialize, JsonSchema)]
struct About {
    created_at: String,
    app: String,
}

/// The beginning of a text, at a word.
fn title(memory: &Memory) -> String {
    let text = shown(&memory.content.text);
    let mut cut: String = text.chars().take(TITLE).collect();
    if cut.len() < text.len() {
        let word = cut.rfind(char::is_whitespace).filter(|at| *at > 0).unwrap_or(cut.len());
        cut.truncate(word);
        cut.push('…');
    }
    cut
}

fn url(memory: &Memory) -> String {
    format!("memory://{}", memory.id)
}

impl MemoryTool for Search {
    const NAME: &'static str = "search";
    const TITLE: &'static str = "Search";
    const DESCRIPTION: &'static str = "Call this every time the user asks anything, before you answer: it finds what is known about them.";
    const SCOPE: Scope = Scope::MemoryRead;
    type Args = Query;
    type Output = Results;

    fn annotations() -> ToolAnnotations {
        reads()
    }

    async fn run(memories: &Memories, by: &Principal, args: Query) -> Result<Reply<Results>> {
        let query = SearchQuery { text: args.query, limit: HITS, threshold: None, nearest: false, filter: Filter::default() };
        let hits = memories.recall.search(by, query).await?.hits;
        let hit = |memory: &Memory| Hit { id: memory.id.to_string(), title: title(memory), url: url(memory) };
        let output = Results { results: hits.iter().map(|found| hit(&found.memory)).collect() };
        Ok(Reply { text: fenced(&output)?, data: output })
    }
}

impl MemoryTool for Fetch {
    const NAME: &'static str = "fetch";
    const TITLE: &'static str = "Fetch";
    const DESCRIPTION: &'static str = "The whole text of a memory that search found.";
    const SCOPE: Scope = Scope::MemoryRead;
    type Args = Id;
    type Output = Document;

    fn annotations() -> ToolAnnotations {
        reads()
    }

    async fn run(memories: &Memories, by: &Principal, args: Id) -> Result<Reply<Document>> {
        let id = args.id.trim().trim_start_matches("memory://");
        let id = memories.reader.named(by, id).await?.ok_or_else(|| Error::not_found("memory"))?;
        let memory = memories.reader.get(by, id).await?;
        let about = About { created_at: memory.created_at.rfc3339(), app: memory.app_name.clone() };
        let output =
            Document { id: memory.id.to_string(), title: title(&memory), url: url(&memory), text: memory.content.text, metadata: about };
        Ok(Reply { text: fenced(&output)?, data: output })
    }
}
