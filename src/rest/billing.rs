//! `/billing`: the plan, what else could be had, and what is to be paid.

use axum::{body::Bytes, extract::State, http::HeaderMap};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use uuid::Uuid;

use super::{Emails, RestParts};
use crate::{
    billing::{Bill, Billing, Change, Grant, Invoice, InvoiceState},
    clock::Timestamp,
    error::{Error, Result},
    http::extract::{Caller, Json, Path},
    ids::TenantId,
    metering::Line,
    personal_url::PersonalUrls,
    plans::{Plan, Subscription, SubscriptionState},
};

pub(super) fn routes() -> OpenApiRouter<RestParts> {
    super::route_table! {
        billing_plans;
        billing_subscription;
        billing_checkout;
        billing_portal;
        billing_cancel;
        billing_resume;
        billing_invoices;
        billing_event;
        admin_subscription, admin_set_subscription;
        admin_set_invoice;
    }
}

/// Plans that can be had.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct PlanList {
    /// ISO 4217, lower case; amounts are in millionths of it.
    currency: String,
    plans: Vec<Plan>,
    /// Whether people pay by themselves; otherwise the operator is asked.
    self_service: bool,
}

/// Which plan the account has, and how it stands.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Subscription)]
pub(super) struct SubscriptionOut {
    plan: String,
    state: SubscriptionState,
    /// The end of a trial, of the grace or of what is paid, RFC 3339.
    ends_at: Option<String>,
    /// When the next payment is due, RFC 3339.
    renews_at: Option<String>,
    /// Who takes the money: `manual`, `stripe`.
    provider: String,
    /// Limits that the operator has set for this account alone.
    #[schema(value_type = Object)]
    overrides: serde_json::Map<String, serde_json::Value>,
}

impl From<Subscription> for SubscriptionOut {
    fn from(subscription: Subscription) -> Self {
        let Subscription { plan, state, ends_at, renews_at, provider, overrides, .. } = subscription;
        Self { plan, state, ends_at: ends_at.map(Timestamp::rfc3339), renews_at: renews_at.map(Timestamp::rfc3339), provider, overrides }
    }
}

/// The plan that is wanted.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct CheckoutIn {
    #[schema(example = "personal")]
    plan: String,
}

/// What came of it.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Checkout {
    /// `done`; `pay`: it holds once it is paid at `url`; `asked`: the operator was told.
    outcome: &'static str,
    url: Option<String>,
    subscription: Option<SubscriptionOut>,
}

/// A place to go to.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Place {
    /// Null where there is none: the operator changes how it is paid.
    url: Option<String>,
}

/// One invoice.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Invoice)]
pub(super) struct InvoiceOut {
    id: Uuid,
    /// As `2026-11`.
    month: String,
    plan: String,
    amount_micros: i64,
    currency: String,
    lines: Vec<Line>,
    state: InvoiceState,
    created_at: String,
    paid_at: Option<String>,
}

impl From<Invoice> for InvoiceOut {
    fn from(invoice: Invoice) -> Self {
        let Invoice { id, month, plan, amount_micros, currency, lines, state, created_at, paid_at } = invoice;
        let (month, created_at, paid_at) = (month.to_string(), created_at.rfc3339(), paid_at.map(Timestamp::rfc3339));
        Self { id, month, plan, amount_micros, currency, lines, state, created_at, paid_at }
    }
}

/// One bill of the payment provider's own.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ProviderBill)]
pub(super) struct BillOut {
    id: String,
    state: String,
    currency: String,
    amount_micros: i64,
    created_at: String,
    /// Where it can be seen and paid.
    url: Option<String>,
}

/// What was and is to be paid.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Invoices {
    /// Newest first.
    invoices: Vec<InvoiceOut>,
    bills: Vec<BillOut>,
}

/// List plans
#[utoipa::path(get, path = "/billing/plans", operation_id = "billingPlans", tag = "billing",
    responses((status = 200, description = "All that can be had", body = PlanList)))]
