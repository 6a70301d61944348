//! Plans chosen, paid and ended: by a payment provider whose events come in any order, and by the operator where there is none.

use std::{io::Write as _, sync::Arc, time::Duration};

use jonathans_memory::{
    app::Outside,
    clock::{Clock, ManualClock, Timestamp},
    tenancy::Role,
};
use proptest::{prelude::*, strategy::ValueTree};
use serde_json::{Value, json};
use stripe_wire::signature::sign;
use tempfile::NamedTempFile;

use crate::support::{
    app::{Person, TestApp},
    db::{TestDb, both},
    stripe::{self, StripeDouble},
};

const PLANS: &str = r#"
version = 7
currency = "usd"
[[plans]]
id = "free"
title = "Free"
limits = { memories = 2 }
[[plans]]
id = "gift"
title = "Gift"
[[plans]]
id = "pro"
title = "Pro"
price_per_month = 9_000_000
trial_days = 14
stripe_price = "price_pro"
included = { adds = 1 }
[[plans]]
id = "team"
title = "Team"
price_per_month = 29_000_000
stripe_price = "price_team"
[[prices]]
meter = "adds"
from = "2020-01-01"
micros = 5_000
per = 1
"#;

struct World {
    app: TestApp,
    stripe: StripeDouble,
    clock: Arc<ManualClock>,
    _plans: NamedTempFile,
}

impl World {
    async fn of(db: &TestDb, provider: &str) -> Self {
        let mut plans = NamedTempFile::new().expect("a file");
        plans.write_all(PLANS.as_bytes()).expect("written");
        let stripe = StripeDouble::start().await;
        let clock = Arc::new(ManualClock::at(
            "2026-11-30T12:00:00Z".parse::<chrono::DateTime<chrono::Utc>>().map(|at| Timestamp(at.timestamp_micros())).expect("a time"),
        ));
        let env = [
            ("DATABASE_URL", db.url.as_str()),
            ("JM__PLANS__FILE", plans.path().to_str().expect("utf-8")),
            ("JM__PLANS__DEFAULT", "free"),
            ("JM__BILLING__PROVIDER", provider),
            ("JM__BILLING__STRIPE_API_KEY", stripe::KEY),
            ("JM__BILLING__STRIPE_WEBHOOK_SECRET", "whsec_new,whsec_double"),
            ("JM__BILLING__STRIPE_URL", &stripe.url),
        ];
        let app = TestApp::start_with(&env, Outside { clock: clock.clone(), ..Outside::default() }).await;
        Self { app, stripe, clock, _plans: plans }
    }

    fn now(&self) -> i64 {
        self.clock.now().secs()
    }

    async fn tell(&self, event: &Value, signature: &str) -> u16 {
        let url = format!("{}/api/v1/billing/events/stripe", self.app.base);
        let request = self.app.http.post(url).header("stripe-signature", signature).header("content-type", "application/json");
        request.body(event.to_string()).send().await.expect("an answer").status().as_u16()
    }

    async fn tell_signed(&self, event: &Value) -> u16 {
        self.tell(event, &sign(event.to_string().as_bytes(), stripe::WEBHOOK_SECRET, self.now())).await
    }

    async fn subscription(&self, person: &Person) -> Value {
        self.app.rest(&person.jwt, "GET", "/api/v1/billing/subscription", None).await.1
    }

    async fn choose(&self, person: &Person, plan: &str) -> (u16, Value) {
        self.app.rest(&person.jwt, "POST", "/api/v1/billing/checkout", Some(json!({ "plan": plan }))).await
    }
}

fn event(id: &str, kind: &str, customer: &str) -> Value {
    let object = kind.rsplit_once('.').map_or("subscription", |(object, _)| object.rsplit_once('.').map_or(object, |(_, last)| last));
    json!({ "id": id, "object": "event", "type": kind, "created": 1, "livemode": false,
        "data": { "object": { "id": format!("x_{id}"), "object": object, "customer": customer } } })
}

