//! What a webhook tells.

use chrono::DateTime;
use serde::{Deserialize, Deserializer, de::Error};
use serde_json::Value;

use crate::{Failure, wire};

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Its id, by which what comes twice is known.
    pub id: String,
    /// What happened, such as `invoice.paid`.
    pub kind: String,
    /// When, in seconds.
    pub created: i64,
    /// Whether it is about real money.
    pub livemode: bool,
    /// What it happened to.
    pub object: Object,
}

/// What an event happened to, by ids alone: it may have changed since.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Object {
    /// `subscription`, `invoice`, `checkout.session`, `charge`, `billing.meter` and others; empty where the event is about none.
    pub kind: String,
    /// Its id. Some objects have none, such as an invoice that is still to come.
    pub id: Option<String>,
    /// Whose it is.
    pub customer: Option<String>,
    /// Which subscription it is of.
    pub subscription: Option<String>,
    /// What a checkout was given to be known by.
    pub client_reference_id: Option<String>,
}

/// An event with its object, or a thin one, which names it.
#[derive(Deserialize)]
struct Wire {
    id: String,
    #[serde(rename = "type")]
    kind: String,
    #[serde(deserialize_with = "seconds")]
    created: i64,
    #[serde(default)]
    livemode: bool,
    #[serde(default)]
    data: Value,
    #[serde(default)]
    related_object: Value,
}

/// Seconds, or the date that thin events have in their place.
fn seconds<'de, D: Deserializer<'de>>(deserializer: D) -> Result<i64, D::Error> {
    let value = Value::deserialize(deserializer)?;
    let date = || Some(DateTime::parse_from_rfc3339(value.as_str()?).ok()?.timestamp());
    value.as_i64().or_else(date).ok_or_else(|| D::Error::custom("no time"))
}

impl Event {
    /// Reads the body of a webhook, of whatever kind it is. Whether it is Stripe's is for [`crate::signature`] to say, before.
    pub fn parse(payload: &[u8]) -> Result<Self, Failure> {
        let Wire { id, kind, created, livemode, data, related_object } =
            serde_json::from_slice(payload).map_err(|_| Failure::Unreadable)?;
        let object = data.get("object").map_or_else(|| Object::related(&related_object), Object::read);
        Ok(Self { id, kind, created, livemode, object })
    }
}

impl Object {
    fn read(object: &Value) -> Self {
        let id = |path| object.pointer(path).and_then(wire::id);
        Self {
            kind: id("/object").unwrap_or_default(),
            id: id("/id"),
            customer: id("/customer"),
            // Invoices hold it deeper since 2025-03-31.
            subscription: id("/subscription").or_else(|| id("/parent/subscription_details/subscription")),
            client_reference_id: id("/client_reference_id"),
        }
    }

