//! What is used, what is owed, and what is given back. Amounts are in the smallest unit of their currency.

use serde::Deserialize;
use serde_json::Value;

use crate::{Client, Failure, wire::List};

/// What was given back.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Refund {
    /// Its id.
    pub id: String,
    /// `pending`, `requires_action`, `succeeded`, `failed` or `canceled`.
    pub status: Option<String>,
    /// How much.
    pub amount: i64,
}

/// An invoice.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Invoice {
    /// Its id.
    pub id: String,
    /// The number on it; a draft has none.
    pub number: Option<String>,
    /// `draft`, `open`, `paid`, `uncollectible` or `void`.
    pub status: Option<String>,
    /// Of three small letters.
    pub currency: String,
    /// How much is owed in all.
    pub amount_due: i64,
    /// How much of that is paid.
    pub amount_paid: i64,
    /// When it was made.
    pub created: i64,
    /// From when on it looks for what is owed, which for a subscription is the period before the one it bills.
    pub period_start: i64,
    /// Until when.
    pub period_end: i64,
    /// Where it can be seen and paid; a draft cannot.
    pub hosted_invoice_url: Option<String>,
    /// Where it can be had on paper.
    pub invoice_pdf: Option<String>,
}

impl Client {
    /// Tells how much a customer has used by `timestamp`, which may be 35 days ago and 5 minutes ahead.
    ///
    /// `identifier`, of up to 100 characters, is the key of idempotency as well: what bears it counts once within a day. Stripe
    /// counts later than it answers, and tells what it could not by an event.
    pub async fn meter_event(&self, event_name: &str, customer: &str, value: u64, timestamp: i64, identifier: &str) -> Result<(), Failure> {
        let form = vec![
            ("event_name", event_name.to_owned()),
            ("payload[stripe_customer_id]", customer.to_owned()),
            ("payload[value]", value.to_string()),
            ("timestamp", timestamp.to_string()),
            ("identifier", identifier.to_owned()),
        ];
        self.post::<Value>(&["billing", "meter_events"], &form, identifier).await.map(drop)
    }

    /// Gives back what was paid, or `amount` of it.
    pub async fn refund(&self, charge_or_payment_intent: &str, amount: Option<u64>, key: &str) -> Result<Refund, Failure> {
        let field = if charge_or_payment_intent.starts_with("pi_") { "payment_intent" } else { "charge" };
        let mut form = vec![(field, charge_or_payment_intent.to_owned())];
        form.extend(amount.map(|amount| ("amount", amount.to_string())));
        self.post(&["refunds"], &form, key).await
    }

    /// The newest invoices of a customer, a hundred at most.
    pub async fn invoices(&self, customer: &str, limit: u8) -> Result<Vec<Invoice>, Failure> {
        let limit = limit.clamp(1, 100).to_string();
        Ok(self.get::<List<_>>(&["invoices"], &[("customer", customer), ("limit", &limit)]).await?.data)
    }
}
