//! Webhooks, and what they are told.

use std::str::FromStr;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{clock::Timestamp, error::Error};

/// What can be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
pub enum EventKind {
    #[serde(rename = "memory.added")]
    MemoryAdded,
    #[serde(rename = "memory.updated")]
    MemoryUpdated,
    #[serde(rename = "memory.deleted")]
    MemoryDeleted,
    /// Archived, paused, brought back, superseded.
    #[serde(rename = "memory.state_changed")]
    MemoryStateChanged,
    /// Half, four fifths or all of a month's amount is used.
    #[serde(rename = "usage.threshold")]
    UsageThreshold,
    /// Somebody tries the webhook.
    #[serde(rename = "webhook.ping")]
    Ping,
}

impl EventKind {
    pub const ALL: [Self; 6] =
        [Self::MemoryAdded, Self::MemoryUpdated, Self::MemoryDeleted, Self::MemoryStateChanged, Self::UsageThreshold, Self::Ping];

    /// Its name, in storage and on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::MemoryAdded => "memory.added",
            Self::MemoryUpdated => "memory.updated",
            Self::MemoryDeleted => "memory.deleted",
            Self::MemoryStateChanged => "memory.state_changed",
            Self::UsageThreshold => "usage.threshold",
            Self::Ping => "webhook.ping",
        }
    }
}

impl FromStr for EventKind {
    type Err = Error;
    fn from_str(text: &str) -> Result<Self, Error> {
        Self::ALL
            .into_iter()
            .find(|kind| kind.as_str() == text)
            .ok_or_else(|| Error::invalid(format!("Unknown event '{text}'. Known: {}.", Self::ALL.map(Self::as_str).join(", "))))
    }
}

/// An address that is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Webhook {
    pub id: Uuid,
    pub url: String,
    pub description: String,
    /// What it wants to be told; everything when empty.
    pub events: Vec<EventKind>,
    /// False while it is switched off, by its owner or after five days without success.
    pub is_active: bool,
    /// How often its secret was changed.
    pub rotation: i32,
    pub rotated_at: Option<Timestamp>,
    /// Which key of the server its secret comes from.
    pub key_version: i32,
    pub created_at: Timestamp,
    /// Failures in a row.
    pub failures: i32,
    /// The first of them.
    pub failing_since: Option<Timestamp>,
    /// It is left alone until then.
    pub blocked_until: Option<Timestamp>,
}

/// What its owner says of a new one.
#[derive(Debug, Clone)]
pub struct NewWebhook {
    pub url: String,
    pub description: String,
    pub events: Vec<EventKind>,
}

/// What its owner changes; what is absent stays.
#[derive(Debug, Clone, Default)]
pub struct WebhookChange {
    pub url: Option<String>,
    pub description: Option<String>,
    pub events: Option<Vec<EventKind>>,
    pub is_active: Option<bool>,
}

/// Whether it was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryState {
    Pending,
    Delivered,
    /// Given up.
    Failed,
}

impl DeliveryState {
    /// The storage name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Delivered => "delivered",
            Self::Failed => "failed",
        }
    }
}

impl FromStr for DeliveryState {
    type Err = Error;
    fn from_str(text: &str) -> Result<Self, Error> {
        let known = [Self::Pending, Self::Delivered, Self::Failed].into_iter().find(|state| state.as_str() == text);
        known.ok_or_else(|| Error::invalid("state must be pending, delivered or failed."))
    }
}

/// One thing that one webhook is told.
#[derive(Debug, Clone, PartialEq)]
pub struct Delivery {
    /// The same each time that it is told.
    pub event: Uuid,
    pub kind: EventKind,
    /// Ids and counts.
    pub data: serde_json::Value,
    pub state: DeliveryState,
    pub attempts: i32,
    /// When it is told next.
    pub next_at: Timestamp,
    /// What was answered last.
    pub status: Option<i32>,
    /// Why it was not taken.
    pub error: Option<String>,
    /// When it happened.
    pub created_at: Timestamp,
    pub done_at: Option<Timestamp>,
}
