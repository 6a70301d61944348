//! What a tenant has switched on of learning, kept in memory so that a search asks SQL for it once, when the tenant is first
//! seen. Another node's change is seen within half a minute.

use std::{sync::Arc, time::Duration};

use serde::{Deserialize, Serialize};

use super::{LearningStore, Policy};
use crate::{
    clock::{Clock, Timestamp},
    ids::TenantId,
    memory::service::MemoryService,
    tenancy::TenantScope,
};

/// After this long the settings are read again, while the old ones serve.
const FRESH: Duration = Duration::from_secs(30);
/// Tenants whose settings are kept.
const CAPACITY: u64 = 100_000;

/// The keys of the tenant's settings that learning reads; the others are not its own.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct LearningSettings {
    /// Whether strength fades with time and grows with use.
    pub decay: bool,
    /// What the last replay of rated queries found.
    pub policy: Option<Policy>,
}

/// The settings of the tenants in use; cheap to clone.
#[derive(Clone)]
pub struct Learning {
    pub(super) store: Arc<dyn LearningStore>,
    clock: Arc<dyn Clock>,
    known: moka::sync::Cache<TenantId, Known>,
}

#[derive(Clone)]
struct Known {
    settings: Arc<LearningSettings>,
    asked_at: Timestamp,
}

impl Learning {
    /// Over a store.
    #[must_use]
    pub fn new(store: Arc<dyn LearningStore>, clock: Arc<dyn Clock>) -> Self {
        Self { store, clock, known: moka::sync::Cache::new(CAPACITY) }
    }

    /// The tenant's settings. Where they cannot be read, nothing is switched on.
    pub async fn settings(&self, scope: &TenantScope) -> Arc<LearningSettings> {
        let now = self.clock.now();
        let Some(known) = self.known.get(&scope.tenant()) else { return self.load(scope, now).await };
        if known.asked_at.plus(FRESH) < now {
            // Marked first, so that one of many searches asks.
            self.known.insert(scope.tenant(), Known { asked_at: now, ..known.clone() });
            let (this, scope) = (self.clone(), *scope);
            tokio::spawn(async move { this.load(&scope, now).await });
        }
        known.settings
    }

    /// Drops what is kept of the tenant: the next search reads it anew. Called by whoever writes its settings.
    pub fn forget(&self, scope: &TenantScope) {
        self.known.invalidate(&scope.tenant());
    }

    async fn load(&self, scope: &TenantScope, now: Timestamp) -> Arc<LearningSettings> {
        match self.store.settings(scope).await {
            Ok(settings) => {
                let settings = Arc::new(settings);
                self.known.insert(scope.tenant(), Known { settings: settings.clone(), asked_at: now });
                settings
            }
            Err(error) => {
                tracing::warn!(%error, cause = ?error.cause(), "the settings of learning could not be read");
                Arc::default()
            }
        }
    }
}

impl MemoryService {
    /// The weight of the dense leg in the tenant's searches: the learned one where a replay has switched it on.
    pub async fn dense_weight(&self, scope: &TenantScope) -> f32 {
        let learned = self.parts.learning.settings(scope).await.policy.as_ref().and_then(|policy| policy.dense_weight);
        #[expect(clippy::cast_possible_truncation, reason = "a weight needs no more precision")]
        let learned = learned.map(|weight| weight as f32);
        learned.unwrap_or(self.parts.limits.dense_weight)
    }

    /// Whether the tenant's memories fade.
    pub async fn decays(&self, scope: &TenantScope) -> bool {
        self.parts.learning.settings(scope).await.decay
    }
}
