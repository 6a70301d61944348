//! Live events, activity, the operator's view and signing out everywhere, over the real router.

use std::{net::Ipv4Addr, time::Duration};

use futures::StreamExt;
use jonathans_memory::{
    app::{App, Outside},
    config::Config,
    tenancy::Role,
};
use serde_json::{Value, json};

use crate::support::{
    app::TestApp,
    db::{TestDb, both},
};

/// An open event stream.
struct Stream {
    body: futures::stream::BoxStream<'static, reqwest::Result<axum::body::Bytes>>,
    rest: String,
}

impl Stream {
    async fn open(app: &TestApp, token: &str, query: &str) -> Self {
        let url = format!("{}/api/v1/events{query}", app.base);
        let answer = app.http.get(url).bearer_auth(token).header("accept", "text/event-stream").send().await.expect("an answer");
        assert_eq!(answer.status().as_u16(), 200);
        Self { body: answer.bytes_stream().boxed(), rest: String::new() }
    }

    /// The next event; `None` when the stream has ended.
    async fn next(&mut self) -> Option<Value> {
        loop {
            while let Some((event, rest)) = self.rest.split_once("\n\n") {
                let data: Option<String> = event.lines().find_map(|line| line.strip_prefix("data:")).map(|data| data.trim().to_owned());
                self.rest = rest.into();
                if let Some(data) = data {
                    return Some(serde_json::from_str(&data).expect("JSON"));
                }
            }
            let more = tokio::time::timeout(Duration::from_secs(30), self.body.next()).await.expect("something within half a minute")?;
            self.rest.push_str(std::str::from_utf8(&more.ok()?).expect("UTF-8"));
        }
    }

