//! The open streams of the legacy transport: who owns each, how to reach it, and when it must end.
//!
//! A stream belongs to the principal that opened it. A session id alone opens nothing: `sse` authenticates every POST
//! and answers another principal's id as an unknown one. Streams of one user are counted, and all streams of a
//! credential end when it is revoked, here or by another process.

use std::{
    collections::{HashMap, HashSet},
    fmt,
    str::FromStr,
    sync::{Arc, Weak},
    time::Duration,
};

use parking_lot::Mutex;
use rmcp::{RoleServer, service::RxJsonRpcMessage};
use tokio::{
    sync::{broadcast::error::RecvError, mpsc},
    time::MissedTickBehavior,
};
use tokio_util::sync::CancellationToken;

use super::repair::Refusal;
use crate::{
    auth::{CredentialService, Principal},
    error::Result,
    ids::{CredentialId, UserId},
    limits::{Resource, Slot, Slots},
};

/// A message from the client, or what to answer to one that cannot be understood.
pub(super) type Heard = std::result::Result<RxJsonRpcMessage<RoleServer>, Refusal>;

/// Messages from the client that wait to be taken up.
const INBOX: usize = 16;
/// How often streams are checked against credentials that another process has ended.
const POLL: Duration = Duration::from_secs(2);

/// 128 random bits, as 32 hex digits on the wire.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct StreamId(u128);

#[cfg(test)]
impl StreamId {
    pub(super) const fn of(n: u128) -> Self {
        Self(n)
    }
}

impl fmt::Display for StreamId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

impl FromStr for StreamId {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        let hex = text.len() == 32 && text.bytes().all(|b| b.is_ascii_hexdigit());
        hex.then(|| u128::from_str_radix(text, 16).ok()).flatten().map(Self).ok_or(())
    }
}

/// What a POST needs to know of an open stream.
#[derive(Clone)]
pub(super) struct Stream {
    /// Who opened it.
    pub(super) owner: Arc<Principal>,
    /// Takes the client's messages.
    pub(super) inbox: mpsc::Sender<Heard>,
    cancel: CancellationToken,
}

/// All open streams of this process.
pub(super) struct Hub {
    streams: Mutex<HashMap<StreamId, Stream>>,
    slots: Slots<UserId>,
}

/// One open stream: it is closed, and its slot given up, when this is dropped.
pub(super) struct OpenStream {
    hub: Arc<Hub>,
    /// The stream's id.
    pub(super) id: StreamId,
    /// Ends the stream.
    pub(super) cancel: CancellationToken,
    _slot: Slot<UserId>,
}

impl Drop for OpenStream {
    fn drop(&mut self) {
        self.cancel.cancel();
        self.hub.streams.lock().remove(&self.id);
    }
}

impl Hub {
    pub(super) fn new(streams_per_user: usize) -> Arc<Self> {
        Arc::new(Self { streams: Mutex::default(), slots: Slots::new(Resource::McpStream, streams_per_user) })
    }

    /// Opens a stream for `owner`, which ends with `parent`.
    ///
    /// # Errors
    /// `rate_limited` when the user has as many open as allowed.
    pub(super) fn enter(self: &Arc<Self>, owner: Principal, parent: &CancellationToken) -> Result<(OpenStream, mpsc::Receiver<Heard>)> {
        let (inbox, messages) = mpsc::channel(INBOX);
        let slot = self.slots.take(owner.user)?;
        let (id, cancel) = (StreamId(rand::random()), parent.child_token());
        self.streams.lock().insert(id, Stream { owner: Arc::new(owner), inbox, cancel: cancel.clone() });
        Ok((OpenStream { hub: self.clone(), id, cancel, _slot: slot }, messages))
    }

    /// The open stream of this id.
    pub(super) fn find(&self, id: StreamId) -> Option<Stream> {
        self.streams.lock().get(&id).cloned()
    }

    fn credentials(&self) -> HashSet<CredentialId> {
        self.streams.lock().values().filter_map(|stream| stream.owner.credential).collect()
    }

    /// Ends the streams whose credential is among these.
    fn end(&self, ended: impl Fn(CredentialId) -> bool) {
        for stream in self.streams.lock().values().filter(|stream| stream.owner.credential.is_some_and(&ended)) {
            stream.cancel.cancel();
        }
    }

    /// Asks which credentials still work, for those that another process has ended.
    async fn check(&self, credentials: &CredentialService) {
        let ids: Vec<_> = self.credentials().into_iter().collect();
        if ids.is_empty() {
            return;
        }
        match credentials.still_working(&ids).await {
            Ok(working) => {
                let asked: HashSet<_> = ids.into_iter().collect();
                self.end(|id| asked.contains(&id) && !working.contains(&id));
            }
            // Calls on the streams are authenticated one by one, so nothing gets through meanwhile.
            Err(error) => tracing::warn!(%error, "open streams could not be checked for revoked credentials"),
        }
    }
}

/// Closes streams whose credential has ended, until `shutdown` or until the hub is gone.
pub(super) fn watch(hub: &Arc<Hub>, credentials: Arc<CredentialService>, shutdown: CancellationToken) {
    let hub = Arc::downgrade(hub);
    tokio::spawn(async move {
        tokio::select! {
            () = follow(hub, credentials) => {}
            () = shutdown.cancelled() => {}
        }
    });
}

async fn follow(hub: Weak<Hub>, credentials: Arc<CredentialService>) {
    let mut ended = credentials.subscribe();
    let mut told = true;
    let mut poll = tokio::time::interval(POLL);
    poll.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        let now = tokio::select! {
            message = ended.recv(), if told => match message {
                Ok(id) => Some(id),
                Err(RecvError::Lagged(_)) => None,
                Err(RecvError::Closed) => {
                    told = false;
                    None
                }
            },
            _ = poll.tick() => None,
        };
        let Some(hub) = hub.upgrade() else { return };
        match now {
            Some(id) => hub.end(|other| other == id),
            None => hub.check(&credentials).await,
        }
    }
}
