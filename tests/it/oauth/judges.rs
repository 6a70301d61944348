//! Clients by others' hands: what they make of the server is what counts. Those of Python and TypeScript, and the public
//! conformance suite, lie in `tests/clients`.

use oauth2::{
    AuthUrl, AuthorizationCode, ClientId, CsrfToken, HttpRequest, HttpResponse, PkceCodeChallenge, RedirectUrl, RefreshToken, Scope,
    TokenResponse, TokenUrl, basic::BasicClient,
};
use rmcp::transport::auth::{AuthorizationRequest, OAuthState};
use serde_json::{Value, json};
use url::Url;

use super::{
    LOOPBACK,
    client::{location, opens, query},
};
use crate::support::app::{Person, TestApp};

/// Follows the address that a client made, says yes, and answers where the browser goes.
async fn approved(app: &TestApp, person: &Person, address: &str) -> String {
    let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().expect("a client");
    let page = location(&http.get(address).send().await.expect("an answer"));
    let request = page.rsplit('/').next().expect("an id");
    let path = format!("/api/v1/oauth/requests/{request}");
    let (status, word) = app.rest(&person.jwt, "POST", &path, Some(json!({ "approve": true }))).await;
    assert_eq!(status, 200, "{page}: {word}");
    word["redirect_to"].as_str().expect("an address").to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_client_of_rmcp_gets_in() {
    let app = TestApp::start().await;
    let ann = app.person("ann").await;
    let mut state = OAuthState::new(format!("{}/mcp", app.base), None).await.expect("an address");
    state.start_authorization(AuthorizationRequest::new(LOOPBACK).with_client_name("rmcp")).await.expect("discovered and registered");
    let address = state.get_authorization_url().await.expect("an address");
    state.handle_callback_url(&approved(&app, &ann, &address).await).await.expect("exchanged, with the issuer checked");
    let manager = state.into_authorization_manager().expect("let in");
    let first = manager.get_access_token().await.expect("a token");
    assert!(opens(&app, &first).await);
    manager.refresh_token().await.expect("refreshed");
    let second = manager.get_access_token().await.expect("a token");
    assert!(second != first && opens(&app, &second).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_crate_oauth2_gets_in() {
    let app = TestApp::start().await;
    let ann = app.person("ann").await;
    let registration = json!({ "client_name": "oauth2", "redirect_uris": [LOOPBACK] });
    let registered = app.http.post(format!("{}/oauth/register", app.base)).json(&registration).send().await.expect("an answer");
    let registered: Value = registered.json().await.expect("JSON");
    let at = |path: &str| format!("{}{path}", app.base);
    let client = BasicClient::new(ClientId::new(registered["client_id"].as_str().expect("an id").into()))
        .set_auth_uri(AuthUrl::new(at("/oauth/authorize")).expect("a URL"))
        .set_token_uri(TokenUrl::new(at("/oauth/token")).expect("a URL"))
        .set_redirect_uri(RedirectUrl::new(LOOPBACK.into()).expect("a URL"));
    let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
    let (address, state) =
        client.authorize_url(CsrfToken::new_random).add_scope(Scope::new("memory:read".into())).set_pkce_challenge(challenge).url();
    let back = Url::parse(&approved(&app, &ann, address.as_str()).await).expect("a URL");
    assert_eq!(query(&back, "state").as_ref(), Some(state.secret()));

    let http = app.http.clone();
    let send = |request: HttpRequest| {
        let http = http.clone();
        async move {
            let (parts, body) = request.into_parts();
            let request = http.request(parts.method, parts.uri.to_string()).headers(parts.headers).body(body);
            let answer = request.send().await?;
            let mut response = HttpResponse::new(Vec::new());
            *response.status_mut() = answer.status();
            *response.headers_mut() = answer.headers().clone();
            *response.body_mut() = answer.bytes().await?.to_vec();
            Ok::<_, reqwest::Error>(response)
        }
    };
    let code = AuthorizationCode::new(query(&back, "code").expect("a code"));
    let tokens = client.exchange_code(code).set_pkce_verifier(verifier).request_async(&send).await.expect("exchanged");
    assert!(opens(&app, tokens.access_token().secret()).await);
    let refresh = RefreshToken::new(tokens.refresh_token().expect("a refresh token").secret().clone());
    let next = client.exchange_refresh_token(&refresh).request_async(&send).await.expect("refreshed");
    assert!(opens(&app, next.access_token().secret()).await);
    // It revokes over TLS alone, so the form is sent by hand.
    let token = next.refresh_token().expect("a refresh token").secret();
    let form = format!("client_id={}&token={token}", registered["client_id"].as_str().expect("an id"));
    let request = app.http.post(at("/oauth/revoke")).header("content-type", "application/x-www-form-urlencoded").body(form);
    assert_eq!(request.send().await.expect("an answer").status().as_u16(), 200);
    assert!(!opens(&app, next.access_token().secret()).await);
}
