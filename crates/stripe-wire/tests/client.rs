//! The client against a Stripe of the tests' own, over a real connection.

mod fake;

use std::time::Duration;

use axum::http::StatusCode;
use fake::{Fake, KEY};
use serde_json::{Value, json};
use stripe_wire::{BASE, CheckoutRequest, Client, Failure, Invoice, Mode, Proration, Refund, Status, Subscription, Timeouts, Unusable};

/// A subscription as Stripe writes it now.
fn written() -> Value {
    json!({
        "id": "sub_1", "object": "subscription", "customer": "cus_1", "status": "active", "cancel_at_period_end": false,
        "cancel_at": null, "canceled_at": null, "trial_end": 1_789_000_000, "pause_collection": null,
        "items": { "object": "list", "has_more": false, "data": [{
            "id": "si_1", "object": "subscription_item", "current_period_start": 1_790_000_000, "current_period_end": 1_792_592_000,
            "price": { "id": "price_1", "object": "price", "unit_amount": 1200 }, "quantity": 1,
        }] },
    })
}

/// The same as it is read.
fn read() -> Subscription {
    Subscription {
        id: "sub_1".into(),
        customer: Some("cus_1".into()),
        status: Status::Active,
        current_period_start: Some(1_790_000_000),
        current_period_end: Some(1_792_592_000),
        trial_end: Some(1_789_000_000),
        cancel_at_period_end: false,
        cancel_at: None,
        canceled_at: None,
        price: Some("price_1".into()),
        item: Some("si_1".into()),
        pause: false,
    }
}

fn request() -> CheckoutRequest {
    CheckoutRequest {
        customer: "cus_1".into(),
        price: "price_1".into(),
        quantity: 2,
        client_reference_id: "tenant & co".into(),
        success_url: "https://example.com/paid?session={CHECKOUT_SESSION_ID}".into(),
        cancel_url: "https://example.com/".into(),
        trial_days: None,
        payment_method_types: Vec::new(),
        mode: Mode::Subscription,
    }
}

#[tokio::test]
async fn a_customer_is_made() {
    let stripe = Fake::answering(json!({ "id": "cus_1", "object": "customer" })).await;
    let metadata = [("tenant", "7"), ("plan", "pro=1&x")];
    assert_eq!(stripe.client.create_customer(Some("a+b@c.example"), &metadata, "key-1").await.unwrap(), "cus_1");
    let form = [("metadata[tenant]", "7"), ("metadata[plan]", "pro=1&x"), ("email", "a+b@c.example")];
    stripe.posted("/v1/customers", &form, "key-1");
    stripe.client.create_customer(None, &[], "key-2").await.unwrap();
    stripe.posted("/v1/customers", &[], "key-2");
}

#[tokio::test]
async fn a_checkout_is_opened() {
    let stripe = Fake::answering(json!({ "id": "cs_1", "object": "checkout.session", "url": "https://checkout.stripe.com/c/1" })).await;
    let session = stripe.client.checkout(&request(), "key-1").await.unwrap();
    assert_eq!((session.id.as_str(), session.url.as_str()), ("cs_1", "https://checkout.stripe.com/c/1"));
    let mut form = vec![
        ("mode", "subscription"),
        ("customer", "cus_1"),
        ("line_items[0][price]", "price_1"),
        ("line_items[0][quantity]", "2"),
        ("client_reference_id", "tenant & co"),
        ("success_url", "https://example.com/paid?session={CHECKOUT_SESSION_ID}"),
        ("cancel_url", "https://example.com/"),
    ];
    stripe.posted("/v1/checkout/sessions", &form, "key-1");

    let trial = CheckoutRequest { trial_days: Some(14), payment_method_types: vec!["card".into()], ..request() };
    stripe.client.checkout(&trial, "key-2").await.unwrap();
    form.extend([("subscription_data[trial_period_days]", "14"), ("payment_method_types[]", "card")]);
    stripe.posted("/v1/checkout/sessions", &form, "key-2");

    let kinds = ["card", "wechat_pay", "alipay"].map(str::to_owned).to_vec();
    stripe.client.checkout(&CheckoutRequest { mode: Mode::Payment, payment_method_types: kinds, ..request() }, "key-3").await.unwrap();
    form.truncate(7);
    form[0] = ("mode", "payment");
    form.extend(["card", "wechat_pay", "alipay"].map(|kind| ("payment_method_types[]", kind)));
    form.push(("payment_method_options[wechat_pay][client]", "web"));
    stripe.posted("/v1/checkout/sessions", &form, "key-3");
}

