//! [`PaymentProvider`] by Stripe. What is spoken lies in the crate `stripe_wire`; here it gets its meaning.

use std::time::Duration;

use async_trait::async_trait;
use stripe_wire::{CheckoutRequest, Client, Event, Failure, Mode, Proration, Status, Timeouts, signature};

use crate::{
    billing::{Bill, Order, PaymentProvider, Standing, Told},
    clock::Timestamp,
    error::{Code, Error, Result},
    ids::TenantId,
    plans::{Meter, SubscriptionState},
};

/// How long a plan lasts beyond the payment that failed.
const GRACE: Duration = Duration::from_hours(14 * 24);
/// How old what is told may be, in seconds.
const TOLERANCE: i64 = 300;
/// Bills that are shown.
const BILLS: u8 = 24;

/// What Stripe is asked with.
#[derive(Debug, Clone)]
pub struct StripeSettings {
    pub base_url: String,
    pub api_key: String,
    /// By which events are signed; several while one is replaced.
    pub webhook_secrets: Vec<String>,
    /// Ways to pay; Stripe chooses where there are none.
    pub payment_methods: Vec<String>,
}

/// Stripe.
pub struct Stripe {
    client: Client,
    webhook_secrets: Vec<String>,
    payment_methods: Vec<String>,
}

impl Stripe {
    /// Stripe at its address.
    ///
    /// # Errors
    /// A sentence for the operator.
    pub fn new(settings: StripeSettings) -> anyhow::Result<Self> {
        let client = Client::new(&settings.base_url, &settings.api_key, Timeouts::default())?;
        Ok(Self { client, webhook_secrets: settings.webhook_secrets, payment_methods: settings.payment_methods })
    }

    /// The newest subscription of a customer that says anything.
    async fn newest(&self, customer: &str) -> Result<Option<stripe_wire::Subscription>> {
        let all = self.client.subscriptions_of(customer).await.map_err(failed)?;
        // One that was never paid says nothing.
        let said =
            |subscription: &stripe_wire::Subscription| !matches!(subscription.status, Status::Incomplete | Status::IncompleteExpired);
        let ended = |subscription: &stripe_wire::Subscription| matches!(subscription.status, Status::Canceled);
        let (over, live): (Vec<_>, Vec<_>) = all.into_iter().filter(said).partition(ended);
        Ok(live.into_iter().chain(over).next())
    }
}

