//! `/webhooks`: addresses that are told what happens.

use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use uuid::Uuid;

use super::{
    RestParts,
    common::{Message, or_default},
};
use crate::{
    clock::Timestamp,
    error::{Error, Result},
    http::extract::{Caller, Json, Path, Query},
    webhooks::{Delivery, DeliveryState, EventKind, NewWebhook, Webhook, WebhookChange, Webhooks},
};

pub(super) fn routes() -> OpenApiRouter<RestParts> {
    super::route_table! {
        list_webhooks, create_webhook;
        change_webhook, delete_webhook;
        rotate_webhook;
        ping_webhook;
        webhook_deliveries;
        redeliver_webhook;
    }
}

/// An address that is told, without its secret.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Webhook)]
pub(super) struct WebhookOut {
    id: Uuid,
    url: String,
    description: String,
    /// What it is told; everything when empty.
    events: Vec<EventKind>,
    /// False while it is switched off, by you or after five days without success.
    is_active: bool,
    /// RFC 3339.
    created_at: String,
    /// Failures in a row.
    failures: i32,
    /// When the first of them was, RFC 3339.
    failing_since: Option<String>,
}

impl From<Webhook> for WebhookOut {
    fn from(webhook: Webhook) -> Self {
        let Webhook { id, url, description, events, is_active, created_at, failures, failing_since, .. } = webhook;
        let (created_at, failing_since) = (created_at.rfc3339(), failing_since.map(Timestamp::rfc3339));
        Self { id, url, description, events, is_active, created_at, failures, failing_since }
    }
}

/// An address with its secret, shown this once.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct WebhookWithSecret {
    #[serde(flatten)]
    webhook: WebhookOut,
    /// Verifies what is told, by any library of Standard Webhooks.
    #[schema(example = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")]
    secret: String,
}

/// The account's webhooks.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct WebhookList {
    webhooks: Vec<WebhookOut>,
}

/// A new webhook.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct WebhookIn {
    /// Begins with https://, on the public internet.
    #[schema(example = "https://example.com/memory")]
    url: String,
    #[serde(default, deserialize_with = "or_default")]
    description: String,
    /// What it is to be told; everything when empty or absent.
    #[serde(default, deserialize_with = "or_default")]
    events: Vec<EventKind>,
}

/// What is to be changed; what is absent stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct WebhookPatch {
    url: Option<String>,
    description: Option<String>,
    events: Option<Vec<EventKind>>,
    is_active: Option<bool>,
}

/// Part of what it was told.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct DeliveriesQuery {
    /// `next_cursor` of the part before.
    cursor: Option<Uuid>,
    /// 1 to 100; 50 when absent.
    limit: Option<u32>,
}

/// One thing that it was told, or will be.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = WebhookDelivery)]
pub(super) struct DeliveryOut {
    /// In `webhook-id`, after `msg_` and without hyphens; the same each time.
    event_id: Uuid,
    #[serde(rename = "type")]
    kind: EventKind,
    /// Ids and counts.
    #[schema(value_type = Object)]
    data: serde_json::Value,
    state: DeliveryState,
    attempts: i32,
    /// When it is told next, while it is pending; RFC 3339.
    next_at: Option<String>,
    /// What was answered last.
    status: Option<i32>,
    /// Why it was not taken.
    error: Option<String>,
    /// When it happened, RFC 3339.
    created_at: String,
    done_at: Option<String>,
}

impl From<Delivery> for DeliveryOut {
    fn from(delivery: Delivery) -> Self {
        let Delivery { event, kind, data, state, attempts, next_at, status, error, created_at, done_at } = delivery;
        let next_at = (state == DeliveryState::Pending).then(|| next_at.rfc3339());
        Self {
            event_id: event,
            kind,
            data,
            state,
            attempts,
            next_at,
            status,
            error,
            created_at: created_at.rfc3339(),
            done_at: done_at.map(Timestamp::rfc3339),
        }
    }
}

/// Part of what it was told.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct WebhookDeliveries {
    /// Newest first; kept for 30 days.
    deliveries: Vec<DeliveryOut>,
    next_cursor: Option<Uuid>,
}

/// What is to be told again.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RedeliverIn {
    /// One event.
    event_id: Option<Uuid>,
    /// Otherwise all that happened since; RFC 3339.
    since: Option<String>,
    /// Of these only what is in this state; `failed` when absent, `any` for all.
    state: Option<String>,
}

/// How much is told again.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Redelivered {
    events: u64,
}

/// List webhooks
#[utoipa::path(get, path = "/webhooks", operation_id = "listWebhooks", tag = "webhooks",
    responses((status = 200, description = "Oldest first", body = WebhookList)))]
async fn list_webhooks(Caller(by): Caller, State(webhooks): State<Webhooks>) -> Result<Json<WebhookList>> {
    Ok(Json(WebhookList { webhooks: webhooks.list(&by).await?.into_iter().map(Into::into).collect() }))
}

/// Have an address told what happens
///
/// By the rules of Standard Webhooks: signed, thin (ids and counts, never the text of a memory), again until it is taken.
#[utoipa::path(post, path = "/webhooks", operation_id = "createWebhook", tag = "webhooks", request_body = WebhookIn,
    responses((status = 200, description = "With its secret, shown this once", body = WebhookWithSecret)))]
