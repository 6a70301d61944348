//! How often the gate decided what, by tenant and day: gathered in memory, written down every few seconds. Only this
//! bookkeeping can be lost with the process.

use std::{collections::HashMap, sync::Arc};

use async_trait::async_trait;
use parking_lot::Mutex;

use crate::{clock::Timestamp, error::Result, tenancy::TenantScope};

const DAY: i64 = 24 * 3_600 * 1_000_000;

/// Days since 1970.
pub const fn day(at: Timestamp) -> i64 {
    at.0.div_euclid(DAY)
}

/// How often the write gate decided what.
#[async_trait]
pub trait GateCountStore: Send + Sync {
    /// Adds to the counts: days since 1970, reasons, numbers.
    async fn add_gate_counts(&self, scope: &TenantScope, counts: &[(i64, String, i64)]) -> Result<()>;
    /// Counts from a day on, by reason.
    async fn gate_counts(&self, scope: &TenantScope, from_day: i64) -> Result<Vec<(String, i64)>>;
}

/// The counts that are not written yet; cheap to clone.
#[derive(Clone)]
pub struct GateCounts {
    pub(super) store: Arc<dyn GateCountStore>,
    open: Arc<Mutex<HashMap<Decision, i64>>>,
}

/// Tenant, day, reason.
type Decision = (TenantScope, i64, String);

impl GateCounts {
    /// Writes to `store`.
    #[must_use]
    pub fn new(store: Arc<dyn GateCountStore>) -> Self {
        Self { store, open: Arc::default() }
    }

    /// Counts one decision.
    pub fn note(&self, scope: &TenantScope, now: Timestamp, reason: &str) {
        metrics::counter!("gate_decisions_total", "reason" => reason.to_owned()).increment(1);
        *self.open.lock().entry((*scope, day(now), reason.to_owned())).or_default() += 1;
    }

    /// Drops what was counted of a tenant.
    pub fn forget(&self, scope: &TenantScope) {
        self.open.lock().retain(|(of, ..), _| of != scope);
    }

    /// Writes down what was counted; what fails to be written is counted again.
    pub async fn flush(&self) {
        let counts = std::mem::take(&mut *self.open.lock());
        let mut by_tenant: HashMap<TenantScope, Vec<(i64, String, i64)>> = HashMap::new();
        for ((scope, day, reason), count) in counts {
            by_tenant.entry(scope).or_default().push((day, reason, count));
        }
        for (scope, counts) in by_tenant {
            if let Err(error) = self.store.add_gate_counts(&scope, &counts).await {
                tracing::warn!(%error, cause = ?error.cause(), "counts of the write gate could not be written; trying again later");
                let mut open = self.open.lock();
                for (day, reason, count) in counts {
                    *open.entry((scope, day, reason)).or_default() += count;
                }
            }
        }
    }
}