async fn billing_plans(_: Caller, State(billing): State<Billing>) -> Json<PlanList> {
    let catalog = billing.usage.plans().catalog();
    let self_service = billing.provider.name() != "manual";
    Json(PlanList { currency: catalog.currency.clone(), plans: catalog.plans.clone(), self_service })
}

/// See the subscription
#[utoipa::path(get, path = "/billing/subscription", operation_id = "billingSubscription", tag = "billing",
    responses((status = 200, description = "The plan and how it stands", body = SubscriptionOut)))]
async fn billing_subscription(Caller(by): Caller, State(billing): State<Billing>) -> Result<Json<SubscriptionOut>> {
    Ok(Json(billing.subscription(&by).await?.into()))
}

/// Choose a plan
///
/// Holds at once, or once it is paid at the address that is answered, or the operator is asked. Nothing is deleted, whatever the plan.
#[utoipa::path(post, path = "/billing/checkout", operation_id = "billingCheckout", tag = "billing", request_body = CheckoutIn,
    responses((status = 200, description = "What came of it", body = Checkout)))]
async fn billing_checkout(
    Caller(by): Caller,
    State(billing): State<Billing>,
    State(emails): State<Emails>,
    State(urls): State<PersonalUrls>,
    Json(wanted): Json<CheckoutIn>,
) -> Result<Json<Checkout>> {
    let email = emails.of(&by).await?;
    let checkout = |outcome, url, subscription| Checkout { outcome, url, subscription };
    Ok(Json(match billing.choose(&by, email, &wanted.plan, format!("{}/usage", urls.base())).await? {
        Change::Done(subscription) => checkout("done", None, Some(subscription.into())),
        Change::Pay(url) => checkout("pay", Some(url), None),
        Change::Asked => checkout("asked", None, None),
    }))
}

/// Change how it is paid
#[utoipa::path(post, path = "/billing/portal", operation_id = "billingPortal", tag = "billing",
    responses((status = 200, description = "Where that is done", body = Place)))]
async fn billing_portal(Caller(by): Caller, State(billing): State<Billing>, State(urls): State<PersonalUrls>) -> Result<Json<Place>> {
    Ok(Json(Place { url: billing.portal(&by, &format!("{}/usage", urls.base())).await? }))
}

/// End the plan with what is paid
#[utoipa::path(post, path = "/billing/cancel", operation_id = "billingCancel", tag = "billing",
    responses((status = 200, description = "When it ends", body = SubscriptionOut)))]
async fn billing_cancel(Caller(by): Caller, State(billing): State<Billing>) -> Result<Json<SubscriptionOut>> {
    Ok(Json(billing.end(&by, true).await?.into()))
}

/// Take the end of the plan back
#[utoipa::path(post, path = "/billing/resume", operation_id = "billingResume", tag = "billing",
    responses((status = 200, description = "It goes on", body = SubscriptionOut)))]
async fn billing_resume(Caller(by): Caller, State(billing): State<Billing>) -> Result<Json<SubscriptionOut>> {
    Ok(Json(billing.end(&by, false).await?.into()))
}

/// List invoices
#[utoipa::path(get, path = "/billing/invoices", operation_id = "billingInvoices", tag = "billing",
    responses((status = 200, description = "Newest first", body = Invoices)))]
async fn billing_invoices(Caller(by): Caller, State(billing): State<Billing>) -> Result<Json<Invoices>> {
    let (invoices, bills) = billing.invoices(&by).await?;
    let bill = |Bill { id, state, currency, amount_micros, created_at, url }| BillOut {
        id,
        state,
        currency,
        amount_micros,
        created_at: created_at.rfc3339(),
        url,
    };
    Ok(Json(Invoices { invoices: invoices.into_iter().map(Into::into).collect(), bills: bills.into_iter().map(bill).collect() }))
}

