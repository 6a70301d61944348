//! Postgres goes away under load and comes back: refused, or silent. While it is away, what needs it is told so within a
//! second; once it is back, everything is as before without a restart, and no acknowledged write is missing.
//! `OUTAGE_SECS` sets how long it is away; the default keeps the suite short.

use std::{
    collections::HashSet,
    str::FromStr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use axum::body::Bytes;
use futures::{Stream, StreamExt};
use jonathans_memory::adapters::sql::Engine;
use serde_json::{Value, json};
use sqlx::{ConnectOptions, postgres::PgConnectOptions};

use crate::support::{
    db, eventually, patience,
    process::{Served, call_tool, jmem, json_of},
    proxy::{Proxy, Way},
};

/// In which a request that needs the database is refused.
const REFUSED_WITHIN: Duration = Duration::from_secs(1);
/// In which the server is not ready any more.
const NOT_READY_WITHIN: Duration = Duration::from_secs(5);
/// In which everything is as before.
const NORMAL_WITHIN: Duration = Duration::from_secs(10);
/// Connections of the server: those of the pool, the watcher's, and that on which writes are proven.
const CONNECTIONS: usize = 4 + 1 + 1;

#[test]
fn postgres_refuses_for_a_while() {
    db::run(Engine::Postgres, async |db| outage(&db.url, Way::Refused).await);
}

#[test]
fn postgres_is_silent_for_a_while() {
    db::run(Engine::Postgres, async |db| outage(&db.url, Way::Silent).await);
}

/// What the clients saw.
#[derive(Default)]
struct Ledger {
    /// Acknowledged adds: id and the word that only this text has.
    there: Vec<(String, String)>,
    refused: usize,
    slowest_refusal: Duration,
}

#[derive(Clone)]
struct Client {
    http: reqwest::Client,
    base: String,
    key: String,
}

impl Client {
    /// One REST call: the answer of a server whose database is there, or `None` and how long it took to be refused.
    async fn rest(&self, method: &str, path: &str, body: Option<Value>) -> Result<Value, Duration> {
        let start = Instant::now();
        let mut request = self.http.request(method.parse().expect("a method"), format!("{}{path}", self.base)).bearer_auth(&self.key);
        if let Some(body) = body {
            request = request.json(&body);
        }
        let response = request.send().await.expect("an answer");
        let took = start.elapsed();
        if response.status().is_success() {
            return Ok(response.json().await.expect("JSON"));
        }
        assert_eq!(response.status().as_u16(), 503, "{method} {path}");
        assert_eq!(response.headers()["content-type"], "application/problem+json");
        let wait: u64 = response.headers()["retry-after"].to_str().expect("text").parse().expect("seconds");
        assert!(wait <= 5, "{wait}");
        let problem: Value = response.json().await.expect("JSON");
        assert_eq!((&problem["code"], &problem["retryable"]), (&json!("unavailable"), &json!(true)), "{problem}");
        Err(took)
    }

    async fn add(&self, text: &str) -> Result<Value, Duration> {
        self.rest("POST", "/api/v1/memories/", Some(json!({ "text": text }))).await
    }

    async fn probe(&self, path: &str) -> u16 {
        self.http.get(format!("{}/health/{path}", self.base)).send().await.expect("an answer").status().as_u16()
    }
}

async fn outage(database: &str, way: Way) {
    let length = Duration::from_secs(std::env::var("OUTAGE_SECS").ok().and_then(|n| n.parse().ok()).unwrap_or(6));
    let options = PgConnectOptions::from_str(database).expect("a URL");
    let proxy = Proxy::to(format!("{}:{}", options.get_host(), options.get_port())).await;
    let through = options.clone().host("127.0.0.1").port(proxy.address.port()).to_url_lossy().to_string();
    let dir = tempfile::tempdir().expect("a directory");
    let direct = || {
        let mut command = jmem(dir.path());
        command.env("DATABASE_URL", database);
        command
    };
    json_of(direct().args(["user", "create", "away@example.com", "--json"]));
    let made = json_of(direct().args(["endpoint", "create", "--user", "away@example.com", "--client", "test", "--json"]));
    let secret = made["secret"].as_str().expect("a secret").to_owned();
    let made = json_of(direct().args(["key", "create", "--user", "away@example.com", "--json"]));
    // No inline embedding: every add leaves a job, so that the job runner has work when the database goes.
    let mut command = jmem(dir.path());
    command.env("DATABASE_URL", through).env("JM__DATABASE__MAX_CONNECTIONS", "4").env("JM__EMBEDDER__INLINE_LIMIT", "0");
    let mut served = Served::start(command.env("JM_LOG", "off"));
    let key = made["api_key"].as_str().expect("a key").to_owned();
    let client = Client { http: reqwest::Client::new(), base: served.base.clone(), key };

    let sse = format!("{}/mcp/test/sse/{secret}", served.base);
    let opened = client.http.get(&sse).header("accept", "text/event-stream").send().await.expect("an answer");
    let mut stream = opened.bytes_stream();
    let first = String::from_utf8(stream.next().await.expect("an event").expect("bytes").to_vec()).expect("text");
    let address = first.lines().find_map(|line| line.strip_prefix("data: ")).expect("an address").to_owned();

    let ledger = Arc::new(Mutex::new(Ledger::default()));
    let stop = Arc::new(AtomicBool::new(false));
    // More than the pool has connections: some wait for one when the database goes.
    let writers: Vec<_> = (0..8).map(|n| tokio::spawn(write(client.clone(), ledger.clone(), stop.clone(), n))).collect();
    let acknowledged = || ledger.lock().expect("no panic").there.len();
    eventually("writes are acknowledged", async || acknowledged() > 100).await;

    proxy.set(way);
    let gone = Instant::now();
    while client.probe("ready").await != 503 {
        assert!(gone.elapsed() < patience(NOT_READY_WITHIN), "ready without a database");
    }
    let not_ready = gone.elapsed();
    let mcp = format!("{}/mcp/test/http/{secret}", served.base);
    let call = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": { "name": "list_memories", "arguments": {} } });
    while gone.elapsed() < length {
        assert_eq!((client.probe("live").await, client.probe("ready").await), (200, 503));
        for (method, path, body) in [
            ("GET", "/api/v1/memories/", None),
            ("POST", "/api/v1/memories/search", Some(json!({ "query": "word" }))),
            ("GET", "/api/v1/stats", None),
        ] {
            let took = client.rest(method, path, body).await.expect_err("there is no database");
            assert!(took < patience(REFUSED_WITHIN), "{method} {path}: refused after {took:?}");
        }
        let start = Instant::now();
        let response = client.http.post(&mcp).header("accept", "application/json, text/event-stream").json(&call).send().await;
        let (response, took) = (response.expect("an answer"), start.elapsed());
        let (status, told) = (response.status().as_u16(), response.headers().contains_key("retry-after"));
        // A credential that was seen a moment ago opens the door, and the tool says what is wrong.
        let answer: Value = response.json().await.expect("JSON");
        assert!(status == 503 && told || status == 200 && answer["result"]["isError"] == json!(true), "{status} {answer}");
        assert!(took < patience(REFUSED_WITHIN), "a tool call was refused after {took:?}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }

    proxy.set(Way::Open);
    let back = Instant::now();
    while client.probe("ready").await != 200 || client.add("the zeppelin is back").await.is_err() {
        assert!(back.elapsed() < patience(NORMAL_WITHIN), "not as before after {NORMAL_WITHIN:?}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let normal = back.elapsed();
    let (refused, slowest) = {
        let ledger = ledger.lock().expect("no panic");
        (ledger.refused, ledger.slowest_refusal)
    };
    assert!(refused > 8 && slowest < patience(REFUSED_WITHIN), "{refused} writes were refused, the slowest after {slowest:?}");
    let so_far = acknowledged();
    eventually("writes are acknowledged again", async || acknowledged() > so_far + 100).await;
    stop.store(true, Ordering::SeqCst);
    for writer in writers {
        writer.await.expect("a writer does not panic");
    }
    assert_eq!(ledger.lock().expect("no panic").refused, refused, "nothing is refused any more");

    still_answers(&client, &address, stream).await;

    let ledger = std::mem::take(&mut *ledger.lock().expect("no panic"));
    let listed = all(&client).await;
    let lost: Vec<_> = ledger.there.iter().filter(|(id, _)| !listed.contains(id)).collect();
    assert!(lost.is_empty(), "{} of {} acknowledged adds are lost", lost.len(), ledger.there.len());
    eventually("every job is done", async || {
        let report = json_of(direct().args(["doctor", "--json"]));
        assert!(report["jobs"]["dead"].is_null(), "{report}");
        report["jobs"].as_object().expect("an object").is_empty()
    })
    .await;
    let (id, word) = &ledger.there[ledger.there.len() / 2];
    let found = call_tool(&client.http, &mcp, "search_memory", json!({ "query": word, "limit": 1 })).await.expect("an answer");
    assert_eq!(found["structuredContent"]["results"][0]["id"], json!(id));
    eventually("no connection is left over", async || proxy.open() <= CONNECTIONS).await;
    assert!(served.terminate().success());
    println!(
        "{way:?} for {length:?}: not ready after {not_ready:?}, {refused} writes refused, the slowest after {slowest:?}; as before \
         {normal:?} after the return, {} acknowledged adds there",
        ledger.there.len()
    );
}

/// The stream that was open all the time answers.
async fn still_answers(client: &Client, address: &str, mut stream: impl Stream<Item = reqwest::Result<Bytes>> + Unpin) {
    let hello = json!({ "jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {
        "protocolVersion": "2024-11-05", "capabilities": {}, "clientInfo": { "name": "test", "version": "1" } } });
    let sent = client.http.post(format!("{}{address}", client.base)).json(&hello).send().await.expect("an answer");
    assert_eq!(sent.status().as_u16(), 202);
    let mut heard = String::new();
    while !heard.contains("serverInfo") {
        let event = tokio::time::timeout(REFUSED_WITHIN * 10, stream.next()).await.expect("in time");
        heard.push_str(&String::from_utf8_lossy(&event.expect("the stream goes on").expect("bytes")));
    }
}

async fn write(client: Client, ledger: Arc<Mutex<Ledger>>, stop: Arc<AtomicBool>, n: usize) {
    for turn in 0.. {
        if stop.load(Ordering::SeqCst) {
            return;
        }
        let word = format!("zq{n}x{turn}");
        let added = client.add(&format!("the {word} was noted")).await;
        let wait = {
            let mut ledger = ledger.lock().expect("no panic");
            match added {
                Ok(added) => {
                    ledger.there.push((added["id"].as_str().expect("an id").to_owned(), word));
                    Duration::from_millis(5)
                }
                Err(took) => {
                    ledger.refused += 1;
                    ledger.slowest_refusal = ledger.slowest_refusal.max(took);
                    Duration::from_millis(100)
                }
            }
        };
        // Writers that never rest would measure how full two cores are.
        tokio::time::sleep(wait).await;
    }
}

async fn all(client: &Client) -> HashSet<String> {
    let mut ids = HashSet::new();
    for page in 1.. {
        let answer = client.rest("GET", &format!("/api/v1/memories/?size=100&page={page}"), None).await.expect("the database is there");
        let items = answer["items"].as_array().expect("a list");
        if items.is_empty() {
            break;
        }
        ids.extend(items.iter().map(|memory| memory["id"].as_str().expect("an id").to_owned()));
    }
    ids
}
