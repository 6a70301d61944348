//! `/usage`: what the account uses, against what it may, and what that costs.

use axum::{
    extract::State,
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use uuid::Uuid;

use super::RestParts;
use crate::{
    clock::Timestamp,
    error::{Error, Result},
    http::extract::{Caller, Json, Query},
    metering::{DayUse, Forecast, Holdings, MeterUse, Month, Statement, Usage, UsageEvent, UsageReport},
    plans::{Feature, Meter, PlanLimits, SubscriptionState},
};

pub(super) fn routes() -> OpenApiRouter<RestParts> {
    super::route_table! {
        usage;
        usage_events;
        usage_statement;
    }
}

/// What the account uses this month.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = UsageReport)]
pub(super) struct ReportOut {
    plan: PlanOut,
    /// The calendar month in UTC, as `2026-11`.
    month: String,
    /// When the month's amounts are free again, RFC 3339.
    resets_at: String,
    stored: StoredOut,
    /// What is counted by the month.
    meters: Vec<MeterOut>,
    /// Each day so far, by meter, app, key and model.
    days: Vec<DayOut>,
    /// What the month has cost so far.
    cost: CostOut,
}

/// The plan that holds.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PlanInForce)]
pub(super) struct PlanOut {
    id: String,
    title: String,
    state: SubscriptionState,
    /// The end of a trial, of the grace after a failed payment or of what is paid, RFC 3339.
    ends_at: Option<String>,
    limits: PlanLimits,
    features: Vec<Feature>,
    /// Nothing is added while the plan is paused.
    read_only: bool,
}

/// What is stored now.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = StoredUse)]
pub(super) struct StoredOut {
    /// Memories that are not deleted.
    memories: i64,
    /// Null without a limit.
    memories_limit: Option<i64>,
    /// Bytes of their texts.
    bytes: i64,
    bytes_limit: Option<i64>,
}

/// What was used of one meter.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = MeterUse)]
pub(super) struct MeterOut {
    meter: Meter,
    used: i64,
    /// Null without a limit.
    limit: Option<i64>,
    /// An estimate of the whole month: what was used, and the median of each weekday for the days that are left.
    forecast: Forecast,
}

/// What was used on a day.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DayUse)]
pub(super) struct DayOut {
    /// In UTC, as `2026-11-30`.
    day: String,
    meter: Meter,
    app: String,
    /// Name of the endpoint or key; null for a signed-in person.
    key: Option<String>,
    /// Empty where no model was used.
    model: String,
    quantity: i64,
}

/// What a month has cost so far.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = MonthCost)]
pub(super) struct CostOut {
    /// ISO 4217, lower case.
    currency: String,
    total_micros: i64,
    /// Of these, what was used beyond the plan.
    beyond_plan_micros: i64,
}

impl From<UsageReport> for ReportOut {
    fn from(report: UsageReport) -> Self {
        let UsageReport { entitlement, month, held: Holdings { memories, bytes }, meters, days, statement } = report;
        let limits = entitlement.limits;
        let meter = |MeterUse { meter, used, limit, forecast }| MeterOut { meter, used, limit, forecast };
        let day = |DayUse { day, meter, app, key, model, quantity }| DayOut { day: day.to_string(), meter, app, key, model, quantity };
        Self {
            plan: PlanOut {
                id: entitlement.plan.clone(),
                title: entitlement.title.clone(),
                state: entitlement.subscription.state,
                ends_at: entitlement.subscription.ends_at.map(Timestamp::rfc3339),
                limits,
                features: entitlement.features.clone(),
                read_only: entitlement.read_only,
            },
            month: month.to_string(),
            resets_at: month.end().rfc3339(),
            stored: StoredOut { memories, memories_limit: limits.memories, bytes, bytes_limit: limits.bytes },
            meters: meters.into_iter().map(meter).collect(),
            days: days.into_iter().map(day).collect(),
            cost: CostOut {
                beyond_plan_micros: statement.beyond_plan(),
                currency: statement.currency,
                total_micros: statement.total_micros,
            },
        }
    }
}

/// See what the account uses
#[utoipa::path(get, path = "/usage", operation_id = "usage", tag = "usage",
    responses((status = 200, description = "This month, against what the plan allows", body = ReportOut)))]
