//! What is known about memories: tags in use, who read one, its history, and others like it.

use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::model::{HitOut, MemoryOut};
use crate::{
    clock::Timestamp,
    error::{Error, Result},
    http::extract::{Caller, Json, Path, Query},
    ids::MemoryId,
    memory::{Hit, Metadata, Reader, Recall, Revisions},
    rest::common::page_and_size,
};

/// Related memories where no limit is asked for: that of OpenMemory.
const RELATED: usize = 5;
/// Most related memories.
const MAX_RELATED: usize = 50;

/// A tag as a category of OpenMemory.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Category {
    /// The same as the name.
    id: String,
    name: String,
    /// Always null: tags have no description.
    description: Option<String>,
    /// How many memories carry it.
    count: i64,
}

/// Tags in use.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Categories {
    categories: Vec<Category>,
    total: usize,
}

/// List tags in use
#[utoipa::path(get, path = "/memories/categories", operation_id = "listCategories", tag = "memories",
    responses((status = 200, description = "Every tag with its number of memories", body = Categories)))]
pub(super) async fn list_categories(State(reader): State<Reader>, Caller(by): Caller) -> Result<Json<Categories>> {
    let categories: Vec<Category> =
        reader.tags(&by).await?.into_iter().map(|(name, count)| Category { id: name.clone(), name, description: None, count }).collect();
    Ok(Json(Categories { total: categories.len(), categories }))
}

/// Page numbers.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct LogParams {
    /// From 1.
    page: Option<u32>,
    /// 1 to 100; 10 when absent.
    page_size: Option<u32>,
}

/// Reads of a memory by one app within a few seconds.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct AccessLogEntry {
    id: i64,
    memory_id: Uuid,
    app_id: Uuid,
    app_name: String,
    /// The latest of them, RFC 3339.
    accessed_at: String,
    /// `search`, `list`, `get`, `context` or `inspect`.
    access_type: &'static str,
    /// How many.
    count: i64,
    /// Always empty.
    #[schema(value_type = Object)]
    metadata_: serde_json::Map<String, serde_json::Value>,
}

/// Part of an access log.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct AccessLog {
    total: i64,
    page: u32,
    page_size: u32,
    /// Latest first.
    logs: Vec<AccessLogEntry>,
}

/// See who read a memory
#[utoipa::path(get, path = "/memories/{memory_id}/access-log", operation_id = "memoryAccessLog", tag = "memories",
    params(("memory_id" = Uuid, Path, description = "The memory"), LogParams),
    responses((status = 200, description = "Who read it, latest first", body = AccessLog)))]
pub(super) async fn memory_access_log(
    State(reader): State<Reader>,
    Caller(by): Caller,
    Path(id): Path<MemoryId>,
    Query(params): Query<LogParams>,
) -> Result<Json<AccessLog>> {
    let (page, page_size) = page_and_size(params.page, params.page_size)?;
    let (entries, total) = reader.access_log(&by, id, page, page_size).await?;
    let logs = entries
        .into_iter()
        .map(|e| AccessLogEntry {
            id: e.id,
            memory_id: e.memory.0,
            app_id: e.app.0,
            app_name: e.app_name,
            accessed_at: e.accessed_at.rfc3339(),
            access_type: e.access.as_str(),
            count: e.count,
            metadata_: serde_json::Map::new(),
        })
        .collect();
    Ok(Json(AccessLog { total, page, page_size, logs }))
}

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
        .map(|step| HistoryStep {
            version: step.version,
            event: step.event.as_str(),
            memory: step.content.text,
            metadata: step.content.metadata,
            tags: step.content.tags,
            memory_type: step.is_whole.then(|| step.content.memory_type.as_str()),
            confidence: step.is_whole.then_some(step.content.confidence),
            pinned: step.is_whole.then_some(step.content.pinned),
            expires_at: step.content.expires_at.map(Timestamp::rfc3339),
            superseded_by: step.superseded_by.map(|id| id.0),
            state: step.state.as_str(),
            app_name: step.app_name,
            changed_at: step.changed_at.rfc3339(),
        })
        .collect();
    Ok(Json(History { memory_id: id.0, history }))
}

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
