//! What a tenant has chosen: one row, one write, one cache of this process.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use moka::sync::Cache;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{model::Actor, reach::Reach};
use crate::{
    auth::{Principal, Scope},
    clock::{Clock, Timestamp},
    error::{Error, Result},
    ids::TenantId,
    tenancy::TenantScope,
};

/// How long a node goes by what it read; a choice made on another node takes at most this long to hold.
const TRUSTED: Duration = Duration::from_secs(5);
/// Tenants whose choices are kept.
const CAPACITY: u64 = 100_000;

/// What is done with something that was found in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Redaction {
    /// It stays.
    Keep,
    /// Its name takes its place.
    Redact,
    /// The memory is not stored.
    Refuse,
}

/// The tenant's choices about the write gate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct GateSettings {
    pub secrets: Redaction,
    /// Payment cards, bank accounts, social security numbers.
    pub identifiers: Redaction,
    /// E-mail addresses and telephone numbers.
    pub contacts: Redaction,
    /// Whether what is known already is not stored again.
    pub duplicates: bool,
    /// Whether talk that says nothing, output of tools and the like is held back.
    pub junk: bool,
    /// Whether what a client was given is held back when it brings it back.
    pub echoes: bool,
}

impl Default for GateSettings {
    fn default() -> Self {
        Self {
            secrets: Redaction::Redact,
            identifiers: Redaction::Redact,
            contacts: Redaction::Keep,
            duplicates: true,
            junk: true,
            echoes: true,
        }
    }
}

/// What waits, hidden, until a person approves it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReviewPolicy {
    /// Nothing: whatever should be looked at is found meanwhile.
    #[default]
    Off,
    /// What was inferred.
    Inferred,
    /// Everything that no person has said in these words.
    All,
}

/// What the last replay of rated queries found ([`learning`](super::learning)).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LearnedWeights {
    /// The weight of the dense leg in the tenant's searches; `None` while the fixed one is used.
    pub dense_weight: Option<f64>,
    /// The weight that did best on all queries.
    pub best: f64,
    /// When the replay was, in microseconds.
    pub evaluated_at: Timestamp,
    /// How many rated queries it had.
    pub queries: usize,
    /// Mean nDCG@10 with the fixed weight.
    pub fixed: f64,
    /// Mean nDCG@10 of the learned weight on queries that it was not chosen on.
    pub learned: f64,
}

/// What a person chooses. What a later version of the program has written stays as it is.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct TenantSettings {
    pub gate: GateSettings,
    /// Whether memories that nobody uses fade, within bounds.
    pub decay: bool,
    pub review: ReviewPolicy,
}

/// All that is kept of a tenant's settings.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Chosen {
    #[serde(flatten)]
    pub person: TenantSettings,
    #[serde(rename = "policy")]
    pub learned: Option<LearnedWeights>,
}

/// One choice of a tenant, with what the audit trail says of it.
#[derive(Debug, Clone)]
pub struct Choice {
    /// Its name among the settings.
    pub key: String,
    pub value: serde_json::Value,
    /// The action of the audit row.
    pub action: &'static str,
    /// The detail of the audit row.
    pub detail: serde_json::Value,
}

/// What tenants have chosen.
#[async_trait]
pub trait SettingsStore: Send + Sync {
    /// All choices; an empty object when there are none.
    async fn settings(&self, scope: &TenantScope) -> Result<serde_json::Value>;
    /// Keeps choices beside the others, all or none.
    async fn change(&self, scope: &TenantScope, actor: &Actor, chosen: &[Choice]) -> Result<()>;
}

/// The settings of tenants, kept in memory for those that were active lately; cheap to clone.
#[derive(Clone)]
pub struct Settings {
    store: Arc<dyn SettingsStore>,
    reach: Reach,
    clock: Arc<dyn Clock>,
    known: Cache<TenantId, Known>,
    /// Of whoever has chosen nothing.
    defaults: Arc<TenantSettings>,
}

#[derive(Clone)]
struct Known {
    chosen: Arc<Chosen>,
    asked_at: Timestamp,
}

