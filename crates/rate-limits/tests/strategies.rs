//! What must hold of each strategy, for any rate and any takes; each against a slow and obvious definition of its own.

use std::{collections::BTreeMap, sync::Arc, thread, time::Duration};

use proptest::{collection::vec, prelude::*};
use rate_limits::{Decision, Rate, RateLimit, Strategy as Limiting, of};

const MINUTE: Duration = Duration::from_mins(1);

fn micros(time: Duration) -> i128 {
    i128::try_from(time.as_micros()).expect("a time")
}

fn time(micros: i128) -> Duration {
    Duration::from_micros(u64::try_from(micros).expect("a time"))
}

fn is_window(strategy: Limiting) -> bool {
    matches!(strategy, Limiting::FixedWindow | Limiting::SlidingWindow | Limiting::SlidingLog)
}

/// All that happened to one key: when, and how much was taken (or given back, if negative). The answers are worked out from the
/// whole of it each time.
struct Definition {
    strategy: Limiting,
    rate: Rate,
    events: Vec<(i128, i128)>,
}

impl Definition {
    fn new(strategy: Limiting, rate: Rate) -> Self {
        Self { strategy, rate, events: Vec::new() }
    }

    fn capacity(&self) -> i128 {
        i128::from(if is_window(self.strategy) { self.rate.amount } else { self.rate.burst })
    }

    fn free(&self, now: i128) -> i128 {
        match self.strategy {
            Limiting::FixedWindow => self.capacity() - self.windows().get(&(now / self.period())).unwrap_or(&0),
            Limiting::SlidingWindow => self.free_of_two_windows(now),
            Limiting::SlidingLog => self.capacity() - i128::try_from(self.log(now).len()).expect("few"),
            Limiting::TokenBucket | Limiting::LeakyBucket | Limiting::Gcra => {
                (self.capacity() * self.period() - self.debt(now)).div_euclid(self.period())
            }
        }
    }

    fn period(&self) -> i128 {
        micros(self.rate.period)
    }

    /// What was taken in each window. What is given back is that of its own window, and then of the one before.
    fn windows(&self) -> BTreeMap<i128, i128> {
        let mut windows = BTreeMap::new();
        for (at, weight) in &self.events {
            let window = at / self.period();
            let taken = *windows.get(&window).unwrap_or(&0) + weight;
            windows.insert(window, taken.max(0));
            if let Some(before) = windows.get_mut(&(window - 1)) {
                *before = (*before + taken.min(0)).max(0);
            }
        }
        windows
    }

    fn free_of_two_windows(&self, now: i128) -> i128 {
        let (windows, window) = (self.windows(), now / self.period());
        let taken = |window| *windows.get(&window).unwrap_or(&0);
        // The free share of the window before is rounded down.
        let overlap = (window + 1) * self.period() - now;
        let free = (self.capacity() - taken(window)) * self.period() - taken(window - 1) * overlap;
        free.div_euclid(self.period())
    }

    /// When each single one was taken that still counts.
    fn log(&self, now: i128) -> Vec<i128> {
        let mut log = Vec::new();
        for (at, weight) in &self.events {
            log.retain(|taken| taken + self.period() > *at);
            for _ in 0..weight.abs() {
                if *weight > 0 {
                    log.push(*at);
                } else {
                    log.pop();
                }
            }
        }
        log.retain(|taken| taken + self.period() > now);
        log
    }

    /// By how much more was taken than the rate brought, since the moment from which on that is most: a sum that is held above zero,
    /// written as a reflection. In parts of which what is taken costs a period.
    fn debt(&self, now: i128) -> i128 {
        let (mut net, mut lowest) = (0, 0);
        for (at, weight) in &self.events {
            let drained = at * i128::from(self.rate.amount);
            lowest = lowest.min(net - drained);
            net += weight * self.period();
            lowest = lowest.min(net - drained);
        }
        let level = net - now * i128::from(self.rate.amount);
        level - lowest.min(level)
    }

    /// How long until a weight is free, by trying.
    fn until_free(&self, weight: i128, now: i128) -> i128 {
        let (mut too_short, mut enough) = (-1, 1);
        while self.free(now + enough) < weight {
            enough *= 2;
        }
        while too_short + 1 < enough {
            let middle = i128::midpoint(too_short, enough);
            if self.free(now + middle) < weight {
                too_short = middle;
            } else {
                enough = middle;
            }
        }
        enough
    }

