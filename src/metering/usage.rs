//! What was used, told to the account.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use chrono::{Datelike, NaiveDate};
use moka::sync::Cache;
use uuid::Uuid;

use super::{Allowance, DayUse, Forecast, Holdings, Month, Reads, Statement, UsageEvent, UsageStore, forecast::WEEKS};
use crate::{
    auth::{Principal, Scope},
    clock::Clock,
    error::{Error, Result},
    ids::{AppId, CredentialId},
    plans::{Entitlement, Feature, Meter, Plans},
    tenancy::TenantScope,
};

/// So long the cost of a month is taken to be what it was.
const COST_KEPT: Duration = Duration::from_secs(5);
/// Events that are told one by one: those of this month and the two before.
const MONTHS_OF_EVENTS: u32 = 2;

/// A month's use of one meter.
#[derive(Debug, Clone)]
pub struct MeterUse {
    pub meter: Meter,
    pub used: i64,
    /// `None` without a limit.
    pub limit: Option<i64>,
    pub forecast: Forecast,
}

/// What an account uses.
#[derive(Debug, Clone)]
pub struct UsageReport {
    pub entitlement: Arc<Entitlement>,
    /// The month that is counted.
    pub month: Month,
    pub held: Holdings,
    pub meters: Vec<MeterUse>,
    /// Days of the month so far.
    pub days: Vec<DayUse>,
    pub statement: Statement,
}

/// Counts, limits and tells what tenants use; cheap to clone.
#[derive(Clone)]
pub struct Usage {
    plans: Plans,
    store: Arc<dyn UsageStore>,
    reads: Reads,
    clock: Arc<dyn Clock>,
    /// What each tenant has spent beyond its plan in a month.
    spent: Cache<(TenantScope, i64), i64>,
}

impl Usage {
    /// Over the plans and the store of what was used.
    #[must_use]
    pub fn new(plans: Plans, store: Arc<dyn UsageStore>, clock: Arc<dyn Clock>) -> Self {
        let spent = Cache::builder().max_capacity(10_000).time_to_live(COST_KEPT).build();
        Self { plans, reads: Reads::new(store.clone(), clock.clone()), store, clock, spent }
    }

    /// The counts of this node, to be written down.
    #[must_use]
    pub const fn counted(&self) -> &Reads {
        &self.reads
    }

    /// What tenants may use.
    #[must_use]
    pub const fn plans(&self) -> &Plans {
        &self.plans
    }

