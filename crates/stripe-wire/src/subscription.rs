//! Subscriptions: what they are, and what is done to them.

use serde::Deserialize;
use serde_json::Value;

use crate::{
    Client, Failure,
    wire::{List, maybe_id},
};

/// Where a subscription stands.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// The first payment is still to come.
    Incomplete,
    /// It did not come.
    IncompleteExpired,
    /// It is free for now.
    Trialing,
    /// It is paid.
    Active,
    /// A payment failed, and is tried again.
    PastDue,
    /// It has ended.
    Canceled,
    /// A payment failed and is not tried again.
    Unpaid,
    /// Its trial ended without a way to pay.
    Paused,
    /// What Stripe has added since.
    #[serde(untagged)]
    Other(String),
}

/// A subscription. Where it has several items, the first stands for it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(from = "Wire")]
pub struct Subscription {
    /// Its id.
    pub id: String,
    /// Whose it is.
    pub customer: Option<String>,
    /// Where it stands.
    pub status: Status,
    /// When the period that is paid began.
    pub current_period_start: Option<i64>,
    /// When it ends.
    pub current_period_end: Option<i64>,
    /// When the trial ends, or ended.
    pub trial_end: Option<i64>,
    /// Whether it ends with the period.
    pub cancel_at_period_end: bool,
    /// When it ends, if that is settled. An end that a customer chose in the portal may stand here alone.
    pub cancel_at: Option<i64>,
    /// When its end was ordered.
    pub canceled_at: Option<i64>,
    /// The id of the price.
    pub price: Option<String>,
    /// The id of the item, by which the price is changed.
    pub item: Option<String>,
    /// Whether no payment is collected for now.
    pub pause: bool,
}

impl Subscription {
    /// Whether its end is ordered, in either form.
    #[must_use]
    pub fn ends(&self) -> bool {
        self.cancel_at_period_end || self.cancel_at.is_some()
    }
}

/// What becomes of the rest of a period when the price changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proration {
    /// The difference is on the next invoice.
    Create,
    /// The difference is invoiced at once.
    Invoice,
    /// Nothing.
    None,
}

#[derive(Deserialize)]
struct Wire {
    id: String,
    #[serde(default, deserialize_with = "maybe_id")]
    customer: Option<String>,
    status: Status,
    // Until 2025-03-31 the period was the subscription's; since, it is each item's.
    current_period_start: Option<i64>,
    current_period_end: Option<i64>,
    trial_end: Option<i64>,
    #[serde(default)]
    cancel_at_period_end: bool,
    cancel_at: Option<i64>,
    canceled_at: Option<i64>,
    items: Option<List<Item>>,
    pause_collection: Option<Value>,
}

#[derive(Deserialize)]
struct Item {
    id: String,
    #[serde(default, deserialize_with = "maybe_id")]
    price: Option<String>,
    current_period_start: Option<i64>,
    current_period_end: Option<i64>,
}

impl From<Wire> for Subscription {
    fn from(wire: Wire) -> Self {
        let item = wire.items.and_then(|items| items.data.into_iter().next());
        let period = |of: fn(&Item) -> Option<i64>| item.as_ref().and_then(of);
        Self {
            current_period_start: wire.current_period_start.or_else(|| period(|item| item.current_period_start)),
            current_period_end: wire.current_period_end.or_else(|| period(|item| item.current_period_end)),
            id: wire.id,
            customer: wire.customer,
            status: wire.status,
            trial_end: wire.trial_end,
            cancel_at_period_end: wire.cancel_at_period_end,
            cancel_at: wire.cancel_at,
            canceled_at: wire.canceled_at,
            price: item.as_ref().and_then(|item| item.price.clone()),
            item: item.map(|item| item.id),
            pause: wire.pause_collection.is_some(),
        }
    }
}

impl Client {
    /// A subscription as it is now.
    pub async fn subscription(&self, id: &str) -> Result<Subscription, Failure> {
        self.get(&["subscriptions", id], &[]).await
    }

    /// The newest hundred of a customer, ended ones too.
    pub async fn subscriptions_of(&self, customer: &str) -> Result<Vec<Subscription>, Failure> {
        let query = [("customer", customer), ("status", "all"), ("limit", "100")];
        Ok(self.get::<List<_>>(&["subscriptions"], &query).await?.data)
    }

    /// Puts another price in an item's place.
    pub async fn change(
        &self,
        subscription: &str,
        item: &str,
        price: &str,
        proration: Proration,
        key: &str,
    ) -> Result<Subscription, Failure> {
        let proration = match proration {
            Proration::Create => "create_prorations",
            Proration::Invoice => "always_invoice",
            Proration::None => "none",
        };
        let form =
            vec![("items[0][id]", item.to_owned()), ("items[0][price]", price.to_owned()), ("proration_behavior", proration.to_owned())];
        self.post(&["subscriptions", subscription], &form, key).await
    }

    /// Ends a subscription with its period, or at once. At once is for good, and takes no `key`: again, it is refused as missing.
    pub async fn cancel(&self, subscription: &str, at_period_end: bool, key: &str) -> Result<Subscription, Failure> {
        let path = ["subscriptions", subscription];
        if at_period_end {
            self.post(&path, &vec![("cancel_at_period_end", "true".to_owned())], key).await
        } else {
            self.delete(&path).await
        }
    }

    /// Takes back an end that was ordered and has not come.
    pub async fn resume(&self, subscription: &Subscription, key: &str) -> Result<Subscription, Failure> {
        // Either form of an end is taken back by its own field.
        let dated = subscription.cancel_at.is_some() && !subscription.cancel_at_period_end;
        let (field, value) = if dated { ("cancel_at", "") } else { ("cancel_at_period_end", "false") };
        self.post(&["subscriptions", &subscription.id], &vec![(field, value.to_owned())], key).await
    }
}
