//! The public keys of the outside identity provider.
//!
//! Owns when they are fetched, how long they are trusted and which algorithm each may verify. It does not fetch: a
//! [`JwksFetch`] does (`adapters::jwks` over HTTP). Keys go to `jwt`. No address ever comes from a token.

use std::{collections::HashMap, sync::Arc, time::Duration};

use async_trait::async_trait;
use jsonwebtoken::{
    Algorithm, DecodingKey,
    jwk::{AlgorithmParameters, EllipticCurve, Jwk, JwkSet, KeyAlgorithm, PublicKeyUse},
};
use parking_lot::RwLock;
use tokio::sync::{Mutex, OwnedMutexGuard};

use crate::clock::Clock;

/// Keys younger than this are used without a question.
const FRESH: Duration = Duration::from_mins(10);
/// Keys younger than this are used while new ones are on their way, so that a refresh delays nobody; older ones wait
/// for it, so that a withdrawn key works no longer than this while the source answers.
const USABLE_WHILE_REFRESHING: Duration = Duration::from_mins(20);
/// Keys older than this are not used even when the source stays down.
const MAX_STALE: Duration = Duration::from_hours(24);
/// Least time between two fetches for the same reason.
const RETRY: Duration = Duration::from_secs(30);
/// Longest wait for one fetch, whatever the implementation allows itself.
const FETCH_LIMIT: Duration = Duration::from_secs(8);

/// Fetches the key set from the one configured source.
#[async_trait]
pub trait JwksFetch: Send + Sync {
    /// The current key set.
    ///
    /// MUST end within seconds, follow no redirect and read a bounded body.
    async fn fetch(&self) -> Result<JwkSet, anyhow::Error>;
}

/// A public key with the one algorithm that it verifies.
pub(super) struct VerifyKey {
    pub(super) alg: Algorithm,
    pub(super) key: DecodingKey,
}

/// Why there is no key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NoKey {
    /// The source does not publish this `kid`.
    Unknown,
    /// The source has not answered for so long that there are no keys to go by.
    Down,
}

/// Keys by `kid`, 10 minutes fresh. One fetch runs at a time; an unknown `kid` causes at most one in 30 seconds; the
/// last good keys serve for up to 24 hours while the source is down. Cloning shares the cache.
#[derive(Clone)]
pub struct JwksCache {
    inner: Arc<Inner>,
}

struct Inner {
    source: Arc<dyn JwksFetch>,
    clock: Arc<dyn Clock>,
    state: RwLock<State>,
    flight: Arc<Mutex<()>>,
}

#[derive(Default)]
struct State {
    keys: HashMap<String, Arc<VerifyKey>>,
    /// When `keys` were fetched. All times here are of the clock that nobody can set: see [`Clock::elapsed`].
    good_at: Option<Duration>,
    /// Latest fetch because the keys were old.
    refreshed_at: Option<Duration>,
    /// Latest fetch because of an unknown `kid`. Counted apart, so that a key published just after a fetch works at once.
    asked_at: Option<Duration>,
    /// Fetches so far, to see whether one happened while waiting.
    fetches: u64,
}

impl State {
    fn younger_than(&self, limit: Duration, now: Duration) -> bool {
        self.good_at.is_some_and(|at| now.saturating_sub(at) < limit)
    }

    fn find(&self, kid: &str, now: Duration) -> Result<Arc<VerifyKey>, NoKey> {
        if !self.younger_than(MAX_STALE, now) {
            return Err(NoKey::Down);
        }
        self.keys.get(kid).cloned().ok_or(NoKey::Unknown)
    }

    /// Whether a fetch may start now for a look-up that `found` nothing or something; notes it when so.
    fn begin(&mut self, found: bool, now: Duration) -> bool {
        let last = if !self.younger_than(FRESH, now) {
            &mut self.refreshed_at
        } else if found {
            return false;
        } else {
            &mut self.asked_at
        };
        if last.is_some_and(|at| now.saturating_sub(at) < RETRY) {
            return false;
        }
        *last = Some(now);
        true
    }
}

impl JwksCache {
    /// An empty cache over a source; fetches nothing until asked.
    #[must_use]
    pub fn new(source: Arc<dyn JwksFetch>, clock: Arc<dyn Clock>) -> Self {
        Self { inner: Arc::new(Inner { source, clock, state: RwLock::default(), flight: Arc::default() }) }
    }

