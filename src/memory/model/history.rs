//! What happened to a memory.

use super::{Access, Event, MemoryType, Metadata, State};
use crate::{
    clock::Timestamp,
    ids::{AppId, MemoryId},
};

/// One step in the life of a memory.
#[derive(Debug, Clone, PartialEq)]
pub struct HistoryEntry {
    /// The version that the step made.
    pub version: i64,
    /// What happened.
    pub event: Event,
    /// Text after the step.
    pub text: String,
    /// The client's JSON object after it.
    pub metadata: Metadata,
    /// Labels after it.
    pub tags: Vec<String>,
    /// Kind after it; this and the next three are not known of steps that older programs wrote.
    pub memory_type: Option<MemoryType>,
    /// Confidence after it.
    pub confidence: Option<f64>,
    /// Whether it was pinned after it.
    pub pinned: Option<bool>,
    /// Its end after it.
    pub expires_at: Option<Timestamp>,
    /// The memory that took its place.
    pub superseded_by: Option<MemoryId>,
    /// State after the step.
    pub state: State,
    /// The app that did it.
    pub app_name: String,
    /// When.
    pub changed_at: Timestamp,
}

/// Reads of a memory by one app within a few seconds.
#[derive(Debug, Clone, PartialEq)]
pub struct AccessEntry {
    /// Identifier of the entry.
    pub id: i64,
    /// The memory that was read.
    pub memory: MemoryId,
    /// The app that read it.
    pub app: AppId,
    /// Its name.
    pub app_name: String,
    /// How.
    pub access: Access,
    /// The latest of them.
    pub accessed_at: Timestamp,
    /// How many.
    pub count: i64,
}
