//! A tap on the shoulder for whoever watches a tenant: something has happened, look. It carries nothing, so it can neither
//! leak nor be wrong; what happened is read from the relational truth. Only this process is told, so watchers look now
//! and then without being nudged too.

use std::{collections::HashMap, sync::Arc};

use parking_lot::Mutex;
use tokio::sync::watch;

use super::TenantScope;
use crate::ids::TenantId;

/// Who is to be told; cheap to clone, and costs a look-up where nobody watches.
#[derive(Debug, Clone, Default)]
pub struct Nudges(Arc<Mutex<HashMap<TenantId, watch::Sender<()>>>>);

impl Nudges {
    /// Tells those who watch this tenant.
    pub fn nudge(&self, scope: &TenantScope) {
        if let Some(watchers) = self.0.lock().get(&scope.tenant()) {
            watchers.send_replace(());
        }
    }

    /// Watches a tenant until dropped.
    #[must_use]
    pub fn watch(&self, scope: &TenantScope) -> Watch {
        let mut watched = self.0.lock();
        let nudged = watched.entry(scope.tenant()).or_insert_with(|| watch::Sender::new(())).subscribe();
        Watch { nudges: self.clone(), tenant: scope.tenant(), nudged: Some(nudged) }
    }
}

/// One who watches.
#[derive(Debug)]
pub struct Watch {
    nudges: Nudges,
    tenant: TenantId,
    nudged: Option<watch::Receiver<()>>,
}

impl Watch {
    /// Waits for the next nudge; one that came since the last call counts.
    pub async fn nudged(&mut self) {
        let heard = match &mut self.nudged {
            Some(nudged) => nudged.changed().await.is_ok(),
            None => false,
        };
        if !heard {
            std::future::pending::<()>().await;
        }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        let mut watched = self.nudges.0.lock();
        self.nudged = None;
        if watched.get(&self.tenant).is_some_and(|watchers| watchers.receiver_count() == 0) {
            watched.remove(&self.tenant);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_nudge_reaches_the_watchers_of_its_tenant_alone() {
        let nudges = Nudges::default();
        let (ann, bob) = (TenantScope::verified(TenantId::new()), TenantScope::verified(TenantId::new()));
        let (mut of_ann, mut of_bob) = (nudges.watch(&ann), nudges.watch(&bob));
        nudges.nudge(&ann);
        of_ann.nudged().await;
        let waits = tokio::time::timeout(std::time::Duration::from_millis(50), of_bob.nudged()).await;
        assert!(waits.is_err(), "the other tenant's watcher is left alone");
        drop((of_ann, of_bob));
        assert!(nudges.0.lock().is_empty(), "nothing is kept of those who left");
    }
}