#[tokio::test]
async fn the_portal_is_opened() {
    let stripe = Fake::answering(json!({ "id": "bps_1", "url": "https://billing.stripe.com/p/1" })).await;
    let url = stripe.client.portal("cus_1", "https://example.com/billing", "key-1").await.unwrap();
    assert_eq!(url, "https://billing.stripe.com/p/1");
    stripe.posted("/v1/billing_portal/sessions", &[("customer", "cus_1"), ("return_url", "https://example.com/billing")], "key-1");
}

#[tokio::test]
async fn a_subscription_is_read_as_every_version_writes_it() {
    let stripe = Fake::answering(written()).await;
    assert_eq!(stripe.client.subscription("sub_1").await.unwrap(), read());
    stripe.asked("GET", "/v1/subscriptions/sub_1", &[]);

    let mut old = written();
    old["customer"] = json!({ "id": "cus_1", "object": "customer" });
    old["current_period_start"] = json!(1_780_000_000);
    old["current_period_end"] = json!(1_782_592_000);
    old["pause_collection"] = json!({ "behavior": "void" });
    old["cancel_at"] = json!(1_792_592_000);
    stripe.answers(StatusCode::OK, &[], &old);
    let subscription = stripe.client.subscription("sub_1").await.unwrap();
    let (start, end) = (Some(1_780_000_000), Some(1_782_592_000));
    let cancel_at = Some(1_792_592_000);
    assert_eq!(subscription, Subscription { current_period_start: start, current_period_end: end, cancel_at, pause: true, ..read() });
    assert!(subscription.ends() && !read().ends());

    stripe.answers(StatusCode::OK, &[], &json!({ "id": "sub_1", "status": "incomplete" }));
    let bare = stripe.client.subscription("sub_1").await.unwrap();
    assert_eq!((bare.status, bare.customer, bare.item, bare.current_period_end), (Status::Incomplete, None, None, None));
}

#[tokio::test]
async fn every_status_is_known_or_kept() {
    let stripe = Fake::answering(Value::Null).await;
    for (text, status) in [
        ("incomplete", Status::Incomplete),
        ("incomplete_expired", Status::IncompleteExpired),
        ("trialing", Status::Trialing),
        ("active", Status::Active),
        ("past_due", Status::PastDue),
        ("canceled", Status::Canceled),
        ("unpaid", Status::Unpaid),
        ("paused", Status::Paused),
        ("hibernating", Status::Other("hibernating".into())),
    ] {
        stripe.answers(StatusCode::OK, &[], &json!({ "id": "sub_1", "status": text }));
        assert_eq!(stripe.client.subscription("sub_1").await.unwrap().status, status);
    }
}

#[tokio::test]
async fn the_subscriptions_of_a_customer_are_listed() {
    let stripe = Fake::answering(json!({ "object": "list", "data": [written()], "has_more": false })).await;
    assert_eq!(stripe.client.subscriptions_of("cus_1").await.unwrap(), [read()]);
    stripe.asked("GET", "/v1/subscriptions", &[("customer", "cus_1"), ("status", "all"), ("limit", "100")]);
}

#[tokio::test]
async fn a_subscription_is_changed_ended_and_resumed() {
    let stripe = Fake::answering(written()).await;
    let behaviors = [(Proration::Create, "create_prorations"), (Proration::Invoice, "always_invoice"), (Proration::None, "none")];
    for (proration, text) in behaviors {
        assert_eq!(stripe.client.change("sub_1", "si_1", "price_2", proration, "key-1").await.unwrap(), read());
        let form = [("items[0][id]", "si_1"), ("items[0][price]", "price_2"), ("proration_behavior", text)];
        stripe.posted("/v1/subscriptions/sub_1", &form, "key-1");
    }
    stripe.client.cancel("sub_1", true, "key-2").await.unwrap();
    stripe.posted("/v1/subscriptions/sub_1", &[("cancel_at_period_end", "true")], "key-2");
    stripe.client.cancel("sub_1", false, "key-3").await.unwrap();
    stripe.asked("DELETE", "/v1/subscriptions/sub_1", &[]);

    let ending = Subscription { cancel_at_period_end: true, cancel_at: Some(1_792_592_000), ..read() };
    stripe.client.resume(&ending, "key-4").await.unwrap();
    stripe.posted("/v1/subscriptions/sub_1", &[("cancel_at_period_end", "false")], "key-4");
    stripe.client.resume(&Subscription { cancel_at_period_end: false, ..ending }, "key-5").await.unwrap();
    stripe.posted("/v1/subscriptions/sub_1", &[("cancel_at", "")], "key-5");
}

