//! Letting clients in by OAuth, over the wire: the whole way, what clients of today need, what attackers try, and tokens that rotate.

mod attacks;
pub mod client;
mod device;
mod judges;
mod quirks;
mod refresh;

use serde_json::{Value, json};

use crate::support::app::TestApp;
use client::{Client, STATE, call, location, opens, query};

const LOOPBACK: &str = "http://127.0.0.1:9/callback";

#[tokio::test(flavor = "multi_thread")]
async fn a_client_gets_in_from_nothing_but_the_address() {
    let app = TestApp::start().await;
    let ann = app.person("ann").await;

    let (status, challenge, _) = call(&app, None, "initialize", json!({})).await;
    let metadata = format!("{}/.well-known/oauth-protected-resource/mcp", app.base);
    let told =
        format!("Bearer realm=\"jonathans-memory\", scope=\"memory:read memory:write memory:delete\", resource_metadata=\"{metadata}\"");
    assert_eq!((status, challenge), (401, told));
    let (_, resource) = app.rest("", "GET", "/.well-known/oauth-protected-resource/mcp", None).await;
    assert_eq!(
        resource,
        json!({
            "resource": format!("{}/mcp", app.base),
            "authorization_servers": [app.base],
            "scopes_supported": ["memory:read", "memory:write", "memory:delete"],
            "bearer_methods_supported": ["header"],
            "resource_name": "Jonathan's Memory",
            "resource_documentation": format!("{}/docs", app.base),
        })
    );
    let (_, server) = app.rest("", "GET", "/.well-known/oauth-authorization-server", None).await;
    for (member, value) in [
        ("issuer", json!(app.base)),
        ("authorization_endpoint", json!(format!("{}/oauth/authorize", app.base))),
        ("token_endpoint", json!(format!("{}/oauth/token", app.base))),
        ("registration_endpoint", json!(format!("{}/oauth/register", app.base))),
        ("revocation_endpoint", json!(format!("{}/oauth/revoke", app.base))),
        ("response_types_supported", json!(["code"])),
        ("code_challenge_methods_supported", json!(["S256"])),
        ("token_endpoint_auth_methods_supported", json!(["none", "client_secret_post", "client_secret_basic"])),
        ("authorization_response_iss_parameter_supported", json!(true)),
    ] {
        assert_eq!(server[member], value, "{member}");
    }
    assert!(server.get("client_id_metadata_document_supported").is_none(), "this server fetches no documents, and claims none");

    let client = Client::registered(&app, LOOPBACK).await;
    let request = client.ask(&[("resource", &format!("{}/mcp", app.base))]).await;
    let (status, asked) = app.rest(&ann.jwt, "GET", &format!("/api/v1/oauth/requests/{request}"), None).await;
    assert_eq!((status, &asked["client"]["name"], &asked["client"]["verified"]), (200, &json!("A tester"), &json!(false)), "{asked}");
    assert_eq!((&asked["redirect_host"], &asked["kind"], &asked["approved_before"]), (&Value::Null, &json!("client"), &json!(false)));
    let word = json!({ "approve": true, "scopes": ["memory:read", "memory:write"], "expires_in_days": 30 });
    let back = client.decide(&ann, &request, word).await;
    assert_eq!((query(&back, "state").as_deref(), query(&back, "iss")), (Some(STATE), Some(app.base.clone())));
    assert!(back.as_str().starts_with(&format!("{LOOPBACK}?")), "{back}");

    let tokens = client.exchange(&query(&back, "code").expect("a code")).await;
    assert_eq!((&tokens.body["token_type"], &tokens.body["scope"]), (&json!("Bearer"), &json!("memory:read memory:write")), "{tokens:?}");
    assert_eq!(tokens.body["expires_in"], json!(86400));
    let (status, _, added) =
        call(&app, Some(&tokens.access()), "tools/call", json!({ "name": "add_memories", "arguments": { "text": "I like tea" } })).await;
    assert_eq!(status, 200, "{added}");
    let (_, _, found) =
        call(&app, Some(&tokens.access()), "tools/call", json!({ "name": "search_memory", "arguments": { "query": "tea" } })).await;
    assert!(found.to_string().contains("I like tea"), "{found}");

    let again = client.refresh(&tokens.refresh()).await;
    assert!(opens(&app, &again.access()).await);

    let (_, grants) = app.rest(&ann.jwt, "GET", "/api/v1/grants/", None).await;
    let grant = &grants["grants"][0];
    assert_eq!((&grants["total"], &grant["name"], &grant["client"]), (&json!(1), &json!("A tester"), &json!("a-tester")), "{grants}");
    let id = grant["id"].as_str().expect("an id");
    let (status, undone) = app.rest(&ann.jwt, "POST", "/api/v1/undo", Some(json!({ "credential_id": id }))).await;
    assert_eq!(status, 200, "what it wrote can be undone: {undone}");
    let (status, _) = app.rest(&ann.jwt, "PATCH", &format!("/api/v1/grants/{id}"), Some(json!({ "name": "Work laptop" }))).await;
    assert_eq!(status, 200);

    let revoked = client.post("/oauth/revoke", &[("token", &again.refresh())]).await;
    assert_eq!(revoked.status, 200);
    assert!(!opens(&app, &again.access()).await && !opens(&app, &tokens.access()).await, "the whole grant has ended");
    assert_eq!(client.refresh(&again.refresh()).await.error(), (400, "invalid_grant"));
    let (_, grants) = app.rest(&ann.jwt, "GET", "/api/v1/grants/", None).await;
    assert!(grants["grants"][0]["revoked_at"].is_string() && grants["grants"][0]["name"] == "Work laptop", "{grants}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_needs_more_asks_again() {
    let app = TestApp::start().await;
    let ann = app.person("ann").await;
    let client = Client::registered(&app, LOOPBACK).await;
    let token = client.granted(&ann).await.access();
    let delete_all = json!({ "name": "delete_all_memories", "arguments": { "confirm": true } });
    let (status, challenge, _) = call(&app, Some(&token), "tools/call", delete_all.clone()).await;
    assert_eq!(status, 403);
    assert!(challenge.contains("error=\"insufficient_scope\""), "{challenge}");
    assert!(challenge.contains("scope=\"memory:read memory:write memory:delete memory:delete_all\""), "{challenge}");
    assert!(challenge.contains(&format!("resource_metadata=\"{}/.well-known/oauth-protected-resource/mcp\"", app.base)), "{challenge}");
    let code = client.code(&ann, &[("scope", "memory:read memory:write memory:delete memory:delete_all")]).await;
    let more = client.exchange(&code).await;
    assert_eq!(call(&app, Some(&more.access()), "tools/call", delete_all).await.0, 200, "{more:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_grant_is_shown_out_by_its_person_and_by_nobody_else() {
    let app = TestApp::start().await;
    let (ann, bob) = (app.person("ann").await, app.person("bob").await);
    let client = Client::registered(&app, LOOPBACK).await;
    let tokens = client.granted(&ann).await;
    let (_, grants) = app.rest(&ann.jwt, "GET", "/api/v1/grants/", None).await;
    let path = format!("/api/v1/grants/{}", grants["grants"][0]["id"].as_str().expect("an id"));
    assert_eq!(app.rest(&bob.jwt, "GET", "/api/v1/grants/", None).await.1["total"], json!(0));
    assert_eq!(app.rest(&bob.jwt, "DELETE", &path, None).await.0, 404);
    assert!(opens(&app, &tokens.access()).await);
    assert_eq!(app.rest(&ann.jwt, "DELETE", &path, None).await.0, 200);
    assert!(!opens(&app, &tokens.access()).await);
    assert_eq!(client.refresh(&tokens.refresh()).await.error(), (400, "invalid_grant"));
    let answer = client.authorize(&[]).await;
    assert!(location(&answer).contains("/authorize/"), "and it can ask again");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_paused_app_and_a_bound_project_hold_for_grants() {
    let app = TestApp::start().await;
    let ann = app.person("ann").await;
    let client = Client::registered(&app, LOOPBACK).await;
    let (_, project) = app.rest(&ann.jwt, "POST", "/api/v1/projects", Some(json!({ "name": "Garden" }))).await;
    let request = client.ask(&[]).await;
    let back = client.decide(&ann, &request, json!({ "approve": true, "project": "Garden" })).await;
    let tokens = client.exchange(&query(&back, "code").expect("a code")).await;
    let (_, grants) = app.rest(&ann.jwt, "GET", "/api/v1/grants/", None).await;
    assert_eq!(grants["grants"][0]["project_id"], project["id"]);
    let add = json!({ "name": "add_memories", "arguments": { "text": "The roses are white" } });
    let (_, _, added) = call(&app, Some(&tokens.access()), "tools/call", add.clone()).await;
    let id = added["result"]["structuredContent"]["results"][0]["id"].as_str().unwrap_or_else(|| panic!("{added}"));
    let (_, memory) = app.rest(&ann.jwt, "GET", &format!("/api/v1/memories/{id}"), None).await;
    assert_eq!(memory["project_id"], project["id"], "{memory}");
    let (_, apps) = app.rest(&ann.jwt, "GET", "/api/v1/apps/", None).await;
    let list = apps.get("apps").unwrap_or(&apps).as_array().expect("apps").clone();
    let own = list.iter().find(|one| one["name"] == "a-tester").unwrap_or_else(|| panic!("{apps}"));
    let pause = format!("/api/v1/apps/{}?is_active=false", own["id"].as_str().expect("an id"));
    assert_eq!(app.rest(&ann.jwt, "PUT", &pause, None).await.0, 200);
    let (_, _, refused) = call(&app, Some(&tokens.access()), "tools/call", add).await;
    assert_eq!(refused["result"]["isError"], json!(true), "{refused}");
}
