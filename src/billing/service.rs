//! Plans chosen, paid, changed and ended.

use std::{sync::Arc, time::Duration};

use serde_json::{Map, Value};
use uuid::Uuid;

use super::{Bill, BillingStore, Invoice, InvoiceState, Order, PaymentProvider, Standing};
use crate::{
    auth::{CredentialKind, Principal, Scope},
    clock::{Clock, Timestamp},
    error::{Code, Error, Result},
    ids::TenantId,
    metering::{DayUse, Month, Usage},
    plans::{Meter, Plan, Subscription, SubscriptionState},
    tenancy::{Doer, TenantScope},
};

/// How long a day that is over may still be added to by nodes that have not written yet.
const SETTLED: Duration = Duration::from_hours(1);
/// Days that a provider is told of: what it could not be told on one is told on the next.
const DAYS_TOLD: i64 = 3;
const DAY: i64 = 86_400_000_000;

/// What came of the wish for another plan.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    /// It holds.
    Done(Subscription),
    /// It holds once it is paid there.
    Pay(String),
    /// The operator was told.
    Asked,
}

/// What the operator sets.
#[derive(Debug, Clone, Default)]
pub struct Grant {
    pub plan: Option<String>,
    pub state: Option<SubscriptionState>,
    /// Absent leaves the end as it is, none takes it away.
    pub ends_at: Option<Option<Timestamp>>,
    pub overrides: Option<Map<String, Value>>,
}

/// Money of tenants; cheap to clone.
#[derive(Clone)]
pub struct Billing {
    pub provider: Arc<dyn PaymentProvider>,
    pub store: Arc<dyn BillingStore>,
    pub usage: Usage,
    pub clock: Arc<dyn Clock>,
    /// Who looks how a subscription stands writes it down before the next one looks: an older answer must not come last.
    pub looking: Arc<tokio::sync::Mutex<()>>,
}

impl Billing {
    /// The account's subscription as it stands.
    ///
    /// # Errors
    /// `insufficient_scope`, `unavailable`.
    pub async fn subscription(&self, by: &Principal) -> Result<Subscription> {
        self.usage.plans().subscription(account(by)?).await
    }

    /// Moves the account to another plan: at once where that is the default one or the provider takes the rest of what is paid into
    /// account, otherwise once it is paid. Nothing is deleted, whatever the plan.
    ///
    /// # Errors
    /// `insufficient_scope`, `not_found` (plan), `conflict` (it is the plan that holds), `unavailable`.
    pub async fn choose(&self, by: &Principal, email: Option<String>, plan: &str, return_url: String) -> Result<Change> {
        let scope = person(by)?;
        let plan = self.plan(plan)?.clone();
        let now = self.clock.now();
        let subscription = self.usage.plans().subscription(scope).await?;
        let holds = subscription.holds(now);
        if subscription.plan == plan.id && holds && subscription.state != SubscriptionState::Cancelled {
            return Err(Error::new(Code::Conflict, format!("{} is your plan already.", plan.title)));
        }
        if subscription.state == SubscriptionState::Paused {
            // Whoever paused it lets it go on.
            return self.ask(scope, by, &plan).await;
        }
        let paid = subscription.provider == self.provider.name() && subscription.reference.is_some() && holds;
        // Everybody may have the plan that they have without asking; another one without a price is the operator's to give.
        if plan.id == self.usage.plans().default_plan().id {
            if paid {
                // What is paid is used up first.
                return Ok(Change::Done(self.end(by, true).await?));
            }
            let chosen = Subscription { plan: plan.id, state: SubscriptionState::Active, ends_at: None, renews_at: None, ..subscription };
            self.usage.plans().subscribe(scope, Some(by.doer()), &chosen).await?;
            return Ok(Change::Done(chosen));
        }
        let Some(price) = plan.stripe_price.clone().filter(|_| self.provider.name() != "manual") else {
            return self.ask(scope, by, &plan).await;
        };
        // The same wish within an hour is one order.
        let key = format!("{}:{}:{}", scope.tenant(), plan.id, now.0.div_euclid(3_600_000_000));
        if let Some(customer) = subscription.customer.as_deref().filter(|_| paid) {
            self.provider.change(customer, &price, &key).await?;
            return Ok(Change::Done(self.look(scope, Some(by.doer()), customer).await?));
        }
        let known = subscription.customer.clone().filter(|_| subscription.provider == self.provider.name());
        let trial_days = if known.is_none() { plan.trial_days } else { 0 };
        let mut order = Order { tenant: scope.tenant(), email, customer: known, price, trial_days, return_url, key };
        if order.customer.is_none() {
            let customer = self.provider.customer(&order).await?;
            // Written down before anything is paid: what is told of it later finds its tenant.
            let provider = self.provider.name().to_owned();
            let named = Subscription { provider, customer: Some(customer.clone()), reference: None, ..subscription };
            self.usage.plans().subscribe(scope, Some(by.doer()), &named).await?;
            order.customer = Some(customer);
        }
        Ok(self.provider.checkout(&order).await?.map_or(Change::Asked, Change::Pay))
    }

