//! A program without a browser is let in: the person types its code, or opens its address, on another machine.

use std::{sync::Arc, time::Duration};

use jonathans_memory::{
    app::Outside,
    clock::{Clock, ManualClock, SystemClock},
};
use serde_json::json;

use super::client::{Answer, Client};
use crate::support::app::TestApp;

const GRANT: &str = "urn:ietf:params:oauth:grant-type:device_code";

async fn start() -> (TestApp, Arc<ManualClock>) {
    let clock = Arc::new(ManualClock::at(SystemClock.now()));
    (TestApp::start_with(&[], Outside { clock: clock.clone(), ..Outside::default() }).await, clock)
}

fn command_line(app: &TestApp) -> Client<'_> {
    Client::known(app, "jmem", "")
}

async fn begun(client: &Client<'_>, scope: &str) -> (String, String) {
    let begun = client.post("/oauth/device_authorization", &[("scope", scope)]).await;
    assert_eq!((begun.status, &begun.body["interval"], &begun.body["expires_in"]), (200, &json!(5), &json!(600)), "{begun:?}");
    assert!(begun.body["verification_uri"].as_str().expect("an address").ends_with("/device"));
    let text = |name: &str| begun.body[name].as_str().expect(name).to_owned();
    (text("device_code"), text("user_code"))
}

async fn poll(client: &Client<'_>, device_code: &str) -> Answer {
    client.token(&[("grant_type", GRANT), ("device_code", device_code)]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_line_gets_a_key_once_the_person_has_said_yes() {
    let (app, clock) = start().await;
    let ann = app.person("ann").await;
    let client = command_line(&app);
    let (device, typed) = begun(&client, "memory:read memory:write account:manage").await;
    assert_eq!(poll(&client, &device).await.error(), (400, "authorization_pending"));
    assert_eq!(poll(&client, &device).await.error(), (400, "slow_down"), "asked at once again");
    clock.advance(Duration::from_secs(5));
    assert_eq!(poll(&client, &device).await.error(), (400, "authorization_pending"));

    let path = format!("/api/v1/oauth/requests/{}", typed.to_lowercase().replace('-', ""));
    let (status, asked) = app.rest(&ann.jwt, "GET", &path, None).await;
    assert_eq!((status, &asked["kind"]), (200, &json!("device")), "{asked}");
    let word = json!({ "approve": true, "scopes": ["memory:read", "memory:write"], "expires_in_days": 7 });
    let (status, decided) = app.rest(&ann.jwt, "POST", &path, Some(word)).await;
    assert_eq!((status, decided), (200, json!({ "redirect_to": null })));

    clock.advance(Duration::from_secs(5));
    let tokens = poll(&client, &device).await;
    assert_eq!(
        (tokens.status, &tokens.body["expires_in"], tokens.body.get("refresh_token")),
        (200, &json!(7 * 86400 - 5), None),
        "{tokens:?}"
    );
    let (status, me) = app.rest(&tokens.access(), "GET", "/api/v1/auth/me", None).await;
    assert_eq!((status, &me["credential"], &me["scopes"]), (200, &json!("api_key"), &json!(["memory:read", "memory:write"])));
    assert_eq!(poll(&client, &device).await.error(), (400, "invalid_grant"), "once");
    let (_, keys) = app.rest(&ann.jwt, "GET", "/api/v1/keys/", None).await;
    assert!(keys.to_string().contains("\"jmem\""), "it stands among the API keys: {keys}");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_means_no_and_nobody_waits_for_ever() {
    let (app, clock) = start().await;
    let ann = app.person("ann").await;
    let client = command_line(&app);
    let (device, typed) = begun(&client, "").await;
    app.rest(&ann.jwt, "POST", &format!("/api/v1/oauth/requests/{typed}"), Some(json!({ "approve": false }))).await;
    assert_eq!(poll(&client, &device).await.error(), (400, "access_denied"));
    let (device, _) = begun(&client, "").await;
    clock.advance(Duration::from_mins(11));
    assert_eq!(poll(&client, &device).await.error(), (400, "expired_token"));
    assert_eq!(poll(&client, "jmd_unknown").await.error(), (400, "invalid_grant"));
    let foreign = Client::known(&app, "another", "").post("/oauth/device_authorization", &[]).await;
    assert_eq!(foreign.error(), (401, "invalid_client"));
}

#[tokio::test(flavor = "multi_thread")]
async fn codes_cannot_be_guessed() {
    let (app, _) = start().await;
    let bob = app.person("bob").await;
    let mut statuses = Vec::new();
    for n in 0..40 {
        let code = format!("BCDF-GH{}{}", char::from(b'J' + n % 4), char::from(b'P' + n % 3));
        statuses.push(app.rest(&bob.jwt, "GET", &format!("/api/v1/oauth/requests/{code}"), None).await.0);
    }
    assert!(statuses.starts_with(&[404]) && statuses.ends_with(&[429]), "{statuses:?}");
}