async fn create_webhook(
    Caller(by): Caller,
    State(webhooks): State<Webhooks>,
    Json(new): Json<WebhookIn>,
) -> Result<Json<WebhookWithSecret>> {
    let WebhookIn { url, description, events } = new;
    let (webhook, secret) = webhooks.create(&by, NewWebhook { url, description, events }).await?;
    Ok(Json(WebhookWithSecret { webhook: webhook.into(), secret }))
}

/// Change a webhook
#[utoipa::path(patch, path = "/webhooks/{webhook_id}", operation_id = "changeWebhook", tag = "webhooks", params(("webhook_id" = Uuid, Path)),
    request_body = WebhookPatch, responses((status = 200, description = "As it is then", body = WebhookOut)))]
async fn change_webhook(
    Caller(by): Caller,
    State(webhooks): State<Webhooks>,
    Path(id): Path<Uuid>,
    Json(change): Json<WebhookPatch>,
) -> Result<Json<WebhookOut>> {
    let WebhookPatch { url, description, events, is_active } = change;
    Ok(Json(webhooks.change(&by, id, WebhookChange { url, description, events, is_active }).await?.into()))
}

/// Delete a webhook
#[utoipa::path(delete, path = "/webhooks/{webhook_id}", operation_id = "deleteWebhook", tag = "webhooks", params(("webhook_id" = Uuid, Path)),
    responses((status = 200, description = "It is told nothing more", body = Message)))]
async fn delete_webhook(Caller(by): Caller, State(webhooks): State<Webhooks>, Path(id): Path<Uuid>) -> Result<Json<Message>> {
    webhooks.remove(&by, id).await?;
    Ok(Json(Message::new("The webhook is deleted.")))
}

/// Give a webhook another secret
///
/// For a day, what is told carries the signature of the secret before, too.
#[utoipa::path(post, path = "/webhooks/{webhook_id}/rotate", operation_id = "rotateWebhook", tag = "webhooks", params(("webhook_id" = Uuid, Path)),
    responses((status = 200, description = "With its secret, shown this once", body = WebhookWithSecret)))]
async fn rotate_webhook(Caller(by): Caller, State(webhooks): State<Webhooks>, Path(id): Path<Uuid>) -> Result<Json<WebhookWithSecret>> {
    let (webhook, secret) = webhooks.rotate(&by, id).await?;
    Ok(Json(WebhookWithSecret { webhook: webhook.into(), secret }))
}

/// Try a webhook
#[utoipa::path(post, path = "/webhooks/{webhook_id}/ping", operation_id = "pingWebhook", tag = "webhooks", params(("webhook_id" = Uuid, Path)),
    responses((status = 200, description = "It is told in a moment", body = Message)))]
async fn ping_webhook(Caller(by): Caller, State(webhooks): State<Webhooks>, Path(id): Path<Uuid>) -> Result<Json<Message>> {
    webhooks.ping(&by, id).await?;
    Ok(Json(Message::new("It is told in a moment; its deliveries show how that went.")))
}

/// See what a webhook was told
#[utoipa::path(get, path = "/webhooks/{webhook_id}/deliveries", operation_id = "webhookDeliveries", tag = "webhooks",
    params(("webhook_id" = Uuid, Path), DeliveriesQuery), responses((status = 200, description = "Newest first", body = WebhookDeliveries)))]
async fn webhook_deliveries(
    Caller(by): Caller,
    State(webhooks): State<Webhooks>,
    Path(id): Path<Uuid>,
    Query(query): Query<DeliveriesQuery>,
) -> Result<Json<WebhookDeliveries>> {
    let limit = query.limit.unwrap_or(50);
    if !(1..=100).contains(&limit) {
        return Err(Error::invalid("limit must be 1 to 100."));
    }
    let deliveries = webhooks.deliveries(&by, id, query.cursor, limit).await?;
    let next_cursor = (deliveries.len() == limit as usize).then(|| deliveries.last().map(|delivery| delivery.event)).flatten();
    Ok(Json(WebhookDeliveries { deliveries: deliveries.into_iter().map(Into::into).collect(), next_cursor }))
}

/// Have a webhook told again
#[utoipa::path(post, path = "/webhooks/{webhook_id}/redeliver", operation_id = "redeliverWebhook", tag = "webhooks",
    params(("webhook_id" = Uuid, Path)), request_body = RedeliverIn, responses((status = 200, description = "How much", body = Redelivered)))]
async fn redeliver_webhook(
    Caller(by): Caller,
    State(webhooks): State<Webhooks>,
    Path(id): Path<Uuid>,
    Json(again): Json<RedeliverIn>,
) -> Result<Json<Redelivered>> {
    let RedeliverIn { event_id, since, state } = again;
    let since = match since.as_deref() {
        Some(text) => Timestamp::parse(text).ok_or_else(|| Error::invalid("since must be written as RFC 3339."))?,
        None if event_id.is_some() => Timestamp(0),
        None => return Err(Error::invalid("Name an event_id, or a time since which all is told again.")),
    };
    let state = match state.as_deref() {
        Some("any") => None,
        Some(state) => Some(state.parse()?),
        None => event_id.is_none().then_some(DeliveryState::Failed),
    };
    Ok(Json(Redelivered { events: webhooks.again(&by, id, event_id, since, state).await? }))
}
