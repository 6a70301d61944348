//! The MCP edge from outside: legacy streams and who may use them, guessing, revocation, and answers that help.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::{TcpStream, tcp::OwnedReadHalf},
};

use crate::support::{
    app::{Person, TestApp},
    patience,
};

/// A legacy event stream, read line by line.
pub struct Stream {
    lines: tokio::io::Lines<BufReader<OwnedReadHalf>>,
    _write: tokio::net::tcp::OwnedWriteHalf,
}

impl Stream {
    pub async fn open(app: &TestApp, path: &str) -> (u16, Self) {
        let authority = app.base.trim_start_matches("http://");
        let (read, mut write) = TcpStream::connect(authority).await.expect("connected").into_split();
        let request = format!("GET {path} HTTP/1.1\r\nhost: {authority}\r\naccept: text/event-stream\r\nconnection: close\r\n\r\n");
        write.write_all(request.as_bytes()).await.expect("sent");
        let mut lines = BufReader::new(read).lines();
        let status = lines.next_line().await.expect("read").expect("a status line");
        let status = status.split(' ').nth(1).expect("a status").parse().expect("a number");
        (status, Self { lines, _write: write })
    }

    /// Data of the next event; `None` when the stream ends or nothing comes for `wait`.
    pub async fn event(&mut self, wait: Duration) -> Option<String> {
        let read = async {
            loop {
                let line = self.lines.next_line().await.ok()??;
                if let Some(data) = line.strip_prefix("data: ") {
                    return Some(data.to_owned());
                }
            }
        };
        tokio::time::timeout(wait, read).await.ok()?
    }
}

pub const LONG: Duration = Duration::from_secs(10);

pub async fn post(app: &TestApp, path: &str, body: &Value) -> u16 {
    app.http.post(format!("{}{path}", app.base)).json(body).send().await.expect("an answer").status().as_u16()
}

pub async fn initialised(app: &TestApp, person: &Person) -> (Stream, String) {
    let (status, mut stream) = Stream::open(app, &format!("/mcp/test/sse/{}", person.endpoint)).await;
    assert_eq!(status, 200);
    let address = stream.event(LONG).await.expect("the endpoint event");
    assert!(address.starts_with('/'), "a relative address: {address}");
    let hello = json!({ "jsonrpc": "2.0", "id": 0, "method": "initialize", "params": {
        "protocolVersion": "2024-11-05", "capabilities": {}, "clientInfo": { "name": "t", "version": "0" } } });
    assert_eq!(post(app, &address, &hello).await, 202);
    let answer: Value = serde_json::from_str(&stream.event(LONG).await.expect("an answer")).expect("JSON");
    assert_eq!(answer["result"]["protocolVersion"], "2024-11-05");
    assert_eq!(post(app, &address, &json!({ "jsonrpc": "2.0", "method": "notifications/initialized" })).await, 202);
    (stream, address)
}

