//! `/learning`: feedback, what was learned of it, what fades, and the ranking that a tenant's own ratings choose.

use axum::extract::State;
use serde::{Deserialize, Serialize, de::IgnoredAny};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use uuid::Uuid;

use super::{RestParts, added::AddedOut, common::manages_tenant, wire::MemoryOut};
use crate::{
    error::Result,
    http::extract::{Caller, Json, Path, Query},
    ids::{FeedbackId, MemoryId, ProjectId},
    memory::{
        LearnedWeights,
        learning::{Analytics, Fading, Feedback, Learning, LearningEvent},
    },
};

/// Entries of the list of what fades where no limit is asked for.
const FADING: usize = 20;

pub(super) fn routes() -> OpenApiRouter<RestParts> {
    super::route_table! {
        give_feedback;
        take_feedback_back;
        memory_feedback;
        learning_analytics;
        list_fading;
        get_policy, learn_policy;
    }
}

/// What a memory was worth.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Feedback)]
pub(super) struct FeedbackIn {
    #[schema(value_type = Uuid)]
    memory_id: MemoryId,
    /// `POSITIVE`, `NEGATIVE`, `NEUTRAL`, `CORRECTION` or `CONFIRMATION`, in any case; also taken as `feedback_type`.
    #[serde(alias = "feedback_type")]
    #[schema(example = "POSITIVE")]
    feedback: String,
    /// 0 to 1; 1 when absent.
    #[serde(default)]
    confidence: Option<f64>,
    /// What had been asked when the memory was returned. The policy learns from it.
    #[serde(default)]
    query: Option<String>,
    /// With `CORRECTION`: the right text. It becomes a memory that takes the old one's place.
    #[serde(default)]
    text: Option<String>,
    #[serde(default, rename = "user_id")]
    #[schema(ignore)]
    _user_id: Option<IgnoredAny>,
}

/// One entry of what was said of memories.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = LearningEvent)]
pub(super) struct EventOut {
    id: Uuid,
    memory_id: Uuid,
    /// `POSITIVE`, `NEGATIVE`, `NEUTRAL`, `CORRECTION` or `CONFIRMATION`.
    feedback: String,
    confidence: f64,
    strength_before: f64,
    strength_after: f64,
    /// What had been asked, where told.
    query: Option<String>,
    /// The entry that this one takes back.
    reverts: Option<Uuid>,
    /// The app that said it.
    app_name: String,
    /// RFC 3339.
    created_at: String,
}

impl From<LearningEvent> for EventOut {
    fn from(e: LearningEvent) -> Self {
        Self {
            id: e.id.0,
            memory_id: e.memory.0,
            feedback: e.kind.as_str().to_uppercase(),
            confidence: e.confidence,
            strength_before: e.strength_before,
            strength_after: e.strength_after,
            query: e.query,
            reverts: e.reverts.map(|id| id.0),
            app_name: e.app_name,
            created_at: e.created_at.rfc3339(),
        }
    }
}

/// What feedback did.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Learned)]
pub(super) struct LearnedOut {
    /// The entry that was made; `DELETE /learning/feedback/{id}` takes it back.
    #[serde(flatten)]
    event: EventOut,
    /// What became of the text that came with a correction.
    #[serde(skip_serializing_if = "Option::is_none")]
    replacement: Option<AddedOut>,
}

/// Say what a memory was worth
///
/// Moves the memory's strength by +0.1 (`POSITIVE`), -0.1 (`NEGATIVE`), 0 (`NEUTRAL`), +0.05 (`CORRECTION`) or +0.08
/// (`CONFIRMATION`), times the confidence, within 0 to 1. Its version stays: its content is as it was.
#[utoipa::path(post, path = "/learning/feedback", operation_id = "giveFeedback", tag = "learning", request_body = FeedbackIn,
    responses((status = 200, description = "The memory's strength before and after", body = LearnedOut)))]
