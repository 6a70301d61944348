//! What the clients of today need, each named after where it broke another server.

use std::sync::Arc;

use async_trait::async_trait;
use jonathans_memory::{
    app::Outside,
    oauth::{DocumentFetch, FetchFailure, Fetched},
};
use serde_json::{Value, json};

use super::{
    LOOPBACK,
    client::{Client, call, location, opens, query},
};
use crate::support::app::TestApp;

const PUBLIC: &str = "https://mem.example";
const CLAUDE: &str = "https://claude.ai/oauth/mcp-oauth-client-metadata";
const CLAUDE_CODE: &str = "https://claude.ai/oauth/claude-code-client-metadata";
const CHATGPT: &str = "https://chatgpt.com/oauth/abc/client.json";

/// What stands at the addresses of clients.
struct Internet;

#[async_trait]
impl DocumentFetch for Internet {
    async fn fetch(&self, url: &str) -> Result<Fetched, FetchFailure> {
        let document = match url {
            CHATGPT => json!({
                "client_id": CHATGPT, "client_name": "ChatGPT", "redirect_uris": ["https://chatgpt.com/connector/oauth/abc"],
                "token_endpoint_auth_method": "private_key_jwt", "token_endpoint_auth_methods_supported": ["private_key_jwt", "none"],
            }),
            _ => return Err(FetchFailure::Unreachable("no such host".into())),
        };
        Ok(Fetched { body: document.to_string().into_bytes(), fresh_for: std::time::Duration::ZERO })
    }
}

/// A server that clients know as `https://mem.example`.
async fn public() -> TestApp {
    let env = [("JM_PUBLIC_URL", PUBLIC)];
    TestApp::start_with(&env, Outside { documents: Some(Arc::new(Internet)), ..Outside::default() }).await
}

