//! What a kind of job is: one file for each, and one line in the registry that the application makes.

use async_trait::async_trait;
use tokio::sync::Notify;
use uuid::Uuid;

use super::{
    failure::Failure,
    queue::{Claimed, JobKind},
};
use crate::tenancy::TenantScope;

/// A kind of job, with what it needs to be done.
#[async_trait]
pub trait Job: Send + Sync {
    /// Its storage name.
    fn kind(&self) -> JobKind;
    /// How many are claimed at a time, of all tenants.
    fn batch(&self) -> u32;
    /// Rung when one was left behind in this process.
    fn woken(&self) -> &Notify;
    /// Does jobs of one tenant, in whatever order; answers the subjects that are not done. Safe to repeat, safe to kill anywhere.
    async fn run(&self, scope: &TenantScope, jobs: &[Claimed]) -> Vec<(Uuid, Failure)>;
}
