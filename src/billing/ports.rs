//! What billing needs from a database.

use async_trait::async_trait;
use uuid::Uuid;

use super::{Invoice, InvoiceState, Told};
use crate::{
    error::Result,
    ids::TenantId,
    metering::Statement,
    tenancy::{Doer, TenantScope},
};

/// Invoices, and what providers told, in the relational truth.
#[async_trait]
pub trait BillingStore: Send + Sync {
    /// Notes what a provider told; false where that was dealt with before.
    async fn hear(&self, provider: &str, told: &Told) -> Result<bool>;
    /// Notes that it is dealt with.
    async fn settle(&self, provider: &str, id: &str) -> Result<()>;
    /// Tenants whose subscriptions a provider has.
    async fn tenants_at(&self, provider: &str) -> Result<Vec<TenantId>>;
    /// Makes the invoice of a month, once; false where there is one.
    async fn invoice(&self, scope: &TenantScope, statement: &Statement) -> Result<bool>;
    /// A tenant's invoices, newest first.
    async fn invoices(&self, scope: &TenantScope) -> Result<Vec<Invoice>>;
    /// Notes that one was paid or given back; `None` for one that is not there.
    async fn set_invoice(&self, scope: &TenantScope, by: Doer, id: Uuid, state: InvoiceState) -> Result<Option<Invoice>>;
}