    fn take(&mut self, weight: u32, now: Duration) -> Decision {
        let (now, weight) = (micros(now), i128::from(weight));
        let allowed = weight <= self.free(now);
        if allowed {
            self.events.push((now, weight));
        }
        Decision {
            allowed,
            remaining: u32::try_from(self.free(now)).expect("never overdrawn"),
            reset: time(self.until_free(self.capacity(), now)),
            wait: (weight <= self.capacity()).then(|| if allowed { Duration::ZERO } else { time(self.until_free(weight, now)) }),
        }
    }
}

#[derive(Clone, Copy, Debug)]
enum Step {
    Take(u32),
    GiveBack(u32),
    Clear,
    Look,
    /// A look at a time that is yet to come.
    LookAhead,
}

fn rates() -> impl Strategy<Value = Rate> {
    let periods = prop_oneof![Just(1), Just(7), Just(1_000), 1..2_000_u64, Just(1_000_003), Just(60_000_000)];
    (1..12_u32, periods, 1..20_u32).prop_map(|(amount, period, burst)| Rate::new(amount, Duration::from_micros(period)).with_burst(burst))
}

/// Each with its key, and with the gap before it in thousandths of the period.
fn steps() -> impl Strategy<Value = Vec<(u8, u64, Step)>> {
    let gap = prop_oneof![3 => Just(0), 5 => 0..200_u64, 3 => 0..1_500_u64, 1 => Just(1_000), 1 => 0..5_000_u64];
    let step = prop_oneof![
        6 => (1..5_u32).prop_map(Step::Take),
        3 => (0..22_u32).prop_map(Step::Take),
        2 => (0..6_u32).prop_map(Step::GiveBack),
        1 => Just(Step::Clear),
        1 => Just(Step::Look),
        1 => Just(Step::LookAhead),
    ];
    vec((0..3_u8, gap, step), 1..60)
}

/// So many thousandths of the period.
fn gap(rate: Rate, thousandths: u64) -> Duration {
    let share = rate.period.as_micros() * u128::from(thousandths);
    time(i128::try_from(share.div_ceil(1_000)).expect("short"))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn each_answer_is_the_definition(rate in rates(), start in 0..100_000_000_u64, steps in steps()) {
        for strategy in Limiting::ALL {
            let limit = of::<u8>(strategy, rate, 10);
            let mut definitions: Vec<_> = (0..3).map(|_| Definition::new(strategy, rate)).collect();
            let mut now = Duration::from_micros(start);
            for (key, thousandths, step) in &steps {
                now += gap(rate, *thousandths);
                let definition = &mut definitions[usize::from(*key)];
                match *step {
                    Step::Take(weight) => {
                        prop_assert_eq!(limit.take(key, weight, now), definition.take(weight, now), "{:?} at {:?}", strategy, now);
                    }
                    Step::GiveBack(weight) => {
                        limit.give_back(key, weight, now);
                        definition.events.push((micros(now), -i128::from(weight)));
                    }
                    Step::Clear => {
                        limit.clear(key);
                        definition.events.clear();
                    }
                    Step::Look => prop_assert_eq!(limit.look(key, now), definition.take(0, now), "{:?} at {:?}", strategy, now),
                    Step::LookAhead => {
                        let later = now + gap(rate, 700);
                        let ahead = Definition { events: definition.events.clone(), ..*definition }.take(0, later);
                        prop_assert_eq!(limit.look(key, later), ahead, "{:?} at {:?}", strategy, now);
                    }
                }
            }
        }
    }

    #[test]
    fn what_is_refused_passes_when_it_is_said_to_and_not_before(rate in rates(), start in 0..100_000_000_u64, takes in vec((0..1_200_u64, 1..8_u32), 1..30)) {
        for strategy in Limiting::ALL {
            let limit = of::<()>(strategy, rate, 10);
            let mut now = Duration::from_micros(start);
            for (thousandths, weight) in &takes {
                now += gap(rate, *thousandths);
                let decision = limit.take(&(), *weight, now);
                prop_assert_eq!(decision.allowed, decision.wait == Some(Duration::ZERO));
                if let Some(wait) = decision.wait.filter(|wait| !wait.is_zero()) {
                    let just_before = limit.take(&(), *weight, (now + wait).saturating_sub(Duration::from_micros(1)));
                    prop_assert!(!just_before.allowed, "{strategy:?} at {now:?}");
                    now += wait;
                    prop_assert!(limit.take(&(), *weight, now).allowed, "{strategy:?} at {now:?}");
                }
            }
            let idle = now + limit.look(&(), now).reset;
            prop_assert_eq!(limit.look(&(), idle), of(strategy, rate, 10).look(&(), idle), "as good as fresh");
        }
    }

    #[test]
    fn no_period_lets_through_more_than_the_rate(rate in rates(), takes in vec((0..400_u64, 1..5_u32), 1..200)) {
        for strategy in Limiting::ALL {
            let limit = of::<()>(strategy, rate, 10);
            let (mut now, mut taken) = (Duration::ZERO, Vec::new());
            for (thousandths, weight) in &takes {
                now += gap(rate, *thousandths);
                if limit.take(&(), *weight, now).allowed {
                    taken.push((now, *weight));
                }
            }
            for (start, _) in &taken {
                let start = match strategy {
                    Limiting::FixedWindow => gap(rate, 1_000 * u64::try_from(start.as_micros() / rate.period.as_micros()).expect("short")),
                    _ => *start,
                };
                let within: u32 = taken.iter().filter(|(at, _)| (start..start + rate.period).contains(at)).map(|(_, weight)| weight).sum();
                let most = match strategy {
                    Limiting::FixedWindow | Limiting::SlidingLog => rate.amount,
                    Limiting::SlidingWindow => 2 * rate.amount,
                    Limiting::TokenBucket | Limiting::LeakyBucket | Limiting::Gcra => rate.amount + rate.burst,
                };
                prop_assert!(within <= most, "{strategy:?} let through {within} from {start:?}");
            }
        }
    }

    #[test]
    fn times_out_of_order_gain_and_cost_nothing(rate in rates(), takes in vec((0..400_u64, 1..5_u32, 0..1_000_000_u64), 1..60)) {
        for strategy in Limiting::ALL {
            let (limit, in_order) = (of::<()>(strategy, rate, 10), of::<()>(strategy, rate, 10));
            let mut now = Duration::from_secs(100);
            for (thousandths, weight, skew) in &takes {
                now += gap(rate, *thousandths);
                prop_assert_eq!(limit.take(&(), 0, now), in_order.look(&(), now));
                prop_assert_eq!(limit.take(&(), *weight, now.saturating_sub(Duration::from_micros(*skew))), in_order.take(&(), *weight, now));
            }
        }
    }
}