#[async_trait]
impl PaymentProvider for Stripe {
    fn name(&self) -> &'static str {
        "stripe"
    }

    async fn customer(&self, order: &Order) -> Result<String> {
        let tenant = order.tenant.to_string();
        let key = format!("customer:{tenant}");
        self.client.create_customer(order.email.as_deref(), &[("tenant", &tenant)], &key).await.map_err(failed)
    }

    async fn checkout(&self, order: &Order) -> Result<Option<String>> {
        let request = CheckoutRequest {
            customer: order.customer.clone().unwrap_or_default(),
            price: order.price.clone(),
            quantity: 1,
            client_reference_id: order.tenant.to_string(),
            success_url: order.return_url.clone(),
            cancel_url: order.return_url.clone(),
            trial_days: (order.trial_days > 0).then_some(order.trial_days),
            payment_method_types: self.payment_methods.clone(),
            mode: Mode::Subscription,
        };
        Ok(Some(self.client.checkout(&request, &order.key).await.map_err(failed)?.url))
    }

    async fn portal(&self, customer: &str, return_url: &str) -> Result<Option<String>> {
        let key = format!("portal:{}", uuid::Uuid::new_v4());
        self.client.portal(customer, return_url, &key).await.map(Some).map_err(failed)
    }

    async fn standing(&self, customer: &str) -> Result<Option<Standing>> {
        Ok(self.newest(customer).await?.map(|subscription| standing(&subscription)))
    }

    async fn change(&self, customer: &str, price: &str, key: &str) -> Result<()> {
        let Some(subscription) = self.newest(customer).await? else { return Err(Error::not_found("subscription")) };
        let item = subscription.item.unwrap_or_default();
        self.client.change(&subscription.id, &item, price, Proration::Create, key).await.map(drop).map_err(failed)
    }

    async fn end(&self, customer: &str, ends: bool, key: &str) -> Result<()> {
        let Some(subscription) = self.newest(customer).await? else { return Err(Error::not_found("subscription")) };
        let done = if ends { self.client.cancel(&subscription.id, true, key).await } else { self.client.resume(&subscription, key).await };
        done.map(drop).map_err(failed)
    }

    async fn record_usage(&self, customer: &str, meter: Meter, quantity: i64, at: Timestamp, identifier: &str) -> Result<()> {
        let quantity = u64::try_from(quantity).unwrap_or_default();
        self.client.meter_event(meter.as_str(), customer, quantity, at.secs(), identifier).await.map_err(failed)
    }

    async fn bills(&self, customer: &str) -> Result<Vec<Bill>> {
        let invoices = self.client.invoices(customer, BILLS).await.map_err(failed)?;
        let bill = |invoice: stripe_wire::Invoice| Bill {
            id: invoice.number.unwrap_or(invoice.id),
            state: invoice.status.unwrap_or_default(),
            currency: invoice.currency,
            amount_micros: invoice.amount_due.saturating_mul(10_000),
            created_at: Timestamp::from_secs(invoice.created),
            url: invoice.hosted_invoice_url,
        };
        Ok(invoices.into_iter().map(bill).collect())
    }

    fn verify(&self, payload: &[u8], signature: &str, now: Timestamp) -> Result<Told> {
        let secrets: Vec<&str> = self.webhook_secrets.iter().map(String::as_str).collect();
        if signature::verify(payload, signature, &secrets, now.secs(), TOLERANCE).is_err() {
            return Err(Error::new(Code::Unauthenticated, "This was not signed by the payment provider, or too long ago."));
        }
        let event = Event::parse(payload).map_err(|_| Error::new(Code::InvalidBody, "This is no event."))?;
        // Of what concerns a customer itself, its own name is the id.
        let own = event.object.id.filter(|_| event.object.kind == "customer");
        Ok(Told {
            id: event.id,
            kind: event.kind,
            customer: event.object.customer.or(own),
            tenant: event.object.client_reference_id.and_then(|id| id.parse().ok()).map(TenantId),
        })
    }
}

/// What a subscription of Stripe's means.
fn standing(subscription: &stripe_wire::Subscription) -> Standing {
    let at = |secs: Option<i64>| secs.map(Timestamp::from_secs);
    let period_end = at(subscription.current_period_end);
    let (state, ends_at, renews_at) = match subscription.status {
        Status::Canceled => (SubscriptionState::Cancelled, at(subscription.canceled_at).or(period_end), None),
        Status::PastDue | Status::Unpaid => {
            // The payment for this period is the one that failed.
            let grace = at(subscription.current_period_start).or(period_end).map(|begin| begin.plus(GRACE));
            (SubscriptionState::PastDue, grace, None)
        }
        Status::Paused => (SubscriptionState::Paused, None, None),
        _ if subscription.pause => (SubscriptionState::Paused, None, None),
        _ if subscription.ends() => (SubscriptionState::Cancelled, at(subscription.cancel_at).or(period_end), None),
        Status::Trialing => {
            (SubscriptionState::Trial, at(subscription.trial_end).or(period_end), at(subscription.trial_end).or(period_end))
        }
        _ => (SubscriptionState::Active, None, period_end),
    };
    Standing { reference: subscription.id.clone(), price: subscription.price.clone(), state, ends_at, renews_at }
}

/// What is said of a call that failed. Stripe's own message may quote what was sent: it goes no further than its code.
fn failed(failure: Failure) -> Error {
    match &failure {
        Failure::Busy { retry_after } => {
            Error::unavailable("The payment provider is busy. Try again in a moment.", retry_after.unwrap_or(5)).with_source(failure)
        }
        Failure::Refused { .. } => Error::internal(failure),
        Failure::Unreachable | Failure::Unreadable => {
            Error::unavailable("The payment provider does not answer. Try again in a moment.", 5).with_source(failure)
        }
    }
}
