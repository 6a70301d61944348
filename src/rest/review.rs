//! `/review`: what a person should look at, and what they decide.

use axum::extract::State;
use serde::{Deserialize, Serialize, de::IgnoredAny};
use std::collections::BTreeMap;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;

use super::{RestParts, wire::MemoryOut};
use crate::{
    error::Result,
    http::extract::{Caller, Json, Path, Query},
    ids::MemoryId,
    memory::{ReviewDecision, ReviewEntry, ReviewKind, ReviewPage, Reviews, why_review},
};

/// Entries of a part where none are asked for.
const PART: u32 = 50;

pub(super) fn routes() -> OpenApiRouter<RestParts> {
    super::route_table! {
        list_reviews;
        decide_review;
        undo_review;
    }
}

/// Which part of the queue.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct ReviewParams {
    /// `held`, `inferred`, `flagged`, `alike` or `contradicts`; all when absent.
    kind: Option<String>,
    /// Where the part before this one ended.
    #[param(value_type = Option<String>)]
    cursor: Option<MemoryId>,
    /// 1 to 200; 50 when absent.
    limit: Option<u32>,
}

/// A memory that a person should look at.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ReviewEntry)]
pub(super) struct EntryOut {
    memory: MemoryOut,
    /// Why it is here: `held`, `inferred`, `flagged`, `alike`, `contradicts`.
    kinds: Vec<&'static str>,
    /// The same in words, after "it stands here because".
    why: String,
    /// The memory that it is like, or contrary to.
    #[serde(skip_serializing_if = "Option::is_none")]
    other: Option<MemoryOut>,
}

impl From<ReviewEntry> for EntryOut {
    fn from(entry: ReviewEntry) -> Self {
        let why = why_review(&entry);
        Self {
            why,
            kinds: entry.kinds.iter().map(|kind| kind.as_str()).collect(),
            memory: MemoryOut::listed(entry.memory),
            other: entry.other.map(MemoryOut::listed),
        }
    }
}

/// Part of the queue, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ReviewOut {
    items: Vec<EntryOut>,
    /// How many memories wait.
    total: i64,
    /// The same by kind; one memory may be of several.
    #[schema(value_type = std::collections::HashMap<String, i64>)]
    counts: BTreeMap<&'static str, i64>,
    /// Send it as `cursor` for the next part; null at the end.
    next_cursor: Option<String>,
}

/// See what should be looked at
///
/// What was held back, inferred, flagged, or is nearly the same as or contrary to another memory. With the setting `review`,
/// what was inferred (or everything that no person said in these words) waits here, hidden, until it is kept.
#[utoipa::path(get, path = "/review", operation_id = "listReviews", tag = "memories", params(ReviewParams),
    responses((status = 200, description = "Part of the queue", body = ReviewOut)))]
async fn list_reviews(State(reviews): State<Reviews>, Caller(by): Caller, Query(params): Query<ReviewParams>) -> Result<Json<ReviewOut>> {
    let kind: Option<ReviewKind> = params.kind.as_deref().filter(|kind| !kind.is_empty()).map(str::parse).transpose()?;
    let ReviewPage { entries, total, counts, next } = reviews.page(&by, kind, params.cursor, params.limit.unwrap_or(PART)).await?;
    Ok(Json(ReviewOut {
        items: entries.into_iter().map(Into::into).collect(),
        total,
        counts: counts.into_iter().map(|(kind, count)| (kind.as_str(), count)).collect(),
        next_cursor: next.map(|id| id.to_string()),
    }))
}

/// What is decided.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ReviewDecision)]
pub(super) struct DecisionIn {
    /// `keep`, `edit` (with `text`), `merge` (it takes the other one's place, with `text` where one is given) or `drop` (it is
    /// deleted, and no automatic writer brings it back).
    decision: String,
    /// The new text.
    #[serde(default)]
    text: Option<String>,
    #[serde(default, rename = "user_id")]
    #[schema(ignore)]
    _user_id: Option<IgnoredAny>,
}

/// Decide about a memory
#[utoipa::path(post, path = "/review/{memory_id}", operation_id = "decideReview", tag = "memories", request_body = DecisionIn,
    params(("memory_id" = Uuid, Path, description = "The memory")),
    responses((status = 200, description = "The memory as it is now", body = MemoryOut)))]
async fn decide_review(
    State(reviews): State<Reviews>,
    Caller(by): Caller,
    Path(id): Path<MemoryId>,
    Json(body): Json<DecisionIn>,
) -> Result<Json<MemoryOut>> {
    let decision: ReviewDecision = body.decision.parse()?;
    Ok(Json(MemoryOut::listed(reviews.decide(&by, id, decision, body.text).await?)))
}

/// Take a decision back
///
/// The memory, and the one that it was merged with, are again what they were, and it stands in the queue again.
#[utoipa::path(post, path = "/review/{memory_id}/undo", operation_id = "undoReview", tag = "memories",
    params(("memory_id" = Uuid, Path, description = "The memory")),
    responses((status = 200, description = "The memory as it is now", body = MemoryOut)))]
async fn undo_review(State(reviews): State<Reviews>, Caller(by): Caller, Path(id): Path<MemoryId>) -> Result<Json<MemoryOut>> {
    Ok(Json(MemoryOut::listed(reviews.undo_decision(&by, id).await?)))
}
