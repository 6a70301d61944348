//! How much a writer may still store: it goes with whoever writes, and the store holds it against what is there, in the transaction
//! that would store more.

use super::Month;
use crate::{
    clock::Timestamp,
    error::{Error, Quota, Result},
    plans::Entitlement,
};

/// What a tenant may hold, and store in a month; what is absent has no limit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Allowance {
    pub memories: Option<i64>,
    pub bytes: Option<i64>,
    pub adds: Option<i64>,
    /// It was said yes to before: it is counted, and stored whatever the limits are.
    pub acknowledged: bool,
}

/// What a tenant holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Holdings {
    /// Memories that are not deleted.
    pub memories: i64,
    /// Bytes of their texts.
    pub bytes: i64,
}

/// Parts of an amount whose passing is worth telling, in percent.
const THRESHOLDS: [i64; 3] = [50, 80, 100];

impl Allowance {
    /// What the plan leaves.
    #[must_use]
    pub fn of(entitlement: &Entitlement) -> Self {
        let limits = entitlement.limits;
        let adds = if entitlement.read_only { Some(0) } else { limits.adds_per_month };
        Self { memories: limits.memories, bytes: limits.bytes, adds, acknowledged: false }
    }

    /// Whether what a tenant holds is limited.
    #[must_use]
    pub const fn limits_holdings(self) -> bool {
        self.memories.is_some() || self.bytes.is_some()
    }

    /// Refuses to hold more than is allowed, where this write makes it more.
    ///
    /// # Errors
    /// `quota_exceeded`.
    pub fn check_holdings(self, held: Holdings) -> Result<()> {
        if self.acknowledged {
            return Ok(());
        }
        if let Some(limit) = self.memories.filter(|limit| held.memories > *limit) {
            let quota = Quota { of: "memories", used: held.memories, limit, resets_at: None };
            return Err(Error::quota(
                format!(
                    "Your plan holds {limit} memories, and this would be more. Delete some, or choose a larger plan under Usage; search, export and delete go on."
                ),
                quota,
            ));
        }
        if let Some(limit) = self.bytes.filter(|limit| held.bytes > *limit) {
            let quota = Quota { of: "bytes", used: held.bytes, limit, resets_at: None };
            return Err(Error::quota(
                format!(
                    "Your plan holds {limit} bytes of memories, and this would be more. Delete some, or choose a larger plan under Usage; search, export and delete go on."
                ),
                quota,
            ));
        }
        Ok(())
    }

    /// Refuses more in a month than is allowed.
    ///
    /// # Errors
    /// `quota_exceeded`.
    pub fn check_adds(self, stored: i64, now: Timestamp) -> Result<()> {
        let Some(limit) = self.adds.filter(|limit| stored > *limit && !self.acknowledged) else { return Ok(()) };
        let resets_at = Month::of(now).end();
        let quota = Quota { of: "adds", used: stored, limit, resets_at: Some(resets_at) };
        let detail = if limit == 0 {
            "Your plan adds nothing at the moment: it is paused, or what may be spent is used up. See Usage; search, export and delete go on.".into()
        } else {
            format!(
                "Your plan stores {limit} memories a month, and they are used up until {}. Search, export and delete go on.",
                resets_at.date_time().format("%Y-%m-%d")
            )
        };
        Err(Error::quota(detail, quota))
    }
}

/// Which threshold is passed, in percent, when the use of a limited amount grows from `before` to `after`; the highest.
#[must_use]
pub fn passed(limit: i64, before: i64, after: i64) -> Option<i64> {
    let at = |percent: i64| limit.saturating_mul(percent).div_euclid(100).max(1);
    THRESHOLDS.into_iter().rfind(|percent| limit > 0 && before < at(*percent) && after >= at(*percent))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_threshold_is_told_once() {
        let told: Vec<_> = (0..250).filter_map(|n| passed(200, n, n + 1)).collect();
        assert_eq!(told, [50, 80, 100]);
        assert_eq!(passed(200, 0, 200), Some(100), "the highest");
        assert_eq!((0..3).filter_map(|n| passed(1, n, n + 1)).collect::<Vec<_>>(), [100]);
        assert_eq!(passed(0, 0, 9), None);
    }
}
