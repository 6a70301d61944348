//! Closed-loop clients over keep-alive sockets, and what they measured.

#![expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "rounded figures of a report")]

use std::{
    fmt,
    sync::atomic::{AtomicU64, Ordering},
    time::{Duration, Instant},
};

use anyhow::{Context, ensure};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// Words of the synthetic memories and queries.
pub const WORDS: usize = 5_000;
static ADDED: AtomicU64 = AtomicU64::new(0);

/// What a client asks for, over and over.
#[derive(Debug, Clone, Copy)]
pub enum Call {
    Search,
    Context,
    Add,
    Nothing,
}

impl Call {
    fn body(self, random: &mut Random) -> String {
        let (tool, arguments) = match self {
            Self::Search => ("search_memory", format!(r#"{{"query":"{}"}}"#, sentence(random, 6))),
            Self::Add => {
                let unique = ADDED.fetch_add(1, Ordering::Relaxed);
                ("add_memories", format!(r#"{{"text":"{} {unique}"}}"#, sentence(random, 14)))
            }
            Self::Context => {
                let query = sentence(random, 6);
                return format!(
                    r#"{{"jsonrpc":"2.0","id":1,"method":"prompts/get","params":{{"name":"memory_context","arguments":{{"query":"{query}"}}}}}}"#
                );
            }
            Self::Nothing => ("nothing", "{}".to_owned()),
        };
        format!(r#"{{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{{"name":"{tool}","arguments":{arguments}}}}}"#)
    }
}

/// xorshift64*: repeatable without a dependency.
pub struct Random(pub u64);

impl Random {
    pub fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }
}

/// Words drawn so that some are frequent and most are rare, as in language.
pub fn sentence(random: &mut Random, length: usize) -> String {
    let word = |random: &mut Random| {
        let unit = (random.next() >> 11) as f64 / (1u64 << 53) as f64;
        format!("word{}", (WORDS as f64).powf(unit) as usize)
    };
    (0..length).map(|_| word(random)).collect::<Vec<_>>().join(" ")
}

/// `clients` connections for `length`, each to the next of `endpoints` (`host:port/path`); answers the latencies.
pub async fn run(endpoints: &[String], clients: usize, length: Duration, call: Call) -> anyhow::Result<Vec<Duration>> {
    let end = Instant::now() + length;
    let mut tasks = Vec::new();
    for client in 0..clients {
        let endpoints = endpoints.to_vec();
        tasks.push(tokio::spawn(async move { client_loop(&endpoints, client, end, call).await }));
    }
    let mut samples = Vec::new();
    for task in tasks {
        samples.extend(task.await??);
    }
    samples.sort_unstable();
    Ok(samples)
}

async fn client_loop(endpoints: &[String], client: usize, end: Instant, call: Call) -> anyhow::Result<Vec<Duration>> {
    let mut random = Random(0x9E37_79B9_7F4A_7C15 ^ (client as u64 + 1));
    let authority = endpoints[0].split('/').next().context("host:port/path")?;
    let mut socket = TcpStream::connect(authority).await?;
    socket.set_nodelay(true)?;
    let mut samples = Vec::with_capacity(1 << 16);
    let mut buffer = Vec::with_capacity(64 * 1024);
    for turn in client.. {
        if Instant::now() >= end {
            break;
        }
        // Every call goes to another tenant, so no tenant stays in the processor's cache by favour.
        let path = &endpoints[turn % endpoints.len()][authority.len()..];
        let body = call.body(&mut random);
        let request = format!(
            "POST {path} HTTP/1.1\r\nhost: {authority}\r\ncontent-type: application/json\r\n\
             accept: application/json, text/event-stream\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        );
        let start = Instant::now();
        socket.write_all(request.as_bytes()).await?;
        let body = answer(&mut socket, &mut buffer).await?;
        samples.push(start.elapsed());
        ensure!(!contains(body, b"\"isError\":true") && !contains(body, b"\"error\":"), "{}", String::from_utf8_lossy(body));
    }
    Ok(samples)
}

/// Reads one answer with a Content-Length; returns its body.
async fn answer<'a>(socket: &mut TcpStream, buffer: &'a mut Vec<u8>) -> anyhow::Result<&'a [u8]> {
    buffer.clear();
    loop {
        if let Some(head) = buffer.windows(4).position(|w| w == b"\r\n\r\n").map(|at| at + 4) {
            let text = std::str::from_utf8(&buffer[..head])?.to_ascii_lowercase();
            ensure!(text.starts_with("http/1.1 200"), "{text}{}", String::from_utf8_lossy(&buffer[head..]));
            let length = text.split("content-length:").nth(1).and_then(|rest| rest.lines().next()).context("no Content-Length")?;
            let total = head + length.trim().parse::<usize>()?;
            while buffer.len() < total {
                ensure!(socket.read_buf(buffer).await? > 0, "the server hung up");
            }
            return Ok(&buffer[head..total]);
        }
        ensure!(socket.read_buf(buffer).await? > 0, "the server hung up");
    }
}

fn contains(text: &[u8], part: &[u8]) -> bool {
    text.windows(part.len()).any(|w| w == part)
}

/// One line of the report.
pub struct Figures {
    name: &'static str,
    clients: usize,
    per_second: f64,
    p50: Duration,
    p95: Duration,
    p99: Duration,
    cpu_per_thousand: f64,
}

impl Figures {
    pub const HEADER: &'static str = "call     clients   per second    p50 ms    p95 ms    p99 ms   server CPU s per 1,000";

    pub fn of(name: &'static str, clients: usize, sorted: &[Duration], length: Duration, cpu: f64) -> Self {
        let at = |q: f64| sorted[((sorted.len() as f64 * q) as usize).min(sorted.len() - 1)];
        let calls = sorted.len() as f64;
        Self {
            name,
            clients,
            per_second: calls / length.as_secs_f64(),
            p50: at(0.5),
            p95: at(0.95),
            p99: at(0.99),
            cpu_per_thousand: cpu / calls * 1000.0,
        }
    }
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ms = |d: Duration| d.as_secs_f64() * 1e3;
        write!(
            f,
            "{:<8} {:>7} {:>12.0} {:>9.3} {:>9.3} {:>9.3} {:>25.3}",
            self.name,
            self.clients,
            self.per_second,
            ms(self.p50),
            ms(self.p95),
            ms(self.p99),
            self.cpu_per_thousand
        )
    }
}
