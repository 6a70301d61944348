//! Turns on the cores of this machine. What keeps a core busy for more than a millisecond (a scan of a large tenant, a long
//! text that is judged or embedded) leaves the async threads, and there are no more of such at a time than cores. Who waits is
//! served tenant by tenant: a thousand texts of one do not hold up the question of another.

use std::sync::{Arc, LazyLock};

use parking_lot::Mutex;
use tokio::sync::oneshot;

use crate::{
    error::{Error, Result},
    fair_queue::FairQueue,
    ids::TenantId,
    tenancy::TenantScope,
};

static CORES: LazyLock<Turns> = LazyLock::new(|| Turns::of(at_once()));

/// How many turns there are at a time. Who has more to do asks for no more than that, so that something of the same tenant that
/// comes later, such as a question, does not wait for all of it.
#[must_use]
pub fn at_once() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// As [`run`] where the work is long; short work is done at once.
///
/// # Errors
/// As [`run`].
pub async fn run_if<T: Send + 'static>(is_long: bool, scope: &TenantScope, work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
    if is_long { run(scope, work).await } else { Ok(work()) }
}

/// Does work of a tenant on a thread of its own when it is the tenant's turn.
///
/// # Errors
/// When the work panicked, or the process ends.
pub async fn run<T: Send + 'static>(scope: &TenantScope, work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
    let turn = CORES.take(scope.tenant()).await;
    let done = tokio::task::spawn_blocking(move || {
        let _turn = turn;
        work()
    });
    done.await.map_err(Error::internal)
}

#[derive(Clone)]
struct Turns(Arc<Mutex<Inner>>);

struct Inner {
    free: usize,
    waiting: FairQueue<oneshot::Sender<Turn>>,
}

impl Turns {
    fn of(cores: usize) -> Self {
        Self(Arc::new(Mutex::new(Inner { free: cores, waiting: FairQueue::default() })))
    }

    async fn take(&self, tenant: TenantId) -> Turn {
        let turn = {
            let mut inner = self.0.lock();
            if inner.free > 0 {
                inner.free -= 1;
                return Turn(Some(self.clone()));
            }
            let (give, turn) = oneshot::channel();
            inner.waiting.push(tenant, give);
            turn
        };
        turn.await.expect("turns outlive who waits for one")
    }
}

/// Gives the core to the next when dropped.
struct Turn(Option<Turns>);

impl Drop for Turn {
    fn drop(&mut self) {
        let Some(turns) = self.0.take() else { return };
        loop {
            let mut inner = turns.0.lock();
            let Some(next) = inner.waiting.pop_if(|_| true) else {
                inner.free += 1;
                return;
            };
            drop(inner);
            // Who no longer waits has no turn.
            match next.send(Self(Some(turns.clone()))) {
                Ok(()) => return,
                Err(mut unused) => drop(unused.0.take()),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn tenants_take_turns_and_who_gives_up_holds_up_nobody() {
        let turns = Turns::of(1);
        let [busy, quiet] = [TenantId::new(), TenantId::new()];
        let first = turns.take(busy).await;
        let order = Arc::new(Mutex::new(Vec::new()));
        let waits = |tenant: TenantId, name: &'static str| {
            let (turns, order) = (turns.clone(), order.clone());
            async move {
                let turn = turns.take(tenant).await;
                order.lock().push(name);
                drop(turn);
            }
        };
        {
            let mut gone = Box::pin(waits(busy, "gone"));
            assert!(futures::poll!(&mut gone).is_pending());
        }
        let mut all =
            [(busy, "busy 1"), (busy, "busy 2"), (busy, "busy 3"), (quiet, "quiet")].map(|(tenant, name)| Box::pin(waits(tenant, name)));
        for one in &mut all {
            assert!(futures::poll!(one).is_pending());
        }
        drop(first);
        futures::future::join_all(all).await;
        assert_eq!(*order.lock(), ["quiet", "busy 1", "busy 2", "busy 3"]);
        assert_eq!(turns.0.lock().free, 1);
    }
}
