//! `GET /memories/{memory_id}/access-log`.

use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::{
    error::Result,
    http::extract::{Caller, Json, Path, Query},
    ids::MemoryId,
    memory::Reader,
    rest::common::page_and_size,
};

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
