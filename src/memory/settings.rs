//! What a tenant has chosen.

use std::{sync::Arc, time::Duration};

use moka::sync::Cache;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::service::MemoryService;
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
    /// Whether what is known already is kept out.
    pub duplicates: bool,
    /// Whether talk that says nothing, output of tools and the like is kept out.
    pub junk: bool,
    /// Whether what a client was given is kept out when it brings it back.
    pub echoes: bool,
}

impl Default for GateSettings {
    fn default() -> Self {
        Self { secrets: Policy::Redact, identifiers: Policy::Redact, contacts: Policy::Keep, duplicates: true, junk: true, echoes: true }
    }
}

/// All choices of a tenant. What a later version of the program has written stays as it is.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct TenantSettings {
    /// The write gate.
    pub gate: GateSettings,
    /// Whether memories that nobody uses fade, within bounds.
    pub decay: bool,
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
