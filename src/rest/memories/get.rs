//! `GET /memories/{memory_id}`.

use axum::{extract::State, response::Response};

use crate::{
    error::Result,
    http::extract::{Caller, Path},
    ids::MemoryId,
    memory::Reader,
    rest::wire::{MemoryOut, answer},
};

/// Read a memory
#[utoipa::path(get, path = "/memories/{memory_id}", operation_id = "getMemory", tag = "memories",
    params(("memory_id" = Uuid, Path, description = "The memory")),
    responses((status = 200, description = "The memory; its version is in the ETag", body = MemoryOut)))]
pub(super) async fn get_memory(State(reader): State<Reader>, Caller(by): Caller, Path(id): Path<MemoryId>) -> Result<Response> {
    Ok(answer(reader.get(&by, id).await?))
}
