//! Answers that nobody reads: they cost the one who does not read them, and no more than a certain amount of memory.

use std::time::Duration;

use futures::StreamExt;
use serde_json::{Value, json};
use tokio::{io::AsyncWriteExt, net::TcpSocket};

use crate::support::{
    patience,
    process::{Served, call_tool, jmem, json_of},
};

const MIB: f64 = 1024.0 * 1024.0;

/// A person of this server: the path of an endpoint's stream, and the URL of its other transport.
fn person(dir: &std::path::Path, name: &str) -> String {
    let email = format!("{name}@example.com");
    json_of(jmem(dir).args(["user", "create", &email, "--json"]));
    let made = json_of(jmem(dir).args(["endpoint", "create", "--user", &email, "--client", "test", "--json"]));
    made["secret"].as_str().expect("a secret").to_owned()
}

/// How many memories there are.
const MEMORIES: usize = 96;

/// Memories whose list is some 6 MB in one answer: more than a socket's buffer takes, which is 4 MB on Linux.
async fn fill(client: &reqwest::Client, url: &str) {
    for n in 0..MEMORIES {
        // Words of its own, so that no two are alike.
        let text = (0..3_600).map(|at| format!("zq{n}x{} ", at % 700)).collect::<Vec<_>>().concat();
        call_tool(client, url, "add_memories", json!({ "text": text.trim() })).await.expect("stored");
    }
}

fn call(id: usize, method: &str, params: &Value) -> Value {
    json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params })
}

fn hello() -> Value {
    call(0, "initialize", &json!({ "protocolVersion": "2024-11-05", "capabilities": {}, "clientInfo": { "name": "t", "version": "0" } }))
}

fn list(id: usize) -> Value {
    call(id, "tools/call", &json!({ "name": "list_memories", "arguments": { "limit": 100, "detail": "full" } }))
}

/// A legacy stream: the address to send to, and what comes.
async fn open(client: &reqwest::Client, base: &str, secret: &str) -> (String, impl futures::Stream<Item = Vec<u8>> + Unpin + use<>) {
    let opened = client.get(format!("{base}/mcp/test/sse/{secret}")).header("accept", "text/event-stream").send().await.expect("an answer");
    assert_eq!(opened.status().as_u16(), 200);
    let mut pieces = Box::pin(opened.bytes_stream().filter_map(async |piece| Some(piece.ok()?.to_vec())));
    let first = String::from_utf8(pieces.next().await.expect("an event")).expect("text");
    let address = first.lines().find_map(|line| line.strip_prefix("data: ")).expect("the address");
    (format!("{base}{address}"), pieces)
}

async fn send(client: &reqwest::Client, address: &str, message: &Value) -> u16 {
    client.post(address).json(message).send().await.expect("an answer").status().as_u16()
}

/// Reads until an answer with this id has come whole.
async fn heard(pieces: &mut (impl futures::Stream<Item = Vec<u8>> + Unpin), id: usize) -> Value {
    let mut read = Vec::new();
    let reading = async {
        loop {
            read.extend(pieces.next().await.expect("the stream goes on"));
            while let Some(end) = read.windows(2).position(|pair| pair == b"\n\n") {
                let event: Vec<u8> = read.drain(..end + 2).collect();
                let event = String::from_utf8(event).expect("text");
                let data = event.lines().find_map(|line| line.strip_prefix("data: "));
                let message: Option<Value> = data.map(|data| serde_json::from_str(data).expect("JSON"));
                if let Some(message) = message.filter(|message| message["id"] == id) {
                    return message;
                }
            }
        }
    };
    tokio::time::timeout(patience(Duration::from_secs(10)), reading).await.expect("in time")
}

#[tokio::test(flavor = "multi_thread")]
async fn streams_that_nobody_reads_cost_little_and_others_go_on() {
    let dir = tempfile::tempdir().expect("a directory");
    let (greedy, other) = (person(dir.path(), "greedy"), person(dir.path(), "other"));
    let served = Served::start(jmem(dir.path()).env("JM__LIMITS__UNREAD_MIB", "32"));
    let client = reqwest::Client::new();
    for secret in [&greedy, &other] {
        fill(&client, &format!("{}/mcp/test/http/{secret}", served.base)).await;
    }
    let (of_other, mut read) = open(&client, &served.base, &other).await;
    assert_eq!(send(&client, &of_other, &hello()).await, 202);
    heard(&mut read, 0).await;
    let (idle, mut streams) = (served.memory("VmRSS"), Vec::new());
    for _ in 0..12 {
        let (address, unread) = open(&client, &served.base, &greedy).await;
        assert_eq!(send(&client, &address, &hello()).await, 202);
        streams.push((address, unread));
    }
    let mut dropped = 0;
    for id in 1..=8 {
        for (address, _) in &streams {
            dropped += usize::from(send(&client, address, &list(id)).await == 404);
        }
        let waiting = served.figure(&client, "mcp_waiting_bytes").await;
        assert!(waiting <= 8.0 * MIB, "{waiting} bytes wait of one person");
    }
    assert!(dropped > 0, "nobody was dropped: the sockets took all of it");
    // Large answers of another person arrive whole meanwhile.
    for id in 1..=3 {
        assert_eq!(send(&client, &of_other, &list(id)).await, 202);
        let listed = heard(&mut read, id).await;
        assert!(listed["result"]["structuredContent"]["memories"].as_array().is_some_and(|all| all.len() == MEMORIES), "{listed:.300}");
    }
    // The calls themselves take memory while they run, eight or more at a time.
    let grown = served.memory("VmHWM") - idle;
    assert!(grown < 200, "{grown} MiB more than before");
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_that_nobody_takes_end_with_their_connections() {
    let dir = tempfile::tempdir().expect("a directory");
    let secret = person(dir.path(), "greedy");
    let served = Served::start(jmem(dir.path()).env("JM__LIMITS__UNREAD_MIB", "8"));
    let client = reqwest::Client::new();
    fill(&client, &format!("{}/mcp/test/http/{secret}", served.base)).await;
    let body = list(1).to_string();
    let request = format!(
        "POST /mcp/test/http/{secret} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\naccept: application/json, \
         text/event-stream\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    let (idle, mut held) = (served.memory("VmRSS"), Vec::new());
    for _ in 0..16 {
        let socket = TcpSocket::new_v4().expect("a socket");
        socket.set_recv_buffer_size(4_096).expect("a small one");
        let mut tcp = socket.connect(served.base.trim_start_matches("http://").parse().expect("an address")).await.expect("connected");
        tcp.write_all(request.as_bytes()).await.expect("sent");
        held.push(tcp);
    }
    crate::support::eventually("connections that take nothing are ended", async || {
        served.figure(&client, "connections_ended_total{reason=\"hoards\"}").await > 0.0
    })
    .await;
    let grown = served.memory("VmHWM") - idle;
    assert!(grown < 300, "{grown} MiB more than before, for {} answers", held.len());
}
