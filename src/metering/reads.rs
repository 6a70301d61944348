//! Reads, counted by each node: gathered in memory and written down every few seconds, and where they are limited, spent from blocks
//! that were taken of the month's amount. What a node has counted and not written is lost with it; what it has taken and not spent
//! counts as used.

use std::{collections::HashMap, sync::Arc};

use parking_lot::Mutex;

use super::{HourUse, Month, UsageStore};
use crate::{
    clock::{Clock, Timestamp},
    error::{Error, Quota, Result},
    ids::{AppId, CredentialId},
    plans::Meter,
    tenancy::TenantScope,
};

const HOUR: i64 = 3_600_000_000;
/// Largest block of a month's amount.
const MOST: i64 = 500;
/// A block is at most this part of what is left, so that several nodes come near the end together.
const PART_OF_REST: i64 = 100;

/// The reads that are not written yet, and the blocks in hand; cheap to clone.
#[derive(Clone)]
pub struct Reads {
    store: Arc<dyn UsageStore>,
    clock: Arc<dyn Clock>,
    open: Arc<Mutex<HashMap<(TenantScope, Use), i64>>>,
    blocks: Arc<Mutex<Blocks>>,
}

/// Blocks in hand, each taken by one search at a time.
type Blocks = HashMap<(TenantScope, Meter), Arc<tokio::sync::Mutex<Block>>>;
/// Hour, meter, app, credential.
type Use = (i64, Meter, AppId, Option<CredentialId>);

/// What a node may spend by itself.
#[derive(Debug)]
struct Block {
    month: Month,
    left: i64,
    /// How much of the month's amount was free when the block was taken: the next is a part of it.
    free: i64,
}

impl Reads {
    /// Over the store that they are written to.
    #[must_use]
    pub fn new(store: Arc<dyn UsageStore>, clock: Arc<dyn Clock>) -> Self {
        Self { store, clock, open: Arc::default(), blocks: Arc::default() }
    }

    /// Counts one.
    pub fn note(&self, scope: &TenantScope, meter: Meter, app: AppId, credential: Option<CredentialId>) {
        let hour = self.clock.now().0.div_euclid(HOUR);
        *self.open.lock().entry((*scope, (hour, meter, app, credential))).or_default() += 1;
    }

    /// Takes one of the month's amount, where it is limited.
    ///
    /// # Errors
    /// `quota_exceeded`, `unavailable`.
    pub async fn spend(&self, scope: &TenantScope, meter: Meter, limit: Option<i64>) -> Result<()> {
        let Some(limit) = limit else { return Ok(()) };
        let now = self.clock.now();
        let month = Month::of(now);
        let block = self
            .blocks
            .lock()
            .entry((*scope, meter))
            .or_insert_with(|| Arc::new(tokio::sync::Mutex::new(Block { month, left: 0, free: limit })))
            .clone();
        let mut block = block.lock().await;
        if block.month != month {
            *block = Block { month, left: 0, free: limit };
        }
        if block.left == 0 {
            let wanted = (block.free / PART_OF_REST).clamp(1, MOST);
            block.left = self.store.take(scope, meter, month, wanted, limit).await?;
            block.free = (block.free - block.left).max(0);
        }
        if block.left == 0 {
            return Err(used_up(meter, limit, now));
        }
        block.left -= 1;
        Ok(())
    }

    /// Writes down what was counted; what fails to be written is counted again.
    pub async fn flush(&self) {
        let open = std::mem::take(&mut *self.open.lock());
        let mut by_tenant: HashMap<TenantScope, Vec<HourUse>> = HashMap::new();
        for ((scope, (hour, meter, app, credential)), quantity) in open {
            by_tenant.entry(scope).or_default().push(HourUse { hour, meter, app, credential, quantity });
        }
        for (scope, uses) in by_tenant {
            if let Err(error) = self.store.add_reads(&scope, &uses).await {
                tracing::warn!(%error, cause = ?error.cause(), "counts of reads could not be written; trying again later");
                let mut open = self.open.lock();
                for HourUse { hour, meter, app, credential, quantity } in uses {
                    *open.entry((scope, (hour, meter, app, credential))).or_default() += quantity;
                }
            }
        }
    }

    /// Gives back what was taken and not spent: the node ends.
    pub async fn end(&self) {
        let blocks = std::mem::take(&mut *self.blocks.lock());
        for ((scope, meter), block) in blocks {
            let block = block.lock().await;
            if block.left > 0
                && let Err(error) = self.store.give_back(&scope, meter, block.month, block.left).await
            {
                tracing::warn!(%error, cause = ?error.cause(), "an unspent part of a month's amount could not be given back");
            }
        }
    }

    /// Drops what was counted of a tenant.
    pub fn forget(&self, scope: &TenantScope) {
        self.open.lock().retain(|(of, _), _| of != scope);
        self.blocks.lock().retain(|(of, _), _| of != scope);
    }
}

fn used_up(meter: Meter, limit: i64, now: Timestamp) -> Error {
    let resets_at = Month::of(now).end();
    let what = if meter == Meter::Searches { "searches" } else { "reads" };
    let detail = format!(
        "Your plan has {limit} {what} a month, and they are used up until {}. Export and delete go on.",
        resets_at.date_time().format("%Y-%m-%d")
    );
    Error::quota(detail, Quota { of: meter.as_str(), used: limit, limit, resets_at: Some(resets_at) })
}