/// Tell what happened at a payment provider
///
/// For the provider, which signs what it tells. Anything told twice, late or out of order is understood as told once.
#[utoipa::path(post, path = "/billing/events/{provider}", operation_id = "billingEvent", tag = "billing", security(()),
    params(("provider" = String, Path, description = "`stripe`")),
    request_body(content = Object, content_type = "application/json"),
    responses((status = 204, description = "It is dealt with")))]
async fn billing_event(
    State(billing): State<Billing>,
    Path(provider): Path<String>,
    headers: HeaderMap,
    payload: Bytes,
) -> Result<axum::http::StatusCode> {
    let signature = headers.get("stripe-signature").and_then(|value| value.to_str().ok()).unwrap_or_default();
    billing.hear(&provider, &payload, signature).await?;
    Ok(axum::http::StatusCode::NO_CONTENT)
}

/// What the operator sees of an account's money.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct AccountMoney {
    subscription: SubscriptionOut,
    invoices: Vec<InvoiceOut>,
}

/// See the subscription of an account
#[utoipa::path(get, path = "/admin/accounts/{tenant_id}/subscription", operation_id = "adminSubscription", tag = "admin",
    params(("tenant_id" = Uuid, Path)),
    responses((status = 200, description = "With its invoices", body = AccountMoney)))]
async fn admin_subscription(
    _: super::admin::Operator,
    State(billing): State<Billing>,
    Path(tenant): Path<Uuid>,
) -> Result<Json<AccountMoney>> {
    let (subscription, invoices) = billing.of(TenantId(tenant)).await?;
    Ok(Json(AccountMoney { subscription: subscription.into(), invoices: invoices.into_iter().map(Into::into).collect() }))
}

/// What the operator gives; what is absent stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct GrantIn {
    /// Another plan; it is then active.
    plan: Option<String>,
    state: Option<SubscriptionState>,
    /// RFC 3339; empty for no end.
    ends_at: Option<String>,
    /// Limits for this account alone, by the names of the plan's; null lifts one.
    #[schema(value_type = Option<Object>)]
    overrides: Option<serde_json::Map<String, serde_json::Value>>,
}

/// Give an account a plan or limits of its own
#[utoipa::path(put, path = "/admin/accounts/{tenant_id}/subscription", operation_id = "adminSetSubscription", tag = "admin",
    params(("tenant_id" = Uuid, Path)), request_body = GrantIn,
    responses((status = 200, description = "As it stands then", body = SubscriptionOut)))]
async fn admin_set_subscription(
    super::admin::Operator(by): super::admin::Operator,
    State(billing): State<Billing>,
    Path(tenant): Path<Uuid>,
    Json(grant): Json<GrantIn>,
) -> Result<Json<SubscriptionOut>> {
    let ends_at = match grant.ends_at.as_deref() {
        None => None,
        Some("") => Some(None),
        Some(text) => Some(Some(Timestamp::parse(text).ok_or_else(|| Error::invalid("ends_at must be written as RFC 3339."))?)),
    };
    let grant = Grant { plan: grant.plan, state: grant.state, ends_at, overrides: grant.overrides };
    Ok(Json(billing.grant(by.doer(), TenantId(tenant), grant).await?.into()))
}

/// What became of an invoice.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct InvoiceIn {
    /// `open`, `paid` or `refunded`.
    state: String,
}

/// Note that an invoice was paid or given back
#[utoipa::path(put, path = "/admin/accounts/{tenant_id}/invoices/{invoice_id}", operation_id = "adminSetInvoice", tag = "admin",
    params(("tenant_id" = Uuid, Path), ("invoice_id" = Uuid, Path)), request_body = InvoiceIn,
    responses((status = 200, description = "The invoice", body = InvoiceOut)))]
async fn admin_set_invoice(
    super::admin::Operator(by): super::admin::Operator,
    State(billing): State<Billing>,
    Path((tenant, invoice)): Path<(Uuid, Uuid)>,
    Json(InvoiceIn { state }): Json<InvoiceIn>,
) -> Result<Json<InvoiceOut>> {
    Ok(Json(billing.set_invoice(by.doer(), TenantId(tenant), invoice, state.parse()?).await?.into()))
}
