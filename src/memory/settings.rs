//! What a tenant has chosen.

use std::{sync::Arc, time::Duration};

use moka::sync::Cache;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{gate, service::MemoryService};
use crate::{
    auth::{Principal, Scope},
    error::{Error, Result},
    tenancy::TenantScope,
};

/// How long a node goes by what it read; a choice made on another node takes at most this long to hold.
const TRUSTED: Duration = Duration::from_secs(5);

/// What is done with something that was found in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Policy {
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
    /// Keys, tokens and passwords.
    pub secrets: Policy,
    /// Payment cards, bank accounts, social security numbers.
    pub identifiers: Policy,
    /// E-mail addresses and telephone numbers.
    pub contacts: Policy,
    /// Whether what is known already is not stored again.
    pub duplicates: bool,
    /// Whether talk that says nothing, output of tools and the like is held back.
    pub junk: bool,
    /// Whether what a client was given is held back when it brings it back.
    pub echoes: bool,
}

impl Default for GateSettings {
    fn default() -> Self {
        Self { secrets: Policy::Redact, identifiers: Policy::Redact, contacts: Policy::Keep, duplicates: true, junk: true, echoes: true }
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

/// All choices of a tenant. What a later version of the program has written stays as it is.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct TenantSettings {
    /// The write gate.
    pub gate: GateSettings,
    /// Whether memories that nobody uses fade, within bounds.
    pub decay: bool,
    /// What waits for approval.
    pub review: ReviewPolicy,
}

/// Settings of recently active tenants, and of those that have chosen nothing; cheap to clone.
#[derive(Clone)]
pub struct SettingsCache {
    known: Cache<TenantScope, Arc<TenantSettings>>,
    defaults: Arc<TenantSettings>,
}

impl SettingsCache {
    /// An empty cache.
    #[must_use]
    pub fn new(defaults: TenantSettings) -> Self {
        Self { known: Cache::builder().max_capacity(100_000).time_to_live(TRUSTED).build(), defaults: Arc::new(defaults) }
    }
}

impl MemoryService {
    /// The settings of a tenant.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn settings_of(&self, scope: &TenantScope) -> Result<Arc<TenantSettings>> {
        let SettingsCache { known, defaults } = &self.parts.settings;
        if let Some(settings) = known.get(scope) {
            return Ok(settings);
        }
        let stored = self.parts.store.settings(scope).await?;
        let mut chosen: TenantSettings = serde_json::from_value(stored.clone()).map_err(Error::internal)?;
        if stored.get("gate").is_none() {
            chosen.gate = defaults.gate.clone();
        }
        let settings = Arc::new(chosen);
        known.insert(*scope, settings.clone());
        Ok(settings)
    }

    /// A name that a person gives something, as the account's rules on secrets let it be stored.
    ///
    /// # Errors
    /// `invalid_argument` where they refuse it, `unavailable`.
    pub async fn clean_name(&self, scope: &TenantScope, name: String) -> Result<String> {
        gate::clean_text(name, &self.settings_of(scope).await?.gate)
    }

    /// The caller's settings.
    ///
    /// # Errors
    /// `insufficient_scope`, `unavailable`.
    pub async fn settings(&self, by: &Principal) -> Result<TenantSettings> {
        by.require(Scope::MemoryRead)?;
        Ok((*self.settings_of(&by.scope).await?).clone())
    }

    /// Changes the caller's settings.
    ///
    /// # Errors
    /// `insufficient_scope`, `app_paused`, `unavailable`.
    pub async fn change_settings(&self, by: &Principal, settings: &TenantSettings) -> Result<()> {
        by.require(Scope::AccountManage)?;
        let (_, actor) = self.actor(by).await?;
        let Value::Object(keys) = serde_json::to_value(settings).map_err(Error::internal)? else { return Ok(()) };
        for (key, value) in keys {
            self.parts.store.set_setting(&by.scope, &actor, &key, &value).await?;
        }
        self.parts.settings.known.invalidate(&by.scope);
        self.parts.learning.forget(&by.scope);
        Ok(())
    }
}