    fn related(object: &Value) -> Self {
        let id = |path| object.pointer(path).and_then(wire::id);
        Self { kind: id("/type").unwrap_or_default(), id: id("/id"), ..Self::default() }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    /// What is told of `object` by an event of `kind`.
    fn told(kind: &str, object: &Value) -> Object {
        let payload = json!({
            "id": "evt_1SKXOsH1mj1tDcHS", "object": "event", "api_version": "2026-08-26.dahlia", "created": 1_790_000_000,
            "livemode": true, "pending_webhooks": 1, "type": kind, "data": { "object": object, "previous_attributes": {} },
            "request": { "id": "req_1", "idempotency_key": "key" },
        });
        let event = Event::parse(payload.to_string().as_bytes()).unwrap();
        assert_eq!((event.id.as_str(), event.kind.as_str()), ("evt_1SKXOsH1mj1tDcHS", kind));
        assert_eq!((event.created, event.livemode), (1_790_000_000, true));
        event.object
    }

    fn object(kind: &str, id: &str, customer: &str, subscription: Option<&str>) -> Object {
        let subscription = subscription.map(str::to_owned);
        Object { kind: kind.into(), id: Some(id.into()), customer: Some(customer.into()), subscription, client_reference_id: None }
    }

    #[test]
    fn a_checkout_tells_whose_it_is() {
        let session = json!({
            "id": "cs_test_a1", "object": "checkout.session", "amount_subtotal": 1200, "amount_total": 1200,
            "client_reference_id": "tenant-7", "currency": "eur", "customer": "cus_T1", "customer_details": { "email": "a@b.example" },
            "mode": "subscription", "payment_intent": null, "payment_status": "paid", "status": "complete",
            "subscription": "sub_1", "success_url": "https://example.com/", "url": null,
        });
        let expected =
            Object { client_reference_id: Some("tenant-7".into()), ..object("checkout.session", "cs_test_a1", "cus_T1", Some("sub_1")) };
        assert_eq!(told("checkout.session.completed", &session), expected);
        // A payment has no subscription, and a guest is no customer.
        let guest = json!({ "id": "cs_2", "object": "checkout.session", "customer": null, "subscription": null });
        let expected = Object { kind: "checkout.session".into(), id: Some("cs_2".into()), ..Object::default() };
        assert_eq!(told("checkout.session.completed", &guest), expected);
    }

    #[test]
    fn subscriptions_are_told_of_from_beginning_to_end() {
        for (what, status) in [("created", "trialing"), ("updated", "past_due"), ("deleted", "canceled")] {
            let subscription = json!({
                "id": "sub_1", "object": "subscription", "billing_mode": { "type": "flexible" }, "cancel_at_period_end": false,
                "customer": "cus_T1", "items": { "object": "list", "data": [{ "id": "si_1", "price": { "id": "price_1" } }] },
                "latest_invoice": "in_1", "status": status,
            });
            assert_eq!(told(&format!("customer.subscription.{what}"), &subscription), object("subscription", "sub_1", "cus_T1", None));
        }
    }

    #[test]
    fn an_invoice_tells_its_subscription_in_either_place() {
        let invoice = json!({
            "id": "in_1", "object": "invoice", "amount_due": 1200, "amount_paid": 1200, "customer": "cus_T1", "status": "paid",
            "parent": {
                "type": "subscription_details", "quote_details": null,
                "subscription_details": { "metadata": {}, "subscription": "sub_1" },
            },
        });
        assert_eq!(told("invoice.paid", &invoice), object("invoice", "in_1", "cus_T1", Some("sub_1")));
        let old = json!({ "id": "in_2", "object": "invoice", "customer": "cus_T1", "subscription": "sub_2", "attempt_count": 2 });
        assert_eq!(told("invoice.payment_failed", &old), object("invoice", "in_2", "cus_T1", Some("sub_2")));
        let single = json!({ "id": "in_3", "object": "invoice", "customer": "cus_T1", "parent": null });
        assert_eq!(told("invoice.paid", &single), object("invoice", "in_3", "cus_T1", None));
    }

    #[test]
    fn a_refund_tells_the_charge() {
        let charge = json!({
            "id": "ch_1", "object": "charge", "amount": 1200, "amount_refunded": 600, "customer": "cus_T1", "payment_intent": "pi_1",
            "refunded": false, "refunds": { "object": "list", "data": [{ "id": "re_1", "object": "refund" }] },
        });
        assert_eq!(told("charge.refunded", &charge), object("charge", "ch_1", "cus_T1", None));
    }

    #[test]
    fn what_is_expanded_counts_by_its_id() {
        let invoice = json!({
            "id": "in_1", "object": "invoice", "customer": { "id": "cus_T1", "object": "customer", "email": "a@b.example" },
            "parent": { "subscription_details": { "subscription": { "id": "sub_1", "object": "subscription" } } },
        });
        assert_eq!(told("invoice.paid", &invoice), object("invoice", "in_1", "cus_T1", Some("sub_1")));
    }

    #[test]
    fn a_thin_event_names_its_object() {
        let payload = json!({
            "id": "evt_test_65", "object": "v2.core.event", "type": "v1.billing.meter.error_report_triggered", "livemode": false,
            "created": "2024-09-17T06:20:52.246Z", "context": null, "reason": null,
            "related_object": { "id": "mtr_1", "type": "billing.meter", "url": "/v1/billing/meters/mtr_1" },
        });
        let event = Event::parse(payload.to_string().as_bytes()).unwrap();
        assert_eq!((event.created, event.livemode), (1_726_554_052, false));
        assert_eq!(event.object, Object { kind: "billing.meter".into(), id: Some("mtr_1".into()), ..Object::default() });
        // It is about no meter, and its data are no object.
        let payload = json!({
            "id": "evt_2", "type": "v1.billing.meter.no_meter_found", "created": "2024-09-17T06:20:52Z", "related_object": null,
            "data": { "developer_message_summary": "There is 1 invalid event" },
        });
        assert_eq!(Event::parse(payload.to_string().as_bytes()).unwrap().object, Object::default());
    }

    #[test]
    fn what_is_not_known_is_read_as_far_as_it_goes() {
        let odd = json!({ "object": "treasury.surprise", "customer": 7, "subscription": [], "client_reference_id": { "no": "id" } });
        assert_eq!(told("treasury.surprise.sprung", &odd), Object { kind: "treasury.surprise".into(), ..Object::default() });
        assert_eq!(told("invoice.upcoming", &json!({ "object": "invoice", "customer": "cus_T1" })).id, None);
        assert_eq!(told("nothing", &Value::Null), Object::default());
    }

    #[test]
    fn what_is_no_event_is_unreadable() {
        for payload in ["", "{", "[]", "null", "{}", r#"{"id":"evt_1","type":"a"}"#, r#"{"id":"evt_1","type":"a","created":"today"}"#] {
            assert_eq!(Event::parse(payload.as_bytes()), Err(Failure::Unreadable), "{payload}");
        }
        assert_eq!(Event::parse(&[0xff, 0xfe]), Err(Failure::Unreadable));
    }
}
