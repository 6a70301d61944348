//! A circuit breaker: after some failures in a row a server is left alone but for one probe a second, and a server that
//! names a time is left alone until then.

use std::time::Duration;

use parking_lot::Mutex;
use tokio::time::Instant;

/// Failures in a row that open the breaker.
const THRESHOLD: u32 = 3;
/// One call in this time finds out whether the server is back.
const PROBE_EVERY: Duration = Duration::from_secs(1);
/// Longest wait that a server may ask for.
const LONGEST_PAUSE: Duration = Duration::from_mins(10);

/// One line says that a server is away, however often it fails; and no more than one in this time.
const TOLD_ONCE_IN: Duration = Duration::from_mins(1);

/// State of one server, shared by all calls to it. It logs the begin and the end of an outage.
#[derive(Debug)]
pub(super) struct Breaker {
    /// The server, for the log.
    what: &'static str,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    failures: u32,
    next_probe: Option<Instant>,
    paused_until: Option<Instant>,
    /// When the log said last that it is away, and whether it is to say that it is back.
    told: Option<Instant>,
    to_end: bool,
}

impl State {
    /// Whether the log is to say, after a failure, that the server is away.
    fn outage_begins(&mut self, now: Instant) -> bool {
        let begins = !self.to_end && self.told.is_none_or(|told| now - told >= TOLD_ONCE_IN);
        if begins {
            (self.told, self.to_end) = (Some(now), true);
        }
        begins
    }

    /// Whether the log is to say, after a success, that the server is back.
    fn outage_ends(&mut self) -> bool {
        std::mem::take(&mut self.to_end)
    }
}

impl Breaker {
    /// Of a server that is called so in the log.
    pub(super) fn of(what: &'static str) -> Self {
        Self { what, state: Mutex::default() }
    }

    /// Whether a call may go out now; how long not, otherwise.
    pub(super) fn enter(&self, now: Instant) -> Result<(), Duration> {
        let mut state = self.state.lock();
        let closed_until = state.paused_until.max(state.next_probe);
        if let Some(until) = closed_until.filter(|until| *until > now) {
            return Err(until - now);
        }
        if state.failures >= THRESHOLD {
            state.next_probe = Some(now + PROBE_EVERY);
        }
        Ok(())
    }

    /// Whether the server did its work the last few times.
    pub(super) fn is_closed(&self) -> bool {
        self.state.lock().failures < THRESHOLD
    }

    /// Whether the server did its work the last time.
    pub(super) fn did_last(&self) -> bool {
        self.state.lock().failures == 0
    }

    /// The server answered as it should, or found fault with this one request alone.
    pub(super) fn succeeded(&self) {
        let mut state = self.state.lock();
        state.failures = 0;
        state.next_probe = None;
        if state.outage_ends() {
            tracing::info!("{} answers again", self.what);
        }
    }

    /// The server did not do its work, and why; `pause` is how long it asked to be left alone.
    pub(super) fn failed(&self, now: Instant, pause: Option<Duration>, why: &str) {
        let mut state = self.state.lock();
        state.failures = state.failures.saturating_add(1);
        if state.failures >= THRESHOLD {
            state.next_probe = state.next_probe.max(Some(now + PROBE_EVERY));
        }
        if let Some(pause) = pause {
            state.paused_until = state.paused_until.max(Some(now + pause.min(LONGEST_PAUSE)));
        }
        if state.outage_begins(now) {
            tracing::warn!("{} does not do its work; searches go on by words, writes wait: {why}", self.what);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn opens_after_failures_in_a_row_and_probes_once_a_second() {
        let (breaker, start) = (Breaker::of("a server"), Instant::now());
        for _ in 0..THRESHOLD {
            breaker.enter(start).expect("closed");
            breaker.failed(start, None, "down");
        }
        let at = |millis| start + Duration::from_millis(millis);
        breaker.enter(at(10)).expect_err("open");
        let mut probes = 0;
        for millis in (0..10_000).step_by(10) {
            if breaker.enter(at(millis)).is_ok() {
                probes += 1;
                breaker.failed(at(millis), None, "down");
            }
        }
        assert_eq!(probes, 9, "one a second");
        breaker.enter(at(10_500)).expect("a probe");
        breaker.succeeded();
        breaker.enter(at(10_501)).expect("closed again");
    }

    #[test]
    fn a_success_between_failures_keeps_it_closed() {
        let (breaker, now) = (Breaker::of("a server"), Instant::now());
        for _ in 0..10 {
            breaker.failed(now, None, "down");
            breaker.succeeded();
        }
        breaker.enter(now).expect("closed");
    }

    #[test]
    fn an_outage_is_two_lines_however_long_it_is() {
        let (mut state, start) = (State::default(), Instant::now());
        let at = |second| start + Duration::from_secs(second);
        let begins = (0..600).filter(|second| state.outage_begins(at(*second))).count();
        let ends = (0..600).filter(|_| state.outage_ends()).count();
        assert_eq!((begins, ends), (1, 1));
        let flapping = (600..900).filter(|second| state.outage_begins(at(*second)) && state.outage_ends()).count();
        assert_eq!(flapping, 5, "one that comes and goes every second: a line a minute");
    }

    #[test]
    fn a_named_time_is_kept_even_after_a_success() {
        let (breaker, now) = (Breaker::of("a server"), Instant::now());
        breaker.failed(now, Some(Duration::from_secs(20)), "busy");
        breaker.succeeded();
        assert_eq!(breaker.enter(now).expect_err("told to wait"), Duration::from_secs(20));
        breaker.enter(now + Duration::from_secs(20)).expect("it is time");
        breaker.failed(now, Some(Duration::from_hours(24)), "busy");
        assert_eq!(breaker.enter(now).expect_err("told to wait"), LONGEST_PAUSE, "no server silences us for a day");
    }
}
