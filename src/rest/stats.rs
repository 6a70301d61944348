//! `/stats`: totals of the account.

use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use uuid::Uuid;

use super::{Emails, RestParts, apps::AppOut};
use crate::{
    auth::Scope,
    error::Result,
    http::extract::{Caller, Json},
    tenancy::{AppSort, TenancyService},
};

pub(super) fn routes() -> OpenApiRouter<RestParts> {
    super::route_table! { get_stats }
}

/// Totals of the account.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Stats {
    user_id: Uuid,
    email: Option<String>,
    /// Memories that are not deleted.
    total_memories: i64,
    total_apps: i64,
    apps: Vec<AppOut>,
}

/// Read totals
///
/// A credential bound to one project is told the memories of that project.
#[utoipa::path(get, path = "/stats/", operation_id = "getStats", tag = "stats",
    responses((status = 200, description = "Totals and apps", body = Stats)))]
async fn get_stats(State(tenancy): State<TenancyService>, State(emails): State<Emails>, Caller(by): Caller) -> Result<Json<Stats>> {
    by.require(Scope::MemoryRead)?;
    let totals = tenancy.stats(&by.scope).await?;
    let total_memories = match by.project {
        None => totals.total_memories,
        Some(bound) => tenancy.project(&by.scope, bound).await?.memory_count,
    };
    let apps = tenancy.apps(&by.scope, AppSort::Name, false).await?;
    Ok(Json(Stats {
        user_id: by.user.0,
        email: emails.of(&by.scope, by.user).await?,
        total_memories,
        total_apps: totals.total_apps,
        apps: apps.into_iter().map(AppOut::from).collect(),
    }))
}
