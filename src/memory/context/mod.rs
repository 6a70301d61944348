//! Context in one call: who the user is, what happened of late, and what bears on the question, packed into a number of
//! tokens, for clients that ask at the start of a session or with each message instead of waiting for their model to.
//!
//! `candidates` picks from the tenant's working set, a search finds what bears on the question, `pack` fits both into the
//! budget without repeats, `fence` writes it as data with its provenance, and `tokens` counts.

mod candidates;
mod fence;
mod pack;
mod tokens;

pub use {fence::line, tokens::tokens};

use super::{
    model::{Access, Filter, LeftOut, Memory, SearchQuery},
    recall::Recall,
};
use crate::{
    auth::{Principal, Scope},
    error::{Error, Result},
    ids::ProjectId,
    plans::Meter,
};

/// The budget where none is given.
pub const TOKENS: usize = 1_000;
/// The budgets that may be asked for.
const BUDGETS: std::ops::RangeInclusive<usize> = 100..=16_000;
/// What a short memory takes, in tokens: more candidates than would fit of these are not looked at.
const SHORT: usize = 16;

/// The whole words of a question that fit into so many bytes.
fn beginning(query: &str, bytes: usize) -> &str {
    if query.len() <= bytes {
        return query;
    }
    let cut = &query[..query.floor_char_boundary(bytes)];
    cut.rsplit_once(char::is_whitespace).map_or(cut, |(whole, _)| whole)
}

/// What a context is wanted for.
#[derive(Debug, Clone)]
pub struct ContextQuery {
    /// What is being asked or talked about; longer ones are cut. Without it there is no relevant part.
    pub query: Option<String>,
    /// Size of the text at most.
    pub tokens: usize,
    pub project: Option<ProjectId>,
    /// The conversation: its working memories are let in, and come first among the recent ones.
    pub session_id: Option<String>,
}

impl Default for ContextQuery {
    fn default() -> Self {
        Self { query: None, tokens: TOKENS, project: None, session_id: None }
    }
}

/// Why a memory is in a context.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// Pinned, or a fact or skill that is strong and much used.
    Profile,
    /// Added of late, or the latest things that happened.
    Recent,
    /// An answer to the query.
    Relevant,
}

impl Part {
    /// The wire name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Profile => "profile",
            Self::Recent => "recent",
            Self::Relevant => "relevant",
        }
    }
}

/// A memory in a context.
#[derive(Debug, Clone)]
pub struct Placed {
    pub memory: Memory,
    pub part: Part,
    /// Whether only a part of its text fitted: the one that answers, or the beginning.
    pub shortened: bool,
}

/// What a client's model is given.
#[derive(Debug, Clone)]
pub struct Context {
    /// The memories in a data fence; empty where there are none.
    pub text: String,
    /// Its size, estimated to be no less than what a tokenizer makes of ordinary text.
    pub tokens: usize,
    /// The memories in the order of the text.
    pub memories: Vec<Placed>,
    /// How many candidates are not in it: `no_room`, or `repeated` where another says the same.
    pub left_out: LeftOut,
    /// True when only words could be searched.
    pub degraded: bool,
}

/// Puts contexts together; cheap to clone.
#[derive(Clone)]
pub struct Contexts {
    recall: Recall,
}

impl Contexts {
    /// Of what is recalled.
    #[must_use]
    pub const fn new(recall: Recall) -> Self {
        Self { recall }
    }

    /// What a model should know before it answers.
    ///
    /// # Errors
    /// `insufficient_scope`, `app_paused`, `invalid_argument`, `not_found` (project), `unavailable`.
    pub async fn build(&self, by: &Principal, asked: ContextQuery) -> Result<Context> {
        let recall = &self.recall;
        by.require(Scope::MemoryRead)?;
        if !BUDGETS.contains(&asked.tokens) {
            return Err(Error::invalid(format!("tokens must be {} to {}.", BUDGETS.start(), BUDGETS.end())));
        }
        let app = recall.reach.reader(by, Meter::Searches).await?;
        let filter = Filter { project: asked.project, ..Filter::default() };
        let project = recall.reach.readable_project(by, &filter).await?;
        let most = asked.tokens / SHORT;

        let query = asked.query.as_deref().map(str::trim).filter(|query| !query.is_empty());
        let (hits, degraded, sequence) = match query {
            None => (Vec::new(), false, recall.changes.sequence(&by.scope).await?),
            Some(query) => {
                let text = beginning(query, recall.limits.query_bytes).to_owned();
                let search = SearchQuery {
                    text,
                    limit: (most / 2).clamp(10, 100),
                    threshold: None,
                    nearest: false,
                    filter: Filter { project, ..filter },
                };
                let answer = recall.find(&by.scope, &search).await?;
                // The search has brought the set as far as SQL was when it began.
                (answer.hits, answer.degraded, 0)
            }
        };
        let (now, decay) = (recall.clock.now(), recall.decays(&by.scope).await);
        let set = recall.sets.at_least(&by.scope, sequence).await?;
        let from_set = candidates::Candidates { project, session: asked.session_id.as_deref(), now, decay, most };
        let (profile, recent) = from_set.of(&set);
        // A session's memories expire, and a search is not of one session.
        let relevant: Vec<_> = hits.iter().map(|hit| &hit.memory).filter(|memory| from_set.admits(memory)).collect();
        let parts = hits.iter().filter_map(|hit| Some((hit.memory.id, hit.part.as_deref()?))).collect();
        let context = pack::pack(asked.tokens, query.is_some(), (&relevant, &parts), &profile, &recent);
        drop(set);

        // What a hook puts into a conversation is what comes back from it.
        recall.served.note(&by.scope, app.id, context.memories.iter().map(|placed| placed.memory.id));
        recall.access.note(&by.scope, app.id, Access::Context, now, context.memories.iter().map(|placed| placed.memory.id));
        metrics::counter!("memory_operations_total", "operation" => "context").increment(1);
        if degraded {
            metrics::counter!("degraded_searches_total").increment(1);
        }
        Ok(Context { degraded, ..context })
    }
}
