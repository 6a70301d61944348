//! Claims due jobs, runs them by tenant and decides what a failure means.

use std::{collections::HashMap, pin::pin, sync::Arc, time::Duration};

use futures::{future::join_all, join};
use rand::RngExt;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::{
    failure::{Cure, Failure},
    index::IndexJob,
    infer,
    queue::{Claimed, JobKind, JobQueue, Outcome},
    reembed,
};
use crate::{
    clock::{Clock, Timestamp},
    error::{Code, Result},
    ids::{MemoryId, OperationId},
    memory::{Inference, Wake},
    tenancy::TenantScope,
};

/// Index jobs claimed at a time.
const BATCH: u32 = 64;
/// Infer jobs claimed at a time: each is some calls of a slow model.
const INFER_BATCH: u32 = 8;
/// Tenants that move to another embedding model at a time.
const REEMBED_BATCH: u32 = 2;
/// A claim that is neither finished nor renewed in this time is given to another runner.
const LEASE: Duration = Duration::from_secs(30);
/// Attempts before a job goes to the dead letter; waiting for something that is away goes on for ever.
const MAX_ATTEMPTS: i32 = 12;
/// First wait after a failure; it doubles up to [`MAX_WAIT`].
const FIRST_WAIT: Duration = Duration::from_millis(500);
const MAX_WAIT: Duration = Duration::from_mins(5);
/// The same while something is away: what waits is to be done within a minute after that is back, and to ask costs little.
const MAX_OUTAGE_WAIT: Duration = Duration::from_secs(30);
/// How often the end of an attempt is told again to a database that is away.
const TELL_AGAIN: Duration = Duration::from_secs(1);
/// How long the runner sleeps when nobody wakes it: other nodes' jobs and lost leases are found then.
const IDLE: Duration = Duration::from_secs(2);

/// What became of attempts.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Drained {
    /// Jobs that are done.
    pub done: usize,
    /// Attempts that failed; their jobs are tried again later, or were given up.
    pub failed: usize,
    /// Why the last of them did, for the operator.
    pub error: Option<String>,
}

impl Drained {
    /// Attempts in all.
    #[must_use]
    pub const fn attempts(&self) -> usize {
        self.done + self.failed
    }

    fn of(outcomes: &[(Claimed, Outcome)]) -> Self {
        let error = |outcome: &Outcome| match outcome {
            Outcome::Done => None,
            Outcome::Retry { error, .. } | Outcome::Dead { error } => Some(error.clone()),
        };
        let errors: Vec<_> = outcomes.iter().filter_map(|(_, outcome)| error(outcome)).collect();
        Self { done: outcomes.len() - errors.len(), failed: errors.len(), error: errors.into_iter().next_back() }
    }

    fn and(self, other: Self) -> Self {
        Self { done: self.done + other.done, failed: self.failed + other.failed, error: other.error.or(self.error) }
    }
}

/// The background worker of one node.
pub struct Runner {
    /// Where jobs lie.
    pub queue: Arc<dyn JobQueue>,
    /// What an index job does.
    pub job: IndexJob,
    /// What an infer job asks; without it, such jobs stay in the queue.
    pub inference: Option<Inference>,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Rung by writes that leave a job behind.
    pub wake: Arc<Wake>,
}

impl Runner {
    /// Works until `stop`; the rounds in hand are finished first. Each kind has a lane of its own: a model that thinks for
    /// a minute holds up no index.
    pub async fn run(self, stop: CancellationToken) {
        join!(self.lane(JobKind::Index, &stop), self.lane(JobKind::Infer, &stop), self.lane(JobKind::Reembed, &stop));
    }

    async fn lane(&self, kind: JobKind, stop: &CancellationToken) {
        let wake = match kind {
            JobKind::Index => &self.wake.index,
            JobKind::Infer => &self.wake.infer,
            JobKind::Reembed => &self.wake.reembed,
        };
        while !stop.is_cancelled() {
            match self.round(kind, stop).await {
                Ok(drained) if drained.attempts() == 0 => {
                    tokio::select! {
                        () = stop.cancelled() => {}
                        () = wake.notified() => {}
                        () = tokio::time::sleep(self.idle_time(kind).await) => {}
                    }
                }
                Ok(_) => {}
                Err(error) => {
                    tracing::warn!(%error, cause = ?error.cause(), "jobs cannot be claimed; waiting");
                    tokio::select! {
                        () = stop.cancelled() => {}
                        () = tokio::time::sleep(IDLE) => {}
                    }
                }
            }
        }
    }

    /// Runs until no job is due; answers what became of them.
    ///
    /// # Errors
    /// Those of the queue.
    pub async fn drain(&self) -> Result<Drained> {
        let (mut all, stop) = (Drained::default(), CancellationToken::new());
        loop {
            let before = all.attempts();
            for kind in [JobKind::Infer, JobKind::Index, JobKind::Reembed] {
                all = all.and(self.round(kind, &stop).await?);
            }
            if all.attempts() == before {
                return Ok(all);
            }
        }
    }

    async fn idle_time(&self, kind: JobKind) -> Duration {
        let due = self.queue.next_due(kind).await.ok().flatten();
        let wait = due.map_or(IDLE, |at| Duration::from_micros(u64::try_from(at.0 - self.clock.now().0).unwrap_or(0)));
        wait.clamp(Duration::from_millis(10), IDLE)
    }

