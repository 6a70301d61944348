//! SIGTERM with hundreds of open streams and writes under way: a clean end in time, and nothing lost of what was
//! acknowledged.

use std::{
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use futures::{StreamExt, future::join_all};
use serde_json::json;

use crate::support::{
    patience,
    process::{Served, call_tool, jmem, json_of},
};

const STREAMS: usize = 500;
const WRITERS: usize = 50;

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_ends_streams_and_loses_nothing() {
    let dir = tempfile::tempdir().expect("a directory");
    json_of(jmem(dir.path()).args(["user", "create", "stop@example.com", "--json"]));
    let endpoint = json_of(jmem(dir.path()).args(["endpoint", "create", "--user", "stop@example.com", "--client", "test", "--json"]));
    let secret = endpoint["secret"].as_str().expect("a secret").to_owned();
    let mut served = Served::start(jmem(dir.path()).env("JM__LIMITS__STREAMS_PER_USER", STREAMS.to_string()));
    let client = reqwest::Client::new();

    let sse = format!("{}/mcp/test/sse/{secret}", served.base);
    let mut streams = Vec::new();
    for _ in 0..STREAMS {
        let opened = client.get(&sse).header("accept", "text/event-stream").send().await.expect("an answer");
        assert_eq!(opened.status().as_u16(), 200);
        let mut events = opened.bytes_stream();
        events.next().await.expect("an event").expect("the address");
        streams.push(events);
    }
    let url = format!("{}/mcp/test/http/{secret}", served.base);
    let acknowledged = Arc::new(Mutex::new(Vec::new()));
    let writers: Vec<_> = (0..WRITERS).map(|n| tokio::spawn(write_until_refused(url.clone(), acknowledged.clone(), n))).collect();
    while acknowledged.lock().expect("no panic").len() < WRITERS {
        tokio::task::yield_now().await;
    }

    let start = Instant::now();
    let status = tokio::task::spawn_blocking(move || served.terminate()).await.expect("no panic");
    let took = start.elapsed();
    assert!(status.success() && took < patience(Duration::from_secs(10)), "{status} after {took:?}");
    let ends = streams.into_iter().map(|mut events| async move { while events.next().await.is_some_and(|event| event.is_ok()) {} });
    tokio::time::timeout(patience(Duration::from_secs(1)), join_all(ends)).await.expect("every stream has ended");
    for writer in writers {
        writer.await.expect("a writer does not panic");
    }

    let served = Served::start(&mut jmem(dir.path()));
    let url = format!("{}/mcp/test/http/{secret}", served.base);
    let acknowledged = acknowledged.lock().expect("no panic").clone();
    for (id, word) in &acknowledged {
        let found = call_tool(&client, &url, "search_memory", json!({ "query": word, "limit": 1 })).await.expect("an answer");
        assert_eq!(found["structuredContent"]["results"][0]["id"], json!(id), "{word} is lost");
    }
    println!("{STREAMS} streams and {WRITERS} writers ended in {took:?}; {} acknowledged adds are there", acknowledged.len());
}

async fn write_until_refused(url: String, acknowledged: Arc<Mutex<Vec<(String, String)>>>, n: usize) {
    let client = reqwest::Client::new();
    for turn in 0.. {
        let word = format!("zq{n}x{turn}");
        let Some(added) = call_tool(&client, &url, "add_memories", json!({ "text": format!("the {word} was noted") })).await else {
            return;
        };
        let Some(id) = added["structuredContent"]["results"][0]["id"].as_str() else { return };
        acknowledged.lock().expect("no panic").push((id.to_owned(), word));
    }
}