impl Settings {
    /// Over a store.
    #[must_use]
    pub fn new(store: Arc<dyn SettingsStore>, reach: Reach, clock: Arc<dyn Clock>, defaults: TenantSettings) -> Self {
        Self { store, reach, clock, known: Cache::new(CAPACITY), defaults: Arc::new(defaults) }
    }

    /// What a write goes by.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn of(&self, scope: &TenantScope) -> Result<Arc<Chosen>> {
        let now = self.clock.now();
        match self.known.get(&scope.tenant()) {
            Some(known) if now <= known.asked_at.plus(TRUSTED) => Ok(known.chosen),
            _ => self.load(scope, now).await,
        }
    }

    /// What a search goes by: it waits for SQL once, when the tenant is first seen; a newer choice is read while the old one
    /// serves. Where they cannot be read, nothing is switched on.
    pub async fn at_hand(&self, scope: &TenantScope) -> Arc<Chosen> {
        let now = self.clock.now();
        let Some(known) = self.known.get(&scope.tenant()) else {
            return self.load(scope, now).await.unwrap_or_else(|error| {
                tracing::warn!(%error, cause = ?error.cause(), "the settings could not be read");
                Arc::default()
            });
        };
        if known.asked_at.plus(TRUSTED) < now {
            // Marked first, so that one of many searches asks.
            self.known.insert(scope.tenant(), Known { asked_at: now, ..known.clone() });
            let (this, scope) = (self.clone(), *scope);
            tokio::spawn(async move { this.load(&scope, now).await.map(drop) });
        }
        known.chosen
    }

    /// The caller's settings.
    ///
    /// # Errors
    /// `insufficient_scope`, `unavailable`.
    pub async fn get(&self, by: &Principal) -> Result<TenantSettings> {
        by.require(Scope::MemoryRead)?;
        Ok(self.of(&by.scope).await?.person.clone())
    }

    /// Changes the caller's settings.
    ///
    /// # Errors
    /// `insufficient_scope`, `app_paused`, `unavailable`.
    pub async fn change(&self, by: &Principal, settings: &TenantSettings) -> Result<()> {
        by.require(Scope::AccountManage)?;
        let (_, actor) = self.reach.actor(by).await?;
        let Value::Object(keys) = serde_json::to_value(settings).map_err(Error::internal)? else { return Ok(()) };
        let choice = |(key, value): (String, Value)| {
            let detail = serde_json::json!({ "key": key });
            Choice { key, value, action: "settings.change", detail }
        };
        self.keep(&by.scope, &actor, keys.into_iter().map(choice).collect()).await
    }

    /// Keeps what was learned.
    pub(super) async fn learn(&self, scope: &TenantScope, actor: &Actor, weights: &LearnedWeights) -> Result<()> {
        let value = serde_json::to_value(weights).map_err(Error::internal)?;
        let choice = Choice { key: "policy".into(), detail: value.clone(), value, action: "learning.policy" };
        self.keep(scope, actor, vec![choice]).await
    }

    /// Drops what is kept in memory of the tenant.
    pub(super) fn forget(&self, scope: &TenantScope) {
        self.known.invalidate(&scope.tenant());
    }

    async fn keep(&self, scope: &TenantScope, actor: &Actor, chosen: Vec<Choice>) -> Result<()> {
        self.store.change(scope, actor, &chosen).await?;
        self.forget(scope);
        Ok(())
    }

    async fn load(&self, scope: &TenantScope, now: Timestamp) -> Result<Arc<Chosen>> {
        let stored = self.store.settings(scope).await?;
        let has_gate = stored.get("gate").is_some();
        let mut chosen: Chosen = serde_json::from_value(stored).map_err(Error::internal)?;
        if !has_gate {
            chosen.person.gate = self.defaults.gate.clone();
        }
        let chosen = Arc::new(chosen);
        self.known.insert(scope.tenant(), Known { chosen: chosen.clone(), asked_at: now });
        Ok(chosen)
    }
}
