//! The proof that a caller belongs to a tenant.

use crate::ids::TenantId;

/// Permission to touch one tenant's data. Every store, index and cache call takes one; there is no access without it.
///
/// Only `auth` (from a verified credential), `tenancy` (while provisioning), `billing` (from what a payment provider has signed, or
/// an operator names) and `jobs` (from a claimed job's row) make one; `tests/it/architecture.rs` holds that.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TenantScope(TenantId);

impl TenantScope {
    /// The scope of a tenant that the caller has just been proven to belong to.
    #[must_use]
    pub(crate) const fn verified(tenant: TenantId) -> Self {
        Self(tenant)
    }

    /// The tenant that this scope opens.
    #[must_use]
    pub const fn tenant(&self) -> TenantId {
        self.0
    }
}
