//! Connections that say nothing, too little or nothing more: none of them keeps a new request from its answer, a stop from its
//! end, or the server from its life.

use std::{
    net::SocketAddr,
    process::Command,
    time::{Duration, Instant},
};

use jonathans_memory::app::Outside;
use serde_json::Value;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpSocket, TcpStream},
};

use crate::support::{
    app::{Person, TestApp},
    eventually, patience,
    process::{Served, jmem},
};

/// How soon a new request is answered, whatever else is open.
const SOON: Duration = Duration::from_secs(1);
const HALF: &[u8] = b"GET /health/live HTTP/1.1\r\nhost: localhost\r\n";
const WHOLE: &[u8] = b"GET /health/live HTTP/1.1\r\nhost: localhost\r\n\r\n";

fn authority(base: &str) -> SocketAddr {
    base.trim_start_matches("http://").parse().expect("an address")
}

async fn connect(base: &str) -> TcpStream {
    TcpStream::connect(authority(base)).await.expect("connected")
}

async fn saying(base: &str, bytes: &[u8]) -> TcpStream {
    let mut tcp = connect(base).await;
    tcp.write_all(bytes).await.expect("sent");
    tcp
}

/// Status and body of the next answer on a connection, which may close after it.
async fn answer(tcp: &mut TcpStream) -> Option<(u16, String)> {
    let mut read = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&read).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length: ")?.parse::<usize>().ok());
            if body.len() >= length.unwrap_or_default() {
                return Some((head.split(' ').nth(1)?.parse().ok()?, body.to_owned()));
            }
        }
        if tcp.read_buf(&mut read).await.ok()? == 0 {
            return None;
        }
    }
}

/// How long the other side keeps this connection open.
async fn kept(mut tcp: TcpStream) -> Duration {
    let start = Instant::now();
    let mut read = Vec::new();
    // A reset is an end as well.
    let _ = tcp.read_to_end(&mut read).await;
    start.elapsed()
}

