//! What happened to a memory.

use super::{Access, Content, Event, State};
use crate::{
    clock::Timestamp,
    ids::{AppId, MemoryId},
};

/// One step in the life of a memory.
#[derive(Debug, Clone, PartialEq)]
pub struct HistoryEntry {
    /// The version that the step made.
    pub version: i64,
    pub event: Event,
    /// What the memory held after it.
    pub content: Content,
    /// Whether all of that is known: older programs wrote down no kind, confidence, pin and end.
    pub is_whole: bool,
    /// The memory that took its place.
    pub superseded_by: Option<MemoryId>,
    pub state: State,
    /// The app that did it.
    pub app_name: String,
    pub changed_at: Timestamp,
}

/// Reads of a memory by one app within a few seconds.
#[derive(Debug, Clone, PartialEq)]
pub struct AccessEntry {
    pub id: i64,
    /// The memory that was read.
    pub memory: MemoryId,
    /// The app that read it.
    pub app: AppId,
    pub app_name: String,
    pub access: Access,
    /// The latest of them.
    pub accessed_at: Timestamp,
    pub count: i64,
}