#[tokio::test]
async fn usage_is_told_under_one_identity() {
    let stripe = Fake::answering(json!({ "object": "billing.meter_event", "identifier": "tenant:writes:497222" })).await;
    stripe.client.meter_event("writes", "cus_1", u64::MAX, 1_790_000_000, "tenant:writes:497222").await.unwrap();
    let form = [
        ("event_name", "writes"),
        ("payload[stripe_customer_id]", "cus_1"),
        ("payload[value]", "18446744073709551615"),
        ("timestamp", "1790000000"),
        ("identifier", "tenant:writes:497222"),
    ];
    stripe.posted("/v1/billing/meter_events", &form, "tenant:writes:497222");
}

#[tokio::test]
async fn what_was_paid_is_given_back() {
    let stripe = Fake::answering(json!({ "id": "re_1", "object": "refund", "amount": 600, "status": "succeeded" })).await;
    let refund = Refund { id: "re_1".into(), status: Some("succeeded".into()), amount: 600 };
    assert_eq!(stripe.client.refund("ch_1", Some(600), "key-1").await.unwrap(), refund);
    stripe.posted("/v1/refunds", &[("charge", "ch_1"), ("amount", "600")], "key-1");
    stripe.client.refund("pi_1", None, "key-2").await.unwrap();
    stripe.posted("/v1/refunds", &[("payment_intent", "pi_1")], "key-2");
}

#[tokio::test]
async fn invoices_are_listed_with_drafts() {
    let paid = json!({
        "id": "in_1", "object": "invoice", "number": "A-0001", "status": "paid", "currency": "eur", "amount_due": 1200,
        "amount_paid": 1200, "created": 1_790_000_000, "period_start": 1_787_000_000, "period_end": 1_790_000_000,
        "hosted_invoice_url": "https://invoice.stripe.com/i/1", "invoice_pdf": "https://pay.stripe.com/i/1/pdf", "customer": "cus_1",
    });
    let mut draft = paid.clone();
    for field in ["number", "hosted_invoice_url", "invoice_pdf"] {
        draft[field] = Value::Null;
    }
    draft["status"] = json!("draft");
    let stripe = Fake::answering(json!({ "object": "list", "data": [draft, paid], "has_more": true })).await;
    let invoices = stripe.client.invoices("cus_1", 12).await.unwrap();
    stripe.asked("GET", "/v1/invoices", &[("customer", "cus_1"), ("limit", "12")]);
    let paid = Invoice {
        id: "in_1".into(),
        number: Some("A-0001".into()),
        status: Some("paid".into()),
        currency: "eur".into(),
        amount_due: 1200,
        amount_paid: 1200,
        created: 1_790_000_000,
        period_start: 1_787_000_000,
        period_end: 1_790_000_000,
        hosted_invoice_url: Some("https://invoice.stripe.com/i/1".into()),
        invoice_pdf: Some("https://pay.stripe.com/i/1/pdf".into()),
    };
    let status = Some("draft".into());
    let draft = Invoice { number: None, status, hosted_invoice_url: None, invoice_pdf: None, ..paid.clone() };
    assert_eq!(invoices, [draft, paid]);
    stripe.client.invoices("cus_1", 0).await.unwrap();
    stripe.asked("GET", "/v1/invoices", &[("customer", "cus_1"), ("limit", "1")]);
}

#[tokio::test]
async fn an_id_never_leads_elsewhere() {
    let stripe = Fake::answering(written()).await;
    stripe.client.subscription("sub_1/../../refunds?a=b#c").await.unwrap();
    stripe.asked("GET", "/v1/subscriptions/sub_1%2F..%2F..%2Frefunds%3Fa=b%23c", &[]);
}

#[tokio::test]
async fn a_refusal_tells_its_code_and_keeps_the_message_to_itself() {
    let stripe = Fake::answering(Value::Null).await;
    let told = json!({ "error": { "type": "card_error", "code": "card_declined", "message": "a@b.example was declined", "param": "x" } });
    stripe.answers(StatusCode::PAYMENT_REQUIRED, &[], &told);
    let failure = stripe.client.portal("cus_1", "https://example.com/", "key").await.unwrap_err();
    assert_eq!(format!("{failure} {failure:?}"), "Stripe refuses: 402 card_declined Failure(Stripe refuses: 402 card_declined)");
    let message = "a@b.example was declined".to_owned();
    assert_eq!(failure, Failure::Refused { status: 402, code: Some("card_declined".into()), message });

    // The type stands for a code, and nothing for either.
    stripe.answers(StatusCode::BAD_REQUEST, &[], &json!({ "error": { "type": "idempotency_error", "message": "m" } }));
    let failure = stripe.client.portal("cus_1", "https://example.com/", "key").await.unwrap_err();
    assert_eq!(failure.to_string(), "Stripe refuses: 400 idempotency_error");
    stripe.answers(StatusCode::NOT_FOUND, &[], &json!("gone"));
    let failure = stripe.client.subscription("sub_1").await.unwrap_err();
    assert_eq!(failure, Failure::Refused { status: 404, code: None, message: String::new() });
    assert_eq!(failure.to_string(), "Stripe refuses: 404");
}

