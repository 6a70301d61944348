//! `/apps`: the client programs of the tenant, what they wrote and read, and pausing them.

use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use uuid::Uuid;

use super::{
    RestParts,
    common::{descending, manages_tenant, page_and_size, slice},
    wire::{AppMemory, MemoryOut},
};
use crate::{
    auth::Scope,
    clock::Timestamp,
    error::{Error, Result},
    http::extract::{Caller, Json, Path, Query},
    ids::AppId,
    memory::{Filter, ListQuery, PageRequest, Reader, SortColumn, State as MemoryState},
    tenancy::{AppSort, AppStats, TenancyService},
};

pub(super) fn routes() -> OpenApiRouter<RestParts> {
    super::route_table! {
        list_apps;
        get_app, update_app;
        app_memories;
        app_accessed;
    }
}

/// An app.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = App)]
pub(super) struct AppOut {
    id: Uuid,
    /// The `{client}` of its personal URL.
    name: String,
    /// False while paused: its calls are refused.
    is_active: bool,
    /// Memories that it wrote and that are not deleted.
    total_memories_created: i64,
    /// Memories returned to it, counted each time.
    total_memories_accessed: i64,
    /// RFC 3339; null while it has read nothing.
    first_accessed: Option<String>,
    /// RFC 3339; null while it has read nothing.
    last_accessed: Option<String>,
    /// RFC 3339.
    created_at: String,
}

impl From<AppStats> for AppOut {
    fn from(stats: AppStats) -> Self {
        Self {
            id: stats.app.id.0,
            name: stats.app.name,
            is_active: stats.app.is_active,
            total_memories_created: stats.memories_created,
            total_memories_accessed: stats.memories_accessed,
            first_accessed: stats.first_accessed.map(Timestamp::rfc3339),
            last_accessed: stats.last_accessed.map(Timestamp::rfc3339),
            created_at: stats.app.created_at.rfc3339(),
        }
    }
}

/// Part of the list of apps.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct AppPage {
    total: usize,
    page: u32,
    page_size: u32,
    apps: Vec<AppOut>,
}

/// Conditions, order and paging of the list of apps.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct AppParams {
    /// Part of the name, in any case.
    name: Option<String>,
    /// Only active, or only paused ones.
    is_active: Option<bool>,
    /// `name`, `memories` or `memories_accessed`.
    sort_by: Option<String>,
    /// `asc` or `desc`.
    sort_direction: Option<String>,
    /// From 1.
    page: Option<u32>,
    /// 1 to 100; 10 when absent.
    page_size: Option<u32>,
}

/// List apps
#[utoipa::path(get, path = "/apps/", operation_id = "listApps", tag = "apps", params(AppParams),
    responses((status = 200, description = "Part of the list", body = AppPage)))]
async fn list_apps(State(tenancy): State<TenancyService>, Caller(by): Caller, Query(params): Query<AppParams>) -> Result<Json<AppPage>> {
    by.require(Scope::MemoryRead)?;
    let (page, page_size) = page_and_size(params.page, params.page_size)?;
    let sort = match params.sort_by.as_deref() {
        None | Some("" | "name") => AppSort::Name,
        Some("memories") => AppSort::Memories,
        Some("memories_accessed") => AppSort::Accessed,
        Some(_) => return Err(Error::invalid("sort_by must be 'name', 'memories' or 'memories_accessed'.")),
    };
    let mut apps = tenancy.apps(&by.scope, by.project, sort, descending(params.sort_direction.as_deref(), false)?).await?;
    let part = params.name.unwrap_or_default().to_lowercase();
    apps.retain(|a| a.app.name.to_lowercase().contains(&part) && params.is_active.is_none_or(|active| a.app.is_active == active));
    Ok(Json(AppPage { total: apps.len(), page, page_size, apps: slice(apps, page, page_size).map(AppOut::from).collect() }))
}

/// Read an app
#[utoipa::path(get, path = "/apps/{app_id}", operation_id = "getApp", tag = "apps",
    params(("app_id" = Uuid, Path, description = "The app")),
    responses((status = 200, description = "The app with its counts", body = AppOut)))]