    /// Drops every key, so that the next token causes a fetch. For an operator who has just withdrawn a leaked key.
    pub fn forget(&self) {
        *self.inner.state.write() = State::default();
    }

    /// The key of this `kid`, fetching when the rules above say so.
    pub(super) async fn key(&self, kid: &str) -> Result<Arc<VerifyKey>, NoKey> {
        let (found, seen, wait) = {
            let (state, now) = (self.inner.state.read(), self.inner.clock.elapsed());
            let found = state.find(kid, now);
            if found.is_ok() && state.younger_than(FRESH, now) {
                return found;
            }
            let wait = found.is_err() || !state.younger_than(USABLE_WHILE_REFRESHING, now);
            (found, state.fetches, wait)
        };
        let guard = if wait {
            self.inner.flight.clone().lock_owned().await
        } else {
            match self.inner.flight.clone().try_lock_owned() {
                Ok(guard) => guard,
                Err(_) => return found,
            }
        };
        // A fetch that ended while this call waited has answered its question too.
        let due = {
            let (mut state, now) = (self.inner.state.write(), self.inner.clock.elapsed());
            state.fetches == seen && state.begin(found.is_ok(), now)
        };
        if due {
            // On a task of its own: a caller who hangs up must not cancel the fetch that others wait for.
            let fetch = tokio::spawn(self.inner.clone().refresh(guard));
            if wait {
                // A panic in the source counts as no answer.
                let _ = fetch.await;
            }
        }
        self.inner.state.read().find(kid, self.inner.clock.elapsed())
    }
}

impl Inner {
    async fn refresh(self: Arc<Self>, _flight: OwnedMutexGuard<()>) {
        let answer = tokio::time::timeout(FETCH_LIMIT, self.source.fetch()).await;
        let now = self.clock.elapsed();
        let mut state = self.state.write();
        state.fetches += 1;
        match answer {
            Ok(Ok(set)) => {
                state.keys = usable(&set);
                state.good_at = Some(now);
                tracing::debug!(keys = state.keys.len(), "fetched the identity provider's keys");
            }
            Ok(Err(error)) => {
                tracing::warn!(error = %error, "the identity provider's keys cannot be fetched; the last good ones stay in use");
            }
            Err(_) => tracing::warn!("the identity provider did not answer in time; its last good keys stay in use"),
        }
    }
}

/// The signature keys that we verify with. Symmetric keys never come from a public address, so they are left out.
fn usable(set: &JwkSet) -> HashMap<String, Arc<VerifyKey>> {
    let mut keys = HashMap::new();
    for jwk in &set.keys {
        if let (Some(kid), Some(alg)) = (&jwk.common.key_id, algorithm(jwk))
            && let Ok(key) = DecodingKey::from_jwk(jwk)
        {
            keys.entry(kid.clone()).or_insert_with(|| Arc::new(VerifyKey { alg, key }));
        }
    }
    keys
}

