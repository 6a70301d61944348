//! What one connection is doing, as its bytes and requests tell it, and until when it may go on with that.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use parking_lot::Mutex;
use tokio::{sync::Notify, time::Instant};

/// Who has taken less than so many bytes between two looks takes nothing: the pings of HTTP/2 are less.
const NOTHING: usize = 1024;

/// How long a connection may take.
#[derive(Debug, Clone, Copy)]
pub(super) struct Patience {
    /// For the head of a request, from its first byte; of the first one, from the connection's beginning.
    pub(super) head: Duration,
    /// For the next request to begin, and for the other side to take anything of an answer.
    pub(super) idle: Duration,
}

/// Why a connection was ended by this side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// A request did not become whole in its time.
    Head,
    /// No further request came.
    Idle,
    /// Nobody took the answer.
    Unread,
    /// Nobody took the answer, and answers that nobody took were too many.
    Hoards,
    /// Another needed its place.
    Evicted,
    /// The server stops.
    Stop,
}

impl End {
    /// For the figures.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Head => "head",
            Self::Idle => "idle",
            Self::Unread => "unread",
            Self::Hoards => "hoards",
            Self::Evicted => "evicted",
            Self::Stop => "stop",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// No request has been whole yet.
    First,
    /// Between two requests.
    Idle,
    /// A further request has begun and is not whole.
    Head,
    /// Requests run.
    Busy,
}

#[derive(Debug)]
struct State {
    phase: Phase,
    /// When that began.
    since: Instant,
    running: u32,
    /// HTTP/2: bytes between requests are no head.
    multiplexed: bool,
    /// Since when the other side has taken nothing of what is to be sent.
    stuck: Option<Instant>,
    /// Lengths of the pieces of answers that are to be sent: each lies here whole until all of it went.
    unsent: VecDeque<usize>,
    /// How much of the first one went.
    went_of_first: usize,
    /// Bytes that went since the last look.
    went: usize,
    end: Option<End>,
}

/// Shared by the connection's socket, its requests and the table.
pub(super) struct Pulse {
    state: Mutex<State>,
    ending: Notify,
}

impl Pulse {
    /// Of a connection that begins now.
    pub(super) fn new() -> Arc<Self> {
        let state = State {
            phase: Phase::First,
            since: Instant::now(),
            running: 0,
            multiplexed: false,
            stuck: None,
            unsent: VecDeque::new(),
            went_of_first: 0,
            went: 0,
            end: None,
        };
        Arc::new(Self { state: Mutex::new(state), ending: Notify::new() })
    }

    /// Bytes came.
    pub(super) fn heard(&self) {
        let mut state = self.state.lock();
        if state.phase == Phase::Idle && !state.multiplexed {
            (state.phase, state.since) = (Phase::Head, Instant::now());
        }
    }

    /// So many bytes of an answer are to be sent.
    pub(super) fn queued(&self, bytes: usize) {
        self.state.lock().unsent.push_back(bytes);
    }

    /// So many bytes went.
    pub(super) fn sent(&self, bytes: usize) {
        let mut state = self.state.lock();
        state.stuck = None;
        state.went += bytes;
        // Heads and frames go besides: it is a little less than there is.
        state.went_of_first += bytes;
        while let Some(first) = state.unsent.front().copied().filter(|first| *first <= state.went_of_first) {
            state.unsent.pop_front();
            state.went_of_first -= first;
        }
        if state.unsent.is_empty() {
            state.went_of_first = 0;
        }
    }

    /// None can go now.
    pub(super) fn stuck(&self) {
        let mut state = self.state.lock();
        state.stuck = state.stuck.or_else(|| Some(Instant::now()));
    }

    /// Bytes of answers that lie here and of which nobody has taken any since the last look.
    pub(super) fn hoarded(&self) -> usize {
        let mut state = self.state.lock();
        if std::mem::take(&mut state.went) < NOTHING { state.unsent.iter().sum() } else { 0 }
    }

    /// A request is whole and runs until the guard is dropped.
    pub(super) fn begin(self: &Arc<Self>, multiplexed: bool) -> Running {
        let mut state = self.state.lock();
        state.running += 1;
        state.multiplexed = multiplexed;
        state.phase = Phase::Busy;
        Running(self.clone())
    }

