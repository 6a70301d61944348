//! What plans need from a database.

use async_trait::async_trait;

use super::Subscription;
use crate::{
    error::Result,
    ids::TenantId,
    tenancy::{Doer, TenantScope},
};

/// Subscriptions in the relational truth; a change writes its audit row in the same transaction.
#[async_trait]
pub trait SubscriptionStore: Send + Sync {
    /// That of a tenant; `None` where it has chosen nothing.
    async fn subscription(&self, scope: &TenantScope) -> Result<Option<Subscription>>;
    /// Replaces it; `by` is nobody where a payment provider did.
    async fn set_subscription(&self, scope: &TenantScope, by: Option<Doer>, subscription: &Subscription) -> Result<()>;
    /// Notes something in the audit trail that changes nothing yet.
    async fn note(&self, scope: &TenantScope, by: Doer, action: &str, detail: serde_json::Value) -> Result<()>;
    /// The tenant that a payment provider knows by this name.
    async fn tenant_of(&self, provider: &str, customer: &str) -> Result<Option<TenantId>>;
}
