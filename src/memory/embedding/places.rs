//! Where an external index holds points of a tenant, or may hold some. The list is durable and noted before the first point is
//! written, so that whoever deletes knows where to look, whatever was interrupted; a place is taken off it only when the tenant
//! has left it and nothing has been found there for longer than a write can be under way.

use std::time::Duration;

use async_trait::async_trait;

use crate::{clock::Timestamp, error::Result, tenancy::TenantScope};

/// When a place that was left is first looked at: searches that began before may still read it.
pub const FIRST_LOOK: Duration = Duration::from_secs(5);

/// A place that a tenant has left, or a tenant that has gone.
#[derive(Debug, Clone)]
pub struct LeftPlace {
    /// Whose points may be there.
    pub scope: TenantScope,
    pub collection: String,
    /// Since when nothing has been found there.
    pub since: Timestamp,
}

/// The list of places.
#[async_trait]
pub trait PlaceStore: Send + Sync {
    /// Notes that points of the tenant will lie in these collections; known ones are fine. For a tenant that is erased they count
    /// as left.
    async fn note(&self, scope: &TenantScope, collections: &[&str]) -> Result<()>;
    /// Every collection that the tenant's points may lie in.
    async fn noted(&self, scope: &TenantScope) -> Result<Vec<String>>;
    /// Those that the tenant has left.
    async fn left_by(&self, scope: &TenantScope) -> Result<Vec<LeftPlace>>;
    /// Places that were left and are to be looked at now, of all tenants.
    async fn due(&self, limit: u32) -> Result<Vec<LeftPlace>>;
    /// Puts the next look off to `at`; nothing counts as found since `since`. Does nothing to a place that is in use again.
    async fn look_again(&self, place: &LeftPlace, since: Timestamp, at: Timestamp) -> Result<()>;
    /// Takes a place off the list. Does nothing to one that is in use again.
    async fn cleared(&self, place: &LeftPlace) -> Result<()>;
}
