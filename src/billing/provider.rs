//! What takes the money.

use async_trait::async_trait;

use crate::{
    clock::Timestamp,
    error::Result,
    ids::TenantId,
    plans::{Meter, SubscriptionState},
};

/// A plan that somebody wants to pay for.
#[derive(Debug, Clone)]
pub struct Order {
    pub tenant: TenantId,
    pub email: Option<String>,
    /// The provider's name of the tenant, where it has one.
    pub customer: Option<String>,
    /// The provider's name of the price.
    pub price: String,
    /// Free at first for so many days.
    pub trial_days: u32,
    /// Where the person goes on afterwards.
    pub return_url: String,
    /// The same order asked for again is one order.
    pub key: String,
}

/// How a subscription stands with a provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// The provider's name of the subscription.
    pub reference: String,
    /// The provider's name of the price.
    pub price: Option<String>,
    pub state: SubscriptionState,
    pub ends_at: Option<Timestamp>,
    pub renews_at: Option<Timestamp>,
}

/// What a provider told of its own accord, once it is proven to be from there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// The same event has the same one each time.
    pub id: String,
    pub kind: String,
    pub customer: Option<String>,
    /// The tenant of an order that was paid.
    pub tenant: Option<TenantId>,
}

/// A bill of the provider's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bill {
    pub id: String,
    /// `draft`, `open`, `paid`, `void` or `uncollectible`.
    pub state: String,
    pub currency: String,
    pub amount_micros: i64,
    pub created_at: Timestamp,
    /// Where it can be seen and paid.
    pub url: Option<String>,
}

/// Takes money for plans. Every order has a key, so that one that is repeated is not done twice.
#[async_trait]
pub trait PaymentProvider: Send + Sync {
    /// Its name in storage and in the address that it tells events to.
    fn name(&self) -> &'static str;
    /// Makes the tenant known there, once; answers its name.
    async fn customer(&self, order: &Order) -> Result<String>;
    /// Where the person pays; `None` where nobody pays by themselves.
    async fn checkout(&self, order: &Order) -> Result<Option<String>>;
    /// Where the person changes how they pay.
    async fn portal(&self, customer: &str, return_url: &str) -> Result<Option<String>>;
    /// How the customer's newest subscription stands now; `None` without one.
    async fn standing(&self, customer: &str) -> Result<Option<Standing>>;
    /// Moves a subscription to another price; what was paid is counted against it.
    async fn change(&self, customer: &str, price: &str, key: &str) -> Result<()>;
    /// Ends the subscription with what is paid, or takes that back.
    async fn end(&self, customer: &str, ends: bool, key: &str) -> Result<()>;
    /// Tells what was used beyond the plan; `identifier` counts once.
    async fn record_usage(&self, customer: &str, meter: Meter, quantity: i64, at: Timestamp, identifier: &str) -> Result<()>;
    /// The provider's own bills, newest first.
    async fn bills(&self, customer: &str) -> Result<Vec<Bill>>;
    /// Reads what was told, and proves that it was told by the provider, a moment ago.
    fn verify(&self, payload: &[u8], signature: &str, now: Timestamp) -> Result<Told>;
}
