//! `/memories/{memory_id}/links`.

use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    error::Result,
    http::extract::{Caller, Json, Path},
    ids::MemoryId,
    memory::Revisions,
};

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
