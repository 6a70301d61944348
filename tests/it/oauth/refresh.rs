//! Refresh tokens: one successor each, the same one for who lost it, and the end of the grant for who comes with an older one.

use std::{sync::Arc, time::Duration};

use futures::future::join_all;
use jonathans_memory::{
    adapters::sql::Engine,
    app::Outside,
    clock::{Clock, ManualClock, SystemClock},
};
use serde_json::json;

use super::{
    LOOPBACK,
    client::{Client, opens},
};
use crate::support::{
    app::TestApp,
    db::{self, TestDb},
};

/// A server whose clock the test moves.
async fn start() -> (TestApp, Arc<ManualClock>) {
    let clock = Arc::new(ManualClock::at(SystemClock.now()));
    (TestApp::start_with(&[], Outside { clock: clock.clone(), ..Outside::default() }).await, clock)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_retry_gets_the_same_successor_and_an_older_generation_ends_the_grant() {
    let (app, clock) = start().await;
    let ann = app.person("ann").await;
    let client = Client::registered(&app, LOOPBACK).await;
    let first = client.granted(&ann).await;
    let second = client.refresh(&first.refresh()).await;
    clock.advance(Duration::from_secs(1));
    let again = client.refresh(&first.refresh()).await;
    assert_eq!((again.access(), again.refresh()), (second.access(), second.refresh()), "a lost answer is given again");
    let third = client.refresh(&second.refresh()).await;
    assert!(opens(&app, &third.access()).await);
    assert_eq!(client.refresh(&first.refresh()).await.error(), (400, "invalid_grant"));
    assert!(!opens(&app, &third.access()).await, "whoever came with the first has stolen it");
    assert_eq!(client.refresh(&third.refresh()).await.error(), (400, "invalid_grant"));
    let (_, grants) = app.rest(&ann.jwt, "GET", "/api/v1/grants/", None).await;
    assert!(grants["grants"][0]["revoked_at"].is_string(), "{grants}");
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_minute_the_successor_is_given_again_only_until_it_is_used() {
    let (app, clock) = start().await;
    let ann = app.person("ann").await;
    let client = Client::registered(&app, LOOPBACK).await;
    for used in [false, true] {
        let first = client.granted(&ann).await;
        let second = client.refresh(&first.refresh()).await;
        if used {
            assert!(opens(&app, &second.access()).await);
            app.app.flush().await;
        }
        clock.advance(Duration::from_secs(59));
        assert_eq!(client.refresh(&first.refresh()).await.refresh(), second.refresh(), "used: {used}");
        clock.advance(Duration::from_mins(10));
        let late = client.refresh(&first.refresh()).await;
        if used {
            assert_eq!(late.error(), (400, "invalid_grant"));
            assert!(!opens(&app, &second.access()).await);
        } else {
            assert_eq!(late.refresh(), second.refresh(), "it was never answered, as far as anybody knows");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_and_grants_end_in_time() {
    let (app, clock) = start().await;
    let ann = app.person("ann").await;
    let client = Client::registered(&app, LOOPBACK).await;
    let request = client.ask(&[]).await;
    clock.advance(Duration::from_mins(11));
    assert_eq!(app.rest(&ann.jwt, "GET", &format!("/api/v1/oauth/requests/{request}"), None).await.0, 404, "nobody decided in time");

    let code = client.code(&ann, &[]).await;
    clock.advance(Duration::from_secs(61));
    assert_eq!(client.exchange(&code).await.error(), (400, "invalid_grant"), "a code lasts a minute");

    let tokens = client.granted(&ann).await;
    clock.advance(Duration::from_hours(24) + Duration::from_secs(2));
    assert!(!opens(&app, &tokens.access()).await, "an access token lasts a day");
    let tokens = client.refresh(&tokens.refresh()).await;
    assert!(opens(&app, &tokens.access()).await);
    clock.advance(Duration::from_hours(24 * 91));
    assert_eq!(client.refresh(&tokens.refresh()).await.error(), (400, "invalid_grant"), "and a grant that nobody uses ninety days");
    app.tasks(&tokio_util::sync::CancellationToken::new()).await;
    assert_eq!(app.rest(&app_jwt(&app, "ann").await, "GET", "/api/v1/grants/", None).await.1["total"], json!(1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_grant_ends_when_its_person_said_however_much_it_is_used() {
    let (app, clock) = start().await;
    let ann = app.person("ann").await;
    let client = Client::registered(&app, LOOPBACK).await;
    let request = client.ask(&[]).await;
    let back = client.decide(&ann, &request, json!({ "approve": true, "expires_in_days": 2 })).await;
    let mut tokens = client.exchange(&super::query(&back, "code").expect("a code")).await;
    for _ in 0..3 {
        clock.advance(Duration::from_hours(15));
        tokens = client.refresh(&tokens.refresh()).await;
    }
    assert_eq!(tokens.body["expires_in"], json!(3 * 3600), "its last hours: {tokens:?}");
    clock.advance(Duration::from_hours(3));
    assert_eq!(client.refresh(&tokens.refresh()).await.error(), (400, "invalid_grant"));
}

/// A new sign-in of a person whose first one has run out.
async fn app_jwt(app: &TestApp, name: &str) -> String {
    let body = json!({ "email": format!("{name}@example.com"), "password": "correct horse battery" });
    let (status, body) = app.rest("", "POST", "/api/v1/auth/login", Some(body)).await;
    assert_eq!(status, 200, "{body}");
    body["access_token"].as_str().expect("a token").to_owned()
}

async fn node(db: &TestDb) -> TestApp {
    let key = "5c".repeat(32);
    let env = [("DATABASE_URL", db.url.as_str()), ("JM_SECRET_KEY", key.as_str()), ("JM_PUBLIC_URL", "http://127.0.0.1:1")];
    TestApp::start_with(&env, Outside::default()).await
}

#[test]
fn fifty_refreshes_of_one_token_on_two_nodes_end_in_one_pair() {
    db::run(Engine::Postgres, async |db| {
        let nodes = [node(&db).await, node(&db).await];
        let ann = nodes[0].person("ann").await;
        let here = Client::registered(&nodes[0], LOOPBACK).await;
        let there = Client::known(&nodes[1], &here.id, LOOPBACK);
        let token = here.granted(&ann).await.refresh();
        let clients = [&here, &there];
        let answers = join_all((0..50).map(|n| clients[n % 2].refresh(&token))).await;
        let pairs: std::collections::BTreeSet<_> = answers.iter().map(|answer| (answer.access(), answer.refresh())).collect();
        assert_eq!(pairs.len(), 1, "one successor for all");
        let (access, refresh) = pairs.into_iter().next().expect("one");
        assert!(opens(&nodes[0], &access).await && opens(&nodes[1], &access).await);
        assert!(opens(&nodes[1], &here.refresh(&refresh).await.access()).await);
    });
}

#[test]
fn a_grant_revoked_on_one_node_is_refused_by_the_other_within_a_second() {
    db::run(Engine::Postgres, async |db| {
        let nodes = [node(&db).await, node(&db).await];
        let ann = nodes[0].person("ann").await;
        let client = Client::registered(&nodes[0], LOOPBACK).await;
        let tokens = client.granted(&ann).await;
        assert!(opens(&nodes[1], &tokens.access()).await);
        let (_, grants) = nodes[0].rest(&ann.jwt, "GET", "/api/v1/grants/", None).await;
        let path = format!("/api/v1/grants/{}", grants["grants"][0]["id"].as_str().expect("an id"));
        assert_eq!(nodes[0].rest(&ann.jwt, "DELETE", &path, None).await.0, 200);
        let start = tokio::time::Instant::now();
        crate::support::eventually("the other node refuses it", async || !opens(&nodes[1], &tokens.access()).await).await;
        assert!(start.elapsed() < Duration::from_secs(2), "{:?}", start.elapsed());
    });
}
