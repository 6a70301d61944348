//! Keeps an external index equal to SQL. Index jobs carry every change there; what they cannot know of is found here: a
//! collection that was lost or put back from an older copy, points whose memories or tenants are gone, places that a tenant has
//! left. What differs is given to index jobs, which bring each memory to what SQL says of it. State-based, safe to kill anywhere
//! and to run on every node.

use std::{collections::HashSet, sync::Arc, time::Duration};

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::{
    index::IndexJob,
    queue::{IndexQueue, TenantDirectory},
};
use crate::{
    clock::Clock,
    error::{Code, Result},
    ids::MemoryId,
    memory::{INDEXED_WITHIN, LeftPlace, VectorIndex},
    tenancy::TenantScope,
};

/// How often the places that were left, and the gaps that are known, are looked at.
const TICK: Duration = Duration::from_secs(5);
/// How often every tenant is compared.
const COMPARE_ALL: Duration = Duration::from_hours(1);
/// How long nothing must have been found in a place before it counts as cleared: much longer than a job holds its lease or a
/// call to the index can be under way.
const CLEARED_AFTER: Duration = Duration::from_mins(10);
/// Longest wait between two looks at a place.
const LONGEST_WAIT: Duration = Duration::from_mins(2);
/// How long a job takes at most that has nothing to wait for.
const ON_ITS_WAY: Duration = Duration::from_secs(2);
/// Places looked at in one round.
const PLACES: u32 = 100;

/// What an index and SQL do not agree on, for one tenant.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Difference {
    /// Embedded memories without a point that has their vector.
    pub missing: HashSet<MemoryId>,
    pub extra: HashSet<MemoryId>,
}

/// The upkeep of one node.
#[derive(Clone)]
pub struct Upkeep {
    /// What index jobs work with.
    pub job: IndexJob,
    pub index: Arc<dyn VectorIndex>,
    pub queue: Arc<dyn IndexQueue>,
    pub tenants: Arc<dyn TenantDirectory>,
    pub clock: Arc<dyn Clock>,
}

impl Upkeep {
    /// Works until `stop`. Every tenant is compared at the start, from time to time, and when a collection was lost.
    pub async fn run(self, stop: CancellationToken) {
        let mut next_all = Instant::now();
        while !stop.is_cancelled() {
            if let Err(error) = self.round(&stop, &mut next_all).await {
                // The index logs its own outages.
                tracing::debug!(%error, "the vector index could not be compared with the database; trying again");
            }
            #[expect(clippy::cast_precision_loss, reason = "gauges are floats")]
            metrics::gauge!("vector_index_missing").set(self.job.watch.missing() as f64);
            tokio::select! {
                () = stop.cancelled() => {}
                () = self.job.watch.woken() => {}
                () = tokio::time::sleep(TICK) => {}
            }
        }
    }

    async fn round(&self, stop: &CancellationToken, next_all: &mut Instant) -> Result<()> {
        self.sweep().await?;
        if self.job.watch.take_all() {
            *next_all = Instant::now();
        }
        if Instant::now() >= *next_all {
            for scope in self.tenants.tenants().await? {
                if stop.is_cancelled() {
                    return Ok(());
                }
                self.compare_next(&scope).await?;
            }
            *next_all = Instant::now() + COMPARE_ALL;
        }
        for scope in self.job.watch.due() {
            self.compare_next(&scope).await?;
        }
        Ok(())
    }

    /// Compares one tenant of many: what ails that one alone does not keep the others waiting.
    async fn compare_next(&self, scope: &TenantScope) -> Result<()> {
        match self.compare(scope).await {
            Err(error) if error.code() != Code::Unavailable => {
                tracing::warn!(%error, cause = ?error.cause(), tenant = %scope.tenant(), "a tenant could not be compared with the vector index");
                Ok(())
            }
            outcome => outcome.map(drop),
        }
    }