    /// When the connection's time is over, and why then; `None` while requests run.
    pub(super) fn due(&self, patience: &Patience) -> Option<(Instant, End)> {
        let state = self.state.lock();
        match (state.stuck, state.phase) {
            (Some(since), _) => Some((since + patience.idle, End::Unread)),
            (None, Phase::First | Phase::Head) => Some((state.since + patience.head, End::Head)),
            (None, Phase::Idle) => Some((state.since + patience.idle, End::Idle)),
            (None, Phase::Busy) => None,
        }
    }

    /// Since when the connection has waited for a request; `None` while it works.
    pub(super) fn waiting_since(&self) -> Option<Instant> {
        let state = self.state.lock();
        (state.phase != Phase::Busy && state.stuck.is_none()).then_some(state.since)
    }

    /// Has the connection ended; the first reason counts.
    pub(super) fn end(&self, why: End) {
        self.state.lock().end.get_or_insert(why);
        self.ending.notify_one();
    }

    /// Waits until somebody wants it ended.
    pub(super) async fn ended(&self) -> End {
        loop {
            if let Some(why) = self.state.lock().end {
                return why;
            }
            self.ending.notified().await;
        }
    }
}

/// A request that runs, its answer included.
pub(super) struct Running(Arc<Pulse>);

impl Running {
    /// So many bytes of its answer are to be sent.
    pub(super) fn queued(&self, bytes: usize) {
        self.0.queued(bytes);
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let mut state = self.0.state.lock();
        state.running -= 1;
        if state.running == 0 {
            (state.phase, state.since) = (Phase::Idle, Instant::now());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATIENCE: Patience = Patience { head: Duration::from_secs(10), idle: Duration::from_secs(75) };

    fn reason(pulse: &Pulse) -> Option<End> {
        pulse.due(&PATIENCE).map(|(_, why)| why)
    }

    #[test]
    fn each_thing_has_its_time() {
        let pulse = Pulse::new();
        let first = pulse.due(&PATIENCE);
        assert!(matches!(first, Some((at, End::Head)) if at <= Instant::now() + PATIENCE.head));
        pulse.heard();
        assert_eq!(pulse.due(&PATIENCE), first, "a byte now and then buys nothing");

        let running = pulse.begin(false);
        let other = pulse.begin(false);
        assert_eq!((reason(&pulse), pulse.waiting_since()), (None, None));
        pulse.stuck();
        let unread = pulse.due(&PATIENCE);
        pulse.stuck();
        assert!(pulse.due(&PATIENCE) == unread && reason(&pulse) == Some(End::Unread), "nobody takes the answer");
        pulse.sent(1);
        drop(running);
        assert_eq!(reason(&pulse), None);
        drop(other);
        assert!(matches!(pulse.due(&PATIENCE), Some((at, End::Idle)) if at > Instant::now() + PATIENCE.head));

        pulse.heard();
        let head = pulse.due(&PATIENCE);
        pulse.heard();
        assert!(pulse.due(&PATIENCE) == head && reason(&pulse) == Some(End::Head));
        drop(pulse.begin(true));
        let idle = pulse.due(&PATIENCE);
        pulse.heard();
        assert!(pulse.due(&PATIENCE) == idle && reason(&pulse) == Some(End::Idle), "the pings of HTTP/2 are no head");
    }

    #[test]
    fn what_nobody_takes_is_hoarded() {
        let pulse = Pulse::new();
        pulse.queued(5_000);
        pulse.queued(700);
        pulse.sent(2_000);
        assert_eq!([pulse.hoarded(), pulse.hoarded()], [0, 5_700], "what has gone in part lies here whole");
        pulse.sent(17);
        assert_eq!(pulse.hoarded(), 5_700);
        pulse.sent(3_000);
        assert_eq!([pulse.hoarded(), pulse.hoarded()], [0, 700]);
        pulse.sent(4_000);
        pulse.queued(30);
        assert_eq!([pulse.hoarded(), pulse.hoarded()], [0, 30]);
    }

    #[tokio::test]
    async fn the_first_reason_counts_whenever_it_is_asked_for() {
        let pulse = Pulse::new();
        pulse.end(End::Evicted);
        pulse.end(End::Stop);
        assert_eq!(pulse.ended().await, End::Evicted);
        assert_eq!(pulse.ended().await, End::Evicted);
    }
}