    /// How much a tenant's writer may still store.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn allowance(&self, scope: &TenantScope) -> Result<Allowance> {
        let entitlement = self.plans.of(scope).await?;
        let allowance = Allowance::of(&entitlement);
        Ok(if self.may_spend(scope, &entitlement).await? { allowance } else { Allowance { adds: Some(0), ..allowance } })
    }

    /// Takes one search or read of the month's amount, and counts it.
    ///
    /// # Errors
    /// `quota_exceeded`, `unavailable`.
    pub async fn read(&self, scope: &TenantScope, meter: Meter, app: AppId, credential: Option<CredentialId>) -> Result<()> {
        let limit = if meter == Meter::Searches { self.plans.of(scope).await?.limits.searches_per_month } else { None };
        self.reads.spend(scope, meter, limit).await?;
        self.reads.note(scope, meter, app, credential);
        Ok(())
    }

    /// Refuses to acknowledge one more memory that will be stored later, where there is no room for it now.
    ///
    /// # Errors
    /// `quota_exceeded`, `unavailable`.
    pub async fn require_room(&self, scope: &TenantScope) -> Result<()> {
        let allowance = self.allowance(scope).await?;
        let now = self.clock.now();
        if allowance.adds.is_some() {
            allowance.check_adds(self.store.taken(scope, Meter::Adds, Month::of(now)).await? + 1, now)?;
        }
        if allowance.limits_holdings() {
            let Holdings { memories, bytes } = self.store.holdings(scope).await?;
            allowance.check_holdings(Holdings { memories: memories + 1, bytes: bytes + 1 })?;
        }
        Ok(())
    }

    /// Whether the plan lets a chat model work for the tenant, and its tokens are not used up.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn has_model(&self, scope: &TenantScope) -> Result<bool> {
        let entitlement = self.plans.of(scope).await?;
        if !entitlement.features.contains(&Feature::Inference) || !self.may_spend(scope, &entitlement).await? {
            return Ok(false);
        }
        let Some(limit) = entitlement.limits.llm_tokens_per_month else { return Ok(true) };
        Ok(self.store.taken(scope, Meter::LlmTokens, Month::of(self.clock.now())).await? < limit)
    }

    /// Refuses what the tenant's plan does not have.
    ///
    /// # Errors
    /// `feature_unavailable`, `unavailable`.
    pub async fn require(&self, scope: &TenantScope, feature: Feature) -> Result<()> {
        self.plans.of(scope).await?.require(feature)
    }

    /// Whether what may be spent beyond the plan is not yet spent.
    async fn may_spend(&self, scope: &TenantScope, entitlement: &Entitlement) -> Result<bool> {
        let Some(cap) = entitlement.limits.spend_per_month else { return Ok(true) };
        let month = Month::of(self.clock.now());
        if let Some(spent) = self.spent.get(&(*scope, month.number())) {
            return Ok(spent <= cap);
        }
        let spent = self.statement_of(scope, entitlement, month).await?.beyond_plan();
        self.spent.insert((*scope, month.number()), spent);
        Ok(spent <= cap)
    }

    /// What a tenant used in a month, by day.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn days(&self, scope: &TenantScope, month: Month) -> Result<Vec<DayUse>> {
        self.store.days(scope, month.begin(), month.end()).await
    }

    /// What a month costs a tenant, by the plan that holds now.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn statement_for(&self, scope: &TenantScope, month: Month) -> Result<Statement> {
        self.statement_of(scope, &*self.plans.of(scope).await?, month).await
    }

    async fn statement_of(&self, scope: &TenantScope, entitlement: &Entitlement, month: Month) -> Result<Statement> {
        let catalog = self.plans.catalog();
        let uses = self.days(scope, month).await?;
        let plan = catalog.plan(&entitlement.plan).ok_or_else(|| Error::not_found("plan"))?;
        Ok(Statement::of(catalog, plan, month, &uses))
    }

    /// What the account uses in this month, against what it may, and what that may come to.
    ///
    /// # Errors
    /// `insufficient_scope`, `unavailable`.
    pub async fn report(&self, by: &Principal) -> Result<UsageReport> {
        let scope = account(by)?;
        self.reads.flush().await;
        let (now, entitlement) = (self.clock.now(), self.plans.of(scope).await?);
        let month = Month::of(now);
        let today = now.date_time().date_naive();
        let back = month.begin().minus(Duration::from_hours(7 * 24 * WEEKS));
        let mut days = self.store.days(scope, back, month.end()).await?;
        let limits = entitlement.limits;
        let meters = Meter::ALL.into_iter().map(|meter| {
            let by_day = by_day(&days, meter);
            let used = by_day.range(month.first()..).map(|(_, quantity)| quantity).sum();
            let limit = match meter {
                Meter::Adds => limits.adds_per_month,
                Meter::Searches => limits.searches_per_month,
                Meter::Reads => None,
                Meter::LlmTokens => limits.llm_tokens_per_month,
            };
            MeterUse { meter, used, limit, forecast: Forecast::of(&by_day, today) }
        });
        let meters = meters.collect();
        days.retain(|used| used.day.year() == month.first().year() && used.day.month() == month.first().month());
        let catalog = self.plans.catalog();
        let plan = catalog.plan(&entitlement.plan).ok_or_else(|| Error::not_found("plan"))?;
        let statement = Statement::of(catalog, plan, month, &days);
        Ok(UsageReport { held: self.store.holdings(scope).await?, entitlement, month, meters, days, statement })
    }

    /// Work that was counted, newest first.
    ///
    /// # Errors
    /// `insufficient_scope`, `unavailable`.
    pub async fn events(&self, by: &Principal, meter: Option<Meter>, before: Option<Uuid>, limit: u32) -> Result<Vec<UsageEvent>> {
        self.store.events(account(by)?, meter, before, limit).await
    }

    /// What a month cost, by the plan that holds now.
    ///
    /// # Errors
    /// `insufficient_scope`, `invalid_argument` (a month that has not begun), `unavailable`.
    pub async fn statement(&self, by: &Principal, month: Option<Month>) -> Result<Statement> {
        let scope = account(by)?;
        let now = Month::of(self.clock.now());
        let month = month.unwrap_or(now);
        if month > now {
            return Err(Error::invalid(format!("{month} has not begun.")));
        }
        self.reads.flush().await;
        self.statement_of(scope, &*self.plans.of(scope).await?, month).await
    }

    /// Adds events that are too old to be told one by one to the hours they fell in.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn roll_up(&self, scope: &TenantScope) -> Result<u64> {
        let mut first = Month::of(self.clock.now());
        (0..MONTHS_OF_EVENTS).for_each(|_| first = first.before());
        self.store.roll_up(scope, first.begin()).await
    }
}

/// What an account uses belongs to the whole of it, and is no business of a client that may only remember.
fn account(by: &Principal) -> Result<&TenantScope> {
    by.require(Scope::AccountManage)?;
    by.require_account()?;
    Ok(&by.scope)
}

fn by_day(uses: &[DayUse], meter: Meter) -> BTreeMap<NaiveDate, i64> {
    let mut by_day = BTreeMap::new();
    for used in uses.iter().filter(|used| used.meter == meter) {
        *by_day.entry(used.day).or_default() += used.quantity;
    }
    by_day
}
