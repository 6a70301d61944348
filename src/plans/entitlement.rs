//! What a tenant may use at a moment.

use std::str::FromStr;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Catalog, Feature, Plan, PlanLimits};
use crate::{
    clock::Timestamp,
    error::{Code, Error, Result},
};

/// How a subscription stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SubscriptionState {
    /// Tried without payment, until its end.
    Trial,
    Active,
    /// A payment failed; the plan lasts until the end of the grace.
    PastDue,
    /// Ended by the person, and lasts to the end of what is paid.
    Cancelled,
    /// Nothing is added; reads go on.
    Paused,
}

impl SubscriptionState {
    pub const ALL: [Self; 5] = [Self::Trial, Self::Active, Self::PastDue, Self::Cancelled, Self::Paused];

    /// The storage name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Trial => "trial",
            Self::Active => "active",
            Self::PastDue => "past_due",
            Self::Cancelled => "cancelled",
            Self::Paused => "paused",
        }
    }
}

impl FromStr for SubscriptionState {
    type Err = Error;
    fn from_str(text: &str) -> Result<Self> {
        Self::ALL
            .into_iter()
            .find(|state| state.as_str() == text)
            .ok_or_else(|| Error::invalid("state must be trial, active, past_due, cancelled or paused."))
    }
}

/// Which plan a tenant has, and how that stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subscription {
    pub plan: String,
    pub state: SubscriptionState,
    /// The end of a trial, of the grace or of what is paid; without one it does not end by itself.
    pub ends_at: Option<Timestamp>,
    /// When the next payment is due.
    pub renews_at: Option<Timestamp>,
    /// Who takes the money: `manual`, `stripe`.
    pub provider: String,
    /// The tenant's name there.
    pub customer: Option<String>,
    /// The subscription's name there.
    pub reference: Option<String>,
    /// Limits that the operator has set for this tenant alone.
    pub overrides: serde_json::Map<String, serde_json::Value>,
}

impl Subscription {
    /// That of a tenant that has chosen nothing.
    #[must_use]
    pub fn to(plan: &str) -> Self {
        Self {
            plan: plan.to_owned(),
            state: SubscriptionState::Active,
            ends_at: None,
            renews_at: None,
            provider: "manual".into(),
            customer: None,
            reference: None,
            overrides: serde_json::Map::new(),
        }
    }

    /// Whether its plan still holds.
    #[must_use]
    pub fn holds(&self, now: Timestamp) -> bool {
        let ends = matches!(self.state, SubscriptionState::Trial | SubscriptionState::PastDue | SubscriptionState::Cancelled);
        !ends || self.ends_at.is_none_or(|end| now < end)
    }
}

/// What a tenant may use.
#[derive(Debug, Clone, PartialEq)]
pub struct Entitlement {
    /// Id of the plan that holds: the default one where a subscription has ended.
    pub plan: String,
    pub title: String,
    pub subscription: Subscription,
    pub limits: PlanLimits,
    pub features: Vec<Feature>,
    /// Nothing may be added, whatever the limits say.
    pub read_only: bool,
}

impl Entitlement {
    /// Of a tenant with this subscription. A plan that is not in the catalogue any more is the default one.
    #[must_use]
    pub fn of(catalog: &Catalog, default: &Plan, subscription: Subscription, now: Timestamp) -> Self {
        let plan = if subscription.holds(now) { catalog.plan(&subscription.plan).unwrap_or(default) } else { default };
        let limits = plan.limits.overridden(&subscription.overrides).unwrap_or(plan.limits);
        Self {
            plan: plan.id.clone(),
            title: plan.title.clone(),
            limits,
            features: plan.features.clone(),
            read_only: subscription.state == SubscriptionState::Paused,
            subscription,
        }
    }

    /// Refuses what the plan does not have.
    ///
    /// # Errors
    /// `feature_unavailable`.
    pub fn require(&self, feature: Feature) -> Result<()> {
        if self.features.contains(&feature) {
            return Ok(());
        }
        let detail =
            format!("The plan {} does not include {}. Choose another plan under Usage, or ask the operator.", self.title, feature.title());
        Err(Error::new(Code::FeatureUnavailable, detail))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subscription_that_has_ended_leaves_the_default_plan() {
        let catalog = Catalog::load(None).expect("plans");
        let default = catalog.plan("free").expect("a plan");
        let (before, end) = (Timestamp::from_secs(99), Timestamp::from_secs(100));
        let of = |state, ends_at, now| {
            let subscription = Subscription { state, ends_at, ..Subscription::to("team") };
            let entitlement = Entitlement::of(&catalog, default, subscription, now);
            (entitlement.plan, entitlement.read_only)
        };
        for state in [SubscriptionState::Trial, SubscriptionState::PastDue, SubscriptionState::Cancelled] {
            assert_eq!(of(state, Some(end), before), ("team".into(), false), "{state:?}");
            assert_eq!(of(state, Some(end), end), ("free".into(), false), "{state:?}");
        }
        assert_eq!(of(SubscriptionState::Active, Some(end), end), ("team".into(), false));
        assert_eq!(of(SubscriptionState::Paused, None, end), ("team".into(), true));
        let gone = Entitlement::of(&catalog, default, Subscription::to("gold"), end);
        assert_eq!((gone.plan.as_str(), gone.limits), ("free", default.limits));
    }
}
