//! `keep` of one memory and of many.

use axum::{extract::State, response::Response};

use super::actions::{IdsIn, RestoredOut};
use crate::{
    error::Result,
    http::extract::{Caller, Json, Path},
    ids::MemoryId,
    memory::Reviews,
    rest::wire::{MemoryOut, answer},
};

/// Keep memories that the write gate holds back
///
/// They are active and found from now on.
#[utoipa::path(post, path = "/memories/actions/keep", operation_id = "keepMemories", tag = "memories", request_body = IdsIn,
    responses((status = 200, description = "What is kept now", body = RestoredOut)))]
pub(super) async fn keep_memories(
    State(reviews): State<Reviews>,
    Caller(by): Caller,
    Json(body): Json<IdsIn>,
) -> Result<Json<RestoredOut>> {
    Ok(Json(RestoredOut::of("kept", reviews.keep(&by, body.ids()).await?)))
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
