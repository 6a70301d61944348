//! What each tenant may use, kept for a moment.

use std::{sync::Arc, time::Duration};

use anyhow::Context;
use moka::sync::Cache;

use super::{Catalog, Entitlement, Plan, Subscription, SubscriptionStore};
use crate::{
    clock::Clock,
    error::Result,
    ids::TenantId,
    tenancy::{Doer, TenantScope},
};

/// So long another node may go by what was so before.
const KEPT: Duration = Duration::from_secs(1);
/// Tenants whose entitlement is kept.
const MOST: u64 = 10_000;

/// Says what tenants may use; cheap to clone.
#[derive(Clone)]
pub struct Plans {
    catalog: Arc<Catalog>,
    default: Arc<Plan>,
    store: Arc<dyn SubscriptionStore>,
    kept: Cache<TenantScope, Arc<Entitlement>>,
    clock: Arc<dyn Clock>,
}

impl Plans {
    /// Over the catalogue, in which `default` is the plan of tenants that have chosen none.
    ///
    /// # Errors
    /// A sentence for the operator.
    pub fn new(catalog: Catalog, default: &str, store: Arc<dyn SubscriptionStore>, clock: Arc<dyn Clock>) -> anyhow::Result<Self> {
        let default = catalog.plan(default).with_context(|| format!("plans.default: there is no plan '{default}'"))?.clone();
        let kept = Cache::builder().max_capacity(MOST).time_to_live(KEPT).build();
        Ok(Self { catalog: Arc::new(catalog), default: Arc::new(default), store, kept, clock })
    }

    /// Plans and prices.
    #[must_use]
    pub fn catalog(&self) -> &Catalog {
        &self.catalog
    }

    /// The plan of tenants that have chosen none.
    #[must_use]
    pub fn default_plan(&self) -> &Plan {
        &self.default
    }

    /// What the tenant may use; at most a second old.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn of(&self, scope: &TenantScope) -> Result<Arc<Entitlement>> {
        if let Some(kept) = self.kept.get(scope) {
            return Ok(kept);
        }
        let subscription = self.subscription(scope).await?;
        let entitlement = Arc::new(Entitlement::of(&self.catalog, &self.default, subscription, self.clock.now()));
        self.kept.insert(*scope, entitlement.clone());
        Ok(entitlement)
    }

    /// The tenant's subscription as it is now.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn subscription(&self, scope: &TenantScope) -> Result<Subscription> {
        Ok(self.store.subscription(scope).await?.unwrap_or_else(|| Subscription::to(&self.default.id)))
    }

    /// Replaces the tenant's subscription; on this node from the next request on.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn subscribe(&self, scope: &TenantScope, by: Option<Doer>, subscription: &Subscription) -> Result<()> {
        self.store.set_subscription(scope, by, subscription).await?;
        self.kept.invalidate(scope);
        Ok(())
    }

    /// Notes a wish in the audit trail.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn note(&self, scope: &TenantScope, by: Doer, action: &str, detail: serde_json::Value) -> Result<()> {
        self.store.note(scope, by, action, detail).await
    }

    /// The tenant that a payment provider knows by this name.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn tenant_of(&self, provider: &str, customer: &str) -> Result<Option<TenantId>> {
        self.store.tenant_of(provider, customer).await
    }
}