#[test]
fn over_a_long_run_exactly_the_rate_comes_through() {
    for strategy in [Limiting::TokenBucket, Limiting::LeakyBucket, Limiting::Gcra] {
        let limit = of::<()>(strategy, Rate::new(7, MINUTE).with_burst(3), 10);
        let mut now = Duration::ZERO;
        for nth in 1..=70_000_u64 {
            if let Some(wait) = limit.take(&(), 1, now).wait.filter(|wait| !wait.is_zero()) {
                now += wait;
                assert!(limit.take(&(), 1, now).allowed);
            }
            assert_eq!(now, Duration::from_micros((nth.saturating_sub(3) * 60_000_000).div_ceil(7)), "{strategy:?}, take {nth}");
        }
    }
    for strategy in [Limiting::FixedWindow, Limiting::SlidingLog] {
        let limit = of::<()>(strategy, Rate::new(7, MINUTE), 10);
        let taken = (0..60_000).filter(|tenth| limit.take(&(), 1, Duration::from_millis(tenth * 100)).allowed).count();
        assert_eq!(taken, 700, "{strategy:?} in 100 minutes");
    }
}

#[test]
fn a_clock_set_back_keeps_nobody_waiting() {
    for strategy in Limiting::ALL {
        for back in [Duration::from_secs(90), Duration::from_hours(2), Duration::from_hours(24)] {
            let limit = of::<u8>(strategy, Rate::new(10, MINUTE), 10);
            let start = Duration::from_hours(24);
            let anew = start.saturating_sub(back);
            assert!((0..10).all(|_| limit.take(&1, 1, start).allowed));
            let before = limit.look(&1, start);
            assert_eq!(limit.look(&1, anew), before, "{strategy:?}");
            let refused = limit.take(&1, 1, anew);
            let wait = refused.wait.expect("within the burst");
            assert!(!refused.allowed && wait <= 2 * MINUTE, "{strategy:?} waits {wait:?}");
            assert!(limit.take(&1, 1, anew + wait).allowed, "{strategy:?}");
            assert!(limit.take(&2, 10, anew).allowed, "{strategy:?}: others are untouched");
        }
    }
}