    async fn round(&self, kind: JobKind, stop: &CancellationToken) -> Result<Drained> {
        let limit = match kind {
            JobKind::Index => BATCH,
            JobKind::Infer => INFER_BATCH,
            JobKind::Reembed => REEMBED_BATCH,
        };
        let mut claimed = self.queue.claim(kind, limit, LEASE).await?;
        let Some(claim) = claimed.first().map(|job| job.lease) else { return Ok(Drained::default()) };
        claimed.sort_by_key(|job| job.tenant);
        let work = async {
            match kind {
                // All tenants at once: a distant model is waited for once, and takes their texts together.
                JobKind::Index => join_all(claimed.chunk_by(|a, b| a.tenant == b.tenant).map(|jobs| self.index(jobs, stop))).await,
                JobKind::Infer => join_all(claimed.iter().map(|job| self.infer(job, stop))).await,
                JobKind::Reembed => join_all(claimed.iter().map(|job| self.reembed(job, stop))).await,
            }
        };
        let mut work = pin!(work);
        loop {
            tokio::select! {
                ended = &mut work => return ended.into_iter().try_fold(Drained::default(), |all, ended| Ok(all.and(ended?))),
                () = tokio::time::sleep(LEASE / 3) => {
                    // The work goes on: at worst another runner does it as well.
                    if let Err(error) = self.queue.renew(claim, LEASE).await {
                        tracing::warn!(%error, cause = ?error.cause(), "the leases of jobs could not be renewed");
                    }
                }
            };
        }
    }

    async fn index(&self, jobs: &[Claimed], stop: &CancellationToken) -> Result<Drained> {
        let scope = TenantScope::verified(jobs[0].tenant);
        let ids: Vec<_> = jobs.iter().map(|job| MemoryId(job.subject)).collect();
        let mut failures: HashMap<_, _> = self.job.run(&scope, &ids).await.into_iter().collect();
        let now = self.clock.now();
        let outcomes: Vec<_> = jobs.iter().map(|job| (job.clone(), outcome(job, failures.remove(&MemoryId(job.subject)), now))).collect();
        self.finish(&outcomes, stop).await
    }

    async fn infer(&self, job: &Claimed, stop: &CancellationToken) -> Result<Drained> {
        let failure = match &self.inference {
            Some(inference) => infer::run(inference, &TenantScope::verified(job.tenant), OperationId(job.subject), job.attempts).await,
            None => Some(Failure { cure: Cure::Wait, error: "no model is configured".into() }),
        };
        self.finish(&[(job.clone(), outcome(job, failure, self.clock.now()))], stop).await
    }

    /// Tells how attempts ended. A database that is away is told once it is back, as long as the leases last: otherwise
    /// the jobs would lie still until those run out.
    async fn finish(&self, outcomes: &[(Claimed, Outcome)], stop: &CancellationToken) -> Result<Drained> {
        let give_up = Instant::now() + LEASE;
        loop {
            match self.queue.finish(outcomes).await {
                Err(error) if error.code() == Code::Unavailable && Instant::now() < give_up => {
                    if stop.run_until_cancelled(tokio::time::sleep(TELL_AGAIN)).await.is_none() {
                        return Err(error);
                    }
                }
                ended => return ended.map(|()| Drained::of(outcomes)),
            }
        }
    }

    async fn reembed(&self, job: &Claimed, stop: &CancellationToken) -> Result<Drained> {
        let failure = reembed::run(&self.job, &TenantScope::verified(job.tenant)).await.err();
        self.finish(&[(job.clone(), outcome(job, failure, self.clock.now()))], stop).await
    }
}

fn outcome(job: &Claimed, failure: Option<Failure>, now: Timestamp) -> Outcome {
    let Some(Failure { cure, error }) = failure else { return Outcome::Done };
    metrics::counter!("job_failures_total").increment(1);
    if cure == Cure::None || (cure == Cure::Retry && job.attempts >= MAX_ATTEMPTS) {
        tracing::error!(job = %job.id, %error, "job given up; see 'jmem doctor'");
        return Outcome::Dead { error };
    }
    let longest = if cure == Cure::Wait { MAX_OUTAGE_WAIT } else { MAX_WAIT };
    Outcome::Retry { at: now.plus(backoff(job.attempts, longest)), error }
}

/// Doubling waits with full jitter over their upper half.
fn backoff(attempts: i32, longest: Duration) -> Duration {
    let doublings = u32::try_from(attempts.clamp(1, 20) - 1).unwrap_or(0);
    let wait = FIRST_WAIT.saturating_mul(1 << doublings).min(longest);
    wait.mul_f64(rand::rng().random_range(0.5..1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_and_stay_bounded() {
        for attempts in 1..=40 {
            let wait = backoff(attempts, MAX_WAIT);
            assert!(wait >= FIRST_WAIT / 2 && wait <= MAX_WAIT, "{attempts}: {wait:?}");
        }
        assert!(backoff(1, MAX_WAIT) < backoff(4, MAX_WAIT));
        assert!(backoff(40, MAX_OUTAGE_WAIT) <= MAX_OUTAGE_WAIT);
    }
}
