//! Plain types of the memory domain: no I/O, and nothing of the rooms around.

mod content;
mod embedding;
mod history;
mod limits;
mod memory;
mod page;
mod query;
mod words;
mod write;

pub(in crate::memory) use words::word_enum;
pub use {
    content::{Content, ContentChange, Metadata, Origin, Source},
    embedding::{EmbeddingModel, EmbeddingProgress, Indexing, Placement},
    history::{AccessEntry, HistoryEntry},
    limits::MemoryLimits,
    memory::{Actor, Memory, NewMemory, StoredMemory},
    page::{Cursor, Key, SortColumn},
    query::{Filter, Hit, LeftOut, ListQuery, Page, PageRequest, Scores, SearchAnswer, SearchQuery, Selection},
    words::{Access, Event, MemoryType, OperationState, ReviewKind, State},
    write::{AddEvent, Added, Gated, Guarded, Idempotency, Insert, Revision, Update, Updated, Voice},
};
