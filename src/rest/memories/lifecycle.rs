//! What becomes of one memory later: back from the bin, back to an earlier version, linked with others.

use axum::{extract::State, response::Response};
use serde::{Deserialize, Serialize, de::IgnoredAny};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{model::MemoryOut, one::answer};
use crate::{
    error::Result,
    http::extract::{Caller, IfMatch, Json, Path},
    ids::MemoryId,
    memory::{Reviews, Revisions},
};

/// Make a memory seen again
///
/// A deleted one comes back in the state that it had, as long as it is kept (`limits.deleted_kept_days`); a paused, archived
/// or superseded one becomes active. 409 when another memory of the project has its text or key by now.
#[utoipa::path(post, path = "/memories/{memory_id}/restore", operation_id = "restoreMemory", tag = "memories",
    params(("memory_id" = Uuid, Path, description = "The memory")),
    responses((status = 200, description = "The memory as it is now", body = MemoryOut)))]
pub(super) async fn restore_memory(State(revisions): State<Revisions>, Caller(by): Caller, Path(id): Path<MemoryId>) -> Result<Response> {
    Ok(answer(revisions.restore_one(&by, id).await?))
}

/// Keep a memory that the write gate holds back
///
/// It is active and found from now on. One that is not held stays as it is.
#[utoipa::path(post, path = "/memories/{memory_id}/keep", operation_id = "keepMemory", tag = "memories",
    params(("memory_id" = Uuid, Path, description = "The memory")),
    responses((status = 200, description = "The memory as it is now", body = MemoryOut)))]
pub(super) async fn keep_memory(State(reviews): State<Reviews>, Caller(by): Caller, Path(id): Path<MemoryId>) -> Result<Response> {
    Ok(answer(reviews.keep_one(&by, id).await?))
}

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

/// Two memories.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct LinkOut {
    memory_id: Uuid,
    other_id: Uuid,
    /// Whether they are linked now.
    linked: bool,
}

/// Link two memories
///
/// Both lie in one project. A link has no direction; linking again changes nothing.
#[utoipa::path(post, path = "/memories/{memory_id}/links/{other_id}", operation_id = "linkMemories", tag = "memories",
    params(("memory_id" = Uuid, Path, description = "The memory"), ("other_id" = Uuid, Path, description = "The other memory")),
    responses((status = 200, description = "They are linked", body = LinkOut)))]
pub(super) async fn link_memories(
    State(revisions): State<Revisions>,
    Caller(by): Caller,
    Path((one, other)): Path<(MemoryId, MemoryId)>,
) -> Result<Json<LinkOut>> {
    revisions.link(&by, one, other).await?;
    Ok(Json(LinkOut { memory_id: one.0, other_id: other.0, linked: true }))
}

/// Take a link between two memories away
#[utoipa::path(delete, path = "/memories/{memory_id}/links/{other_id}", operation_id = "unlinkMemories", tag = "memories",
    params(("memory_id" = Uuid, Path, description = "The memory"), ("other_id" = Uuid, Path, description = "The other memory")),
    responses((status = 200, description = "They are linked no more", body = LinkOut)))]
pub(super) async fn unlink_memories(
    State(revisions): State<Revisions>,
    Caller(by): Caller,
    Path((one, other)): Path<(MemoryId, MemoryId)>,
) -> Result<Json<LinkOut>> {
    revisions.unlink(&by, one, other).await?;
    Ok(Json(LinkOut { memory_id: one.0, other_id: other.0, linked: false }))
}
