//! Claims due jobs, runs them by tenant and decides what a failure means.

use std::{collections::HashMap, pin::pin, sync::Arc, time::Duration};

use futures::future::join_all;
use rand::RngExt;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::{
    failure::{Cure, Failure},
    job::Job,
    queue::{Claimed, JobKind, JobQueue, Outcome},
};
use crate::{
    clock::{Clock, Timestamp},
    error::{Code, Result},
    tenancy::TenantScope,
};

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
#[derive(Clone)]
pub struct Runner {
    pub queue: Arc<dyn JobQueue>,
    /// Every kind of job that is done here. A drain does them in this order; jobs of other kinds stay in the queue.
    pub jobs: Vec<Arc<dyn Job>>,
    pub clock: Arc<dyn Clock>,
}

impl Runner {
    /// Works until `stop`; the rounds in hand are finished first. Each kind has a lane of its own: a model that thinks for
    /// a minute holds up no index.
    pub async fn run(self, stop: CancellationToken) {
        join_all(self.jobs.iter().map(|job| self.lane(&**job, &stop))).await;
    }

    async fn lane(&self, job: &dyn Job, stop: &CancellationToken) {
        while !stop.is_cancelled() {
            match self.round(job, stop).await {
                Ok(drained) if drained.attempts() == 0 => {
                    tokio::select! {
                        () = stop.cancelled() => {}
                        () = job.woken().notified() => {}
                        () = tokio::time::sleep(self.idle_time(job.kind()).await) => {}
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
            for job in &self.jobs {
                all = all.and(self.round(&**job, &stop).await?);
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

    async fn round(&self, job: &dyn Job, stop: &CancellationToken) -> Result<Drained> {
        let mut claimed = self.queue.claim(job.kind(), job.batch(), LEASE).await?;
        let Some(claim) = claimed.first().map(|claimed| claimed.lease) else { return Ok(Drained::default()) };
        claimed.sort_by_key(|claimed| claimed.tenant);
        // All tenants at once: a distant model is waited for once, and takes their texts together.
        let tenants = claimed.chunk_by(|a, b| a.tenant == b.tenant);
        let mut work = pin!(join_all(tenants.map(|of_tenant| self.attempt(job, of_tenant, stop))));
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

    async fn attempt(&self, job: &dyn Job, claimed: &[Claimed], stop: &CancellationToken) -> Result<Drained> {
        let scope = TenantScope::verified(claimed[0].tenant);
        let mut failures: HashMap<_, _> = job.run(&scope, claimed).await.into_iter().collect();
        let now = self.clock.now();
        let outcomes: Vec<_> =
            claimed.iter().map(|claimed| (claimed.clone(), outcome(claimed, failures.remove(&claimed.subject), now))).collect();
        self.finish(&outcomes, stop).await
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
}

fn outcome(job: &Claimed, failure: Option<Failure>, now: Timestamp) -> Outcome {
    let Some(Failure { cure, error }) = failure else { return Outcome::Done };
    if let Cure::At(at) = cure {
        return Outcome::Retry { at, error };
    }
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