#[tokio::test(flavor = "multi_thread")]
async fn replies_with_equal_ids_stay_on_their_own_stream() {
    let app = TestApp::start().await;
    let (ann, bob) = (app.person("ann").await, app.person("bob").await);
    let (mut first, first_at) = initialised(&app, &ann).await;
    let (mut second, second_at) = initialised(&app, &ann).await;
    let (mut third, third_at) = initialised(&app, &bob).await;
    for (at, text) in [(&first_at, "from the first window"), (&second_at, "from the second window"), (&third_at, "of somebody else")] {
        let call = json!({ "jsonrpc": "2.0", "id": 7, "method": "tools/call", "params": { "name": "add_memories", "arguments": { "text": text } } });
        assert_eq!(post(&app, at, &call).await, 202);
    }
    for (stream, text) in [(&mut first, "first window"), (&mut second, "second window"), (&mut third, "somebody else")] {
        let reply = stream.event(LONG).await.expect("a reply");
        assert!(reply.contains(text), "{reply}");
        assert_eq!(stream.event(Duration::from_millis(100)).await, None, "nothing else");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stolen_session_id_is_worth_nothing() {
    let app = TestApp::start().await;
    let (victim, thief) = (app.person("victim").await, app.person("thief").await);
    let (mut stream, address) = initialised(&app, &victim).await;
    let session = address.split("session_id=").nth(1).expect("a session id");
    let call = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": { "name": "list_memories", "arguments": {} } });
    let with = |secret: &str, session: &str| format!("/mcp/test/sse/{secret}/messages/?session_id={session}");
    let stolen = post(&app, &with(&thief.endpoint, session), &call).await;
    let unknown = post(&app, &with(&thief.endpoint, "00000000000000000000000000000000"), &call).await;
    assert_eq!((stolen, unknown), (404, 404));
    for path in ["/mcp/messages/", "/mcp/messages"] {
        let status = post(&app, &format!("{path}?session_id={session}"), &call).await;
        assert!(matches!(status, 401 | 404), "{path} without a credential: {status}");
        let request = app.http.post(format!("{}{path}?session_id={session}", app.base)).bearer_auth(&thief.api_key).json(&call);
        assert_eq!(request.send().await.expect("an answer").status().as_u16(), 404);
    }
    assert_eq!(stream.event(Duration::from_millis(200)).await, None, "the victim's stream stays silent");
    // Both forms of the address work for the owner.
    for slash in ["", "/"] {
        assert_eq!(post(&app, &format!("/mcp/test/sse/{}/messages{slash}?session_id={session}", victim.endpoint), &call).await, 202);
        assert!(stream.event(LONG).await.is_some());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn revocation_ends_calls_at_once_and_streams_within_five_seconds() {
    let app = TestApp::start().await;
    let person = app.person("ann").await;
    let (mut stream, _) = initialised(&app, &person).await;
    let endpoints = app.rest(&person.jwt, "GET", "/api/v1/endpoints", None).await.1;
    let id = endpoints.get("endpoints").unwrap_or(&endpoints)[0]["id"].as_str().expect("an id").to_owned();
    let (status, _) = app.rest(&person.jwt, "DELETE", &format!("/api/v1/endpoints/{id}"), None).await;
    assert!(matches!(status, 200 | 204), "{status}");
    let revoked = Instant::now();
    let call = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/list" });
    assert_eq!(post(&app, &format!("/mcp/test/http/{}", person.endpoint), &call).await, 404, "the next call is refused");
    assert_eq!(stream.event(LONG).await, None, "the stream ends without another event");
    assert!(revoked.elapsed() < patience(Duration::from_secs(5)), "{:?}", revoked.elapsed());
}

#[tokio::test(flavor = "multi_thread")]
async fn guesses_all_look_the_same_and_are_slowed_down() {
    let app = TestApp::start().await;
    let (ann, bob) = (app.person("ann").await, app.person("bob").await);
    let (id, _) = ann.endpoint.rsplit_once('_').expect("a checksum");
    let (id, _) = id.rsplit_once('_').expect("an id");
    let (_, tail) = bob.endpoint.split_at(id.len());
    let call = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/list" });
    let guesses = [
        "x".to_owned(),
        "jme_short".to_owned(),
        ann.endpoint.replace("jme_", "jmk_"),
        format!("{id}{tail}"),
        ann.endpoint.to_uppercase(),
        ann.api_key.clone(),
    ];
    let mut bodies = Vec::new();
    for guess in &guesses {
        let response = app.http.post(format!("{}/mcp/test/http/{guess}", app.base)).json(&call).send().await.expect("an answer");
        assert_eq!(response.status().as_u16(), 404, "{guess}");
        let mut body: Value = response.json().await.expect("JSON");
        body.as_object_mut().expect("a problem").remove("request_id");
        bodies.push(body);
    }
    assert!(bodies.windows(2).all(|pair| pair[0] == pair[1]), "{bodies:?}");
    let user = ann.member.user;
    let response = app.http.post(format!("{}/mcp/test/http/{user}", app.base)).json(&call).send().await.expect("an answer");
    assert_eq!(response.status().as_u16(), 401, "a user id is no credential");
    assert!(response.headers().contains_key("www-authenticate"));

    let mut slowed = false;
    for _ in 0..40 {
        slowed |= post(&app, "/mcp/test/http/jme_nothing", &call).await == 429;
    }
    assert!(slowed, "forty failures a minute from one address");
    assert!(app.tool(&ann, "list_memories", json!({})).await["isError"] != json!(true), "a good credential from that address still works");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_bearer_token_is_taken_and_no_second_beside_it() {
    let app = TestApp::start().await;
    let person = app.person("ann").await;
    let call = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/list" });
    let status = async |tokens: &[&str]| {
        let request = app.http.post(format!("{}/mcp", app.base)).header("accept", "application/json, text/event-stream").json(&call);
        let request = tokens.iter().fold(request, reqwest::RequestBuilder::bearer_auth);
        request.send().await.expect("an answer").status().as_u16()
    };
    assert_eq!(status(&[&person.api_key]).await, 200);
    assert_eq!(status(&[&person.api_key, &person.api_key]).await, 401);
    assert_eq!(status(&[&person.api_key, "jmk_x"]).await, 401);
    // None of them was looked at, so none is a failure that slows others down.
    for _ in 0..40 {
        assert_eq!(status(&["jmk_x", "jmk_y"]).await, 401);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_preview_of_a_personal_url_has_no_effect() {
    let app = TestApp::start().await;
    let person = app.person("ann").await;
    let response = app.http.get(format!("{}/mcp/test/sse/{}", app.base, person.endpoint)).send().await.expect("an answer");
    assert_eq!(response.status().as_u16(), 406);
    for (name, value) in [("cache-control", "no-store"), ("referrer-policy", "no-referrer"), ("x-content-type-options", "nosniff")] {
        assert!(response.headers()[name].to_str().expect("text").contains(value), "{name}");
    }
    let response = app.http.get(format!("{}/mcp/test/http/{}", app.base, person.endpoint)).send().await.expect("an answer");
    assert!(response.status().is_client_error());
    let (_, apps) = app.rest(&person.jwt, "GET", "/api/v1/apps/", None).await;
    assert!(!apps.to_string().contains("\"test\""), "no app came into being: {apps}");
}

#[tokio::test(flavor = "multi_thread")]
async fn strange_hosts_and_origins_are_refused() {
    let app = TestApp::start().await;
    let person = app.person("ann").await;
    let url = format!("{}/mcp/test/http/{}", app.base, person.endpoint);
    let call = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/list" });
    for (header, value) in [("origin", "https://evil.example"), ("origin", "null"), ("host", "evil.example")] {
        let response = app.http.post(&url).header(header, value).json(&call).send().await.expect("an answer");
        assert_eq!(response.status().as_u16(), 403, "{header}: {value}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn mistakes_get_a_sentence_that_helps() {
    let app = TestApp::start().await;
    let person = app.person("ann").await;
    let long = "x".repeat(40_000);
    for (tool, arguments, hint) in [
        ("add_memories", json!({ "text": "  " }), "empty"),
        ("add_memories", json!({ "text": long }), "limit"),
        ("add_memories", json!({}), "text"),
        ("search_memory", json!({ "query": "" }), "empty"),
        ("search_memory", json!({ "query": { "text": "x" } }), "query"),
        ("search_memory", json!({ "query": "x", "limit": "many" }), "limit"),
        ("add_memories", json!({ "text": "x", "position": 1.5 }), "position"),
        ("search_memory", json!({ "query": "x", "limit": 1000 }), "limit"),
        ("delete_memories", json!({ "memory_ids": [] }), "empty"),
        ("delete_memories", json!({ "memory_ids": ["not-an-id"] }), "No accessible memories"),
        ("delete_all_memories", json!({ "confirm": false }), "confirm"),
    ] {
        let answer = app.tool(&person, tool, arguments).await;
        assert_eq!(answer["isError"], json!(true), "{tool}: {answer}");
        let text = answer["content"][0]["text"].as_str().expect("a sentence");
        assert!(text.to_lowercase().contains(&hint.to_lowercase()), "{tool}: {text}");
    }
    let (_, apps) = app.rest(&person.jwt, "GET", "/api/v1/apps/", None).await;
    let test = apps["apps"].as_array().expect("apps").iter().find(|a| a["name"] == "test").expect("the app")["id"].clone();
    let path = format!("/api/v1/apps/{}?is_active=false", test.as_str().expect("an id"));
    assert_eq!(app.rest(&person.jwt, "PUT", &path, None).await.0, 200);
    let answer = app.tool(&person, "search_memory", json!({ "query": "x" })).await;
    assert!(answer["isError"] == json!(true) && answer.to_string().contains("paused"), "{answer}");
}
