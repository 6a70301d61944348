//! How often the gate decided what, by tenant and day: gathered in memory, written down every few seconds. Only this
//! bookkeeping can be lost with the process.

use std::{collections::HashMap, sync::Arc};

use parking_lot::Mutex;

use crate::{clock::Timestamp, memory::MemoryStore, tenancy::TenantScope};

const DAY: i64 = 24 * 3_600 * 1_000_000;

/// Days since 1970.
pub const fn day(at: Timestamp) -> i64 {
    at.0.div_euclid(DAY)
}

/// The counts that are not written yet; cheap to clone.
#[derive(Clone, Default)]
pub struct GateCounts(Arc<Mutex<HashMap<Decision, i64>>>);

/// Tenant, day, reason.
type Decision = (TenantScope, i64, String);

impl GateCounts {
    /// Counts one decision.
    pub fn note(&self, scope: &TenantScope, now: Timestamp, reason: &str) {
        metrics::counter!("gate_decisions_total", "reason" => reason.to_owned()).increment(1);
        *self.0.lock().entry((*scope, day(now), reason.to_owned())).or_default() += 1;
    }

    /// Drops what was counted of a tenant.
    pub fn forget(&self, scope: &TenantScope) {
        self.0.lock().retain(|(of, ..), _| of != scope);
    }

    /// Writes down what was counted; what fails to be written is counted again.
    pub async fn flush(&self, store: &dyn MemoryStore) {
        let counts = std::mem::take(&mut *self.0.lock());
        let mut by_tenant: HashMap<TenantScope, Vec<(i64, String, i64)>> = HashMap::new();
        for ((scope, day, reason), count) in counts {
            by_tenant.entry(scope).or_default().push((day, reason, count));
        }
        for (scope, counts) in by_tenant {
            if let Err(error) = store.add_gate_counts(&scope, &counts).await {
                tracing::warn!(%error, cause = ?error.cause(), "counts of the write gate could not be written; trying again later");
                let mut open = self.0.lock();
                for (day, reason, count) in counts {
                    *open.entry((scope, day, reason)).or_default() += count;
                }
            }
        }
    }
}