#[test]
fn an_exhausted_key_is_not_forgotten_while_others_are_idle() {
    for strategy in Limiting::ALL {
        let rate = Rate::new(5, MINUTE);
        let limit = of::<u32>(strategy, rate, 10);
        for key in 0..10 {
            assert!(limit.take(&key, 1, Duration::ZERO).allowed);
        }
        let now = limit.look(&1, Duration::ZERO).reset;
        assert!((0..5).all(|_| limit.take(&0, 1, now).allowed));
        for key in 10..19 {
            assert!(limit.take(&key, 1, now).allowed);
            assert_eq!(limit.look(&0, now).remaining, 0, "{strategy:?}");
        }
        // Nobody is idle now. Whoever took one is nearer to it than whoever took all.
        for key in 19..100 {
            assert!(limit.take(&key, 1, now).allowed);
            assert!(!limit.take(&0, 1, now).allowed, "{strategy:?}");
        }
    }
}

#[test]
fn the_fullest_table_still_lets_new_keys_in() {
    for strategy in Limiting::ALL {
        for most_keys in [0, 1, 3] {
            let limit = of::<u32>(strategy, Rate::new(1, MINUTE), most_keys);
            for key in 0..50 {
                assert!(limit.take(&key, 1, Duration::ZERO).allowed);
                assert!(!limit.take(&key, 1, Duration::ZERO).allowed, "{strategy:?}");
            }
        }
    }
}

#[test]
fn more_than_the_capacity_never_passes() {
    for strategy in Limiting::ALL {
        let limit = of::<()>(strategy, Rate::new(5, MINUTE).with_burst(8), 10);
        let capacity = if is_window(strategy) { 5 } else { 8 };
        let fresh = Decision { allowed: false, remaining: capacity, reset: Duration::ZERO, wait: None };
        assert_eq!(limit.take(&(), capacity + 1, Duration::ZERO), fresh, "{strategy:?}");
        assert_eq!(limit.take(&(), u32::MAX, Duration::ZERO), fresh, "{strategy:?}");
        assert!(limit.take(&(), capacity, Duration::ZERO).allowed, "{strategy:?}");
        assert_eq!(limit.take(&(), capacity + 1, Duration::ZERO).wait, None, "{strategy:?}");
    }
}

#[test]
fn nothing_overflows() {
    let ends = [0, 1, u32::MAX];
    let times = [Duration::ZERO, Duration::from_nanos(1), Duration::from_micros(u64::MAX), Duration::MAX];
    for (strategy, amount, burst, period) in Limiting::ALL
        .into_iter()
        .flat_map(|strategy| ends.into_iter().flat_map(move |amount| ends.into_iter().map(move |burst| (strategy, amount, burst))))
        .flat_map(|(strategy, amount, burst)| times.into_iter().map(move |period| (strategy, amount, burst, period)))
    {
        let limit = of::<()>(strategy, Rate::new(amount, period).with_burst(burst), 10);
        for now in times.into_iter().chain(times) {
            for weight in ends {
                let decision = limit.take(&(), weight, now);
                assert!(weight == 0 || amount > 0 || (!decision.allowed && decision.wait.is_none()), "a rate of nothing");
                limit.take(&(), weight, now);
                limit.look(&(), now);
            }
            limit.give_back(&(), 2, now);
            limit.take(&(), 1, now);
            limit.give_back(&(), u32::MAX, now);
        }
    }
}

#[test]
fn threads_at_once_get_exactly_the_burst() {
    for strategy in Limiting::ALL {
        let limit: Arc<dyn RateLimit<u8>> = Arc::from(of::<u8>(strategy, Rate::new(1_000, MINUTE), 10));
        let threads: Vec<_> = (0..8)
            .map(|_| {
                let limit = limit.clone();
                thread::spawn(move || (0..500).filter(|_| limit.take(&1, 1, Duration::from_secs(1)).allowed).count())
            })
            .collect();
        let taken: usize = threads.into_iter().map(|thread| thread.join().expect("a count")).sum();
        assert_eq!(taken, 1_000, "{strategy:?}");
    }
}

#[test]
fn strategies_are_found_by_their_names() {
    for strategy in Limiting::ALL {
        assert_eq!(strategy.as_str().parse(), Ok(strategy));
    }
    assert_eq!(Limiting::default(), Limiting::Gcra);
    assert_eq!(
        "gcr".parse::<Limiting>(),
        Err("\"gcr\" is none of fixed_window, sliding_window, sliding_log, token_bucket, leaky_bucket, gcra".to_owned())
    );
}
