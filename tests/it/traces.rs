//! Spans in a collector: they join the caller's trace, hang together, tell nothing that is not on the list, and a collector
//! that is away changes nothing.

use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::support::{
    otlp::{OtlpDouble, text_of},
    patience,
    process::{Served, jmem, json_of},
    qdrant::QdrantDouble,
};

/// All that a span may say. Whoever adds a word here decides that every operator of a collector may read it.
const ATTRIBUTES: [&str; 9] =
    ["db.system.name", "http.request.method", "http.response.status_code", "http.route", "level", "model", "request_id", "texts", "write"];

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
const PARENT: &str = "b7ad6b7169203331";

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn spans_join_the_callers_trace_and_tell_no_more_than_they_may() {
    let dir = tempfile::tempdir().expect("a directory");
    let (collector, index) = (OtlpDouble::start().await, QdrantDouble::start().await);
    json_of(jmem(dir.path()).args(["user", "create", "traced@example.com", "--json"]));
    let made = json_of(jmem(dir.path()).args(["endpoint", "create", "--user", "traced@example.com", "--client", "test", "--json"]));
    let secret = made["secret"].as_str().expect("a secret").to_owned();
    let mut command = jmem(dir.path());
    command.env("OTEL_EXPORTER_OTLP_ENDPOINT", &collector.url).env("INDEX_PROVIDER", "qdrant").env("QDRANT_URL", &index.url);
    let mut served = Served::start(command.env("JM_LOG", "off"));
    let client = reqwest::Client::new();
    let url = format!("{}/mcp/test/http/{secret}?utm=sidecar", served.base);
    let (said, asked, state) = ("the otter of Zanzibar sings", "who hums in Madagascar", "vendor=lemur");
    for (tool, arguments) in [("add_memories", json!({ "text": said })), ("search_memory", json!({ "query": asked }))] {
        let call = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": { "name": tool, "arguments": arguments } });
        let request = client.post(&url).header("accept", "application/json, text/event-stream").json(&call);
        let request = request.header("traceparent", format!("00-{TRACE}-{PARENT}-01")).header("tracestate", state);
        let answer: Value = request.send().await.expect("an answer").json().await.expect("JSON");
        assert_ne!(answer["result"]["isError"], json!(true), "{answer}");
    }
    client.get(format!("{}/nothing/{secret}", served.base)).send().await.expect("an answer");
    assert!(served.terminate().success());

    // What was waiting to be sent left before the end.
    let spans = collector.spans();
    let names: BTreeSet<_> = spans.iter().map(|span| span.name.as_str()).collect();
    let route = "POST /mcp/{client}/http/{credential}";
    for name in [route, "tools/call add_memories", "tools/call search_memory", "sql", "embed", "qdrant", "GET unmatched"] {
        assert!(names.contains(name), "no span '{name}' among {names:?}");
    }
    let requests: Vec<_> = spans.iter().filter(|span| span.name == route).collect();
    assert_eq!(requests.len(), 2);
    for request in &requests {
        assert_eq!((hex(&request.trace_id).as_str(), hex(&request.parent_span_id).as_str()), (TRACE, PARENT));
        assert_eq!(text_of(&request.attributes, "http.route").as_deref(), route.strip_prefix("POST "));
    }
    for (name, parent) in [("tools/call search_memory", route), ("qdrant", "tools/call search_memory")] {
        let child = spans.iter().find(|span| span.name == name).expect("found above");
        let above = spans.iter().find(|span| span.span_id == child.parent_span_id).map(|span| span.name.as_str());
        assert_eq!((hex(&child.trace_id).as_str(), above), (TRACE, Some(parent)), "{name}");
    }
    // Work that goes on all the time makes no trace of its own.
    assert!(spans.iter().all(|span| !span.parent_span_id.is_empty() || span.name.contains(' ')), "{names:?}");
    assert!(spans.iter().all(|span| span.events.is_empty() && span.trace_state.is_empty()));
    let keys = spans.iter().flat_map(|span| &span.attributes).map(|pair| pair.key.as_str());
    let unlisted: BTreeSet<_> = keys.filter(|key| !ATTRIBUTES.contains(key)).collect();
    assert!(unlisted.is_empty(), "{unlisted:?}");
    assert!(collector.services().iter().all(|name| name == "jonathans-memory"));
    for private in [secret.as_str(), &secret[4..20], "traced@example.com", "otter", "Madagascar", "sidecar", "lemur"] {
        assert!(!collector.text().contains(private), "the spans tell {private}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_collector_that_never_answers_delays_nobody() {
    let dir = tempfile::tempdir().expect("a directory");
    // It is connected to, and says nothing.
    let silent = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let url = format!("http://{}", silent.local_addr().expect("an address"));
    let mut served = Served::start(jmem(dir.path()).env("OTEL_EXPORTER_OTLP_ENDPOINT", url).env("OTEL_BSP_SCHEDULE_DELAY", "50"));
    let client = reqwest::Client::new();
    let mut slowest = Duration::ZERO;
    // More than the batches hold.
    for _ in 0..3_000 {
        let start = Instant::now();
        assert!(client.get(format!("{}/health/live", served.base)).send().await.expect("an answer").status().is_success());
        slowest = slowest.max(start.elapsed());
    }
    assert!(slowest < patience(Duration::from_secs(1)), "{slowest:?}");
    let (_connection, _) = silent.accept().await.expect("the exporter came");
    let start = Instant::now();
    let status = tokio::task::spawn_blocking(move || served.terminate()).await.expect("no panic");
    assert!(status.success() && start.elapsed() < patience(Duration::from_secs(10)), "{status} after {:?}", start.elapsed());
}