    /// Notes the wish for a plan, for the operator.
    async fn ask(&self, scope: &TenantScope, by: &Principal, plan: &Plan) -> Result<Change> {
        self.usage.plans().note(scope, by.doer(), "subscription.asked", serde_json::json!({ "plan": plan.id })).await?;
        Ok(Change::Asked)
    }

    /// Where the person changes how they pay; `None` where there is no such place.
    ///
    /// # Errors
    /// `insufficient_scope`, `unavailable`.
    pub async fn portal(&self, by: &Principal, return_url: &str) -> Result<Option<String>> {
        let subscription = self.usage.plans().subscription(person(by)?).await?;
        match subscription.customer.filter(|_| subscription.provider == self.provider.name()) {
            Some(customer) => self.provider.portal(&customer, return_url).await,
            None => Ok(None),
        }
    }

    /// Ends the plan with what is paid, or takes that back.
    ///
    /// # Errors
    /// `insufficient_scope`, `conflict` (there is nothing to end, or to take back), `unavailable`.
    pub async fn end(&self, by: &Principal, ends: bool) -> Result<Subscription> {
        let scope = person(by)?;
        let now = self.clock.now();
        let mut subscription = self.usage.plans().subscription(scope).await?;
        let costs = self.plan(&subscription.plan).is_ok_and(|plan| plan.price_per_month > 0) && subscription.holds(now);
        if !costs || ends == (subscription.state == SubscriptionState::Cancelled) {
            let what = if ends { "There is no paid plan to end." } else { "Your plan does not end." };
            return Err(Error::new(Code::Conflict, what));
        }
        if let Some(customer) =
            subscription.customer.clone().filter(|_| subscription.provider == self.provider.name() && subscription.reference.is_some())
        {
            let key = format!("{}:end:{ends}:{}", scope.tenant(), now.0);
            self.provider.end(&customer, ends, &key).await?;
            return self.look(scope, Some(by.doer()), &customer).await;
        }
        if ends {
            subscription.state = SubscriptionState::Cancelled;
            subscription.ends_at = Some(subscription.renews_at.unwrap_or_else(|| Month::of(now).end()));
        } else {
            (subscription.state, subscription.ends_at) = (SubscriptionState::Active, None);
        }
        self.usage.plans().subscribe(scope, Some(by.doer()), &subscription).await?;
        Ok(subscription)
    }

    /// Ends what the account is still billed for, because it is about to be erased.
    ///
    /// # Errors
    /// `unavailable`: nothing may be erased then, or the bills would go on.
    pub async fn leave(&self, scope: &TenantScope) -> Result<()> {
        let subscription = self.usage.plans().subscription(scope).await?;
        let billed = subscription.reference.is_some() && subscription.provider == self.provider.name();
        if let Some(customer) = subscription.customer.filter(|_| billed && subscription.state != SubscriptionState::Cancelled) {
            self.provider.end(&customer, true, &format!("{}:leave", scope.tenant())).await?;
        }
        Ok(())
    }