async fn get_app(State(tenancy): State<TenancyService>, Caller(by): Caller, Path(id): Path<AppId>) -> Result<Json<AppOut>> {
    by.require(Scope::MemoryRead)?;
    Ok(Json(tenancy.app_stats(&by.scope, by.project, id).await?.into()))
}

/// Whether the app may act.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct AppChange {
    /// False pauses, true resumes.
    is_active: bool,
}

/// What was done.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct AppChanged {
    status: &'static str,
    message: &'static str,
}

/// Pause or resume an app
///
/// The calls of a paused app are refused, whatever credential they come with.
#[utoipa::path(put, path = "/apps/{app_id}", operation_id = "updateApp", tag = "apps",
    params(("app_id" = Uuid, Path, description = "The app"), AppChange),
    responses((status = 200, description = "Done", body = AppChanged)))]
async fn update_app(
    State(tenancy): State<TenancyService>,
    Caller(by): Caller,
    Path(id): Path<AppId>,
    Query(change): Query<AppChange>,
) -> Result<Json<AppChanged>> {
    manages_tenant(&by)?;
    tenancy.set_app_active(&by.scope, by.doer(), id, change.is_active).await?;
    Ok(Json(AppChanged { status: "success", message: "Updated app details successfully" }))
}

/// Page numbers.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct PageParams {
    /// From 1.
    page: Option<u32>,
    /// 1 to 100; 10 when absent.
    page_size: Option<u32>,
}

/// Part of what an app wrote.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct AppMemories {
    total: i64,
    page: u32,
    page_size: u32,
    /// Newest first.
    memories: Vec<MemoryOut>,
}

/// List what an app wrote
#[utoipa::path(get, path = "/apps/{app_id}/memories", operation_id = "appMemories", tag = "apps",
    params(("app_id" = Uuid, Path, description = "The app"), PageParams),
    responses((status = 200, description = "Part of what it wrote, newest first", body = AppMemories)))]
async fn app_memories(
    State(reader): State<Reader>,
    State(tenancy): State<TenancyService>,
    Caller(by): Caller,
    Path(id): Path<AppId>,
    Query(params): Query<PageParams>,
) -> Result<Json<AppMemories>> {
    by.require(Scope::MemoryRead)?;
    let (page, page_size) = page_and_size(params.page, params.page_size)?;
    tenancy.app_stats(&by.scope, by.project, id).await?;
    let query = ListQuery {
        filter: Filter {
            apps: vec![id],
            states: vec![MemoryState::Active, MemoryState::Paused, MemoryState::Archived],
            ..Filter::default()
        },
        contains: None,
        sort: SortColumn::CreatedAt,
        descending: true,
        page: PageRequest::Number { page, size: page_size },
    };
    let found = reader.list(&by, query).await?;
    let memories = found.items.into_iter().map(MemoryOut::listed).collect();
    Ok(Json(AppMemories { total: found.total, page, page_size, memories }))
}

/// Part of what an app read.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct AppAccessed {
    total: i64,
    page: u32,
    page_size: u32,
    /// Most read first.
    memories: Vec<AppMemory>,
}

/// List what an app read
#[utoipa::path(get, path = "/apps/{app_id}/accessed", operation_id = "appAccessed", tag = "apps",
    params(("app_id" = Uuid, Path, description = "The app"), PageParams),
    responses((status = 200, description = "Part of what it read, most read first", body = AppAccessed)))]
async fn app_accessed(
    State(reader): State<Reader>,
    Caller(by): Caller,
    Path(id): Path<AppId>,
    Query(params): Query<PageParams>,
) -> Result<Json<AppAccessed>> {
    let (page, page_size) = page_and_size(params.page, params.page_size)?;
    let (items, total) = reader.accessed_by(&by, id, page, page_size).await?;
    let memories = items.into_iter().map(|(memory, access_count)| AppMemory { memory: MemoryOut::listed(memory), access_count }).collect();
    Ok(Json(AppAccessed { total, page, page_size, memories }))
}
