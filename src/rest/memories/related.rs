//! `GET /memories/{memory_id}/related`.

use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::{
    error::{Error, Result},
    http::extract::{Caller, Json, Path, Query},
    ids::MemoryId,
    memory::{Hit, Recall, Revisions},
    rest::{hits::HitOut, wire::MemoryOut},
};

/// Related memories where no limit is asked for: that of OpenMemory.
const RELATED: usize = 5;
/// Most related memories.
const MAX_RELATED: usize = 50;

/// How many related memories.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct RelatedParams {
    /// 1 to 50; 5 when absent.
    limit: Option<usize>,
}

/// A memory that belongs to another one.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct RelatedMemory {
    /// True when somebody linked the two, false when they are alike.
    linked: bool,
    #[serde(flatten)]
    memory: MemoryOut,
}

/// Memories that belong to another one, as a page that is never followed by a second.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Related {
    /// Those that are linked with it, the newest link first; then those that are like it, most alike first.
    items: Vec<RelatedMemory>,
    /// Those that are like it, with their scores.
    results: Vec<HitOut>,
    total: usize,
    page: u32,
    size: usize,
    pages: u32,
}

/// Find memories that belong to this one
///
/// First those that are linked with it, then those that are like it.
#[utoipa::path(get, path = "/memories/{memory_id}/related", operation_id = "relatedMemories", tag = "memories",
    params(("memory_id" = Uuid, Path, description = "The memory"), RelatedParams),
    responses((status = 200, description = "Linked ones first, then most alike first", body = Related)))]
pub(super) async fn related_memories(
    State(revisions): State<Revisions>,
    State(recall): State<Recall>,
    Caller(by): Caller,
    Path(id): Path<MemoryId>,
    Query(params): Query<RelatedParams>,
) -> Result<Json<Related>> {
    let size = params.limit.unwrap_or(RELATED);
    if !(1..=MAX_RELATED).contains(&size) {
        return Err(Error::invalid(format!("limit must be 1 to {MAX_RELATED}.")));
    }
    let linked = revisions.linked(&by, id, u32::try_from(size).unwrap_or(u32::MAX)).await?;
    let mut hits: Vec<Hit> = recall.related(&by, id, size).await?;
    hits.retain(|hit| linked.iter().all(|memory| memory.id != hit.memory.id));
    hits.truncate(size - linked.len());
    let related = |linked| move |memory| RelatedMemory { linked, memory: MemoryOut::listed(memory) };
    let mut items: Vec<_> = linked.into_iter().map(related(true)).collect();
    items.extend(hits.iter().map(|hit| hit.memory.clone()).map(related(false)));
    Ok(Json(Related { total: items.len(), page: 1, size, pages: 1, results: hits.into_iter().map(HitOut::from).collect(), items }))
}
