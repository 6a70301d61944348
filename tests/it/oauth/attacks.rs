//! What attackers try, and how it ends.

use serde_json::{Value, json};

use super::{
    LOOPBACK,
    client::{Client, VERIFIER, call, location, opens, query},
};
use crate::support::app::TestApp;

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_sent_to_an_address_that_was_not_registered() {
    let app = TestApp::start().await;
    let client = Client::registered(&app, "https://client.example/cb").await;
    for uri in [
        "https://evil.example/cb",
        "https://client.example/cb/",
        "https://client.example/cb?x=1",
        "https://client.example/cb#x",
        "https://client.example:443/cb",
        "https://client.example/../cb",
        "https://client.example/%63b",
        "https://CLIENT.example/cb",
        "http://client.example/cb",
        "https://user@client.example/cb",
        "https://client.example@evil.example/cb",
        "https://client.example.evil.example/cb",
        "https://client.example\\.evil.example/cb",
        "//client.example/cb",
        "/cb",
        "javascript:alert(1)",
        "data:text/html,x",
        "http://127.0.0.1/cb",
        "cursor://x/y",
        " https://client.example/cb",
    ] {
        let answer = client.authorize(&[("redirect_uri", uri)]).await;
        let page = (answer.status().as_u16(), location(&answer));
        assert_eq!(page, (400, String::new()), "{uri}");
        assert!(answer.text().await.expect("a page").contains("This connection cannot be made"));
    }
    for (name, value) in [("client_id", "jmc_x.y"), ("client_id", "https://127.0.0.1/x"), ("client_id", "")] {
        let answer = client.authorize(&[(name, value)]).await;
        assert_eq!((answer.status().as_u16(), location(&answer)), (400, String::new()), "{value}");
    }
    let shown = client.authorize(&[("client_id", "<script>alert(1)</script>://")]).await.text().await.expect("a page");
    assert!(!shown.contains("<script>"), "{shown}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_opens_nothing_for_anybody_else() {
    let app = TestApp::start().await;
    let ann = app.person("ann").await;
    let client = Client::registered(&app, LOOPBACK).await;
    let other = Client::registered(&app, "http://127.0.0.1:9/elsewhere").await;
    let code = client.code(&ann, &[]).await;
    let form = |code: &str, verifier: &str, redirect: &str| {
        [
            ("grant_type", "authorization_code".to_owned()),
            ("code", code.to_owned()),
            ("code_verifier", verifier.to_owned()),
            ("redirect_uri", redirect.to_owned()),
        ]
    };
    let refused = [
        (&other, form(&code, VERIFIER, LOOPBACK)),
        (&client, form(&code, "another-verifier-of-at-least-forty-three-characters", LOOPBACK)),
        (&client, form(&code, VERIFIER, "http://127.0.0.1:9/elsewhere")),
        (&client, form(&code.replace("jmo_", "jma_"), VERIFIER, LOOPBACK)),
    ];
    for (client, form) in refused {
        let form: Vec<_> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
        assert_eq!(client.token(&form).await.error(), (400, "invalid_grant"), "{form:?}");
    }
    let missing = client.token(&[("grant_type", "authorization_code"), ("code", &code)]).await;
    assert_eq!(missing.error(), (400, "invalid_request"), "no verifier");
    let elsewhere = form(&code, VERIFIER, LOOPBACK);
    let elsewhere: Vec<_> =
        elsewhere.iter().map(|(name, value)| (*name, value.as_str())).chain([("resource", "https://other.example/mcp")]).collect();
    assert_eq!(client.token(&elsewhere).await.error(), (400, "invalid_target"));
    assert_eq!(app.rest(&ann.jwt, "GET", "/api/v1/grants/", None).await.1["total"], json!(0), "no grant was made");
    assert_eq!(client.exchange(&code).await.status, 200, "and its own client still gets in");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_that_comes_back_ends_what_it_opened() {
    let app = TestApp::start().await;
    let ann = app.person("ann").await;
    let client = Client::registered(&app, LOOPBACK).await;
    let code = client.code(&ann, &[]).await;
    let tokens = client.exchange(&code).await;
    assert!(opens(&app, &tokens.access()).await);
    assert_eq!(client.exchange(&code).await.error(), (400, "invalid_grant"));
    assert!(!opens(&app, &tokens.access()).await);
    assert_eq!(client.refresh(&tokens.refresh()).await.error(), (400, "invalid_grant"));
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_exchanges_of_one_code_at_most_one_wins() {
    let app = TestApp::start().await;
    let ann = app.person("ann").await;
    let client = Client::registered(&app, LOOPBACK).await;
    let code = client.code(&ann, &[]).await;
    let answers = futures::future::join_all((0..12).map(|_| client.exchange(&code))).await;
    assert!(answers.iter().filter(|answer| answer.status == 200).count() <= 1, "{answers:?}");
    assert_eq!(app.rest(&ann.jwt, "GET", "/api/v1/grants/", None).await.1["total"], json!(1));
    for answer in answers.iter().filter(|answer| answer.status == 200) {
        assert!(!opens(&app, &answer.access()).await, "several held the code, so nobody gets in");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_person_who_is_signed_in_says_yes_and_only_once() {
    let app = TestApp::start().await;
    let (ann, bob) = (app.person("ann").await, app.person("bob").await);
    let client = Client::registered(&app, LOOPBACK).await;
    let request = client.ask(&[]).await;
    let path = format!("/api/v1/oauth/requests/{request}");
    let yes = || Some(json!({ "approve": true }));
    for token in [&ann.api_key, &ann.endpoint, ""] {
        for (method, body) in [("GET", None), ("POST", yes())] {
            let status = app.rest(token, method, &path, body).await.0;
            assert!(matches!(status, 401 | 403), "{status}");
        }
    }
    let no_cookie = app.http.post(format!("{}{path}", app.base)).header("cookie", format!("token={}", ann.jwt)).json(&yes());
    assert_eq!(no_cookie.send().await.expect("an answer").status().as_u16(), 401);
    for word in [
        json!({ "approve": true, "scopes": ["memory:delete_all"] }),
        json!({ "approve": true, "scopes": ["account:manage"] }),
        json!({ "approve": true, "scopes": [] }),
        json!({ "approve": true, "expires_in_days": 0 }),
        json!({ "approve": true, "project": bob.member.default_project }),
        json!({ "approve": true, "user_id": bob.member.user }),
    ] {
        let (status, body) = app.rest(&ann.jwt, "POST", &path, Some(word.clone())).await;
        assert!(matches!(status, 404 | 422), "{word}: {status} {body}");
    }
    assert_eq!(app.rest(&ann.jwt, "POST", &path, yes()).await.0, 200);
    for person in [&ann, &bob] {
        assert_eq!(app.rest(&person.jwt, "POST", &path, yes()).await.0, 404, "it was decided");
        assert_eq!(app.rest(&person.jwt, "GET", &path, None).await.0, 404);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_open_session_lets_no_new_client_in_without_a_click() {
    let app = TestApp::start().await;
    let ann = app.person("ann").await;
    let client = Client::registered(&app, LOOPBACK).await;
    client.granted(&ann).await;
    let request = client.ask(&[]).await;
    let (_, asked) = app.rest(&ann.jwt, "GET", &format!("/api/v1/oauth/requests/{request}"), None).await;
    assert_eq!(asked["approved_before"], json!(true), "the same client, at the same address, is asked about again: {asked}");
    let other = Client::registered(&app, LOOPBACK).await;
    let (_, asked) = app.rest(&ann.jwt, "GET", &format!("/api/v1/oauth/requests/{}", other.ask(&[]).await), None).await;
    assert_eq!(asked["client"]["verified"], json!(false), "{asked}");
}

#[tokio::test(flavor = "multi_thread")]
async fn borrowed_names_are_said() {
    let app = TestApp::start().await;
    let ann = app.person("ann").await;
    for (name, redirect, imitates) in [
        ("Claude", "https://evil.example/cb", json!("claude")),
        ("Сlаudе\u{200b}", "https://evil.example/cb", json!("claude")),
        ("Claude", "https://claude.ai/api/mcp/auth_callback", Value::Null),
        ("My notes", "https://evil.example/cb", Value::Null),
    ] {
        let registration = json!({ "client_name": name, "redirect_uris": [redirect], "logo_uri": "https://evil.example/logo.png" });
        let client = Client::with(&app, &registration, redirect).await;
        let (_, asked) = app.rest(&ann.jwt, "GET", &format!("/api/v1/oauth/requests/{}", client.ask(&[]).await), None).await;
        assert_eq!(asked["client"]["imitates"], imitates, "{asked}");
        assert!(asked["redirect_host"].is_string() && !asked.to_string().contains("logo"), "{asked}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_opens_the_one_door_that_it_is_for() {
    let app = TestApp::start().await;
    let ann = app.person("ann").await;
    let client = Client::registered(&app, LOOPBACK).await;
    let tokens = client.granted(&ann).await;
    assert_eq!(app.rest(&tokens.access(), "GET", "/api/v1/memories/", None).await.0, 401, "not REST");
    assert_eq!(call(&app, Some(&ann.jwt), "ping", json!({})).await.0, 401, "and a person's own token not MCP");
    assert!(!opens(&app, &tokens.refresh()).await);
    let url = format!("{}/mcp/claude/http/{}", app.base, tokens.access());
    assert_eq!(app.http.post(url).json(&json!({})).send().await.expect("an answer").status().as_u16(), 404, "nor a personal URL");
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_that_ran_out_are_no_guesses_and_made_up_ones_are() {
    let app = TestApp::start().await;
    let ann = app.person("ann").await;
    let client = Client::registered(&app, LOOPBACK).await;
    let tokens = client.granted(&ann).await;
    assert_eq!(client.post("/oauth/revoke", &[("token", &tokens.access())]).await.status, 200);
    for _ in 0..40 {
        // Many people's clients call from one cloud, each with a token that ran out over night.
        assert_eq!(call(&app, Some(&tokens.access()), "ping", json!({})).await.0, 401);
    }
    assert!(opens(&app, &client.refresh(&tokens.refresh()).await.access()).await, "the grant itself goes on");
    let mut last = 0;
    for n in 0..40 {
        last = call(&app, Some(&format!("jma_{n:08}_made-up")), "ping", json!({})).await.0;
    }
    assert_eq!(last, 429);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_parameter_that_comes_twice_is_refused() {
    let app = TestApp::start().await;
    let client = Client::registered(&app, LOOPBACK).await;
    let twice = format!("{}/oauth/authorize?client_id={}&client_id=x", app.base, client.id);
    assert_eq!(app.http.get(twice).send().await.expect("an answer").status().as_u16(), 400);
    let request = app.http.post(format!("{}/oauth/token", app.base)).header("content-type", "application/x-www-form-urlencoded");
    let answer = request.body(format!("client_id={}&grant_type=refresh_token&grant_type=x", client.id)).send().await.expect("an answer");
    let body: Value = answer.json().await.expect("JSON");
    assert_eq!(body["error"], json!("invalid_request"));
}

#[tokio::test(flavor = "multi_thread")]
async fn floods_end_in_words() {
    let app = TestApp::start().await;
    let client = Client::registered(&app, LOOPBACK).await;
    let mut statuses = Vec::new();
    for _ in 0..25 {
        let request = app.http.post(format!("{}/oauth/register", app.base)).json(&json!({ "redirect_uris": [LOOPBACK] }));
        statuses.push(request.send().await.expect("an answer").status().as_u16());
    }
    assert!(statuses.contains(&201) && statuses.ends_with(&[429]), "{statuses:?}");
    let mut last = 0;
    for _ in 0..40 {
        last = client.authorize(&[]).await.status().as_u16();
    }
    assert_eq!(last, 429);
    for _ in 0..70 {
        last = client.refresh("jmr_x").await.status;
    }
    assert_eq!(last, 429);
    let large = app.http.post(format!("{}/oauth/register", app.base)).body("x".repeat(70_000)).send().await.expect("an answer");
    assert_eq!(large.status().as_u16(), 413);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_address_says_a_code_to_anybody_but_the_client() {
    let app = TestApp::start().await;
    let ann = app.person("ann").await;
    let client = Client::registered(&app, LOOPBACK).await;
    let request = client.ask(&[]).await;
    let refused = client.decide(&ann, &request, json!({ "approve": false })).await;
    assert_eq!((query(&refused, "error").as_deref(), query(&refused, "code")), (Some("access_denied"), None));
    let page = app.http.get(format!("{}/authorize/{request}", app.base)).send().await.expect("an answer");
    assert_eq!(page.headers()["referrer-policy"], "no-referrer");
    assert!(page.headers()["content-security-policy"].to_str().expect("ASCII").contains("frame-ancestors 'none'"));
}
