//! `POST /memories/{memory_id}/undo`.

use axum::{extract::State, response::Response};
use serde::{Deserialize, de::IgnoredAny};
use utoipa::ToSchema;

use crate::{
    error::Result,
    http::extract::{Caller, IfMatch, Json, Path},
    ids::MemoryId,
    memory::Revisions,
    rest::wire::{MemoryOut, answer},
};

/// How far to go back.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = MemoryUndo)]
pub(super) struct UndoIn {
    /// The version to bring back; the one before the last change when absent.
    #[serde(default)]
    version: Option<i64>,
    #[serde(default, rename = "user_id")]
    #[schema(ignore)]
    _user_id: Option<IgnoredAny>,
}

/// Undo the last change of a memory, or go back to an earlier version
///
/// Text, metadata, tags, kind, confidence, pin, end and state are again what they were, as a new version: undoing an undo
/// brings the change back. The memory that took its place stays; a deleted memory comes back.
#[utoipa::path(post, path = "/memories/{memory_id}/undo", operation_id = "undoMemory", tag = "memories", request_body = Option<UndoIn>,
    params(("memory_id" = Uuid, Path, description = "The memory"), ("If-Match" = Option<String>, Header, description = "ETag of the version to undo")),
    responses((status = 200, description = "The memory as it is now", body = MemoryOut)))]
pub(super) async fn undo_memory(
    State(revisions): State<Revisions>,
    Caller(by): Caller,
    Path(id): Path<MemoryId>,
    IfMatch(version): IfMatch,
    body: Option<Json<UndoIn>>,
) -> Result<Response> {
    let back_to = body.and_then(|Json(body)| body.version);
    Ok(answer(revisions.undo(&by, id, version, back_to).await?))
}
