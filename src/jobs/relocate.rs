//! Moving a tenant to another collection of an external index while it is used. Index jobs do the filling: while a tenant
//! moves, they write to both places, and reads stay where they were until nothing is left to do.

use std::time::Duration;

use anyhow::ensure;

use super::{Runner, Upkeep};
use crate::{memory::Placement, tenancy::TenantScope};

/// How long searches that began before the switch may still read the old place.
const GRACE: Duration = Duration::from_secs(5);
/// How often the jobs that a server does are looked at.
const LOOK: Duration = Duration::from_millis(200);

/// Fills `collection` with the tenant's memories, reads from it from then on, and clears every place that the tenant has left. May
/// be killed anywhere and repeated; what is left to clear then is cleared by a running server too.
///
/// # Errors
/// When a memory cannot be written to the new place; reads stay at the old one. When the tenant is there already and nothing is
/// left to clear.
pub async fn relocate(runner: &Runner, upkeep: &Upkeep, scope: &TenantScope, collection: &str) -> anyhow::Result<()> {
    let (job, index) = (&upkeep.job, &upkeep.index);
    let placement = job.store.placement(scope).await?;
    let home = placement.home(index.shared()).to_owned();
    if home == collection {
        let cleared = upkeep.clear_left(scope).await?;
        ensure!(cleared > 0, "the tenant is in '{collection}' already");
        return Ok(());
    }
    let at_home = Placement { collection: Some(home.clone()), moving_to: None, ..placement };
    // What the tenant has left behind counts from here on, another move that did not end included.
    job.store.place(scope, &Placement { moving_to: Some(collection.to_owned()), ..at_home.clone() }).await?;
    upkeep.queue.reindex(scope, false).await?;
    fill(runner, scope, collection).await?;
    let models = job.embedders.models();
    let model = at_home.reads(&models);
    let unproven = job.unproven(scope, Some(collection), model).await?;
    if !unproven.is_empty() {
        // Most often they were added a moment ago: their jobs are done now, or are waited for.
        fill(runner, scope, collection).await?;
        let left = job.unproven(scope, Some(collection), model).await?.intersection(&unproven).count();
        ensure!(left == 0, "{left} memories are not in '{collection}' yet; reads stay at '{home}'. Try again");
    }
    job.store.place(scope, &Placement { collection: Some(collection.to_owned()), ..at_home }).await?;
    tokio::time::sleep(GRACE).await;
    upkeep.clear_left(scope).await?;
    Ok(())
}

/// Waits until no job of the tenant is left, and does those that are due.
async fn fill(runner: &Runner, scope: &TenantScope, collection: &str) -> anyhow::Result<()> {
    loop {
        runner.drain().await?;
        let left = runner.queue.left(scope).await?;
        ensure!(left.dead == 0, "{} memories could not be written to '{collection}': see 'jmem doctor', then try again", left.dead);
        if left.waiting == 0 {
            return Ok(());
        }
        tokio::time::sleep(LOOK).await;
    }
}
