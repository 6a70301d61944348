//! Who may try a password, or make an account, once more.
//!
//! Owns which limits a guess meets, and that a right one counts nowhere. They count by who tries. A stranger's wrong guesses at a person's address use up the stranger's own turns,
//! not those of the person, who comes from another network. All limits are asked before a password is hashed, and by what was
//! sent alone, so that neither the answer nor its time tells whether an account exists.

use std::{net::IpAddr, sync::Arc, time::Duration};

use moka::sync::Cache;

use crate::{
    clock::Clock,
    error::Result,
    limits::{Action, Limiter, Network},
};

/// How long a network that somebody signed in from is one of theirs, and how many are remembered.
const OWN_FOR: Duration = Duration::from_hours(30 * 24);
const OWN: u64 = 100_000;

/// The limits of one process.
pub(super) struct Guesses {
    pairs: Limiter<(String, Network)>,
    networks: Limiter<Network>,
    accounts: Limiter<String>,
    own: Cache<(String, Network), ()>,
    registrations: Limiter<Network>,
}

/// A guess that was let through; it counts as wrong until it is said to be right.
pub(super) struct Guess<'a> {
    limits: &'a Guesses,
    pair: (String, Network),
    /// Whether it was counted at the account.
    stranger: bool,
}

impl Guesses {
    /// At most `registrations` accounts an hour are made from one network.
    pub(super) fn new(registrations: u32, clock: &Arc<dyn Clock>) -> Self {
        Self {
            pairs: Limiter::new(Action::SignInAtAccountFromNetwork, clock),
            networks: Limiter::new(Action::SignInFromNetwork, clock),
            accounts: Limiter::new(Action::SignInAtAccount, clock),
            own: Cache::builder().max_capacity(OWN).time_to_idle(OWN_FOR).build(),
            registrations: Limiter::with_burst(Action::Registration, registrations, clock),
        }
    }

    /// Lets a guess at `email` from `ip` through, or tells how long to wait. Taken before the check, so that guesses sent all at
    /// once count as well.
    pub(super) fn guess(&self, email: &str, ip: IpAddr) -> Result<Guess<'_>> {
        let network = Network::of(ip);
        let pair = (email.to_owned(), network);
        self.networks.take(&network)?;
        if let Err(exceeded) = self.pairs.take(&pair) {
            self.networks.give_back(&network);
            return Err(exceeded.into());
        }
        let stranger = !self.own.contains_key(&pair);
        if stranger && let Err(exceeded) = self.accounts.take(&pair.0) {
            self.networks.give_back(&network);
            self.pairs.give_back(&pair);
            return Err(exceeded.into());
        }
        Ok(Guess { limits: self, pair, stranger })
    }

    /// Lets an account be made from `ip`, or tells how long to wait. Counts whether or not one is made.
    pub(super) fn register(&self, ip: IpAddr) -> Result<()> {
        Ok(self.registrations.take(&Network::of(ip))?)
    }
}

impl Guess<'_> {
    /// It was right: nothing is counted, and this network is one of the person's own.
    pub(super) fn right(self) {
        self.limits.pairs.clear(&self.pair);
        self.limits.networks.give_back(&self.pair.1);
        if self.stranger {
            self.limits.accounts.give_back(&self.pair.0);
        }
        self.limits.own.insert(self.pair, ());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        clock::{ManualClock, Timestamp},
        error::Code,
    };

    fn limits() -> (Guesses, Arc<ManualClock>) {
        let clock = Arc::new(ManualClock::at(Timestamp::from_secs(1_800_000_000)));
        let shared: Arc<dyn Clock> = clock.clone();
        (Guesses::new(20, &shared), clock)
    }

    fn ip(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    /// Guesses wrongly until told to wait; answers how often it was let through.
    fn wrong(limits: &Guesses, email: &str, from: &str) -> usize {
        (0..1_000).take_while(|_| limits.guess(email, ip(from)).is_ok()).count()
    }

    #[test]
    fn a_stranger_uses_up_turns_of_their_own() {
        let (limits, clock) = limits();
        assert_eq!(wrong(&limits, "ann@example.com", "192.0.2.1"), 10);
        assert_eq!(wrong(&limits, "bob@example.com", "192.0.2.1"), 10);
        assert_eq!(wrong(&limits, "eve@example.com", "192.0.2.1"), 10);
        assert_eq!(wrong(&limits, "joe@example.com", "192.0.2.1"), 0, "the network has had its thirty");
        for at in ["ann@example.com", "joe@example.com"] {
            limits.guess(at, ip("192.0.2.2")).unwrap_or_else(|_| panic!("{at} from another network")).right();
        }
        clock.advance(Duration::from_secs(6));
        assert!(limits.guess("ann@example.com", ip("192.0.2.1")).is_ok(), "ten a minute go on");
    }

    #[test]
    fn many_networks_together_meet_the_limit_of_the_account_and_its_person_does_not() {
        let (limits, _) = limits();
        limits.guess("ann@example.com", ip("203.0.113.9")).unwrap_or_else(|_| panic!("home")).right();
        let let_through: usize = (0..50).map(|n| wrong(&limits, "ann@example.com", &format!("2001:db8:0:{n}::1"))).sum();
        assert_eq!(let_through, 100);
        let refused = limits.guess("ann@example.com", ip("198.51.100.1")).err().expect("a network never seen");
        assert_eq!((refused.code(), refused.retry_after_secs()), (Code::RateLimited, Some(1)));
        assert_eq!(wrong(&limits, "ann@example.com", "203.0.113.9"), 10, "home is not kept out, and may not guess for ever");
    }

    #[test]
    fn who_is_right_is_not_counted_and_gives_no_turns_to_others() {
        let (limits, _) = limits();
        for _ in 0..500 {
            limits.guess("ann@example.com", ip("192.0.2.1")).unwrap_or_else(|_| panic!("right")).right();
        }
        // An account of one's own among the guesses does not reset what the others have used up.
        let mut others = 0;
        for n in 0..200 {
            others += usize::from(limits.guess(&format!("{n}@example.com"), ip("192.0.2.1")).is_ok());
            if let Ok(own) = limits.guess("ann@example.com", ip("192.0.2.1")) {
                own.right();
            }
        }
        assert_eq!(others, 30);
    }

    #[test]
    fn a_network_makes_so_many_accounts_an_hour() {
        let (limits, clock) = limits();
        assert_eq!((0..100).filter(|n| limits.register(ip(&format!("2001:db8::{n}"))).is_ok()).count(), 20);
        assert_eq!(limits.register(ip("2001:db8::1")).expect_err("enough").retry_after_secs(), Some(180));
        limits.register(ip("2001:db8:0:1::1")).expect("another network");
        clock.advance(Duration::from_mins(3));
        limits.register(ip("2001:db8::1")).expect("twenty an hour go on");
    }
}