    /// The account's invoices and the provider's own bills, newest first.
    ///
    /// # Errors
    /// `insufficient_scope`, `unavailable`.
    pub async fn invoices(&self, by: &Principal) -> Result<(Vec<Invoice>, Vec<Bill>)> {
        let scope = account(by)?;
        let subscription = self.usage.plans().subscription(scope).await?;
        let bills = match subscription.customer.filter(|_| subscription.provider == self.provider.name()) {
            Some(customer) => self.provider.bills(&customer).await?,
            None => Vec::new(),
        };
        Ok((self.store.invoices(scope).await?, bills))
    }

    /// Hears what a provider tells of its own accord, and looks how the subscription stands that it is about. Safe to repeat, in any
    /// order.
    ///
    /// # Errors
    /// `not_found` (another provider), `unauthenticated` (it was not told by the provider, or long ago), `unavailable`: the provider
    /// will tell it again.
    pub async fn hear(&self, provider: &str, payload: &[u8], signature: &str) -> Result<()> {
        if provider != self.provider.name() {
            return Err(Error::not_found("payment provider"));
        }
        let told = self.provider.verify(payload, signature, self.clock.now())?;
        if !self.store.hear(provider, &told).await? {
            return Ok(());
        }
        if let Some(customer) = &told.customer
            && let Some(tenant) = self.usage.plans().tenant_of(provider, customer).await?.or(told.tenant)
        {
            self.look(&TenantScope::verified(tenant), None, customer).await?;
        }
        self.store.settle(provider, &told.id).await
    }

    /// Writes down how the customer's subscription stands with the provider.
    async fn look(&self, scope: &TenantScope, by: Option<Doer>, customer: &str) -> Result<Subscription> {
        let _turn = self.looking.lock().await;
        let plans = self.usage.plans();
        let before = plans.subscription(scope).await?;
        let Some(standing) = self.provider.standing(customer).await? else { return Ok(before) };
        let Standing { reference, price, state, ends_at, renews_at } = standing;
        let plan = plans.catalog().plans.iter().find(|plan| plan.stripe_price.is_some() && plan.stripe_price == price);
        let after = Subscription {
            plan: plan.map_or_else(|| before.plan.clone(), |plan| plan.id.clone()),
            state,
            ends_at,
            renews_at,
            provider: self.provider.name().into(),
            customer: Some(customer.to_owned()),
            reference: Some(reference),
            overrides: before.overrides.clone(),
        };
        if after != before {
            plans.subscribe(scope, by, &after).await?;
        }
        Ok(after)
    }

    /// Looks after all money that is not waited for: subscriptions of which no event came, use that the provider bills, and
    /// invoices of the month that is over.
    ///
    /// # Errors
    /// `unavailable`, of the store; what a provider refuses is logged, and tried again.
    pub async fn keep(&self, tenants: &[TenantScope]) -> Result<()> {
        let provider = self.provider.name();
        let at_provider = self.store.tenants_at(provider).await?;
        for scope in tenants {
            let billed = provider != "manual" && at_provider.contains(&scope.tenant());
            let kept = if billed { self.keep_at_provider(scope).await } else { self.invoice(scope).await };
            if let Err(error) = kept {
                tracing::warn!(%error, cause = ?error.cause(), "the money of an account could not be looked after; it is tried again");
            }
        }
        Ok(())
    }

    async fn keep_at_provider(&self, scope: &TenantScope) -> Result<()> {
        let Some(customer) = self.usage.plans().subscription(scope).await?.customer else { return Ok(()) };
        self.look(scope, None, &customer).await?;
        let today = self.clock.now().minus(SETTLED).0.div_euclid(DAY);
        for day in today - DAYS_TOLD..today {
            let at = Timestamp((day + 1) * DAY - 1_000_000);
            for (meter, units) in self.beyond(scope, at).await? {
                let identifier = format!("{}:{}:{day}", scope.tenant(), meter.as_str());
                let told = super::Told { id: identifier.clone(), kind: "usage".into(), customer: None, tenant: None };
                if self.store.hear("usage", &told).await? {
                    self.provider.record_usage(&customer, meter, units, at, &identifier).await?;
                    self.store.settle("usage", &identifier).await?;
                }
            }
        }
        Ok(())
    }

