//! The move of a tenant to the configured embedding model while it is used: vectors of both models lie side by side until
//! the tenant has all of the new one, in SQL and proven in the index; then searches read by those.

use std::collections::HashSet;

use async_trait::async_trait;
use tokio::sync::Notify;
use uuid::Uuid;

use super::{
    failure::{Cure, Failure},
    index::{IndexJob, away},
    job::Job,
    queue::{Claimed, JobKind},
};
use crate::{ids::MemoryId, tenancy::TenantScope};

/// Memories embedded at a time.
const BATCH: u32 = 256;
/// Tenants that move at a time.
const TENANTS: u32 = 2;

impl JobKind {
    /// Makes a tenant's vectors of the configured embedding model, then reads it by those. The subject is the tenant.
    pub const REEMBED: Self = Self("reembed");
}

/// Moves tenants.
pub struct ReembedJob(pub IndexJob);

#[async_trait]
impl Job for ReembedJob {
    fn kind(&self) -> JobKind {
        JobKind::REEMBED
    }

    fn batch(&self) -> u32 {
        TENANTS
    }

    fn woken(&self) -> &Notify {
        &self.0.wake.reembed
    }

    async fn run(&self, scope: &TenantScope, jobs: &[Claimed]) -> Vec<(Uuid, Failure)> {
        match run(&self.0, scope).await {
            Ok(()) => Vec::new(),
            // There is one job of this kind for a tenant.
            Err(failure) => jobs.first().map(|job| (job.subject, failure)).into_iter().collect(),
        }
    }
}

/// Makes what is missing, looks whether the index holds it, then switches. May be killed anywhere and repeated.
///
/// # Errors
/// What keeps the tenant where it is; what was made until then is kept.
async fn run(job: &IndexJob, scope: &TenantScope) -> Result<(), Failure> {
    let model = job.embedders.current().model();
    let mut put = HashSet::new();
    loop {
        let (refused, setback) = make(job, scope).await?;
        // A vector that SQL has need not have reached the index: the call may have failed after SQL kept it.
        let unproven = job.unproven(scope, None, model).await.map_err(|e| away(&e))?;
        if !unproven.is_disjoint(&put) {
            let error = format!("{} memories are not in the vector index under '{}'", unproven.len(), model.id);
            return Err(setback.unwrap_or(Failure { cure: Cure::Wait, error }));
        }
        if put.is_empty() && !unproven.is_empty() {
            let ids: Vec<MemoryId> = unproven.iter().copied().collect();
            for ids in ids.chunks(BATCH as usize) {
                job.bring_up(scope, ids).await;
            }
            put = unproven;
            continue;
        }
        // What is not there now is newer than the look before, and its own job brings it. What was added meanwhile and is not
        // embedded yet keeps the tenant where it is. A setback does not have to: it may be the old model's, which is not needed
        // any more then.
        if job.store.read_by(scope, model, refused).await.map_err(|e| away(&e))? {
            tracing::info!(tenant = %scope.tenant(), model = %model.id, refused, "the tenant is read by another embedding model now");
            return Ok(());
        }
        if let Some(setback) = setback {
            return Err(setback);
        }
    }
}

/// Makes the vectors that SQL does not have; answers how many texts the model will never take, and what went wrong besides.
async fn make(job: &IndexJob, scope: &TenantScope) -> Result<(i64, Option<Failure>), Failure> {
    // A text that the new model will never take is found by its words; it does not hold up the others.
    let mut refused = 0;
    let mut last = None;
    loop {
        let ids = job.store.unembedded(scope, job.embedders.current().model(), last, BATCH).await.map_err(|e| away(&e))?;
        last = ids.last().copied();
        if last.is_none() {
            return Ok((refused, None));
        }
        let mut setback = None;
        for (_, failure) in job.bring_up(scope, &ids).await {
            match failure.cure {
                Cure::None => refused += 1,
                Cure::Wait | Cure::Retry | Cure::At(_) => setback = Some(failure),
            }
        }
        if setback.is_some() {
            return Ok((refused, setback));
        }
    }
}