async fn give_feedback(State(learning): State<Learning>, Caller(by): Caller, Json(body): Json<FeedbackIn>) -> Result<Json<LearnedOut>> {
    let feedback = Feedback {
        memory: body.memory_id,
        kind: body.feedback.trim().to_ascii_lowercase().parse()?,
        confidence: body.confidence.unwrap_or(1.0),
        query: body.query,
        text: body.text,
    };
    let learned = learning.give(&by, feedback).await?;
    Ok(Json(LearnedOut { event: learned.event.into(), replacement: learned.replacement.map(Into::into) }))
}

/// Take feedback back
///
/// The entry stays, and another one says that it no longer counts. A text that came with a correction stays too.
#[utoipa::path(delete, path = "/learning/feedback/{event_id}", operation_id = "takeFeedbackBack", tag = "learning",
    params(("event_id" = Uuid, Path, description = "The feedback")),
    responses((status = 200, description = "The entry that takes it back", body = EventOut)))]
async fn take_feedback_back(State(learning): State<Learning>, Caller(by): Caller, Path(id): Path<FeedbackId>) -> Result<Json<EventOut>> {
    Ok(Json(learning.take_back(&by, id).await?.into()))
}

/// What was said of a memory.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct FeedbackList {
    memory_id: Uuid,
    /// Oldest first.
    feedback: Vec<EventOut>,
}

/// See what was said of a memory
#[utoipa::path(get, path = "/memories/{memory_id}/feedback", operation_id = "memoryFeedback", tag = "learning",
    params(("memory_id" = Uuid, Path, description = "The memory")),
    responses((status = 200, description = "Every entry, oldest first", body = FeedbackList)))]
async fn memory_feedback(State(learning): State<Learning>, Caller(by): Caller, Path(id): Path<MemoryId>) -> Result<Json<FeedbackList>> {
    let events = learning.events(&by, id).await?;
    Ok(Json(FeedbackList { memory_id: id.0, feedback: events.into_iter().map(Into::into).collect() }))
}

/// Memories of one kind.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct TypeStatistics {
    memory_type: &'static str,
    count: i64,
    /// 0 to 1, without decay.
    avg_strength: f64,
    avg_access_count: f64,
    /// RFC 3339.
    first_memory: String,
    /// RFC 3339.
    last_memory: String,
}

/// Feedback of one kind.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct FeedbackStatistics {
    feedback_type: String,
    count: i64,
    avg_confidence: f64,
}

/// Feedback of one day.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct TrendDay {
    /// UTC, RFC 3339.
    date: String,
    events: i64,
    avg_confidence: f64,
}

/// What was learned in a project. Feedback that was taken back is not counted.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct AnalyticsOut {
    memory_statistics: Vec<TypeStatistics>,
    feedback_statistics: Vec<FeedbackStatistics>,
    /// The days of the last thirty that had feedback, oldest first.
    learning_trend: Vec<TrendDay>,
}

impl From<Analytics> for AnalyticsOut {
    fn from(a: Analytics) -> Self {
        let types = a.types.into_iter().map(|t| TypeStatistics {
            memory_type: t.memory_type.as_str(),
            count: t.count,
            avg_strength: t.mean_strength,
            avg_access_count: t.mean_access_count,
            first_memory: t.first.rfc3339(),
            last_memory: t.last.rfc3339(),
        });
        let feedback = a.feedback.into_iter().map(|f| FeedbackStatistics {
            feedback_type: f.kind.as_str().to_uppercase(),
            count: f.count,
            avg_confidence: f.mean_confidence,
        });
        let trend = a.trend.into_iter().map(|d| TrendDay { date: d.day.rfc3339(), events: d.events, avg_confidence: d.mean_confidence });
        Self { memory_statistics: types.collect(), feedback_statistics: feedback.collect(), learning_trend: trend.collect() }
    }
}

/// See what was learned in a project
#[utoipa::path(get, path = "/learning/analytics/{project_id}", operation_id = "learningAnalytics", tag = "learning",
    params(("project_id" = Uuid, Path, description = "The project")),
    responses((status = 200, description = "Memories by kind, feedback by kind, and the trend of thirty days", body = AnalyticsOut)))]
async fn learning_analytics(
    State(learning): State<Learning>,
    Caller(by): Caller,
    Path(project): Path<ProjectId>,
) -> Result<Json<AnalyticsOut>> {
    Ok(Json(learning.analytics(&by, project).await?.into()))
}

