//! What metering needs from a database.

use async_trait::async_trait;
use chrono::NaiveDate;
use uuid::Uuid;

use super::{Holdings, Month};
use crate::{
    clock::Timestamp,
    error::Result,
    ids::{AppId, CredentialId},
    plans::Meter,
    tenancy::TenantScope,
};

/// Reads of an hour by one app with one credential.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HourUse {
    /// Hours since 1970.
    pub hour: i64,
    pub meter: Meter,
    pub app: AppId,
    pub credential: Option<CredentialId>,
    pub quantity: i64,
}

/// What was used on a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DayUse {
    pub day: NaiveDate,
    pub meter: Meter,
    /// Name of the app.
    pub app: String,
    /// Name of the endpoint or key; `None` for a signed-in person.
    pub key: Option<String>,
    /// Name of the model, where one was used.
    pub model: String,
    pub quantity: i64,
}

/// Work that was counted.
#[derive(Debug, Clone)]
pub struct UsageEvent {
    pub id: Uuid,
    pub meter: Meter,
    pub quantity: i64,
    /// What was counted: a change of the tenant, an operation.
    pub source: String,
    pub app: String,
    pub credential: Option<CredentialId>,
    pub model: String,
    pub at: Timestamp,
}

/// What was used, in the relational truth. Events are written by the stores whose work they count.
#[async_trait]
pub trait UsageStore: Send + Sync {
    /// Adds reads that a node has counted.
    async fn add_reads(&self, scope: &TenantScope, uses: &[HourUse]) -> Result<()>;
    /// Takes up to `wanted` of a month's amount, so that never more than `limit` are taken; answers how many.
    async fn take(&self, scope: &TenantScope, meter: Meter, month: Month, wanted: i64, limit: i64) -> Result<i64>;
    /// Gives back what was taken and not used.
    async fn give_back(&self, scope: &TenantScope, meter: Meter, month: Month, unused: i64) -> Result<()>;
    /// What is taken of a month's amount.
    async fn taken(&self, scope: &TenantScope, meter: Meter, month: Month) -> Result<i64>;
    /// What the tenant holds now.
    async fn holdings(&self, scope: &TenantScope) -> Result<Holdings>;
    /// What was used from one moment to before another, by day, meter, app, key and model.
    async fn days(&self, scope: &TenantScope, from: Timestamp, to: Timestamp) -> Result<Vec<DayUse>>;
    /// Events before that of this id, newest first.
    async fn events(&self, scope: &TenantScope, meter: Option<Meter>, before: Option<Uuid>, limit: u32) -> Result<Vec<UsageEvent>>;
    /// Adds events from before a moment to the hours they fell in and drops them; answers how many.
    async fn roll_up(&self, scope: &TenantScope, before: Timestamp) -> Result<u64>;
}