    /// The next event of a type; what comes before it is passed over.
    async fn next_of(&mut self, kind: &str) -> Value {
        loop {
            let event = self.next().await.expect("the stream is open");
            if event["type"] == kind {
                return event;
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_happens_is_told_to_its_own_tenant_alone() {
    let app = TestApp::start().await;
    let (ann, bob) = (app.person("ann").await, app.person("bob").await);
    let mut anns = Stream::open(&app, &ann.jwt, "").await;
    let mut bobs = Stream::open(&app, &bob.jwt, "").await;
    assert_eq!(anns.next().await.expect("open")["type"], "ready");
    assert_eq!(bobs.next().await.expect("open")["type"], "ready");

    let id = app.add(&ann, "Ann's secret garden").await;
    let added = anns.next_of("memory.added").await;
    assert_eq!((&added["memory_id"], &added["app"], &added["version"]), (&json!(id), &json!("test"), &json!(1)));
    assert!(!added.to_string().contains("garden"), "ids and names, no text: {added}");
    let path = format!("/api/v1/memories/{id}");
    app.rest(&ann.jwt, "PUT", &path, Some(json!({ "memory_content": "Ann's greenhouse" }))).await;
    assert_eq!(anns.next_of("memory.changed").await["version"], 2);
    app.tool(&ann, "search_memory", json!({ "query": "greenhouse" })).await;
    app.app.flush().await;
    let read = anns.next_of("memory.read").await;
    assert_eq!((&read["access"], &read["app"], &read["memory_ids"]), (&json!("search"), &json!("test"), &json!([id])));
    app.rest(&ann.jwt, "DELETE", &path, None).await;
    assert_eq!(anns.next_of("memory.deleted").await["memory_id"], json!(id));

    // The first thing that the other hears of is their own.
    let own = app.add(&bob, "Bob's workshop").await;
    loop {
        let event = bobs.next().await.expect("open");
        assert!(!event.to_string().contains(&id), "{event}");
        if event["type"] == "memory.added" {
            assert_eq!(event["memory_id"], json!(own));
            break;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_client_is_told_with_its_first_call_and_a_stream_goes_on_where_it_ended() {
    let app = TestApp::start().await;
    let ann = app.person("ann").await;
    let mut stream = Stream::open(&app, &ann.jwt, "").await;
    let ready = stream.next().await.expect("open");
    let made = app.rest(&ann.jwt, "POST", "/api/v1/endpoints/", Some(json!({ "client": "fresh" }))).await.1;
    let url = made["http_url"].as_str().expect("a URL");
    let list = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {} });
    let answer = app.http.post(url).header("accept", "application/json, text/event-stream").json(&list).send().await.expect("an answer");
    assert_eq!(answer.status().as_u16(), 200);
    loop {
        let used = stream.next_of("credential.used").await;
        if used["credential_id"] == made["id"] {
            assert_eq!(used["app"], "fresh");
            break;
        }
    }
    drop(stream);

    let missed = app.add(&ann, "written while nobody watched").await;
    let mut again = Stream::open(&app, &ann.jwt, &format!("?after={}", ready["seq"])).await;
    assert_eq!(again.next_of("memory.added").await["memory_id"], json!(missed));
    let mut recent = Stream::open(&app, &ann.jwt, "?recent=5").await;
    assert_eq!(recent.next_of("memory.added").await["memory_id"], json!(missed));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_ends_with_its_credential() {
    let app = TestApp::start().await;
    let ann = app.person("ann").await;
    let signed_in =
        app.app.accounts.login("ann@example.com", "correct horse battery", Ipv4Addr::LOCALHOST.into()).await.expect("signed in");
    let mut by_token = Stream::open(&app, &signed_in.tokens.access_token, "").await;
    let (_, keys) = app.rest(&ann.jwt, "GET", "/api/v1/keys/", None).await;
    let mut by_key = Stream::open(&app, &ann.api_key, "").await;
    by_token.next().await.expect("open");
    by_key.next().await.expect("open");

    app.app.accounts.logout(&signed_in.tokens.refresh_token).await.expect("signed out");
    while let Some(event) = by_token.next().await {
        assert_ne!(event["type"], "memory.added");
    }
    let key = keys["keys"][0]["id"].as_str().expect("an id");
    assert_eq!(app.rest(&ann.jwt, "DELETE", &format!("/api/v1/keys/{key}"), None).await.0, 200);
    while by_key.next().await.is_some() {}

    // Only who may read may watch, and only so many at a time.
    let url = format!("{}/api/v1/events", app.base);
    let stranger = app.http.get(&url).header("accept", "text/event-stream").send().await.expect("an answer");
    assert_eq!(stranger.status().as_u16(), 401);
    let no_stream = app.http.get(&url).bearer_auth(&ann.jwt).send().await.expect("an answer");
    assert_eq!(no_stream.status().as_u16(), 406);
}

#[tokio::test(flavor = "multi_thread")]
async fn streams_are_counted_by_person() {
    let app = TestApp::start_with(&[("JM__LIMITS__STREAMS_PER_USER", "2")], Outside::default()).await;
    let (ann, bob) = (app.person("ann").await, app.person("bob").await);
    let first = Stream::open(&app, &ann.jwt, "").await;
    let _second = Stream::open(&app, &ann.jwt, "").await;
    let url = format!("{}/api/v1/events", app.base);
    let third = async || app.http.get(&url).bearer_auth(&ann.jwt).header("accept", "text/event-stream").send().await.expect("an answer");
    assert_eq!(third().await.status().as_u16(), 429);
    let _another = Stream::open(&app, &bob.jwt, "").await;
    drop(first);
    crate::support::eventually("the place is free again", async || third().await.status().as_u16() == 200).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_out_everywhere_ends_every_sign_in() {
    let app = TestApp::start().await;
    let (ann, bob) = (app.person("ann").await, app.person("bob").await);
    let other = app.app.accounts.login("ann@example.com", "correct horse battery", Ipv4Addr::LOCALHOST.into()).await.expect("signed in");
    assert_eq!(app.rest(&ann.jwt, "POST", "/api/v1/auth/logout-everywhere", Some(json!({}))).await.0, 204);
    for token in [&ann.jwt, &other.tokens.access_token] {
        assert_eq!(app.rest(token, "GET", "/api/v1/auth/me", None).await.0, 401);
    }
    assert!(app.app.accounts.refresh(&other.tokens.refresh_token).await.is_err());
    assert_eq!(app.rest(&bob.jwt, "GET", "/api/v1/auth/me", None).await.0, 200, "another person stays signed in");
    assert_eq!(app.rest(&ann.api_key, "GET", "/api/v1/auth/me", None).await.0, 200, "keys are revoked one by one");
}

const ADMIN: [(&str, &str); 5] = [
    ("GET", "/api/v1/admin/overview"),
    ("GET", "/api/v1/admin/users"),
    ("GET", "/api/v1/admin/jobs"),
    ("POST", "/api/v1/admin/jobs/revive"),
    ("GET", "/api/v1/admin/audit"),
];

#[tokio::test(flavor = "multi_thread")]
async fn only_operators_see_the_service_and_they_see_no_memory() {
    let app = TestApp::start().await;
    let (ann, keeper) = (app.person("ann").await, app.person("keeper").await);
    app.add(&ann, "Ann's secret garden").await;
    for (method, path) in ADMIN {
        for token in [&ann.jwt, &ann.api_key, &keeper.jwt] {
            assert_eq!(app.rest(token, method, path, None).await.0, 403, "{method} {path}");
        }
        assert_eq!(app.rest("no-token", method, path, None).await.0, 401, "{method} {path}");
    }
    let member = &keeper.member;
    app.app.operator.set_role(member.user, member.tenant, Role::Operator).await.expect("given");
    let mut seen = String::new();
    for (method, path) in ADMIN {
        assert_eq!(app.rest(&keeper.api_key, method, path, None).await.0, 403, "no key opens {path}");
        let (status, answer) = app.rest(&keeper.jwt, method, path, None).await;
        assert_eq!(status, 200, "{method} {path}: {answer}");
        seen += &answer.to_string();
    }
    assert!(!seen.contains("secret garden"), "counts and ids only");
    let (_, users) = app.rest(&keeper.jwt, "GET", "/api/v1/admin/users?limit=1", None).await;
    assert_eq!((&users["total"], users["users"].as_array().map(Vec::len)), (&json!(2), Some(1)));
    let next = users["next_cursor"].as_str().expect("another part");
    let (_, rest) = app.rest(&keeper.jwt, "GET", &format!("/api/v1/admin/users?cursor={next}"), None).await;
    assert_eq!((&rest["users"][0]["email"], &rest["users"][0]["memories"]), (&json!("ann@example.com"), &json!(1)));
    for (person, operator) in [(&keeper, true), (&ann, false)] {
        assert_eq!(app.rest(&person.jwt, "GET", "/api/v1/auth/me", None).await.1["operator"], operator);
    }

    app.app.operator.set_role(member.user, member.tenant, Role::Owner).await.expect("taken");
    assert_eq!(app.rest(&keeper.jwt, "GET", "/api/v1/admin/users", None).await.0, 403, "at once");
}

#[tokio::test(flavor = "multi_thread")]
async fn activity_counts_by_day_operation_and_app() {
    let app = TestApp::start().await;
    let (ann, bob) = (app.person("ann").await, app.person("bob").await);
    let id = app.add(&ann, "Ann plays the cello").await;
    app.add(&ann, "Ann lives in Oslo").await;
    app.add(&bob, "Bob's workshop").await;
    app.rest(&ann.jwt, "PUT", &format!("/api/v1/memories/{id}"), Some(json!({ "memory_content": "Ann plays the viola" }))).await;
    app.tool(&ann, "search_memory", json!({ "query": "viola", "limit": 1 })).await;
    app.app.flush().await;
    let (status, activity) = app.rest(&ann.jwt, "GET", "/api/v1/stats/activity?days=2", None).await;
    assert_eq!(status, 200, "{activity}");
    let count = |operation: &str, name: &str| {
        let days = activity["activity"].as_array().expect("a list").iter();
        days.filter(|d| d["operation"] == operation && d["app"] == name).map(|d| d["count"].as_i64().expect("a count")).sum::<i64>()
    };
    assert_eq!([count("created", "test"), count("updated", "web"), count("search", "test")], [2, 1, 1], "{activity}");
    assert_eq!(activity["types"], json!([{ "memory_type": "semantic", "count": 2 }]));
    assert_eq!(app.rest(&ann.jwt, "GET", "/api/v1/stats/activity?days=0", None).await.0, 422);
}

both! {
    async fn what_another_node_wrote_is_told_too(db: TestDb) {
        // Two services over one database: neither can nudge the other.
        let dir = tempfile::tempdir().expect("a directory");
        let key = "ab".repeat(32);
        let settings = [
            ("JM_DATA_DIR", dir.path().to_str().expect("utf-8")),
            ("EMBEDDER_PROVIDER", "hash"),
            ("JM__GATE__JUNK", "false"),
            ("DATABASE_URL", db.url.as_str()),
            ("JM_SECRET_KEY", key.as_str()),
        ];
        let node = async || {
            let env = settings.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned()));
            App::build(Config::load(None, env).expect("valid settings")).await.expect("the app is built")
        };
        let (here, there) = (node().await, node().await);
        let email = format!("{}@example.com", uuid::Uuid::new_v4());
        let token = here.accounts.register(&email, "correct horse battery", Ipv4Addr::LOCALHOST.into()).await.expect("registered").tokens.access_token;
        let by = here.authenticator.bearer_for_rest(&token).await.expect("it opens");
        let mut watching = here.live.watch(by.clone(), None, 0).await.expect("a place");
        let text = jonathans_memory::memory::NewMemory::of("written on the other node");
        let added = there.memories.writer.add(&by, vec![text], jonathans_memory::memory::AddOptions::default()).await.expect("stored");
        let told = loop {
            let batch = watching.next().await.expect("read");
            if let Some(event) = batch.events.into_iter().next() {
                break event;
            }
        };
        assert!(matches!(&told, jonathans_memory::live::Event::Memory(change) if Some(change.memory) == added[0].id), "{told:?}");
        here.db.close().await;
        there.db.close().await;
    }
}
