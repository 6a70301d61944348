//! `restore` of one memory and of many.

use axum::{extract::State, response::Response};

use super::actions::{IdsIn, RestoredOut};
use crate::{
    error::Result,
    http::extract::{Caller, Json, Path},
    ids::MemoryId,
    memory::Revisions,
    rest::wire::{MemoryOut, answer},
};

/// Make memories seen again
///
/// Paused, archived and superseded ones become active; deleted ones come back in the state that they had.
#[utoipa::path(post, path = "/memories/actions/restore", operation_id = "restoreMemories", tag = "memories", request_body = IdsIn,
    responses((status = 200, description = "What came back", body = RestoredOut)))]
pub(super) async fn restore_memories(
    State(revisions): State<Revisions>,
    Caller(by): Caller,
    Json(body): Json<IdsIn>,
) -> Result<Json<RestoredOut>> {
    Ok(Json(RestoredOut::of("restored", revisions.restore(&by, body.ids()).await?)))
}

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
