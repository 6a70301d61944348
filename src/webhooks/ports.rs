//! What webhooks need of a database and of the network.

use std::time::Duration;

use async_trait::async_trait;
use uuid::Uuid;

use super::{Delivery, DeliveryState, EventKind, Webhook};
use crate::{
    clock::Timestamp,
    error::Result,
    tenancy::{Doer, TenantScope},
};

/// Webhooks and what they are told, in the relational truth. What happens is written by the stores in which it happens.
#[async_trait]
pub trait WebhookStore: Send + Sync {
    /// A tenant's webhooks, oldest first.
    async fn webhooks(&self, scope: &TenantScope) -> Result<Vec<Webhook>>;
    /// Keeps one, new or changed; `deed` is what the audit trail calls it.
    async fn put(&self, scope: &TenantScope, by: Doer, webhook: &Webhook, deed: &'static str) -> Result<()>;
    /// Forgets one with all that it was to be told; false where there is none.
    async fn remove(&self, scope: &TenantScope, by: Doer, id: Uuid) -> Result<bool>;
    /// Has one webhook told something.
    async fn tell(&self, scope: &TenantScope, id: Uuid, kind: EventKind, data: serde_json::Value) -> Result<()>;
    /// What one was told, before that of this event, newest first.
    async fn deliveries(&self, scope: &TenantScope, id: Uuid, before: Option<Uuid>, limit: u32) -> Result<Vec<Delivery>>;
    /// What one is to be told and was not yet, what is due first.
    async fn pending(&self, scope: &TenantScope, id: Uuid, limit: u32) -> Result<Vec<Delivery>>;
    /// Writes down how an attempt ended, and how the webhook stands then.
    async fn record(&self, scope: &TenantScope, webhook: &Webhook, delivery: &Delivery) -> Result<()>;
    /// Has everything told again that happened since and is in this state, or the one event; answers how many.
    async fn again(
        &self,
        scope: &TenantScope,
        id: Uuid,
        event: Option<Uuid>,
        since: Timestamp,
        state: Option<DeliveryState>,
    ) -> Result<u64>;
    /// Drops what was told or given up before; answers how many.
    async fn forget(&self, scope: &TenantScope, before: Timestamp) -> Result<u64>;
}

/// What the receiver answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answered {
    pub status: u16,
    /// How long it asks to be left alone.
    pub retry_after: Option<Duration>,
}

/// Reaches addresses on the public internet that a stranger chose, and no others.
#[async_trait]
pub trait Deliver: Send + Sync {
    /// Sends a body; `Err` says why nothing was answered.
    async fn deliver(&self, url: &str, headers: [(&'static str, String); 3], body: String) -> std::result::Result<Answered, String>;
}
