//! Messages of MCP that went wrong at random, on each transport: none stops a server, and whoever waits for an answer gets one.
//! `FUZZ` says how many a transport; a run of 100,000 each is `FUZZ=100000 cargo test --test it fuzz`.

use std::{
    io::{BufRead, BufReader, Write},
    process::Stdio,
    sync::mpsc,
};

use serde_json::{Value, json};

use crate::{
    mcp::{LONG, Stream, initialised},
    support::{app::TestApp, patience, process::jmem},
};

fn rounds() -> usize {
    std::env::var("FUZZ").map_or(600, |rounds| rounds.parse().expect("FUZZ is a number"))
}

/// `SplitMix64` (Steele, Lea and Flood 2014).
struct Lot(u64);

impl Lot {
    fn draw(&mut self, below: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) % below as u64).expect("below a usize")
    }

    fn one<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.draw(of.len())]
    }
}

fn seeds() -> Vec<Value> {
    let call = |name: &str, arguments: Value| json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": { "name": name, "arguments": arguments } });
    let of = |method: &str, params: Value| json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params });
    vec![
        of("initialize", json!({ "protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": { "name": "t", "version": "0" } })),
        of("ping", json!({})),
        of("tools/list", json!({ "cursor": "x" })),
        of("prompts/get", json!({ "name": "memory_context", "arguments": { "query": "tea" } })),
        of("resources/read", json!({ "uri": "memory://context" })),
        of("logging/setLevel", json!({ "level": "info" })),
        json!({ "jsonrpc": "2.0", "method": "notifications/cancelled", "params": { "requestId": 1, "reason": "late" } }),
        json!({ "jsonrpc": "2.0", "id": 1, "result": {} }),
        call(
            "add_memories",
            json!({ "text": "I take tea at five", "tags": ["tea"], "occurred_at": "2024-05-01", "metadata": { "a": [1] }, "position": 3 }),
        ),
        call("search_memory", json!({ "query": "when do I take tea?", "limit": 3, "threshold": 0.1, "from": "2024", "to": "2025-01-01" })),
        call("list_memories", json!({ "limit": 2, "cursor": "AAAA", "state": "held" })),
        call("memory_feedback", json!({ "memory_id": "01890a5d-ac96-774b-bcce-b302099a8057", "feedback": "POSITIVE" })),
        call("delete_memories", json!({ "memory_ids": ["01890a5d-ac96-774b-bcce-b302099a8057"] })),
    ]
}

/// One place in a value is changed.
fn bent(value: &mut Value, lot: &mut Lot) {
    let inner = match value {
        Value::Object(fields) if !fields.is_empty() && lot.draw(4) > 0 => {
            let name = fields.keys().nth(lot.draw(fields.len())).cloned().expect("a field");
            match lot.draw(8) {
                0 => drop(fields.remove(&name)),
                1 => {
                    let taken = fields.remove(&name).unwrap_or_default();
                    fields.insert(name.to_uppercase(), taken);
                }
                _ => bent(fields.get_mut(&name).expect("a field"), lot),
            }
            return;
        }
        Value::Array(entries) if !entries.is_empty() && lot.draw(3) > 0 => {
            let at = lot.draw(entries.len());
            &mut entries[at]
        }
        other => other,
    };
    *inner = match lot.draw(14) {
        0 => Value::Null,
        1 => json!(i64::MIN),
        2 => json!(1e308),
        3 => json!(u64::MAX),
        4 => json!(""),
        5 => json!(" \u{0}\u{200b}\u{e0041}\u{fffd}"),
        6 => json!("x".repeat(lot.draw(70_000))),
        7 => json!([inner.take()]),
        8 => json!({ "a": inner.take() }),
        9 => json!(inner.to_string()),
        10 => json!(-0.5),
        11 => (0..lot.draw(200)).fold(Value::Null, |inner, _| json!([inner])),
        12 => json!("ﬁ𝔗̈ เมื่อวาน 昨日 🏳️‍🌈"),
        _ => json!(false),
    };
}

