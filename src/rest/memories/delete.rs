//! `DELETE` of one memory, of many, of all.

use axum::extract::State;
use serde::{Deserialize, Serialize, de::IgnoredAny};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::{
    error::{Error, Result},
    http::extract::{Caller, Json, Path, Query},
    ids::MemoryId,
    memory::{Erasure, Selection, Writer},
};

/// Which memories to delete.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = MemoryDeletion)]
pub(super) struct DeleteIn {
    /// These; up to 1,000.
    #[serde(default)]
    #[schema(value_type = Option<Vec<Uuid>>)]
    memory_ids: Option<Vec<MemoryId>>,
    /// All of them; needs `confirm: true` and the scope `memory:delete_all`.
    #[serde(default)]
    all: Option<bool>,
    /// That all is meant.
    #[serde(default)]
    confirm: Option<bool>,
    /// Erase them at once, so that nothing can be restored; the same as `?permanent=true`.
    #[serde(default)]
    permanent: Option<bool>,
    #[serde(default, rename = "user_id")]
    #[schema(ignore)]
    _user_id: Option<IgnoredAny>,
}

/// What was deleted.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct DeletedOut {
    message: String,
    /// How many.
    deleted: usize,
    /// Which; ids that were not there are missing here.
    ids: Vec<Uuid>,
}

impl DeletedOut {
    pub(super) fn of(ids: &[MemoryId]) -> Self {
        let deleted = ids.len();
        Self { message: format!("Successfully deleted {deleted} memories"), deleted, ids: ids.iter().map(|id| id.0).collect() }
    }
}

/// How memories are deleted.
#[derive(Debug, Clone, Copy, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct HowToDelete {
    /// Erase at once, with history, vectors, links and access log, instead of keeping it for a restore; also what was deleted
    /// before.
    #[serde(default)]
    pub(super) permanent: bool,
}

/// Delete many memories, or all
///
/// They can be restored for a while (`limits.deleted_kept_days`), then they are erased.
#[utoipa::path(delete, path = "/memories/", operation_id = "deleteMemories", tag = "memories", request_body = DeleteIn, params(HowToDelete),
    responses((status = 200, description = "What is gone", body = DeletedOut)))]
pub(super) async fn delete_memories(
    State(erasure): State<Erasure>,
    State(writer): State<Writer>,
    Caller(by): Caller,
    Query(how): Query<HowToDelete>,
    Json(body): Json<DeleteIn>,
) -> Result<Json<DeletedOut>> {
    let ids = body.memory_ids.unwrap_or_default();
    let all = body.all == Some(true);
    if all && !ids.is_empty() {
        return Err(Error::invalid("Send either memory_ids or all, not both."));
    }
    if all && body.confirm != Some(true) {
        return Err(Error::invalid("Deleting all memories needs \"confirm\": true beside \"all\": true."));
    }
    let selection = Selection { ids, all, ..Selection::default() };
    let permanent = how.permanent || body.permanent == Some(true);
    let deleted = if permanent { erasure.erase_memories(&by, selection).await? } else { writer.delete(&by, selection).await? };
    Ok(Json(DeletedOut::of(&deleted)))
}

/// Delete a memory
///
/// It can be restored for a while (`limits.deleted_kept_days`), then it is erased.
#[utoipa::path(delete, path = "/memories/{memory_id}", operation_id = "deleteMemory", tag = "memories",
    params(("memory_id" = Uuid, Path, description = "The memory"), HowToDelete),
    responses((status = 200, description = "It is gone", body = DeletedOut)))]
pub(super) async fn delete_memory(
    State(erasure): State<Erasure>,
    State(writer): State<Writer>,
    Caller(by): Caller,
    Path(id): Path<MemoryId>,
    Query(how): Query<HowToDelete>,
) -> Result<Json<DeletedOut>> {
    let selection = Selection { ids: vec![id], ..Selection::default() };
    let deleted = if how.permanent { erasure.erase_memories(&by, selection).await? } else { writer.delete(&by, selection).await? };
    if deleted.is_empty() {
        return Err(Error::not_found("memory"));
    }
    Ok(Json(DeletedOut::of(&deleted)))
}
