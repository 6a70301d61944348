//! Moving a tenant to another collection of an external index while it is used. Index jobs do the filling: while a tenant
//! moves, they write to both places, and reads stay where they were until nothing is left to do.

use std::time::Duration;

use anyhow::{Context, ensure};

use super::Runner;
use crate::{
    memory::{MemoryStore, Placement},
    tenancy::TenantScope,
};

/// How long searches that began before the switch may still read the old place.
const GRACE: Duration = Duration::from_secs(5);
/// How often the jobs that a server does are looked at.
const LOOK: Duration = Duration::from_millis(200);

/// Fills `collection` with the tenant's memories, reads from it from then on, and clears the old place. May be killed
/// anywhere and repeated.
///
/// # Errors
/// When a memory cannot be written to the new place; reads stay at the old one.
pub async fn relocate(runner: &Runner, store: &dyn MemoryStore, scope: &TenantScope, collection: &str) -> anyhow::Result<()> {
    let index = &runner.job.index;
    let index = index.as_ref().context("only an external index has collections; set index.provider (INDEX_PROVIDER)")?;
    let old = Placement { moving_to: None, ..store.placement(scope).await? };
    ensure!(old.collection.as_deref() != Some(collection), "the tenant is in '{collection}' already");
    store.place(scope, &Placement { moving_to: Some(collection.to_owned()), ..old.clone() }).await?;
    runner.queue.reindex(scope, false).await?;
    loop {
        runner.drain().await?;
        let left = runner.queue.left(scope).await?;
        ensure!(left.dead == 0, "{} memories could not be written to '{collection}': see 'jmem doctor', then try again", left.dead);
        if left.waiting == 0 {
            break;
        }
        tokio::time::sleep(LOOK).await;
    }
    store.place(scope, &Placement { collection: Some(collection.to_owned()), ..old.clone() }).await?;
    tokio::time::sleep(GRACE).await;
    index.delete_tenant(scope, &old).await?;
    Ok(())
}
