//! The limits of the edges: what callers may ask for, by the operator's rules and by their plan.

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use parking_lot::Mutex;
use rate_limits::{Decision, Rate, RateLimit, Strategy};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::{
    Call, Network, Resource, Rule, Slot, Slots,
    limiter::{MOST_KEYS, secs},
    rule::RuleScope,
};
use crate::{
    clock::Clock,
    error::{Error, Result},
    ids::{CredentialId, UserId},
    plans::Plans,
    tenancy::TenantScope,
};

/// Who asks.
#[derive(Debug, Clone, Copy)]
pub struct Who {
    pub scope: TenantScope,
    pub user: UserId,
    pub credential: Option<CredentialId>,
}

/// Whose calls are counted together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Key {
    All,
    Tenant(TenantScope),
    User(UserId),
    Network(Network),
    Credential(CredentialId),
}

/// Where somebody stands with one limit, as `RateLimit` tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// Name of the limit.
    pub name: String,
    /// So much…
    pub amount: u32,
    /// …in each period.
    pub period: Duration,
    /// What is left at once.
    pub remaining: u32,
    /// Until all is free again.
    pub reset: Duration,
}

/// Who was let in, until it is dropped.
pub struct Held {
    /// The limit that is nearest to its end.
    pub tightest: Option<Standing>,
    _costly: Option<Slot<TenantScope>>,
}

struct Limit {
    name: String,
    rate: Rate,
    counts: Box<dyn RateLimit<Key>>,
}

/// Holds calls against rules and plans.
pub struct Edges {
    rules: Vec<(Rule, Limit)>,
    /// Of plans with so many requests a minute.
    by_plan: Mutex<HashMap<u32, Arc<Limit>>>,
    plans: Plans,
    /// Nodes that serve.
    nodes: AtomicU32,
    costly: Slots<TenantScope>,
    running: Arc<Semaphore>,
    clock: Arc<dyn Clock>,
}

impl Limit {
    fn new(name: String, rate: Rate, strategy: Strategy) -> Self {
        Self { counts: rate_limits::of(strategy, rate, MOST_KEYS), name, rate }
    }

    fn standing(&self, decision: Decision, nodes: u32) -> Standing {
        let Decision { remaining, reset, .. } = decision;
        Standing { name: self.name.clone(), amount: self.rate.amount, period: self.rate.period, remaining: remaining / nodes, reset }
    }

    /// What a weight takes of this node's share; never more than there can be.
    fn share(&self, weight: u32, nodes: u32) -> u32 {
        weight.saturating_mul(nodes).min(self.rate.burst).min(self.rate.amount).max(1)
    }
}

impl Edges {
    /// By these rules, and by the plans of tenants; so many costly calls of a tenant, and calls of all, at a time.
    #[must_use]
    pub fn new(rules: &[Rule], plans: Plans, costly: usize, running: usize, clock: Arc<dyn Clock>) -> Self {
        let limit = |rule: &Rule| (rule.clone(), Limit::new(rule.name(), rule.rate, rule.strategy));
        Self {
            rules: rules.iter().map(limit).collect(),
            by_plan: Mutex::default(),
            plans,
            nodes: AtomicU32::new(1),
            costly: Slots::new(Resource::CostlyCall, costly),
            running: Arc::new(Semaphore::new(running.min(Semaphore::MAX_PERMITS))),
            clock,
        }
    }

    /// Tells how many nodes serve: each lets through its share of every rule.
    pub fn share_with(&self, nodes: u32) {
        self.nodes.store(nodes.max(1), Ordering::Relaxed);
    }

    /// How many nodes serve, as far as this one knows.
    #[must_use]
    pub fn nodes(&self) -> u32 {
        self.nodes.load(Ordering::Relaxed)
    }

    /// Lets a request begin, unless as many are running as may.
    ///
    /// # Errors
    /// `unavailable`.
    pub fn begin(&self) -> Result<OwnedSemaphorePermit> {
        self.running.clone().try_acquire_owned().map_err(|_| {
            metrics::counter!("requests_shed_total").increment(1);
            Error::unavailable("The service has more requests than it can take at the moment. Try again in a moment.", 1)
        })
    }