#[tokio::test(flavor = "multi_thread")]
async fn claude_ai_560_the_resource_is_the_typed_address_to_the_letter() {
    let app = public().await;
    let (_, root) = app.rest("", "GET", "/.well-known/oauth-protected-resource", None).await;
    assert_eq!((&root["resource"], &root["authorization_servers"]), (&json!("https://mem.example/mcp"), &json!([PUBLIC])));
    for (name, value) in [("x-forwarded-host", "evil.example"), ("forwarded", "host=evil.example"), ("x-forwarded-proto", "http")] {
        let request = app.http.post(format!("{}/mcp", app.base)).header(name, value).body("{}");
        let answer = request.send().await.expect("an answer");
        let challenge = answer.headers()["www-authenticate"].to_str().expect("ASCII").to_owned();
        assert!(challenge.contains("resource_metadata=\"https://mem.example/.well-known/oauth-protected-resource/mcp\""), "{challenge}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn claude_uses_its_document_only_where_it_is_announced_with_none() {
    let app = public().await;
    let (_, server) = app.rest("", "GET", "/.well-known/oauth-authorization-server", None).await;
    assert_eq!(server["client_id_metadata_document_supported"], json!(true));
    assert!(server["token_endpoint_auth_methods_supported"].as_array().expect("a list").contains(&json!("none")));
    let ann = app.person("ann").await;
    for redirect in ["https://claude.ai/api/mcp/auth_callback", "https://claude.com/api/mcp/auth_callback"] {
        let client = Client::known(&app, CLAUDE, redirect);
        assert!(opens(&app, &client.granted(&ann).await.access()).await, "{redirect}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn claude_code_42301_a_document_lists_addresses_without_ports() {
    let app = public().await;
    let ann = app.person("ann").await;
    for redirect in ["http://localhost:54321/callback", "http://127.0.0.1:1024/callback", "http://localhost/callback"] {
        let client = Client::known(&app, CLAUDE_CODE, redirect);
        let request = client.ask(&[]).await;
        let (_, asked) = app.rest(&ann.jwt, "GET", &format!("/api/v1/oauth/requests/{request}"), None).await;
        assert_eq!(
            (&asked["client"]["host"], &asked["redirect_host"], &asked["client"]["imitates"]),
            (&json!("claude.ai"), &Value::Null, &Value::Null)
        );
        let back = client.decide(&ann, &request, json!({ "approve": true })).await;
        assert!(back.as_str().starts_with(redirect), "{back}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn budget_tracker_551_iss_is_the_issuer_and_discovery_answers_with_the_path_behind() {
    let app = public().await;
    let ann = app.person("ann").await;
    let client = Client::known(&app, CLAUDE_CODE, LOOPBACK.replace(":9", "").as_str());
    let (_, server) = app.rest("", "GET", "/.well-known/oauth-authorization-server/mcp", None).await;
    assert_eq!(server["issuer"], json!(PUBLIC));
    for word in [json!({ "approve": true }), json!({ "approve": false })] {
        let back = client.decide(&ann, &client.ask(&[]).await, word).await;
        assert_eq!(query(&back, "iss").as_deref(), Some(PUBLIC), "{back}");
    }
    let failed = location(&client.authorize(&[("response_type", "token")]).await);
    let failed = url::Url::parse(&failed).expect("an address");
    assert_eq!((query(&failed, "iss").as_deref(), query(&failed, "error").as_deref()), (Some(PUBLIC), Some("unsupported_response_type")));
}

#[tokio::test(flavor = "multi_thread")]
async fn gamedevpl_641_chatgpt_prefers_a_key_and_offers_none() {
    let app = public().await;
    let ann = app.person("ann").await;
    let client = Client::known(&app, CHATGPT, "https://chatgpt.com/connector/oauth/abc");
    assert!(opens(&app, &client.granted(&ann).await.access()).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn quilombo_140_there_is_no_openid_configuration() {
    let app = TestApp::start().await;
    for path in ["/.well-known/openid-configuration", "/.well-known/openid-configuration/mcp", "/mcp/.well-known/openid-configuration"] {
        assert_eq!(app.rest("", "GET", path, None).await.0, 404, "{path}");
    }
    let ann = app.person("ann").await;
    let inserted = format!("/.well-known/oauth-protected-resource/mcp/claude/http/{}", ann.endpoint);
    assert_eq!(app.rest("", "GET", &inserted, None).await.0, 404, "a personal URL is no resource of OAuth");
}

#[tokio::test(flavor = "multi_thread")]
async fn codex_31038_registers_one_name_of_this_computer_and_asks_with_another() {
    let app = TestApp::start().await;
    let ann = app.person("ann").await;
    let mut client = Client::registered(&app, "http://127.0.0.1:5555/callback/x9").await;
    client.redirect = "http://localhost:5555/callback/x9".into();
    assert!(opens(&app, &client.granted(&ann).await.access()).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn vscode_278512_another_free_port_at_run_time() {
    let app = TestApp::start().await;
    let ann = app.person("ann").await;
    let uris =
        json!(["http://127.0.0.1/", "http://127.0.0.1:33418/", "https://vscode.dev/redirect", "https://insiders.vscode.dev/redirect"]);
    let registration = json!({ "client_name": "Visual Studio Code", "redirect_uris": uris, "application_type": "native", "unknown": {} });
    for redirect in ["http://127.0.0.1:40123/", "http://127.0.0.1:33418", "https://vscode.dev/redirect"] {
        let client = Client::with(&app, &registration, redirect).await;
        assert!(opens(&app, &client.granted(&ann).await.access()).await, "{redirect}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn cursor_comes_back_by_a_scheme_of_its_own_and_asks_for_all_scopes() {
    let app = TestApp::start().await;
    let ann = app.person("ann").await;
    let redirect = "cursor://anysphere.cursor-mcp/oauth/callback";
    let client = Client::registered(&app, redirect).await;
    let code = client.code(&ann, &[("scope", "memory:read memory:write memory:delete")]).await;
    let tokens = client.exchange(&code).await;
    assert_eq!(tokens.body["scope"], json!("memory:read memory:write memory:delete"), "{tokens:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn rauthy_1647_a_refresh_a_second_after_the_code_works() {
    let app = TestApp::start().await;
    let ann = app.person("ann").await;
    let client = Client::registered(&app, LOOPBACK).await;
    let tokens = client.granted(&ann).await;
    assert!(opens(&app, &client.refresh(&tokens.refresh()).await.access()).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn python_sdk_refreshes_before_it_has_read_where() {
    let app = TestApp::start().await;
    let ann = app.person("ann").await;
    let client = Client::registered(&app, LOOPBACK).await;
    let tokens = client.granted(&ann).await;
    let again = client.post("/token", &[("grant_type", "refresh_token"), ("refresh_token", &tokens.refresh())]).await;
    assert!(opens(&app, &again.access()).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn supabase_auth_2628_offline_access_stands_in_the_servers_metadata_alone() {
    let app = TestApp::start().await;
    let ann = app.person("ann").await;
    let (_, server) = app.rest("", "GET", "/.well-known/oauth-authorization-server", None).await;
    assert!(server["scopes_supported"].as_array().expect("a list").contains(&json!("offline_access")));
    let (_, resource) = app.rest("", "GET", "/.well-known/oauth-protected-resource", None).await;
    assert!(!resource["scopes_supported"].as_array().expect("a list").contains(&json!("offline_access")));
    let client = Client::registered(&app, LOOPBACK).await;
    for scope in ["", "openid email profile", "read write", "mcp", "memory:read offline_access"] {
        let tokens = client.exchange(&client.code(&ann, &[("scope", scope)]).await).await;
        assert!(tokens.body["refresh_token"].is_string(), "{scope}: {tokens:?}");
        assert_eq!(tokens.body["scope"] == json!("memory:read"), scope.starts_with("memory"), "{tokens:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn clients_of_several_kinds_register() {
    let app = TestApp::start().await;
    let ann = app.person("ann").await;
    for method in ["client_secret_post", "client_secret_basic"] {
        let registration = json!({ "redirect_uris": [LOOPBACK], "token_endpoint_auth_method": method });
        let mut client = Client::with(&app, &registration, LOOPBACK).await;
        let code = client.code(&ann, &[]).await;
        let secret = client.secret.take().expect("a secret");
        assert_eq!(client.exchange(&code).await.error(), (401, "invalid_client"), "{method} without its secret");
        client.secret = Some("jms_AAAA".into());
        assert_eq!(client.exchange(&code).await.error(), (401, "invalid_client"), "{method} with another secret");
        client.secret = Some(secret);
        assert_eq!(client.exchange(&code).await.status, 200, "{method}");
    }
    let unknown = Client::known(&app, "jmc_e30.AAAAAAAAAAAAAAAAAAAAAA", LOOPBACK);
    assert_eq!(unknown.refresh("jmr_x").await.error(), (401, "invalid_client"), "401 makes Claude register anew");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_resource_may_be_written_in_several_ways() {
    let app = public().await;
    let ann = app.person("ann").await;
    let client = Client::registered(&app, LOOPBACK).await;
    for resource in ["https://mem.example/mcp", "HTTPS://MEM.example/mcp", "https://mem.example/mcp/", ""] {
        let code = client.code(&ann, &[("resource", resource)]).await;
        assert_eq!(client.exchange(&code).await.status, 200, "{resource}");
    }
    let refused = url::Url::parse(&location(&client.authorize(&[("resource", "https://other.example/mcp")]).await)).expect("an address");
    assert_eq!(query(&refused, "error").as_deref(), Some("invalid_target"));
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_of_any_site_may_discover_register_and_exchange() {
    let app = TestApp::start().await;
    for (method, path) in [
        ("GET", "/.well-known/oauth-protected-resource/mcp"),
        ("GET", "/.well-known/oauth-authorization-server"),
        ("OPTIONS", "/oauth/register"),
        ("OPTIONS", "/oauth/token"),
        ("OPTIONS", "/oauth/revoke"),
    ] {
        let request = app.http.request(method.parse().expect("a method"), format!("{}{path}", app.base));
        let request = request.header("origin", "https://inspector.example").header("access-control-request-method", "POST");
        let answer = request.send().await.expect("an answer");
        let allowed = answer.headers().get("access-control-allow-origin").and_then(|v| v.to_str().ok());
        assert!(answer.status().is_success() && allowed == Some("*"), "{method} {path}: {allowed:?}");
        assert!(answer.headers().get("access-control-allow-credentials").is_none());
    }
    let request = app.http.get(format!("{}/oauth/authorize", app.base)).header("origin", "https://inspector.example");
    assert!(request.send().await.expect("an answer").headers().get("access-control-allow-origin").is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_are_kept_out_of_caches() {
    let app = TestApp::start().await;
    let ann = app.person("ann").await;
    let client = Client::registered(&app, LOOPBACK).await;
    let code = client.code(&ann, &[]).await;
    let body = format!("grant_type=authorization_code&client_id={}&code={code}&code_verifier={}", client.id, super::client::VERIFIER);
    let request = app.http.post(format!("{}/oauth/token", app.base)).header("content-type", "application/x-www-form-urlencoded");
    let answer = request.body(body).send().await.expect("an answer");
    let header = |name: &str| answer.headers().get(name).and_then(|v| v.to_str().ok()).unwrap_or_default().to_owned();
    assert_eq!((answer.status().as_u16(), header("cache-control"), header("pragma")), (200, "no-store".into(), "no-cache".into()));
    assert!(header("content-type").starts_with("application/json"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_old_personal_url_with_a_user_id_is_shown_the_way() {
    let app = TestApp::start().await;
    let url = format!("{}/mcp/claude/http/5d9a7e5e-5b0e-4b59-8d5c-3f0a2a0d8f11", app.base);
    let answer = app.http.post(url).json(&json!({})).send().await.expect("an answer");
    let challenge = answer.headers()["www-authenticate"].to_str().expect("ASCII").to_owned();
    assert!(answer.status().as_u16() == 401 && challenge.contains("/.well-known/oauth-protected-resource/mcp\""), "{challenge}");
    assert!(!challenge.contains("5d9a7e5e"), "the path is not echoed: {challenge}");
    let (status, challenge, _) = call(&app, Some("jma_nonsense"), "ping", json!({})).await;
    assert!(status == 401 && challenge.contains("error=\"invalid_token\""), "{challenge}");
}