/// Asks on a connection of its own; the status, if it comes soon.
async fn asked(base: &str, path: &str) -> Option<u16> {
    let request = format!("GET {path} HTTP/1.1\r\nhost: localhost\r\n\r\n");
    let asking = async { answer(&mut saying(base, request.as_bytes()).await).await };
    tokio::time::timeout(patience(SOON), asking).await.ok()?.map(|(status, _)| status)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_says_too_little_ends_and_what_works_does_not() {
    let app = TestApp::start_with(&[("JM__LIMITS__HEAD_SECS", "1"), ("JM__LIMITS__IDLE_SECS", "3")], Outside::default()).await;
    let ann = app.person("ann").await;
    let stream = stream(&app.base, &ann, None).await;

    let silent = connect(&app.base).await;
    let half = saying(&app.base, HALF).await;
    let mut used = saying(&app.base, WHOLE).await;
    assert_eq!(answer(&mut used).await.expect("an answer").0, 200);
    // Who sends a byte now and then buys no time by it.
    let trickles = tokio::spawn({
        let (mut tcp, start) = (saying(&app.base, HALF).await, Instant::now());
        async move {
            let mut tick = tokio::time::interval(Duration::from_millis(100));
            while tcp.write_all(b"x").await.is_ok() {
                tick.tick().await;
            }
            start.elapsed()
        }
    });
    for (what, kept) in [("silent", kept(silent).await), ("half", kept(half).await), ("trickles", trickles.await.expect("no panic"))] {
        assert!(kept < patience(Duration::from_millis(1_800)), "{what}: {kept:?}");
    }
    // Between two requests there is more time; a further one that stays half has no more than the first.
    used.write_all(WHOLE).await.expect("sent");
    assert_eq!(answer(&mut used).await.expect("an answer").0, 200);
    let mut other = saying(&app.base, WHOLE).await;
    assert_eq!(answer(&mut other).await.expect("an answer").0, 200);
    other.write_all(HALF).await.expect("sent");
    let (idle, half) = tokio::join!(kept(used), kept(other));
    assert!(idle > Duration::from_millis(2_500) && idle < patience(Duration::from_secs(4)), "{idle:?}");
    assert!(half < patience(Duration::from_millis(1_800)), "{half:?}");
    // All that time the stream was open.
    assert!(is_open(&stream));
}

/// An event stream of a person, from an address of this machine, once it has begun.
async fn stream(base: &str, person: &Person, from: Option<&str>) -> TcpStream {
    let socket = TcpSocket::new_v4().expect("a socket");
    if let Some(from) = from {
        socket.bind(SocketAddr::new(from.parse().expect("an address"), 0)).expect("an address of this machine");
    }
    let mut tcp = socket.connect(authority(base)).await.expect("connected");
    let request = format!("GET /mcp/test/sse/{} HTTP/1.1\r\nhost: localhost\r\naccept: text/event-stream\r\n\r\n", person.endpoint);
    tcp.write_all(request.as_bytes()).await.expect("sent");
    let mut read = String::new();
    while !read.contains("event: endpoint") && !read.contains("HTTP/1.1 5") {
        let mut some = [0; 4096];
        let n = tcp.read(&mut some).await.expect("read");
        assert!(n > 0, "closed after: {read}");
        read.push_str(&String::from_utf8_lossy(&some[..n]));
    }
    tcp
}

fn is_open(tcp: &TcpStream) -> bool {
    let mut some = [0; 64];
    match tcp.try_read(&mut some) {
        Ok(n) => n > 0,
        Err(error) => error.kind() == std::io::ErrorKind::WouldBlock,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_waits_makes_room_for_who_asks() {
    let app = TestApp::start_with(&[("JM__LIMITS__CONNECTIONS", "64")], Outside::default()).await;
    let ann = app.person("ann").await;
    let stream = stream(&app.base, &ann, None).await;
    for kind in [&b""[..], HALF, WHOLE] {
        let mut held = Vec::new();
        for _ in 0..300 {
            held.push(saying(&app.base, kind).await);
        }
        for path in ["/health/live", "/openapi.json"] {
            assert_eq!(asked(&app.base, path).await, Some(200), "beside 300 that say {:?}", String::from_utf8_lossy(kind));
        }
    }
    assert!(is_open(&stream), "what works makes no room");
}

#[tokio::test(flavor = "multi_thread")]
async fn where_all_work_health_is_told_and_the_rest_is_told_why() {
    let app = TestApp::start_with(&[("JM__LIMITS__CONNECTIONS", "3")], Outside::default()).await;
    let ann = app.person("ann").await;
    let mut streams = Vec::new();
    for _ in 0..3 {
        streams.push(stream(&app.base, &ann, None).await);
    }
    for _ in 0..40 {
        assert_eq!(asked(&app.base, "/health/live").await, Some(200));
    }
    let mut refused = saying(&app.base, b"GET /openapi.json HTTP/1.1\r\nhost: localhost\r\n\r\n").await;
    let (status, body) = answer(&mut refused).await.expect("an answer");
    let problem: Value = serde_json::from_str(&body).expect("a problem");
    assert_eq!((status, problem["code"].as_str()), (503, Some("unavailable")));
    assert!(kept(refused).await < patience(SOON), "the connection ends with the answer");
    assert!(streams.iter().all(is_open));
    drop(streams.pop());
    eventually("a place is free again", async || asked(&app.base, "/openapi.json").await == Some(200)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_address_does_not_take_the_places_of_others() {
    for (proxies, third) in [("0", Some(503)), ("1", None)] {
        let env = [("JM__LIMITS__CONNECTIONS_PER_ADDRESS", "2"), ("JM__SERVER__TRUSTED_PROXIES", proxies)];
        let app = TestApp::start_with(&env, Outside::default()).await;
        let ann = app.person("ann").await;
        let _two = [stream(&app.base, &ann, Some("127.0.0.2")).await, stream(&app.base, &ann, Some("127.0.0.2")).await];
        let socket = TcpSocket::new_v4().expect("a socket");
        socket.bind("127.0.0.2:0".parse().expect("an address")).expect("an address of this machine");
        let mut more = socket.connect(authority(&app.base)).await.expect("connected");
        more.write_all(b"GET /openapi.json HTTP/1.1\r\nhost: localhost\r\n\r\n").await.expect("sent");
        assert_eq!(answer(&mut more).await.expect("an answer").0, third.unwrap_or(200), "{proxies} proxies");
        assert_eq!(asked(&app.base, "/openapi.json").await, Some(200), "from another address");
    }
}

/// The program where no more than so many files may be open.
fn with_files(data_dir: &std::path::Path, files: usize) -> Command {
    let whole = jmem(data_dir);
    let mut command = Command::new("sh");
    command.args(["-c", &format!("ulimit -n {files}; exec \"$0\" \"$@\"")]).arg(whole.get_program());
    command.env_clear().env("PATH", "/usr/bin:/bin");
    for (name, value) in whole.get_envs() {
        command.env(name, value.expect("a value"));
    }
    command
}

#[tokio::test(flavor = "multi_thread")]
async fn too_few_files_end_nothing_and_half_requests_do_not_stretch_a_stop() {
    let dir = tempfile::tempdir().expect("a directory");
    let mut served = Served::start(&mut with_files(dir.path(), 400));
    let mut held = Vec::new();
    for _ in 0..600 {
        held.push(saying(&served.base, HALF).await);
    }
    assert_eq!(asked(&served.base, "/health/ready").await, Some(200));
    assert_eq!(asked(&served.base, "/").await, Some(200));

    // Now there are fewer files than are open: the system refuses the next connection itself.
    let fewer = format!("--nofile={}:400", std::fs::read_dir(format!("/proc/{}/fd", served.pid())).expect("it runs").count());
    assert!(Command::new("prlimit").args(["--pid", &served.pid().to_string(), &fewer]).status().expect("prlimit runs").success());
    for _ in 0..20 {
        assert_eq!(asked(&served.base, "/health/live").await, Some(200));
        held.push(saying(&served.base, HALF).await);
    }

    let start = Instant::now();
    let status = tokio::task::spawn_blocking(move || served.terminate()).await.expect("no panic");
    let took = start.elapsed();
    assert!(status.success() && took < patience(Duration::from_millis(1_500)), "{status} after {took:?} with {} half requests", held.len());
}
