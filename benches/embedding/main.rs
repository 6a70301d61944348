//! Adds through an embedder that is 50 ms away: one client that waits for each embedding, eight that do, and eight that do
//! not. Texts of all of them share calls, so eight that wait should be far more than as fast as one.

#[path = "../../tests/it/support/openai.rs"]
#[allow(dead_code, reason = "the tests use the rest")]
mod openai;

use std::{net::SocketAddr, time::Duration};

use jonathans_memory::{app::App, config::Config, server};
use openai::{DIMENSION, OpenAiDouble};
use serde_json::json;
use tokio::{net::TcpListener, time::Instant};
use tokio_util::sync::CancellationToken;

/// How far the model is.
const LATENCY: Duration = Duration::from_millis(50);
/// Length of each measurement.
const TIME: Duration = Duration::from_secs(5);

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let double = OpenAiDouble::start().await;
    double.latency(LATENCY);
    let directory = tempfile::tempdir()?;
    let env = [
        ("JM_DATA_DIR", directory.path().display().to_string()),
        ("EMBEDDER_PROVIDER", "openai".into()),
        ("EMBEDDER_MODEL", "made-up".into()),
        ("JM__EMBEDDER__DIMENSIONS", DIMENSION.to_string()),
        ("OPENAI_BASE_URL", double.url.clone()),
    ];
    let app = App::build(Config::load(None, env.map(|(name, value)| (name.to_owned(), value)))?).await?;
    let token = app
        .accounts
        .register("bench@example.com", "correct horse battery", std::net::Ipv4Addr::LOCALHOST.into())
        .await?
        .tokens
        .access_token;
    let listener = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await?;
    let base = format!("http://{}", listener.local_addr()?);
    let stop = CancellationToken::new();
    let service = server::service(&app, listener.local_addr()?.port(), None, &stop);
    let served = tokio::spawn(server::run(app, listener, service, stop.clone()));

    println!("an embedder {} ms away\nadds          clients   per second    p50 ms    p95 ms   calls", LATENCY.as_millis());
    let mut rates = Vec::new();
    for (name, clients, query) in [("wait", 1, "?wait=true"), ("wait", 8, "?wait=true"), ("acknowledged", 8, "")] {
        let before = double.calls().len();
        let url = format!("{base}/api/v1/memories/{query}");
        let tasks: Vec<_> = (0..clients).map(|client| tokio::spawn(add(url.clone(), token.clone(), client, name))).collect();
        let mut times = Vec::new();
        for task in tasks {
            times.extend(task.await??);
        }
        times.sort_unstable();
        let at = |percent: usize| times[(times.len() - 1) * percent / 100].as_secs_f64() * 1e3;
        #[expect(clippy::cast_precision_loss, reason = "a count of seconds' worth of calls")]
        let rate = times.len() as f64 / TIME.as_secs_f64();
        println!("{name:<13} {clients:>7} {rate:>12.0} {:>9.1} {:>9.1} {:>7}", at(50), at(95), double.calls().len() - before);
        rates.push(rate);
    }
    println!("eight that wait / one that waits: {:.1}", rates[1] / rates[0]);
    stop.cancel();
    served.await?;
    Ok(())
}

async fn add(url: String, token: String, client: usize, name: &'static str) -> anyhow::Result<Vec<Duration>> {
    let http = reqwest::Client::new();
    let (end, mut times) = (Instant::now() + TIME, Vec::new());
    while Instant::now() < end {
        let start = Instant::now();
        let text = format!("{name} {client}: the note number {} of this run", times.len());
        http.post(&url).bearer_auth(&token).json(&json!({ "text": text })).send().await?.error_for_status()?;
        times.push(start.elapsed());
    }
    Ok(times)
}
