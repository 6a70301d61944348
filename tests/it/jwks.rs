//! The identity provider behind the real router and over real HTTP: away, slow, with other keys, and asked for keys that it
//! does not have.

use std::{
    process::Stdio,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use axum::{Json, Router, http::StatusCode, response::IntoResponse, routing::get};
use base64::{Engine, engine::general_purpose::STANDARD};
use futures::future::join_all;
use jonathans_memory::{
    app::Outside,
    clock::{Clock, ManualClock, SystemClock, Timestamp},
};
use jsonwebtoken::{Algorithm, EncodingKey, Header, jwk::Jwk};
use parking_lot::Mutex;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::support::{
    app::TestApp,
    eventually, patience,
    process::{Served, jmem},
};

const KEYS: [&str; 2] =
    [include_str!("../../src/auth/testdata/TEST-ONLY-es256-a.pem"), include_str!("../../src/auth/testdata/TEST-ONLY-es256-b.pem")];

fn signing(key: usize) -> EncodingKey {
    let der: String = KEYS[key].lines().filter(|line| !line.starts_with("-----")).collect();
    EncodingKey::from_ec_der(&STANDARD.decode(der).expect("a test key"))
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    Down,
    Silent,
}

/// The project's auth server: its key set, and what is wrong with it.
#[derive(Clone, Default)]
struct Provider {
    url: String,
    keys: Arc<Mutex<Vec<(&'static str, usize)>>>,
    fault: Arc<Mutex<Option<Fault>>>,
    fetches: Arc<AtomicUsize>,
}

impl Provider {
    async fn start(keys: &[(&'static str, usize)]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let provider = Self { url: format!("http://{}", listener.local_addr().expect("an address")), ..Self::default() };
        provider.publish(keys);
        let served = provider.clone();
        let routes = Router::new().route("/auth/v1/.well-known/jwks.json", get(async move || served.answer().await));
        tokio::spawn(async move { axum::serve(listener, routes).await });
        provider
    }

    async fn answer(&self) -> axum::response::Response {
        self.fetches.fetch_add(1, Ordering::SeqCst);
        let fault = *self.fault.lock();
        match fault {
            Some(Fault::Down) => StatusCode::BAD_GATEWAY.into_response(),
            Some(Fault::Silent) => std::future::pending().await,
            None => {
                let keys: Vec<_> = self.keys.lock().iter().map(|(kid, key)| public(kid, *key)).collect();
                Json(json!({ "keys": keys })).into_response()
            }
        }
    }

    fn publish(&self, keys: &[(&'static str, usize)]) {
        *self.keys.lock() = keys.to_vec();
    }

    fn fault(&self, fault: Option<Fault>) {
        *self.fault.lock() = fault;
    }

    fn fetches(&self) -> usize {
        self.fetches.load(Ordering::SeqCst)
    }

    fn token(&self, kid: &str, key: usize, now: Timestamp) -> String {
        let mut header = Header::new(Algorithm::ES256);
        header.kid = Some(kid.to_owned());
        let claims = json!({
            "iss": format!("{}/auth/v1", self.url), "sub": "0b5e2c5e-3a55-4d5c-9f0e-6f6d1d1f0a01", "aud": "authenticated",
            "role": "authenticated", "email": "outside@example.com", "exp": now.secs() + 7 * 86_400,
        });
        jsonwebtoken::encode(&header, &claims, &signing(key)).expect("signed")
    }
}

fn public(kid: &str, key: usize) -> Value {
    let mut jwk = Jwk::from_encoding_key(&signing(key), Algorithm::ES256).expect("a public key");
    jwk.common.key_id = Some(kid.to_owned());
    serde_json::to_value(jwk).expect("JSON")
}

/// A server that trusts the provider, and its clock.
async fn trusting(provider: &Provider) -> (TestApp, Arc<ManualClock>) {
    let clock = Arc::new(ManualClock::at(Timestamp::from_secs(1_800_000_000)));
    let outside = Outside { clock: clock.clone(), ..Outside::default() };
    (TestApp::start_with(&[("SUPABASE_URL", &provider.url)], outside).await, clock)
}

async fn status(app: &TestApp, token: &str) -> u16 {
    app.rest(token, "GET", "/api/v1/memories/", None).await.0
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_that_is_away_at_the_start_is_waited_for() {
    let provider = Provider::start(&[("a", 0)]).await;
    provider.fault(Some(Fault::Down));
    let (app, clock) = trusting(&provider).await;
    let token = provider.token("a", 0, clock.now());
    for _ in 0..20 {
        let answer = app.http.get(format!("{}/api/v1/memories/", app.base)).bearer_auth(&token).send().await.expect("an answer");
        assert_eq!((answer.status().as_u16(), &answer.headers()["retry-after"]), (503, &"30".parse().expect("a header")));
        let problem: Value = answer.json().await.expect("JSON");
        assert_eq!(problem["code"], json!("unavailable"));
    }
    assert_eq!(provider.fetches(), 1, "it is left alone");
    // Who needs it not goes on, and the server is ready.
    let inside = app.person("inside").await;
    assert_eq!((status(&app, &inside.jwt).await, status(&app, &inside.api_key).await), (200, 200));
    let ready = app.http.get(format!("{}/health/ready", app.base)).send().await.expect("an answer");
    assert_eq!(ready.status().as_u16(), 200);
    provider.fault(None);
    clock.advance(Duration::from_secs(30));
    assert_eq!(status(&app, &token).await, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn known_keys_work_while_the_provider_is_away_or_slow() {
    for fault in [Fault::Down, Fault::Silent] {
        let provider = Provider::start(&[("a", 0)]).await;
        let (app, clock) = trusting(&provider).await;
        let token = provider.token("a", 0, clock.now());
        assert_eq!(status(&app, &token).await, 200);
        provider.fault(Some(fault));
        clock.advance(Duration::from_mins(11));
        for _ in 0..50 {
            let start = Instant::now();
            assert_eq!(status(&app, &token).await, 200);
            assert!(start.elapsed() < patience(Duration::from_secs(1)), "{fault:?}: a request waited {:?}", start.elapsed());
        }
        eventually("the refresh is tried", async || provider.fetches() == 2).await;
        if fault == Fault::Down {
            clock.advance(Duration::from_hours(23));
            assert_eq!(status(&app, &token).await, 200, "within the longest age");
            clock.advance(Duration::from_hours(1));
            assert_eq!(status(&app, &token).await, 503, "and not beyond");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flood_of_unknown_keys_reaches_nobody() {
    let provider = Provider::start(&[("a", 0)]).await;
    let (app, clock) = trusting(&provider).await;
    let known = provider.token("a", 0, clock.now());
    assert_eq!(status(&app, &known).await, 200);
    for round in 1..=3 {
        let calls = (0..1_000).map(|n| {
            let (app, known, unknown) = (&app, &known, provider.token(&format!("unknown-{n}"), 1, clock.now()));
            async move {
                if n % 20 == 0 {
                    assert_eq!(status(app, known).await, 200, "a key that is known works on");
                }
                status(app, &unknown).await
            }
        });
        // Many at a time, not all: the bar is for a second of them.
        let calls: Vec<_> = calls.collect();
        let mut refused = 0;
        let mut calls = calls.into_iter();
        loop {
            let some: Vec<_> = calls.by_ref().take(50).collect();
            if some.is_empty() {
                break;
            }
            let answers = join_all(some).await;
            assert!(answers.iter().all(|status| matches!(status, 401 | 429)), "{answers:?}");
            refused += answers.len();
        }
        assert_eq!((refused, provider.fetches()), (1_000, 1 + round), "one fetch in thirty seconds");
        clock.advance(Duration::from_secs(30));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_key_works_at_once_and_a_withdrawn_one_stops() {
    let provider = Provider::start(&[("a", 0)]).await;
    let (app, clock) = trusting(&provider).await;
    let (old, new) = (provider.token("a", 0, clock.now()), provider.token("b", 1, clock.now()));
    assert_eq!(status(&app, &old).await, 200);
    provider.publish(&[("a", 0), ("b", 1)]);
    assert_eq!(status(&app, &new).await, 200, "on first use");
    provider.publish(&[("b", 1)]);
    clock.advance(Duration::from_mins(20));
    assert_eq!((status(&app, &old).await, status(&app, &new).await), (401, 200), "after twenty minutes");
    provider.publish(&[]);
    assert_eq!(status(&app, &new).await, 200, "it cannot know yet");
    app.app.identity_keys.as_ref().expect("a provider").forget();
    assert_eq!(status(&app, &new).await, 401, "told, it refuses at once");
    // The right name over another key opens nothing.
    provider.publish(&[("a", 0)]);
    clock.advance(Duration::from_mins(20));
    assert_eq!(status(&app, &provider.token("a", 1, clock.now())).await, 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hang_up_withdraws_a_key_from_a_running_server() {
    let provider = Provider::start(&[("a", 0)]).await;
    let dir = tempfile::tempdir().expect("a directory");
    let served = Served::start(jmem(dir.path()).env("SUPABASE_URL", &provider.url).stderr(Stdio::null()));
    let token = provider.token("a", 0, SystemClock.now());
    let client = reqwest::Client::new();
    let status = async || {
        let asked = client.get(format!("{}/api/v1/memories/", served.base)).bearer_auth(&token).send();
        asked.await.expect("an answer").status().as_u16()
    };
    assert_eq!(status().await, 200);
    provider.publish(&[]);
    assert_eq!(status().await, 200, "it cannot know yet");
    served.hang_up();
    eventually("the key is refused", async || status().await == 401).await;
}