fn standing(status: &str, price: &str, now: i64) -> Value {
    json!({ "id": "sub_1", "customer": "cus", "status": status, "cancel_at_period_end": false, "cancel_at": null, "canceled_at": null,
        "trial_end": null, "pause_collection": null,
        "items": { "data": [{ "id": "si_1", "price": { "id": price }, "current_period_start": now - 100, "current_period_end": now + 2_000_000 }] } })
}

fn customer(person: &Person) -> String {
    format!("cus_{}", person.member.tenant.to_string().replace('-', ""))
}

both! {
    async fn a_plan_holds_once_it_is_paid_and_nothing_is_deleted_when_it_ends(db: TestDb) {
        let world = World::of(&db, "stripe").await;
        let ann = world.app.person("ann").await;
        let (status, wanted) = world.choose(&ann, "pro").await;
        assert_eq!((status, &wanted["outcome"], &wanted["url"]), (200, &json!("pay"), &json!("https://checkout.stripe.test/cs_1")), "{wanted}");
        let order = world.stripe.checkouts().pop().expect("an order");
        assert_eq!((order["line_items[0][price]"].as_str(), order["client_reference_id"].as_str()), ("price_pro", ann.member.tenant.to_string().as_str()));
        assert_eq!(order["subscription_data[trial_period_days]"], "14");
        assert_eq!(world.subscription(&ann).await["plan"], "free", "nothing is paid yet");
        let customer = customer(&ann);
        world.stripe.stands(&customer, standing("active", "price_pro", world.now()));
        assert_eq!(world.tell_signed(&event("evt_1", "checkout.session.completed", &customer)).await, 204);
        assert_eq!(world.subscription(&ann).await["plan"], "pro");
        for n in 0..5 {
            world.app.add(&ann, &format!("note {n}")).await;
        }
        // Another plan is taken against what is paid.
        let (_, changed) = world.choose(&ann, "team").await;
        assert_eq!((&changed["outcome"], &changed["subscription"]["plan"]), (&json!("done"), &json!("team")), "{changed}");
        let (status, ended) = world.app.rest(&ann.jwt, "POST", "/api/v1/billing/cancel", None).await;
        assert_eq!((status, &ended["state"]), (200, &json!("cancelled")), "{ended}");
        assert_eq!(world.app.rest(&ann.jwt, "POST", "/api/v1/billing/resume", None).await.1["state"], "active");
        assert_eq!(world.app.rest(&ann.jwt, "POST", "/api/v1/billing/resume", None).await.0, 409);
        // It ends for good: five memories stay, and a sixth has no room.
        let mut gone = standing("canceled", "price_team", world.now());
        gone["canceled_at"] = json!(world.now() - 1);
        world.stripe.stands(&customer, gone);
        assert_eq!(world.tell_signed(&event("evt_2", "customer.subscription.deleted", &customer)).await, 204);
        let found = world.app.tool(&ann, "search_memory", json!({ "query": "note", "threshold": 0 })).await;
        assert_eq!(found["structuredContent"]["results"].as_array().map(Vec::len), Some(5));
        assert_eq!(world.app.rest(&ann.jwt, "POST", "/api/v1/memories/", Some(json!({ "text": "a sixth" }))).await.0, 402);
        let portal = world.app.rest(&ann.jwt, "POST", "/api/v1/billing/portal", None).await.1;
        assert_eq!(portal["url"], "https://billing.stripe.test/portal");
        assert_eq!(world.app.rest(&ann.api_key, "POST", "/api/v1/billing/cancel", None).await.0, 403, "money is spent by people");
    }

    async fn events_in_any_order_doubled_and_late_end_in_one_state(db: TestDb) {
        let world = World::of(&db, "stripe").await;
        let ann = world.app.person("ann").await;
        world.choose(&ann, "pro").await;
        let customer = customer(&ann);
        let kinds = ["checkout.session.completed", "customer.subscription.created", "customer.subscription.updated", "invoice.paid",
            "invoice.payment_failed", "customer.subscription.paused", "customer.subscription.resumed", "charge.refunded",
            "customer.subscription.trial_will_end", "customer.subscription.deleted"];
        let mut last = standing("past_due", "price_pro", world.now());
        last["items"]["data"][0]["current_period_start"] = json!(world.now() - 86_400);
        world.stripe.stands(&customer, last);
        let mut runner = proptest::test_runner::TestRunner::deterministic();
        for round in 0..40 {
            // As it was before anything came.
            let order = Just((0..10).chain(0..10).collect::<Vec<usize>>()).prop_shuffle().new_tree(&mut runner).expect("an order").current();
            for at in order {
                assert_eq!(world.tell_signed(&event(&format!("evt_{round}_{at}"), kinds[at], &customer)).await, 204);
            }
            let subscription = world.subscription(&ann).await;
            assert_eq!((&subscription["plan"], &subscription["state"]), (&json!("pro"), &json!("past_due")), "round {round}: {subscription}");
        }
        // The grace runs from the payment that failed; then the default plan holds again.
        let plan = async || {
            // What a tenant may use is kept for a second.
            tokio::time::sleep(Duration::from_millis(1_100)).await;
            world.app.rest(&ann.api_key, "GET", "/api/v1/usage", None).await.1["plan"]["id"].clone()
        };
        world.clock.advance(Duration::from_hours(12 * 24));
        assert_eq!(plan().await, "pro");
        world.clock.advance(Duration::from_hours(2 * 24));
        assert_eq!(plan().await, "free");
    }

    async fn what_is_forged_old_or_told_of_somebody_else_changes_nothing(db: TestDb) {
        let world = World::of(&db, "stripe").await;
        let (ann, eve) = (world.app.person("ann").await, world.app.person("eve").await);
        world.choose(&ann, "pro").await;
        let customer = customer(&ann);
        world.stripe.stands(&customer, standing("active", "price_pro", world.now()));
        let told = event("evt_1", "invoice.paid", &customer);
        let body = told.to_string();
        let old = sign(body.as_bytes(), stripe::WEBHOOK_SECRET, world.now() - 301);
        let forged = sign(body.as_bytes(), "whsec_mine", world.now());
        let other = sign(b"{}", stripe::WEBHOOK_SECRET, world.now());
        for signature in ["", "t=1,v1=00", &old, &forged, &other] {
            assert_eq!(world.tell(&told, signature).await, 401, "{signature}");
        }
        assert_eq!(world.subscription(&ann).await["plan"], "free");
        let unknown = world.app.http.post(format!("{}/api/v1/billing/events/paypal", world.app.base)).body(body.clone()).send().await.expect("an answer");
        assert_eq!(unknown.status().as_u16(), 404);
        // A provider that does not answer is asked again when it tells again.
        world.stripe.down(1);
        assert_eq!(world.tell_signed(&told).await, 503);
        assert_eq!(world.subscription(&ann).await["plan"], "free");
        assert_eq!(world.tell_signed(&told).await, 204);
        assert_eq!(world.subscription(&ann).await["plan"], "pro");
        assert_eq!(world.subscription(&eve).await["plan"], "free");
        // What was dealt with is not looked at again.
        world.stripe.stands(&customer, standing("active", "price_team", world.now()));
        assert_eq!(world.tell_signed(&told).await, 204);
        assert_eq!(world.subscription(&ann).await["plan"], "pro");
        let second = sign(body.as_bytes(), "whsec_new", world.now());
        assert_eq!(world.tell(&told, &second).await, 204, "a secret that is new is as good");
    }

    async fn a_provider_is_told_of_use_once_and_to_the_unit(db: TestDb) {
        let world = World::of(&db, "stripe").await;
        let ann = world.app.person("ann").await;
        world.choose(&ann, "pro").await;
        let customer = customer(&ann);
        world.stripe.stands(&customer, standing("active", "price_pro", world.now()));
        world.tell_signed(&event("evt_1", "invoice.paid", &customer)).await;
        for n in 0..4 {
            world.app.add(&ann, &format!("note {n}")).await;
        }
        let (_, statement) = world.app.rest(&ann.jwt, "GET", "/api/v1/usage/statement", None).await;
        world.clock.advance(Duration::from_hours(14));
        let scopes = [ann.principal.scope];
        world.stripe.down(1);
        for _ in 0..3 {
            world.app.app.billing.keep(&scopes).await.expect("kept");
        }
        let told: i64 = world.stripe.meter_events().values().sum();
        assert_eq!(told, 3, "four, of which one is included");
        let line = statement["lines"].as_array().expect("lines").iter().find(|line| line["what"] == "adds").expect("adds");
        assert_eq!(line["amount_micros"], json!(told * 5_000), "as the statement says");
    }

    async fn without_a_provider_the_operator_is_asked_and_past_months_become_invoices(db: TestDb) {
        let world = World::of(&db, "manual").await;
        let (ann, root) = (world.app.person("ann").await, world.app.person("root").await);
        world.app.app.operator.set_role(root.member.user, root.member.tenant, Role::Operator).await.expect("set");
        assert_eq!(world.choose(&ann, "pro").await.1["outcome"], "asked");
        assert_eq!(world.choose(&ann, "free").await.0, 409, "it is the plan that holds");
        assert_eq!(world.choose(&ann, "gift").await.1["outcome"], "asked", "nobody gives it to themselves");
        assert_eq!(world.subscription(&ann).await["plan"], "free");
        let path = format!("/api/v1/admin/accounts/{}/subscription", ann.member.tenant);
        assert_eq!(world.app.rest(&root.jwt, "PUT", &path, Some(json!({ "plan": "pro" }))).await.0, 200);
        assert_eq!(world.app.rest(&root.jwt, "PUT", &path, Some(json!({ "state": "paused" }))).await.0, 200);
        assert_eq!(world.choose(&ann, "free").await.1["outcome"], "asked", "a pause is not lifted by who is paused");
        assert_eq!(world.subscription(&ann).await["state"], "paused");
        assert_eq!(world.app.rest(&root.jwt, "PUT", &path, Some(json!({ "state": "active" }))).await.0, 200);
        for n in 0..3 {
            world.app.add(&ann, &format!("note {n}")).await;
        }
        let (_, statement) = world.app.rest(&ann.jwt, "GET", "/api/v1/usage/statement", None).await;
        world.clock.advance(Duration::from_hours(24));
        for _ in 0..2 {
            world.app.app.billing.keep(&[ann.principal.scope, root.principal.scope]).await.expect("kept");
        }
        let (_, told) = world.app.rest(&ann.api_key, "GET", "/api/v1/billing/invoices", None).await;
        let invoices = told["invoices"].as_array().expect("invoices");
        assert_eq!(invoices.len(), 1, "one a month");
        assert_eq!((&invoices[0]["amount_micros"], &invoices[0]["month"]), (&statement["total_micros"], &json!("2026-11")));
        let id = invoices[0]["id"].as_str().expect("an id").parse().expect("an id");
        let paid = world.app.app.billing.set_invoice(root.member.doer(), ann.member.tenant, id, jonathans_memory::billing::InvoiceState::Paid).await.expect("paid");
        assert!(paid.paid_at.is_some());
        world.app.app.billing.set_invoice(root.member.doer(), root.member.tenant, id, jonathans_memory::billing::InvoiceState::Paid).await.expect_err("another account's");
        let (_, others) = world.app.app.billing.of(root.member.tenant).await.expect("read");
        assert!(others.is_empty(), "who pays nothing gets no invoice");
    }
}
