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

/// State of one server, shared by all calls to it.
#[derive(Debug, Default)]
pub(super) struct Breaker(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    failures: u32,
    next_probe: Option<Instant>,
    paused_until: Option<Instant>,
}

impl Breaker {
    /// Whether a call may go out now; how long not, otherwise.
    pub(super) fn enter(&self, now: Instant) -> Result<(), Duration> {
        let mut state = self.0.lock();
        let closed_until = state.paused_until.max(state.next_probe);
        if let Some(until) = closed_until.filter(|until| *until > now) {
            return Err(until - now);
        }
        if state.failures >= THRESHOLD {
            state.next_probe = Some(now + PROBE_EVERY);
        }
        Ok(())
    }

    /// The server answered as it should, or found fault with this one request alone.
    pub(super) fn succeeded(&self) {
        let mut state = self.0.lock();
        state.failures = 0;
        state.next_probe = None;
    }

    /// The server did not do its work; `pause` is how long it asked to be left alone.
    pub(super) fn failed(&self, now: Instant, pause: Option<Duration>) {
        let mut state = self.0.lock();
        state.failures = state.failures.saturating_add(1);
        if state.failures >= THRESHOLD {
            state.next_probe = state.next_probe.max(Some(now + PROBE_EVERY));
        }
        if let Some(pause) = pause {
            state.paused_until = state.paused_until.max(Some(now + pause.min(LONGEST_PAUSE)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn opens_after_failures_in_a_row_and_probes_once_a_second() {
        let (breaker, start) = (Breaker::default(), Instant::now());
        for _ in 0..THRESHOLD {
            breaker.enter(start).expect("closed");
            breaker.failed(start, None);
        }
        let at = |millis| start + Duration::from_millis(millis);
        breaker.enter(at(10)).expect_err("open");
        let mut probes = 0;
        for millis in (0..10_000).step_by(10) {
            if breaker.enter(at(millis)).is_ok() {
                probes += 1;
                breaker.failed(at(millis), None);
            }
        }
        assert_eq!(probes, 9, "one a second");
        breaker.enter(at(10_500)).expect("a probe");
        breaker.succeeded();
        breaker.enter(at(10_501)).expect("closed again");
    }

    #[test]
    fn a_success_between_failures_keeps_it_closed() {
        let (breaker, now) = (Breaker::default(), Instant::now());
        for _ in 0..10 {
            breaker.failed(now, None);
            breaker.succeeded();
        }
        breaker.enter(now).expect("closed");
    }

    #[test]
    fn a_named_time_is_kept_even_after_a_success() {
        let (breaker, now) = (Breaker::default(), Instant::now());
        breaker.failed(now, Some(Duration::from_secs(20)));
        breaker.succeeded();
        assert_eq!(breaker.enter(now).expect_err("told to wait"), Duration::from_secs(20));
        breaker.enter(now + Duration::from_secs(20)).expect("it is time");
        breaker.failed(now, Some(Duration::from_hours(24)));
        assert_eq!(breaker.enter(now).expect_err("told to wait"), LONGEST_PAUSE, "no server silences us for a day");
    }
}