/// A message that went wrong, and its id where anybody would read one.
fn message(lot: &mut Lot, seeds: &[Value], id: usize) -> Vec<u8> {
    let mut value = lot.one(seeds).clone();
    if value.get("id").is_some() {
        value["id"] = json!(id);
    }
    for _ in 0..lot.draw(4) {
        bent(&mut value, lot);
    }
    let mut bytes = value.to_string().into_bytes();
    for _ in 0..lot.draw(8).saturating_sub(5) {
        let at = lot.draw(bytes.len().max(1));
        match lot.draw(4) {
            0 => bytes.truncate(at),
            1 if at < bytes.len() => bytes[at] ^= 1 << lot.draw(8),
            2 => bytes
                .splice(at..at, lot.one(&[&b"\\ud83d"[..], b"\"", b"{", b"\xff", b"\\u0000", b"1e999", b","]).iter().copied())
                .for_each(drop),
            _ => bytes.extend_from_within(at.min(bytes.len())..),
        }
    }
    bytes
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_that_is_posted_stops_the_server() {
    let app = TestApp::start().await;
    let ann = app.person("ann").await;
    let (mut lot, seeds) = (Lot(1), seeds());
    let url = format!("{}/mcp/test/http/{}", app.base, ann.endpoint);
    for id in 0..rounds() {
        let body = message(&mut lot, &seeds, id);
        let request =
            app.http.post(&url).header("content-type", "application/json").header("accept", "application/json, text/event-stream");
        let answer = request.body(body.clone()).send().await.expect("an answer");
        let (status, text) = (answer.status().as_u16(), answer.text().await.expect("text"));
        let sent = String::from_utf8_lossy(&body);
        assert!(status < 500 && !text.contains("-32603"), "{sent:.500}: {status} {text:.500}");
        // Whoever asks in the form of the protocol is answered in it.
        let asked: Option<Value> =
            serde_json::from_slice(&body).ok().filter(|sent: &Value| sent["id"] == json!(id) && sent["method"].is_string());
        assert!(asked.is_none() || text.contains(&format!("\"id\":{id}")), "{sent:.500}: {status} {text:.500}");
    }
    app.add(&ann, "it goes on").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_that_is_sent_to_a_stream_stops_it() {
    let app = TestApp::start().await;
    let ann = app.person("ann").await;
    let (mut lot, seeds) = (Lot(2), seeds());
    let (mut stream, mut address) = initialised(&app, &ann).await;
    for id in 0..rounds() {
        let body = message(&mut lot, &seeds, id);
        let sent = async |body: Vec<u8>, address: &str| {
            let request = app.http.post(format!("{}{address}", app.base)).header("content-type", "application/json");
            request.body(body).send().await.expect("an answer").status().as_u16()
        };
        let status = sent(body.clone(), &address).await;
        assert!(status < 500, "{}: {status}", String::from_utf8_lossy(&body));
        let ping = json!({ "jsonrpc": "2.0", "id": format!("ping {id}"), "method": "ping" }).to_string().into_bytes();
        if sent(ping, &address).await == 202 && heard(&mut stream, &format!("ping {id}")).await {
            continue;
        }
        // A message may end its own stream; the next one opens.
        (stream, address) = initialised(&app, &ann).await;
    }
    app.add(&ann, "it goes on").await;
}

/// Whether the answer of this id comes before the stream ends.
async fn heard(stream: &mut Stream, id: &str) -> bool {
    while let Some(event) = stream.event(LONG).await {
        assert!(!event.contains("-32603"), "{event:.500}");
        if event.contains(id) {
            return true;
        }
    }
    false
}

#[test]
fn nothing_on_standard_input_stops_the_program() {
    let dir = tempfile::tempdir().expect("a directory");
    let mut child = jmem(dir.path()).arg("stdio").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("the program starts");
    let mut input = child.stdin.take().expect("piped");
    let (tell, told) = mpsc::channel();
    let lines = BufReader::new(child.stdout.take().expect("piped")).lines();
    std::thread::spawn(move || lines.map_while(Result::ok).for_each(|line| drop(tell.send(line))));
    let (mut lot, seeds) = (Lot(3), seeds());
    let hello = seeds[0].to_string();
    writeln!(input, "{hello}").expect("written");
    for id in 0..rounds() {
        let mut body = message(&mut lot, &seeds, id);
        body.retain(|byte| *byte != b'\n');
        body.push(b'\n');
        input.write_all(&body).unwrap_or_else(|error| panic!("{error} at {}", String::from_utf8_lossy(&body)));
        writeln!(input, "{}", json!({ "jsonrpc": "2.0", "id": format!("ping {id}"), "method": "ping" })).expect("written");
        loop {
            let line = told.recv_timeout(patience(LONG)).unwrap_or_else(|_| panic!("no answer after {}", String::from_utf8_lossy(&body)));
            assert!(!line.contains("-32603"), "{line:.500}");
            if line.contains(&format!("ping {id}")) {
                break;
            }
        }
    }
    drop(input);
    assert!(child.wait().expect("it ends").success());
}
