//! `GET /memories/{memory_id}/alike`.

use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    error::Result,
    http::extract::{Caller, Json, Path},
    ids::MemoryId,
    memory::Recall,
    rest::wire::MemoryOut,
};

/// Memories that tell the same fact.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct AlikeOut {
    /// Newest first; this one is left out.
    items: Vec<MemoryOut>,
}

/// Open what is folded under a memory
///
/// Searches, contexts and lists show the newest of the memories that tell one fact in one dress or another; these are the others.
#[utoipa::path(get, path = "/memories/{memory_id}/alike", operation_id = "alikeMemories", tag = "memories",
    params(("memory_id" = Uuid, Path, description = "The memory")),
    responses((status = 200, description = "Newest first", body = AlikeOut)))]
pub(super) async fn alike_memories(State(recall): State<Recall>, Caller(by): Caller, Path(id): Path<MemoryId>) -> Result<Json<AlikeOut>> {
    let alike = recall.alike(&by, id).await?;
    Ok(Json(AlikeOut { items: alike.into_iter().map(MemoryOut::listed).collect() }))
}
