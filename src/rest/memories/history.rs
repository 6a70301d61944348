//! `GET /memories/{memory_id}/history`.

use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    clock::Timestamp,
    error::Result,
    http::extract::{Caller, Json, Path},
    ids::MemoryId,
    memory::{Content, Metadata, Reader},
};

/// One step in the life of a memory.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct HistoryStep {
    /// The version that the step made.
    version: i64,
    /// `created`, `updated`, `state_changed`, `superseded`, `deleted` or `restored`.
    event: &'static str,
    /// The text after it.
    memory: String,
    /// The client's JSON object after it.
    #[schema(value_type = Object)]
    metadata: Metadata,
    /// The labels after it.
    tags: Vec<String>,
    /// The kind after it; this and the next two are null for steps that an older server wrote.
    memory_type: Option<&'static str>,
    /// The confidence after it.
    confidence: Option<f64>,
    /// Whether it was pinned after it.
    pinned: Option<bool>,
    /// Its end after it, RFC 3339.
    expires_at: Option<String>,
    /// The memory that took its place.
    superseded_by: Option<Uuid>,
    /// The state after it.
    state: &'static str,
    /// The app that did it.
    app_name: String,
    /// RFC 3339.
    changed_at: String,
}

/// The life of a memory.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct History {
    memory_id: Uuid,
    /// Oldest first.
    history: Vec<HistoryStep>,
}

/// See how a memory became what it is
#[utoipa::path(get, path = "/memories/{memory_id}/history", operation_id = "memoryHistory", tag = "memories",
    params(("memory_id" = Uuid, Path, description = "The memory")),
    responses((status = 200, description = "Its steps, oldest first", body = History)))]
pub(super) async fn memory_history(State(reader): State<Reader>, Caller(by): Caller, Path(id): Path<MemoryId>) -> Result<Json<History>> {
    let history = reader
        .history(&by, id)
        .await?
        .into_iter()
        .map(|step| {
            let Content { text, metadata, tags, memory_type, confidence, pinned, expires_at } = step.content;
            HistoryStep {
                version: step.version,
                event: step.event.as_str(),
                memory: text,
                metadata,
                tags,
                memory_type: step.is_whole.then(|| memory_type.as_str()),
                confidence: step.is_whole.then_some(confidence),
                pinned: step.is_whole.then_some(pinned),
                expires_at: expires_at.map(Timestamp::rfc3339),
                superseded_by: step.superseded_by.map(|id| id.0),
                state: step.state.as_str(),
                app_name: step.app_name,
                changed_at: step.changed_at.rfc3339(),
            }
        })
        .collect();
    Ok(Json(History { memory_id: id.0, history }))
}
