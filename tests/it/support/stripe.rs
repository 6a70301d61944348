//! Stripe as far as the product speaks with it: customers, subscriptions as the test sets them, and what it was told of use.

use std::{
    collections::{BTreeMap, HashMap},
    net::SocketAddr,
    sync::Arc,
};

use axum::{
    Json, Router,
    extract::{Path, Query, State},
    http::{HeaderMap, StatusCode},
    routing::{get, post},
};
use parking_lot::Mutex;
use serde_json::{Value, json};
use tokio::net::TcpListener;

pub const KEY: &str = "sk_test_double";
pub const WEBHOOK_SECRET: &str = "whsec_double";

#[derive(Default)]
struct Inner {
    /// Subscriptions by customer.
    subscriptions: HashMap<String, Value>,
    /// Identifier, value; each identifier counts once.
    meter_events: BTreeMap<String, i64>,
    /// Forms of checkouts.
    checkouts: Vec<HashMap<String, String>>,
    /// Answers 503 so many times.
    down: usize,
    /// Wrong keys seen.
    strangers: usize,
}

/// The server; it lives as long as the runtime.
#[derive(Clone)]
pub struct StripeDouble {
    pub url: String,
    inner: Arc<Mutex<Inner>>,
}

type Fields = HashMap<String, String>;

impl StripeDouble {
    /// On a free port.
    pub async fn start() -> Self {
        let listener = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await.expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let double = Self { url, inner: Arc::default() };
        let router = Router::new()
            .route("/v1/customers", post(customer))
            .route("/v1/checkout/sessions", post(checkout))
            .route("/v1/billing_portal/sessions", post(async || Json(json!({ "url": "https://billing.stripe.test/portal" }))))
            .route("/v1/subscriptions", get(subscriptions))
            .route("/v1/subscriptions/{id}", post(change))
            .route("/v1/invoices", get(async || Json(json!({ "data": [] }))))
            .route("/v1/billing/meter_events", post(meter_event))
            .with_state(double.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        double
    }

    /// How a customer's subscription stands from now on.
    pub fn stands(&self, customer: &str, subscription: Value) {
        self.inner.lock().subscriptions.insert(customer.to_owned(), subscription);
    }

    /// Answers the next calls as a server that is down.
    pub fn down(&self, calls: usize) {
        self.inner.lock().down = calls;
    }

    /// What it was told of use, by identifier.
    pub fn meter_events(&self) -> BTreeMap<String, i64> {
        self.inner.lock().meter_events.clone()
    }

    /// What was ordered.
    pub fn checkouts(&self) -> Vec<Fields> {
        self.inner.lock().checkouts.clone()
    }

    fn admits(&self, headers: &HeaderMap) -> Result<(), StatusCode> {
        let mut inner = self.inner.lock();
        if headers.get("authorization").is_none_or(|value| value != &format!("Bearer {KEY}")) {
            inner.strangers += 1;
            return Err(StatusCode::UNAUTHORIZED);
        }
        if inner.down > 0 {
            inner.down -= 1;
            return Err(StatusCode::SERVICE_UNAVAILABLE);
        }
        Ok(())
    }
}

/// The fields of a form.
fn fields(body: &str) -> Fields {
    let url = reqwest::Url::parse(&format!("http://form/?{body}")).expect("a form");
    url.query_pairs().into_owned().collect()
}

async fn customer(State(double): State<StripeDouble>, headers: HeaderMap, body: String) -> Result<Json<Value>, StatusCode> {
    double.admits(&headers)?;
    let form = fields(&body);
    Ok(Json(json!({ "id": format!("cus_{}", form["metadata[tenant]"].replace('-', "")) })))
}

async fn checkout(State(double): State<StripeDouble>, headers: HeaderMap, body: String) -> Result<Json<Value>, StatusCode> {
    double.admits(&headers)?;
    let form = fields(&body);
    double.inner.lock().checkouts.push(form);
    Ok(Json(json!({ "id": "cs_1", "url": "https://checkout.stripe.test/cs_1" })))
}

async fn subscriptions(
    State(double): State<StripeDouble>,
    headers: HeaderMap,
    Query(query): Query<Fields>,
) -> Result<Json<Value>, StatusCode> {
    double.admits(&headers)?;
    let found: Vec<_> = double.inner.lock().subscriptions.get(&query["customer"]).cloned().into_iter().collect();
    Ok(Json(json!({ "data": found })))
}

async fn change(
    State(double): State<StripeDouble>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: String,
) -> Result<Json<Value>, StatusCode> {
    double.admits(&headers)?;
    let form = fields(&body);
    let mut inner = double.inner.lock();
    let subscription = inner.subscriptions.values_mut().find(|subscription| subscription["id"] == id).ok_or(StatusCode::NOT_FOUND)?;
    if let Some(ends) = form.get("cancel_at_period_end") {
        subscription["cancel_at_period_end"] = json!(ends == "true");
    }
    if let Some(price) = form.get("items[0][price]") {
        subscription["items"]["data"][0]["price"]["id"] = json!(price);
    }
    Ok(Json(subscription.clone()))
}

async fn meter_event(State(double): State<StripeDouble>, headers: HeaderMap, body: String) -> Result<Json<Value>, StatusCode> {
    double.admits(&headers)?;
    let form = fields(&body);
    let value = form["payload[value]"].parse().expect("a number");
    double.inner.lock().meter_events.entry(form["identifier"].clone()).or_insert(value);
    Ok(Json(json!({ "identifier": form["identifier"] })))
}