    /// Counts a request of whom nobody knows yet.
    ///
    /// # Errors
    /// `rate_limited`.
    pub(crate) fn arrive(&self, network: Option<Network>) -> Result<()> {
        let doors = self.rules.iter().filter(|(rule, _)| rule.is_at_the_door());
        let counted = doors.filter_map(|(rule, limit)| Some((limit, key(rule.scope, None, network)?)));
        self.take(counted, 1).map(drop)
    }

    /// Lets a caller do something, by every rule that is about it; what one of them refuses counts nowhere.
    ///
    /// # Errors
    /// `rate_limited`, `unavailable`.
    pub(crate) async fn admit(&self, who: Who, network: Option<Network>, call: Call, bytes: u64) -> Result<Held> {
        let plan = self.plan(who.scope).await?;
        let costly = if call.is_costly() { Some(self.costly.take(who.scope)?) } else { None };
        let rules = self.rules.iter().filter(|(rule, _)| !rule.is_at_the_door() && rule.call.is_none_or(|of| of == call));
        let counted = rules.filter_map(|(rule, limit)| Some((limit, key(rule.scope, Some(who), network)?)));
        let counted = counted.chain(plan.as_deref().map(|limit| (limit, Key::Tenant(who.scope))));
        Ok(Held { tightest: self.take(counted, call.weight(bytes))?, _costly: costly })
    }

    async fn plan(&self, scope: TenantScope) -> Result<Option<Arc<Limit>>> {
        let Some(a_minute) = self.plans.of(&scope).await?.limits.requests_per_minute else { return Ok(None) };
        let mut by_plan = self.by_plan.lock();
        let limit = by_plan
            .entry(a_minute)
            .or_insert_with(|| Arc::new(Limit::new("plan".into(), Rate::new(a_minute, Duration::from_mins(1)), Strategy::Gcra)));
        Ok(Some(limit.clone()))
    }

    /// Takes a weight from all of them or from none; answers the tightest.
    fn take<'a>(&self, counted: impl Iterator<Item = (&'a Limit, Key)>, weight: u32) -> Result<Option<Standing>> {
        let (now, nodes) = (self.clock.elapsed(), self.nodes());
        let mut taken: Vec<(&Limit, Key, Decision)> = Vec::new();
        for (limit, key) in counted {
            let decision = limit.counts.take(&key, limit.share(weight, nodes), now);
            if !decision.allowed {
                for (before, key, _) in &taken {
                    before.counts.give_back(key, before.share(weight, nodes), now);
                }
                metrics::counter!("requests_limited_total", "limit" => limit.name.clone()).increment(1);
                return Err(too_fast(limit, decision));
            }
            taken.push((limit, key, decision));
        }
        let left =
            |(limit, _, decision): &(&Limit, Key, Decision)| u64::from(decision.remaining) * 1_000 / u64::from(limit.rate.burst.max(1));
        Ok(taken.iter().min_by_key(|counted| left(counted)).map(|(limit, _, decision)| limit.standing(*decision, nodes)))
    }
}

fn key(scope: RuleScope, who: Option<Who>, network: Option<Network>) -> Option<Key> {
    match scope {
        RuleScope::Global => Some(Key::All),
        RuleScope::Network => network.map(Key::Network),
        RuleScope::Tenant => who.map(|who| Key::Tenant(who.scope)),
        RuleScope::User => who.map(|who| Key::User(who.user)),
        RuleScope::Credential => who.map(|who| who.credential.map_or(Key::User(who.user), Key::Credential)),
    }
}

fn too_fast(limit: &Limit, decision: Decision) -> Error {
    let secs = secs(decision.wait);
    let Rate { amount, period, .. } = limit.rate;
    let detail = format!(
        "Too many requests: the limit '{}' lets through {amount} in {} seconds. Try again in {secs} seconds.",
        limit.name,
        period.as_secs()
    );
    Error::rate_limited(detail, secs).violating(&limit.name, decision.wait)
}