async fn usage(Caller(by): Caller, State(usage): State<Usage>) -> Result<Json<ReportOut>> {
    Ok(Json(usage.report(&by).await?.into()))
}

/// Part of the events.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct EventsQuery {
    /// `adds` or `llm_tokens`; all when absent.
    meter: Option<String>,
    /// `next_cursor` of the part before.
    cursor: Option<Uuid>,
    /// 1 to 100; 50 when absent.
    limit: Option<u32>,
}

/// Work that was counted, each piece once.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = UsageEvent)]
pub(super) struct EventOut {
    id: Uuid,
    meter: Meter,
    quantity: i64,
    /// What was counted: a change of the account, an operation.
    source: String,
    app: String,
    credential_id: Option<Uuid>,
    model: String,
    /// RFC 3339.
    at: String,
}

/// Part of the events.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct UsageEvents {
    /// Newest first, of this month and the two before.
    events: Vec<EventOut>,
    next_cursor: Option<Uuid>,
}

/// List what was counted
///
/// Memories stored and tokens of a chat model, each piece of work once. Reads are counted by the hour and are no events.
#[utoipa::path(get, path = "/usage/events", operation_id = "usageEvents", tag = "usage", params(EventsQuery),
    responses((status = 200, description = "Newest first", body = UsageEvents)))]
async fn usage_events(Caller(by): Caller, State(usage): State<Usage>, Query(query): Query<EventsQuery>) -> Result<Json<UsageEvents>> {
    let limit = query.limit.unwrap_or(50);
    if !(1..=100).contains(&limit) {
        return Err(Error::invalid("limit must be 1 to 100."));
    }
    let meter = query.meter.as_deref().map(str::parse).transpose()?;
    let events = usage.events(&by, meter, query.cursor, limit).await?;
    let next_cursor = (events.len() == limit as usize).then(|| events.last().map(|event| event.id)).flatten();
    let event = |UsageEvent { id, meter, quantity, source, app, credential, model, at }| EventOut {
        id,
        meter,
        quantity,
        source,
        app,
        credential_id: credential.map(|id| id.0),
        model,
        at: at.rfc3339(),
    };
    Ok(Json(UsageEvents { events: events.into_iter().map(event).collect(), next_cursor }))
}

/// Which month, and in which form.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct StatementQuery {
    /// As `2026-11`, in UTC; the running month when absent.
    month: Option<String>,
    /// `json` (when absent) or `csv`.
    format: Option<String>,
}

/// See what a month cost
///
/// Amounts are whole millionths of the currency, by the prices of each day and the plan that holds now.
#[utoipa::path(get, path = "/usage/statement", operation_id = "usageStatement", tag = "usage", params(StatementQuery),
    responses((status = 200, description = "Line by line", body = Statement, content_type = "application/json")))]
async fn usage_statement(Caller(by): Caller, State(usage): State<Usage>, Query(query): Query<StatementQuery>) -> Result<Response> {
    let month: Option<Month> = query.month.as_deref().map(str::parse).transpose()?;
    let statement: Statement = usage.statement(&by, month).await?;
    match query.format.as_deref() {
        None | Some("json") => Ok(Json(statement).into_response()),
        Some("csv") => {
            let name = format!("attachment; filename=\"statement-{}.csv\"", statement.month);
            let disposition = HeaderValue::from_str(&name).map_err(Error::internal)?;
            let headers =
                [(header::CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8")), (header::CONTENT_DISPOSITION, disposition)];
            Ok((headers, statement.csv()).into_response())
        }
        Some(_) => Err(Error::invalid("format must be json or csv.")),
    }
}
