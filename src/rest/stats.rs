//! `/stats`: totals of the account, and what was done on each day.

use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use uuid::Uuid;

use super::{Emails, RestParts, apps::AppOut};
use crate::{
    auth::Scope,
    clock::Timestamp,
    error::Result,
    http::extract::{Caller, Json, Query},
    live::LiveService,
    memory::Embeddings,
    tenancy::{AppSort, TenancyService},
};

pub(super) fn routes() -> OpenApiRouter<RestParts> {
    super::route_table! {
        get_stats;
        get_activity;
        get_embedding_progress;
    }
}

/// Totals of the account.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Stats {
    user_id: Uuid,
    /// Null for a credential that opens one project.
    email: Option<String>,
    /// Memories that are not deleted.
    total_memories: i64,
    total_apps: i64,
    apps: Vec<AppOut>,
}

/// Read totals
///
/// A credential bound to one project is told the memories of that project and what apps did in it, and no e-mail address.
#[utoipa::path(get, path = "/stats/", operation_id = "getStats", tag = "stats",
    responses((status = 200, description = "Totals and apps", body = Stats)))]
async fn get_stats(State(tenancy): State<TenancyService>, State(emails): State<Emails>, Caller(by): Caller) -> Result<Json<Stats>> {
    by.require(Scope::MemoryRead)?;
    let total_memories = match by.project {
        None => tenancy.stats(&by.scope).await?.total_memories,
        Some(bound) => tenancy.project(&by.scope, bound).await?.memory_count,
    };
    let apps = tenancy.apps(&by.scope, by.project, AppSort::Name, false).await?;
    Ok(Json(Stats {
        user_id: by.user.0,
        email: emails.of(&by).await?,
        total_memories,
        total_apps: i64::try_from(apps.len()).unwrap_or(i64::MAX),
        apps: apps.into_iter().map(AppOut::from).collect(),
    }))
}

/// How far the account's move to the server's embedding model is.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct EmbeddingProgress {
    /// The model that searches use.
    reads: String,
    /// The server's model; new memories are embedded by it.
    current: String,
    /// Memories that are not deleted.
    memories: i64,
    /// Those that have a vector of the server's model.
    embedded: i64,
    /// Whether searches still use another model.
    moving: bool,
}

/// Read the state of the embeddings
///
/// When the server is given another embedding model, each account is searched by the old vectors until all of its memories
/// have new ones.
#[utoipa::path(get, path = "/stats/embedding", operation_id = "getEmbeddingProgress", tag = "stats",
    responses((status = 200, description = "Models and counts", body = EmbeddingProgress)))]
async fn get_embedding_progress(State(embeddings): State<Embeddings>, Caller(by): Caller) -> Result<Json<EmbeddingProgress>> {
    let progress = embeddings.progress(&by).await?;
    Ok(Json(EmbeddingProgress {
        moving: progress.reads != progress.current,
        reads: progress.reads,
        current: progress.current,
        memories: progress.memories,
        embedded: progress.embedded,
    }))
}

/// How far back.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct ActivityParams {
    /// 1 to 366; 30 when absent. The last one is today.
    days: Option<u32>,
}

/// What one app did on one day.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ActivityDay {
    /// In UTC.
    #[schema(example = "2026-05-08")]
    date: String,
    /// `created`, `updated`, `state_changed`, `deleted`; or `search`, `context`, `list`, `get`, `inspect` for memories
    /// that were read.
    operation: String,
    /// The app.
    app: String,
    /// How many memories it concerned.
    count: i64,
}

/// Memories of one kind.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ActivityType {
    memory_type: String,
    /// Memories that are not deleted.
    count: i64,
}

/// What was done, and what there is.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ActivityOut {
    /// By day, operation and app, oldest day first; what did not happen is left out.
    activity: Vec<ActivityDay>,
    /// Most frequent first.
    types: Vec<ActivityType>,
}

/// See what was done on each day
#[utoipa::path(get, path = "/stats/activity", operation_id = "getActivity", tag = "stats", params(ActivityParams),
    responses((status = 200, description = "By day, operation and app", body = ActivityOut)))]
async fn get_activity(
    State(live): State<LiveService>,
    Caller(by): Caller,
    Query(params): Query<ActivityParams>,
) -> Result<Json<ActivityOut>> {
    const DAY: i64 = 86_400;
    let mut found = live.activity(&by, params.days.unwrap_or(30)).await?;
    found.days.sort_by(|a, b| (a.day, &a.app, &a.operation).cmp(&(b.day, &b.app, &b.operation)));
    let day = |day: crate::live::Day| ActivityDay {
        date: Timestamp::from_secs(day.day * DAY).rfc3339().chars().take(10).collect(),
        operation: day.operation,
        app: day.app,
        count: day.count,
    };
    Ok(Json(ActivityOut {
        activity: found.days.into_iter().map(day).collect(),
        types: found.types.into_iter().map(|t| ActivityType { memory_type: t.memory_type, count: t.count }).collect(),
    }))
}