    /// What was used beyond the plan on the day of a moment: as much more as the month's statement to its end bills than that to its
    /// beginning.
    async fn beyond(&self, scope: &TenantScope, at: Timestamp) -> Result<Vec<(Meter, i64)>> {
        let entitlement = self.usage.plans().of(scope).await?;
        let plan = self.plan(&entitlement.plan)?;
        let (month, day) = (Month::of(at), at.date_time().date_naive());
        let days = self.usage.days(scope, month).await?;
        let beyond = |meter: Meter, until: &dyn Fn(&DayUse) -> bool| {
            let used: i64 = days.iter().filter(|used| used.meter == meter && until(used)).map(|used| used.quantity).sum();
            (used - plan.included.get(&meter).copied().unwrap_or_default()).max(0)
        };
        let of = |meter| (meter, beyond(meter, &|used| used.day <= day) - beyond(meter, &|used| used.day < day));
        let priced = |meter: &Meter| self.usage.plans().catalog().price(*meter, day).is_some();
        Ok(Meter::ALL.into_iter().filter(priced).map(of).filter(|(_, units)| *units > 0).collect())
    }

    /// Makes the invoice of the month that is over, where something is to be paid.
    async fn invoice(&self, scope: &TenantScope) -> Result<()> {
        let now = self.clock.now();
        let month = Month::of(now).before();
        if now < month.end().plus(SETTLED) {
            return Ok(());
        }
        let statement = self.usage.statement_for(scope, month).await?;
        if statement.total_micros > 0 {
            self.store.invoice(scope, &statement).await?;
        }
        Ok(())
    }

    /// What the operator sees of a tenant: its subscription and its invoices.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn of(&self, tenant: TenantId) -> Result<(Subscription, Vec<Invoice>)> {
        let scope = TenantScope::verified(tenant);
        Ok((self.usage.plans().subscription(&scope).await?, self.store.invoices(&scope).await?))
    }

    /// Gives a tenant a plan, a state or limits of its own.
    ///
    /// # Errors
    /// `not_found` (plan), `invalid_argument` (limits that are none), `unavailable`.
    pub async fn grant(&self, by: Doer, tenant: TenantId, grant: Grant) -> Result<Subscription> {
        let scope = TenantScope::verified(tenant);
        let mut subscription = self.usage.plans().subscription(&scope).await?;
        let Grant { plan, state, ends_at, overrides } = grant;
        if let Some(plan) = plan {
            subscription.plan = self.plan(&plan)?.id.clone();
            // What was about the plan before.
            (subscription.state, subscription.ends_at) = (SubscriptionState::Active, None);
        }
        subscription.state = state.unwrap_or(subscription.state);
        subscription.ends_at = ends_at.unwrap_or(subscription.ends_at);
        if let Some(overrides) = overrides {
            let limits = self.plan(&subscription.plan).map(|plan| plan.limits).unwrap_or_default();
            limits.overridden(&overrides).map_err(|why| Error::invalid(format!("overrides: {why}.")))?;
            subscription.overrides = overrides;
        }
        self.usage.plans().subscribe(&scope, Some(by), &subscription).await?;
        Ok(subscription)
    }

    /// Notes that an invoice was paid, or given back.
    ///
    /// # Errors
    /// `not_found`, `unavailable`.
    pub async fn set_invoice(&self, by: Doer, tenant: TenantId, id: Uuid, state: InvoiceState) -> Result<Invoice> {
        let found = self.store.set_invoice(&TenantScope::verified(tenant), by, id, state).await?;
        found.ok_or_else(|| Error::not_found("invoice"))
    }

    fn plan(&self, id: &str) -> Result<&Plan> {
        self.usage.plans().catalog().plan(id).ok_or_else(|| Error::not_found("plan"))
    }
}

/// Money belongs to the whole account.
fn account(by: &Principal) -> Result<&TenantScope> {
    by.require(Scope::AccountManage)?;
    by.require_account()?;
    Ok(&by.scope)
}

/// Money is spent by people: no key that lies about opens this.
fn person(by: &Principal) -> Result<&TenantScope> {
    if by.kind != CredentialKind::Jwt {
        return Err(Error::new(Code::InsufficientScope, "Plans are changed by people who signed in: no API key opens this."));
    }
    account(by)
}