/// How many entries.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct FadingParams {
    /// 1 to 100; 20 when absent.
    limit: Option<usize>,
}

/// A memory that has lost strength by not being used.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct FadingOut {
    memory: MemoryOut,
    /// What it would be without time, use counted, 0 to 1.
    strength: f64,
    /// What is left of it, 0 to 1; never below 0.1 unless feedback has brought it there.
    effective_strength: f64,
}

impl From<Fading> for FadingOut {
    fn from(f: Fading) -> Self {
        Self { memory: MemoryOut::listed(f.memory), strength: f.full, effective_strength: f.left }
    }
}

/// What fades.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct FadingList {
    /// Whether the account's memories fade. While they do not, this is what would happen.
    decay: bool,
    /// What has lost most first.
    fading: Vec<FadingOut>,
}

/// See what would be forgotten
///
/// With decay on, what lies above a tenth of the range halves with each 90 days (episodic), 180 (associative), 365 (semantic)
/// or one day (working) without use; procedural and pinned memories do not fade. It weakens a memory's rank; nothing is
/// deleted. This list is no use of the memories in it.
#[utoipa::path(get, path = "/learning/fading", operation_id = "listFading", tag = "learning", params(FadingParams),
    responses((status = 200, description = "What has lost most strength first", body = FadingList)))]
async fn list_fading(State(learning): State<Learning>, Caller(by): Caller, Query(params): Query<FadingParams>) -> Result<Json<FadingList>> {
    let (decay, fading) = learning.fading(&by, params.limit.unwrap_or(FADING)).await?;
    Ok(Json(FadingList { decay, fading: fading.into_iter().map(Into::into).collect() }))
}

/// How searches weigh meaning against words, as the account's own rated queries have it.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct PolicyOut {
    /// Mean nDCG@10 of the rated queries with the fixed weight; null before the first replay.
    fixed: Option<f64>,
    /// Mean nDCG@10 of the learned weight on queries that it was not chosen on.
    learned: Option<f64>,
    /// The weight of meaning that did best on all of them, 0 to 1.
    best: Option<f64>,
    /// Rated queries.
    n: usize,
    /// Whether searches use `best`: only where it gains at least 0.02, and 2.5 times its standard error, on 20 queries or more.
    switched_on: bool,
    /// RFC 3339.
    evaluated_at: Option<String>,
}

impl From<Option<LearnedWeights>> for PolicyOut {
    fn from(policy: Option<LearnedWeights>) -> Self {
        let of = |value: fn(&LearnedWeights) -> f64| policy.as_ref().map(value);
        Self {
            fixed: of(|p| p.fixed),
            learned: of(|p| p.learned),
            best: of(|p| p.best),
            n: policy.as_ref().map_or(0, |p| p.queries),
            switched_on: policy.as_ref().is_some_and(|p| p.dense_weight.is_some()),
            evaluated_at: policy.as_ref().map(|p| p.evaluated_at.rfc3339()),
        }
    }
}

/// Read the learned ranking policy
#[utoipa::path(get, path = "/learning/policy", operation_id = "getPolicy", tag = "learning",
    responses((status = 200, description = "What the last replay found", body = PolicyOut)))]
async fn get_policy(State(learning): State<Learning>, Caller(by): Caller) -> Result<Json<PolicyOut>> {
    Ok(Json(learning.weights(&by).await?.into()))
}

/// Learn the ranking policy
///
/// Searches the account's rated queries (feedback with a `query`) again with other weights, and switches the best one on
/// where it clearly beats the fixed one on queries that it was not chosen on; else off.
#[utoipa::path(post, path = "/learning/policy", operation_id = "learnPolicy", tag = "learning",
    responses((status = 200, description = "What the replay found", body = PolicyOut)))]
async fn learn_policy(State(learning): State<Learning>, Caller(by): Caller) -> Result<Json<PolicyOut>> {
    manages_tenant(&by)?;
    Ok(Json(Some(learning.learn_weights(&by).await?).into()))
}
