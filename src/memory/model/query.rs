//! What is asked for, and what is answered.

use std::collections::BTreeMap;

use super::{Cursor, Memory, MemoryType, SortColumn, State};
use crate::{
    clock::Timestamp,
    ids::{AppId, MemoryId, ProjectId},
};

/// Conditions that a memory must meet; empty lists and `None` ask for nothing.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Filter {
    pub project: Option<ProjectId>,
    /// Written by one of these apps.
    pub apps: Vec<AppId>,
    /// With at least one of these tags.
    pub tags: Vec<String>,
    /// Of one of these types.
    pub types: Vec<MemoryType>,
    /// In one of these states; empty means active only.
    pub states: Vec<State>,
    pub session_id: Option<String>,
    /// Happened (or, where that is unknown, was added) at or after.
    pub from: Option<Timestamp>,
    /// Happened (or was added) at or before.
    pub to: Option<Timestamp>,
    /// Microseconds by which the reader's clock is ahead of UTC: what happened on a date, without a time, happened on that day of
    /// theirs.
    pub ahead: i64,
    /// What was known and held at this time, superseded memories included.
    pub as_of: Option<Timestamp>,
    /// Also those that are over.
    pub show_expired: bool,
}

impl Filter {
    /// Whether it asks for nothing, but perhaps for states.
    pub(in crate::memory) fn is_open(&self) -> bool {
        *self == Self { states: self.states.clone(), show_expired: self.show_expired, ..Self::default() }
    }

    /// The states that it asks for. What held at a past time is what holds still, and what has been superseded since.
    #[must_use]
    pub fn wanted_states(&self) -> &[State] {
        match (self.states.as_slice(), self.as_of) {
            ([], None) => &[State::Active],
            ([], Some(_)) => &[State::Active, State::Superseded],
            (asked, _) => asked,
        }
    }

    /// Whether a memory meets every condition but that on its state.
    pub(in crate::memory) fn admits(&self, memory: &Memory) -> bool {
        let when = memory.origin.occurred_at.map_or(memory.created_at, |at| at.on_a_calendar(self.ahead));
        self.project.is_none_or(|p| p == memory.project)
            && (self.apps.is_empty() || self.apps.contains(&memory.app))
            && (self.types.is_empty() || self.types.contains(&memory.content.memory_type))
            && (self.tags.is_empty() || self.tags.iter().any(|t| memory.content.tags.contains(t)))
            && self.session_id.as_ref().is_none_or(|s| Some(s) == memory.origin.session_id.as_ref())
            && self.from.is_none_or(|from| when >= from)
            && self.to.is_none_or(|to| when <= to)
            && self.as_of.is_none_or(|at| memory.held_at(at))
    }
}

/// What to search for.
#[derive(Debug, Clone)]
pub struct SearchQuery {
    pub text: String,
    /// How many results at most, `1..=100`.
    pub limit: usize,
    /// Hits with a lower score are left out; `0` keeps all, and without one what is not likely to help is left out.
    pub threshold: Option<f64>,
    /// Whether what was left out for its score is wanted apart, as far as `limit` goes.
    pub nearest: bool,
    pub filter: Filter,
}

/// The parts of a hit's score.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Scores {
    /// Raw cosine to the query in `-1..=1`; `None` while the memory has no embedding.
    pub dense: Option<f32>,
    /// Raw BM25; 0 where no word matches.
    pub lexical: f32,
    /// Both together in `0..=1`.
    pub fused: f32,
    /// What a date that the question names adds to the order.
    pub date: f32,
    /// What the memories around it in its session add.
    pub neighbours: f32,
    /// What the speaker whom the question names adds.
    pub speaker: f32,
    /// What feedback and trust make of it, `0.3..=1.5`: each halving takes as much from the order.
    pub quality: f32,
    /// The learned sum by which answers are ordered; means something between memories of one answer alone.
    pub order: f32,
    /// How likely it is that the memory bears on the question, `0..=1`: comparable between questions, accounts and models.
    pub score: f32,
}

/// One result of a search.
#[derive(Debug, Clone)]
pub struct Hit {
    /// The memory as of the newest change at the time of the search; counts of its reads may be old.
    pub memory: Memory,
    /// Why it stands where it stands.
    pub scores: Scores,
    /// Older memories that say the same in other dress, and stand under this one.
    pub alike: usize,
    /// The part of a long text that is nearest to the question.
    pub part: Option<String>,
}

/// What was left out of a search or list, by reason: `less_relevant`, `below_threshold`, `filtered`, `paused`, `archived`, ….
pub type LeftOut = BTreeMap<&'static str, usize>;

/// The answer to a search.
#[derive(Debug, Clone, Default)]
pub struct SearchAnswer {
    /// Best first.
    pub hits: Vec<Hit>,
    /// What would have come next but for its score, where it was asked for.
    pub nearest: Vec<Hit>,
    /// True when only the lexical leg could answer.
    pub degraded: bool,
    /// Why the answer is empty or short: `nothing_relevant`, `less_relevant`, `empty_tenant`, `filtered`, `paused`, …; `None` when it is full.
    pub reason: Option<&'static str>,
    /// How many memories were left out, by reason.
    pub left_out: LeftOut,
}

/// Which part of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PageRequest {
    /// OpenMemory's page numbers, from 1.
    Number {
        /// From 1.
        page: u32,
        /// Entries per page.
        size: u32,
    },
    /// The entries after a cursor that an earlier page returned.
    After {
        /// Where the earlier page ended; `None` for the first page.
        cursor: Option<Cursor>,
        /// Entries per page.
        size: u32,
    },
}

/// What to list.
#[derive(Debug, Clone)]
pub struct ListQuery {
    pub filter: Filter,
    /// Case-insensitive substring of the text.
    pub contains: Option<String>,
    /// Order; that of the cursor, where there is one.
    pub sort: SortColumn,
    pub descending: bool,
    pub page: PageRequest,
}

/// Part of a list.
#[derive(Debug, Clone)]
pub struct Page<T> {
    pub items: Vec<T>,
    /// How many match in all.
    pub total: i64,
    /// Where the next page starts; `None` at the end or for page numbers.
    pub next: Option<Cursor>,
}

/// Which memories an action works on.
#[derive(Debug, Clone, Default)]
pub struct Selection {
    pub ids: Vec<MemoryId>,
    /// …and all of this app…
    pub app: Option<AppId>,
    /// …and all with one of these tags…
    pub tags: Vec<String>,
    /// …or every memory that the caller may see.
    pub all: bool,
    pub project: Option<ProjectId>,
    /// Only those that are in one of these states; empty means any.
    pub from: Vec<State>,
}