/// The one algorithm of a key: by its type, and by its own `alg` where it has one.
fn algorithm(jwk: &Jwk) -> Option<Algorithm> {
    if !matches!(jwk.common.public_key_use, None | Some(PublicKeyUse::Signature)) {
        return None;
    }
    match (&jwk.algorithm, jwk.common.key_algorithm) {
        (AlgorithmParameters::EllipticCurve(ec), None | Some(KeyAlgorithm::ES256)) if ec.curve == EllipticCurve::P256 => {
            Some(Algorithm::ES256)
        }
        (AlgorithmParameters::RSA(_), None | Some(KeyAlgorithm::RS256)) => Some(Algorithm::RS256),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::Ordering;

    use super::*;
    use crate::{
        auth::fakes::{FakeJwks, TestKey, clock},
        clock::ManualClock,
    };

    fn cache(keys: &[(&str, TestKey)]) -> (JwksCache, Arc<FakeJwks>, Arc<ManualClock>) {
        let (source, clock) = (Arc::new(FakeJwks::new(keys)), clock());
        (JwksCache::new(source.clone(), clock.clone()), source, clock)
    }

    #[tokio::test]
    async fn a_thousand_unknown_kids_cause_one_fetch_in_thirty_seconds() {
        let (cache, source, clock) = cache(&[("a", TestKey::EcA)]);
        assert!(cache.key("a").await.is_ok());
        assert_eq!(source.fetches(), 1);
        for round in 1..=3 {
            let calls = (0..1_000).map(|n| {
                let cache = cache.clone();
                tokio::spawn(async move { cache.key(&format!("unknown-{n}")).await.err() })
            });
            for call in futures::future::join_all(calls).await {
                assert_eq!(call.expect("no panic"), Some(NoKey::Unknown));
            }
            assert!(cache.key("a").await.is_ok(), "known keys keep working");
            assert_eq!(source.fetches(), 1 + round);
            clock.advance(Duration::from_secs(30));
        }
    }

    #[tokio::test]
    async fn a_rotated_key_works_on_first_use_and_a_withdrawn_one_stops() {
        let (cache, source, clock) = cache(&[("a", TestKey::EcA)]);
        assert!(cache.key("a").await.is_ok());
        source.publish(&[("b", TestKey::EcB)]);
        assert!(cache.key("b").await.is_ok());
        assert_eq!(cache.key("a").await.err(), Some(NoKey::Unknown));
        source.publish(&[]);
        assert!(cache.key("b").await.is_ok(), "still fresh");
        clock.advance(Duration::from_mins(20));
        assert_eq!(cache.key("b").await.err(), Some(NoKey::Unknown));
    }

    #[tokio::test]
    async fn forgetting_withdraws_a_key_at_once() {
        let (cache, source, _) = cache(&[("a", TestKey::EcA)]);
        assert!(cache.key("a").await.is_ok());
        source.publish(&[]);
        cache.forget();
        assert_eq!(cache.key("a").await.err(), Some(NoKey::Unknown));
    }

    #[tokio::test]
    async fn the_last_good_keys_serve_while_the_source_is_down() {
        let (cache, source, clock) = cache(&[("a", TestKey::EcA)]);
        source.down.store(true, Ordering::SeqCst);
        assert_eq!(cache.key("a").await.err(), Some(NoKey::Down));
        assert_eq!(cache.key("a").await.err(), Some(NoKey::Down));
        assert_eq!(source.fetches(), 1, "a source that is down is not hammered");
        source.down.store(false, Ordering::SeqCst);
        clock.advance(Duration::from_secs(30));
        assert!(cache.key("a").await.is_ok());
        source.down.store(true, Ordering::SeqCst);
        for _ in 0..47 {
            clock.advance(Duration::from_mins(30));
            assert!(cache.key("a").await.is_ok());
        }
        clock.advance(Duration::from_hours(1));
        assert_eq!(cache.key("a").await.err(), Some(NoKey::Down), "not beyond the longest age");
    }

    #[tokio::test]
    async fn a_refresh_between_ten_and_twenty_minutes_delays_nobody() {
        let (cache, source, clock) = cache(&[("a", TestKey::EcA)]);
        assert!(cache.key("a").await.is_ok());
        clock.advance(Duration::from_mins(11));
        source.hang.store(true, Ordering::SeqCst);
        for _ in 0..100 {
            assert!(cache.key("a").await.is_ok());
            tokio::task::yield_now().await;
        }
        assert_eq!(source.fetches(), 2);
    }

    #[tokio::test]
    async fn a_caller_who_hangs_up_does_not_cancel_the_fetch() {
        let (cache, source, _) = cache(&[("a", TestKey::EcA)]);
        source.slow.store(true, Ordering::SeqCst);
        let call = tokio::time::timeout(Duration::from_millis(5), cache.key("a")).await;
        assert!(call.is_err(), "the caller left");
        assert!(cache.key("a").await.is_ok());
        assert_eq!(source.fetches(), 1);
    }

    #[test]
    fn only_signature_keys_of_the_two_algorithms_are_taken() {
        let set = serde_json::from_value(serde_json::json!({"keys": [
            {"kty": "oct", "kid": "mac", "alg": "HS256", "k": "c2VjcmV0"},
            {"kty": "EC", "kid": "enc", "use": "enc", "crv": "P-256", "x": "AA", "y": "AA"},
            {"kty": "EC", "kid": "curve", "crv": "P-384", "x": "AA", "y": "AA"},
            {"kty": "RSA", "kid": "pss", "alg": "PS256", "n": "AQAB", "e": "AQAB"},
            {"kty": "EC", "kid": "mixed", "alg": "RS256", "crv": "P-256", "x": "AA", "y": "AA"},
            {"kty": "AKP", "kid": "new"},
            {"kty": "RSA", "n": "AQAB", "e": "AQAB"},
        ]}))
        .expect("a key set");
        assert!(usable(&set).is_empty());
    }
}