    /// Whether the index answers and nothing is known to be missing in it.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.index.answers() && self.job.watch.missing() == 0
    }

    /// What the tenant's home in the index and SQL do not agree on. What changed within a minute may be on its way.
    ///
    /// # Errors
    /// Those of the index and the store.
    pub async fn difference(&self, scope: &TenantScope) -> Result<Difference> {
        let placement = self.job.store.placement(scope).await?;
        let models = self.job.embedders.models();
        let model = placement.reads(&models);
        // The index first: what it holds and SQL does not know afterwards has gone.
        let mut held = self.index.held(scope, placement.home(self.index.shared()), model).await?;
        let settled = self.clock.now().minus(INDEXED_WITHIN);
        let mut missing = HashSet::new();
        for on_roll in self.job.store.roll(scope, model).await? {
            let has_vector = held.remove(&on_roll.id).unwrap_or(false);
            if on_roll.embedded && !has_vector && on_roll.updated_at < settled {
                missing.insert(on_roll.id);
            }
        }
        Ok(Difference { missing, extra: held.into_keys().collect() })
    }

    /// What of the difference is still there a moment later: what was on its way when it was first looked at is none.
    ///
    /// # Errors
    /// Those of [`Self::difference`].
    pub async fn lasting_difference(&self, scope: &TenantScope) -> Result<Difference> {
        let first = self.difference(scope).await?;
        if first == Difference::default() {
            return Ok(first);
        }
        tokio::time::sleep(ON_ITS_WAY).await;
        let Difference { mut missing, mut extra } = self.difference(scope).await?;
        missing.retain(|id| first.missing.contains(id));
        extra.retain(|id| first.extra.contains(id));
        Ok(Difference { missing, extra })
    }

    /// Compares a tenant and queues what brings the two together.
    ///
    /// # Errors
    /// Those of the index, the store and the queue.
    pub async fn compare(&self, scope: &TenantScope) -> Result<Difference> {
        let difference = self.difference(scope).await?;
        let Difference { missing, extra } = &difference;
        if !missing.is_empty() || !extra.is_empty() {
            let ids: Vec<_> = missing.iter().chain(extra).copied().collect();
            let queued = self.queue.index(scope, &ids).await?;
            self.job.wake.index.notify_one();
            metrics::counter!("vector_index_repairs_total").increment(queued);
            if queued > 0 {
                tracing::warn!(tenant = %scope.tenant(), missing = missing.len(), extra = extra.len(), queued,
                    "the vector index and the database differ; index jobs bring them together");
            }
        }
        self.job.watch.compared(scope, missing.len());
        Ok(difference)
    }

    /// Looks at the places that were left, and clears them. Answers how many were found empty for good.
    ///
    /// # Errors
    /// Those of the database; an index that does not answer is asked again later.
    pub async fn sweep(&self) -> Result<usize> {
        let mut cleared = 0;
        for place in self.job.places.due(PLACES).await? {
            let (now, empty) = (self.clock.now(), self.clear(&place).await);
            let quiet = Duration::from_micros(u64::try_from(now.0 - place.since.0).unwrap_or(0));
            match empty {
                Ok(true) if quiet >= CLEARED_AFTER => {
                    self.job.places.cleared(&place).await?;
                    cleared += 1;
                }
                Ok(true) => self.job.places.look_again(&place, place.since, now.plus((quiet / 2).clamp(TICK, LONGEST_WAIT))).await?,
                // A write may be on its way as long as something comes, or the index is away.
                Ok(false) | Err(_) => self.job.places.look_again(&place, now, now.plus(TICK)).await?,
            }
        }
        Ok(cleared)
    }

    /// Clears every place that the tenant has left, without waiting until it is time; answers how many had something in them.
    /// They stay on the list until a running server has found them empty for long enough.
    ///
    /// # Errors
    /// Those of the index and the database.
    pub async fn clear_left(&self, scope: &TenantScope) -> Result<usize> {
        let mut cleared = 0;
        for place in self.job.places.left_by(scope).await? {
            cleared += usize::from(!self.clear(&place).await?);
        }
        Ok(cleared)
    }

    /// Clears a place; answers whether there was nothing to clear.
    async fn clear(&self, place: &LeftPlace) -> Result<bool> {
        let LeftPlace { scope, collection, .. } = place;
        if self.index.held(scope, collection, self.job.embedders.current().model()).await?.is_empty() {
            return Ok(true);
        }
        self.index.clear(scope, collection).await?;
        Ok(false)
    }
}
