//! Search by meaning and words.

use axum::extract::State;
use std::collections::BTreeMap;
use utoipa::ToSchema;

use crate::rest::hits::HitOut;

use serde::{Deserialize, Serialize, de::IgnoredAny};

use crate::{
    clock::Period,
    error::Result,
    http::extract::{Caller, Json},
    ids::{AppId, ProjectId},
    memory::{Filter, Recall, SearchQuery},
    rest::common::{named_apps, or_default, words},
    tenancy::TenancyService,
};

/// Results where no limit is asked for.
const LIMIT: usize = 10;

/// A question, and conditions on its answers.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = MemorySearch)]
pub(super) struct SearchIn {
    /// A question or some words.
    #[schema(example = "What may Maria not eat?")]
    query: String,
    /// 1 to 100; 10 when absent.
    #[serde(default)]
    limit: Option<usize>,
    /// Leaves out results with a lower score, 0 to 1; 0 keeps all. When absent, what is not likely to help is left out.
    #[serde(default)]
    threshold: Option<f64>,
    /// Also what was left out for its score, as `nearest`.
    #[serde(default, deserialize_with = "or_default")]
    nearest: bool,
    /// In this project.
    #[serde(default)]
    #[schema(value_type = Option<Uuid>)]
    project_id: Option<ProjectId>,
    /// Written by one of these apps.
    #[serde(default)]
    #[schema(value_type = Option<Vec<Uuid>>)]
    app_ids: Option<Vec<AppId>>,
    /// Written by one of the apps of these names.
    #[serde(default)]
    apps: Option<Vec<String>>,
    /// With one of these tags; also taken as `categories`.
    #[serde(default, alias = "categories")]
    tags: Option<Vec<String>>,
    /// Of one of these kinds.
    #[serde(default)]
    memory_types: Option<Vec<String>>,
    /// In one of these states; active only when absent.
    #[serde(default)]
    states: Option<Vec<String>>,
    /// Of this conversation.
    #[serde(default)]
    session_id: Option<String>,
    /// Happened (or was added) at or after: RFC 3339, a date, month or year (its beginning, UTC), or seconds since 1970.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    from_date: Option<Period>,
    /// Happened (or was added) at or before; a date, month or year is included to its end.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    to_date: Option<Period>,
    /// What was known and held at this time (of a date: at its end), superseded memories included.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    as_of: Option<Period>,
    /// Also memories that have expired.
    #[serde(default, deserialize_with = "or_default")]
    show_expired: bool,
    #[serde(default, rename = "user_id")]
    #[schema(ignore)]
    _user_id: Option<IgnoredAny>,
}

/// The answer to a search.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SearchOut {
    /// Best first.
    results: Vec<HitOut>,
    /// Where it was asked for: what would have come next but for its score.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    nearest: Vec<HitOut>,
    /// True when only words could be searched, since embeddings are not to be had now.
    degraded: bool,
    /// Why there are fewer results than asked for: `nothing_relevant`, `less_relevant`, `empty_tenant`, `filtered`, `paused`, …
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'static str>,
    /// How many memories were left out, by reason.
    #[schema(value_type = std::collections::HashMap<String, usize>)]
    left_out: BTreeMap<&'static str, usize>,
}

/// Search memories
#[utoipa::path(post, path = "/memories/search", operation_id = "searchMemories", tag = "memories", request_body = SearchIn,
    responses((status = 200, description = "What answers the question, best first", body = SearchOut)))]
pub(super) async fn search_memories(
    State(recall): State<Recall>,
    State(tenancy): State<TenancyService>,
    Caller(by): Caller,
    Json(body): Json<SearchIn>,
) -> Result<Json<SearchOut>> {
    let mut apps = body.app_ids.unwrap_or_default();
    apps.extend(named_apps(&tenancy, &by, body.apps.unwrap_or_default()).await?);
    let query = SearchQuery {
        text: body.query,
        limit: body.limit.unwrap_or(LIMIT),
        threshold: body.threshold,
        nearest: body.nearest,
        filter: Filter {
            project: body.project_id,
            apps,
            tags: body.tags.unwrap_or_default(),
            types: words(body.memory_types.iter().flatten().map(String::as_str))?,
            states: words(body.states.iter().flatten().map(String::as_str))?,
            session_id: body.session_id,
            from: body.from_date.map(Period::first),
            to: body.to_date.map(Period::last),
            ahead: body.to_date.or(body.from_date).map_or(0, Period::ahead),
            as_of: body.as_of.map(Period::last),
            show_expired: body.show_expired,
        },
    };
    let answer = recall.search(&by, query).await?;
    Ok(Json(SearchOut {
        results: answer.hits.into_iter().map(HitOut::from).collect(),
        nearest: answer.nearest.into_iter().map(HitOut::from).collect(),
        degraded: answer.degraded,
        reason: answer.reason,
        left_out: answer.left_out,
    }))
}