#[tokio::test]
async fn what_may_pass_says_when() {
    let stripe = Fake::answering(Value::Null).await;
    let told = json!({ "error": { "type": "idempotency_error", "code": "idempotency_key_in_use" } });
    for (status, header, retry_after) in [
        (StatusCode::TOO_MANY_REQUESTS, Some("7"), Some(7)),
        (StatusCode::TOO_MANY_REQUESTS, None, None),
        (StatusCode::TOO_MANY_REQUESTS, Some("Fri, 31 Dec 2027 23:59:59 GMT"), None),
        (StatusCode::CONFLICT, None, None),
        (StatusCode::INTERNAL_SERVER_ERROR, None, None),
        (StatusCode::SERVICE_UNAVAILABLE, Some("30"), Some(30)),
    ] {
        let headers: Vec<_> = header.iter().map(|value| ("retry-after", *value)).collect();
        stripe.answers(status, &headers, &told);
        assert_eq!(stripe.client.refund("ch_1", None, "key").await, Err(Failure::Busy { retry_after }), "{status}");
    }
}

#[tokio::test]
async fn what_does_not_answer_is_given_up() {
    let timeouts = Timeouts { read: Duration::from_millis(200), ..Timeouts::default() };
    // Neither silence nor a body that never ends holds a call for longer.
    for begins in [false, true] {
        let silent = fake::silent(begins).await;
        let client = Client::new(&silent, KEY, timeouts).unwrap();
        assert_eq!(client.subscription("sub_1").await, Err(Failure::Unreachable));
    }
    let nobody = Client::new(&fake::nobody().await, KEY, timeouts).unwrap();
    assert_eq!(nobody.subscription("sub_1").await, Err(Failure::Unreachable));
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let (stripe, other) = (Fake::answering(Value::Null).await, Fake::answering(written()).await);
    for status in [StatusCode::FOUND, StatusCode::TEMPORARY_REDIRECT, StatusCode::PERMANENT_REDIRECT] {
        stripe.answers(status, &[("location", &format!("{}/v1/subscriptions/sub_1", other.base))], &Value::Null);
        assert_eq!(stripe.client.subscription("sub_1").await, Err(Failure::Unreadable));
        assert_eq!(stripe.client.cancel("sub_1", true, "key").await, Err(Failure::Unreadable));
    }
    assert_eq!(other.calls(), 0);
}

#[tokio::test]
async fn what_is_no_answer_is_unreadable() {
    let stripe = Fake::answering(Value::Null).await;
    for body in ["", "<html>", "{", "null", "[]", r#"{"id":7,"status":"active"}"#, r#"{"id":"sub_1"}"#] {
        stripe.answers_text(StatusCode::OK, &[], body);
        assert_eq!(stripe.client.subscription("sub_1").await, Err(Failure::Unreadable), "{body}");
    }
    // It could be read, were it not so large.
    stripe.answers_text(StatusCode::OK, &[], &format!("{}{}", written(), " ".repeat(5 << 20)));
    assert_eq!(stripe.client.subscription("sub_1").await, Err(Failure::Unreadable));
    stripe.answers_text(StatusCode::OK, &[], r#"{"id":"cs_1","url":null}"#);
    assert_eq!(stripe.client.checkout(&request(), "key").await, Err(Failure::Unreadable));
}

#[test]
fn a_client_is_made_of_an_address_and_a_key_and_shows_no_key() {
    let client = Client::new(BASE, KEY, Timeouts::default()).unwrap();
    assert_eq!(format!("{client:?}"), r#"Client { base: "https://api.stripe.com", .. }"#);
    let made = |base, key| Client::new(base, key, Timeouts::default()).map(drop);
    assert_eq!(made("http://127.0.0.1:1/prefix", KEY), Ok(()));
    for base in ["", "api.stripe.com", "ftp://api.stripe.com", "https://"] {
        assert_eq!(made(base, KEY), Err(Unusable::Base), "{base}");
    }
    for key in ["", "sk_test_1\n", "sk test", "schlüssel"] {
        assert_eq!(made(BASE, key), Err(Unusable::Key), "{key}");
    }
}
