//! What happens is told: signed as the standard says, again until it is taken, to nobody inside, and of one account alone.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::Arc,
    time::Duration,
};

use async_trait::async_trait;
use jonathans_memory::{
    app::Outside,
    clock::{Clock, ManualClock, SystemClock},
    webhooks::{Answered, Deliver},
};
use parking_lot::Mutex;
use serde_json::{Value, json};
use standardwebhooks::Webhook as Verifier;

use crate::support::{
    app::{Person, TestApp},
    db::{TestDb, both},
    eventually,
};

/// What was told: address, headers, body.
type Told = (String, BTreeMap<&'static str, String>, String);

/// Receivers at any address, which answer what the test says, and 200 otherwise.
#[derive(Default)]
struct Receivers {
    told: Mutex<Vec<Told>>,
    answers: Mutex<VecDeque<Result<u16, String>>>,
}

#[async_trait]
impl Deliver for Receivers {
    async fn deliver(&self, url: &str, headers: [(&'static str, String); 3], body: String) -> Result<Answered, String> {
        self.told.lock().push((url.to_owned(), headers.into(), body));
        let answer = self.answers.lock().pop_front().unwrap_or(Ok(200));
        answer.map(|status| Answered { status, retry_after: None })
    }
}

impl Receivers {
    fn will_answer(&self, answers: &[Result<u16, &str>]) {
        self.answers.lock().extend(answers.iter().map(|answer| answer.map_err(str::to_owned)));
    }

    fn told(&self) -> Vec<(String, Value)> {
        let told = self.told.lock();
        told.iter().map(|(_, headers, body)| (headers["webhook-id"].clone(), serde_json::from_str(body).expect("JSON"))).collect()
    }
}

struct World {
    app: TestApp,
    receivers: Arc<Receivers>,
    clock: Arc<ManualClock>,
}

impl World {
    async fn of(db: &TestDb) -> Self {
        let receivers = Arc::new(Receivers::default());
        // Signatures are of now for who verifies them.
        let clock = Arc::new(ManualClock::at(SystemClock.now()));
        let outside = Outside { clock: clock.clone(), deliver: Some(receivers.clone()), ..Outside::default() };
        let app = TestApp::start_with(&[("DATABASE_URL", db.url.as_str())], outside).await;
        Self { app, receivers, clock }
    }

    async fn webhook(&self, person: &Person, body: Value) -> (String, String) {
        let (status, made) = self.app.rest(&person.api_key, "POST", "/api/v1/webhooks", Some(body)).await;
        assert_eq!(status, 200, "{made}");
        (made["id"].as_str().expect("an id").to_owned(), made["secret"].as_str().expect("a secret").to_owned())
    }

    async fn has_told(&self, count: usize) {
        eventually(&format!("{count} are told"), async || self.receivers.told.lock().len() >= count).await;
    }

    async fn deliveries(&self, person: &Person, id: &str) -> Vec<Value> {
        let (_, list) = self.app.rest(&person.api_key, "GET", &format!("/api/v1/webhooks/{id}/deliveries"), None).await;
        list["deliveries"].as_array().expect("deliveries").clone()
    }
}

fn verified(secret: &str, (_, headers, body): &Told) -> bool {
    let mut map = axum::http::HeaderMap::new();
    for (name, value) in headers {
        map.insert(*name, value.parse().expect("a header"));
    }
    Verifier::new(secret).expect("a secret").verify(body.as_bytes(), &map).is_ok()
}

both! {
    async fn each_change_is_told_signed_and_without_a_word_of_the_memory(db: TestDb) {
        let world = World::of(&db).await;
        let (ann, eve) = (world.app.person("ann").await, world.app.person("eve").await);
        let (_, secret) = world.webhook(&ann, json!({ "url": "https://ann.example/hook" })).await;
        world.webhook(&eve, json!({ "url": "https://eve.example/hook", "events": ["memory.deleted"] })).await;
        let id = world.app.add(&ann, "the word heliotrope is kept").await;
        world.app.add(&eve, "not for ann").await;
        world.app.rest(&ann.api_key, "PUT", &format!("/api/v1/memories/{id}"), Some(json!({ "text": "the word heliotrope has changed" }))).await;
        world.app.rest(&ann.api_key, "DELETE", &format!("/api/v1/memories/{id}"), None).await;
        world.has_told(3).await;
        let kinds: Vec<_> = world.receivers.told().into_iter().map(|(_, body)| (body["type"].clone(), body["data"]["memory_ids"].clone())).collect();
        assert_eq!(kinds, ["memory.added", "memory.updated", "memory.deleted"].map(|kind| (json!(kind), json!([id]))));
        let told = world.receivers.told.lock().clone();
        assert!(told.iter().all(|told| told.0 == "https://ann.example/hook" && verified(&secret, told)), "{told:?}");
        assert!(!format!("{told:?}").contains("heliotrope"), "thin: ids and counts");
        let mut forged = told[0].clone();
        forged.2 = forged.2.replace("added", "addéd");
        assert!(!verified(&secret, &forged));
    }

    async fn what_is_not_taken_is_told_again_under_its_id_until_it_is(db: TestDb) {
        let world = World::of(&db).await;
        let ann = world.app.person("ann").await;
        let (id, _) = world.webhook(&ann, json!({ "url": "https://ann.example/hook" })).await;
        world.receivers.will_answer(&[Err("its server does not answer"), Ok(500), Ok(302)]);
        world.app.add(&ann, "told four times").await;
        for (told, wait) in [(1, 6), (2, 360), (3, 2_000)] {
            world.has_told(told).await;
            eventually("it is written down", async || world.deliveries(&ann, &id).await[0]["attempts"] == json!(told)).await;
            assert_eq!(world.receivers.told.lock().len(), told, "not before its time");
            world.clock.advance(Duration::from_secs(wait));
        }
        world.has_told(4).await;
        let ids: Vec<_> = world.receivers.told().into_iter().map(|(id, _)| id).collect();
        assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
        eventually("it is delivered", async || world.deliveries(&ann, &id).await[0]["state"] == "delivered").await;
        // It is told again when its owner wants.
        let (_, again) = world.app.rest(&ann.api_key, "POST", &format!("/api/v1/webhooks/{id}/redeliver"), Some(json!({ "since": "2020-01-01", "state": "any" }))).await;
        assert_eq!(again["events"], 1);
        world.has_told(5).await;
    }

    async fn one_that_fails_for_days_is_given_up_and_one_that_is_gone_is_switched_off(db: TestDb) {
        let world = World::of(&db).await;
        let ann = world.app.person("ann").await;
        let (id, _) = world.webhook(&ann, json!({ "url": "https://ann.example/hook" })).await;
        world.receivers.will_answer(&[Ok(400); 10]);
        world.app.add(&ann, "never taken").await;
        for (told, wait) in (1..).zip([6, 340, 2_000, 8_000, 20_000, 40_000, 56_000, 80_000, 96_000, 0]) {
            world.has_told(told).await;
            eventually("it is written down", async || world.deliveries(&ann, &id).await[0]["attempts"] == json!(told)).await;
            world.clock.advance(Duration::from_secs(wait));
        }
        let given_up = world.deliveries(&ann, &id).await;
        assert_eq!((&given_up[0]["state"], &given_up[0]["status"]), (&json!("failed"), &json!(400)), "{given_up:?}");
        let (gone, _) = world.webhook(&ann, json!({ "url": "https://gone.example/hook" })).await;
        world.receivers.will_answer(&[Ok(410)]);
        world.app.rest(&ann.api_key, "POST", &format!("/api/v1/webhooks/{gone}/ping"), None).await;
        let hook = async || {
            let (_, list) = world.app.rest(&ann.api_key, "GET", "/api/v1/webhooks", None).await;
            list["webhooks"].as_array().expect("webhooks").iter().find(|hook| hook["id"] == json!(gone)).expect("it is there").clone()
        };
        eventually("it is switched off", async || hook().await["is_active"] == json!(false)).await;
        let (_, on) = world.app.rest(&ann.api_key, "PATCH", &format!("/api/v1/webhooks/{gone}"), Some(json!({ "is_active": true }))).await;
        assert_eq!((&on["is_active"], &on["failures"]), (&json!(true), &json!(0)));
    }

    async fn a_new_secret_signs_beside_the_old_one_for_a_day(db: TestDb) {
        let world = World::of(&db).await;
        let ann = world.app.person("ann").await;
        let (id, old) = world.webhook(&ann, json!({ "url": "https://ann.example/hook" })).await;
        let (_, rotated) = world.app.rest(&ann.api_key, "POST", &format!("/api/v1/webhooks/{id}/rotate"), None).await;
        let new = rotated["secret"].as_str().expect("a secret").to_owned();
        assert_ne!(old, new);
        world.app.add(&ann, "signed twice").await;
        world.has_told(1).await;
        let told = world.receivers.told.lock()[0].clone();
        assert!(verified(&old, &told) && verified(&new, &told), "{told:?}");
        let list = world.app.rest(&ann.api_key, "GET", "/api/v1/webhooks", None).await.1.to_string();
        assert!(!list.contains("whsec_"), "shown once: {list}");
    }

    async fn addresses_inside_and_strangers_are_refused(db: TestDb) {
        let world = World::of(&db).await;
        let (ann, eve) = (world.app.person("ann").await, world.app.person("eve").await);
        for url in ["http://ann.example/", "https://ann.example:8443/", "https://user@ann.example/", "https://[::1]/", "https://", "ftp://x", ""] {
            assert_eq!(world.app.rest(&ann.api_key, "POST", "/api/v1/webhooks", Some(json!({ "url": url }))).await.0, 422, "{url}");
        }
        let (id, _) = world.webhook(&ann, json!({ "url": "https://ann.example/hook" })).await;
        for (method, path) in [("PATCH", ""), ("DELETE", ""), ("POST", "/rotate"), ("POST", "/ping"), ("GET", "/deliveries")] {
            let body = (method == "PATCH").then(|| json!({ "is_active": false }));
            assert_eq!(world.app.rest(&eve.jwt, method, &format!("/api/v1/webhooks/{id}{path}"), body).await.0, 404, "{method} {path}");
        }
        for _ in 0..9 {
            world.webhook(&ann, json!({ "url": "https://ann.example/hook" })).await;
        }
        assert_eq!(world.app.rest(&ann.api_key, "POST", "/api/v1/webhooks", Some(json!({ "url": "https://ann.example/more" }))).await.0, 403);
        assert_eq!(world.app.rest(&ann.api_key, "DELETE", &format!("/api/v1/webhooks/{id}"), None).await.0, 200);
    }
}
