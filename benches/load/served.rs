//! The server under test in a process of its own.

use std::{
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
    sync::Arc,
};

use anyhow::Context;
use jonathans_memory::{
    app::App,
    auth::{CredentialKind, Maker, NewCredential, Principal},
    config::Config,
    http::{challenge::Challenge, guard::AllowedHosts},
    mcp::{self, McpLimits, McpParts},
    memory::{AddOptions, Content, NewMemory},
    server,
};
use serde::{Deserialize, Serialize};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::{
    driver::{Random, sentence},
    noop::Noop,
};

/// Where the child listens: `host:port/path` of each tenant's endpoint.
#[derive(Serialize, Deserialize)]
pub struct Endpoints {
    pub product: Vec<String>,
    pub nothing: Vec<String>,
}

/// The running child; it ends with this value.
pub struct Served {
    child: Child,
    pub product: Vec<String>,
    pub nothing: Vec<String>,
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Served {
    /// User and system CPU time of the server so far.
    pub fn cpu_seconds(&self) -> anyhow::Result<f64> {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id()))?;
        let fields: Vec<_> = stat.rsplit(')').next().context("stat")?.split_whitespace().collect();
        // Fields 14 and 15 of proc(5), in ticks of 10 ms.
        Ok((fields[11].parse::<f64>()? + fields[12].parse::<f64>()?) / 100.0)
    }

    pub fn peak_mib(&self) -> anyhow::Result<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status.lines().find_map(|l| l.strip_prefix("VmHWM:")).context("VmHWM")?;
        Ok(line.trim().trim_end_matches(" kB").parse::<u64>()? / 1024)
    }
}

/// Starts this program again as a server with filled tenants.
pub fn spawn(embedder: &str, tenants: usize, memories: usize) -> anyhow::Result<Served> {
    let mut child = Command::new(std::env::current_exe()?)
        .args(["--serve", "--embedder", embedder, "--tenants", &tenants.to_string(), "--memories", &memories.to_string()])
        .stdout(Stdio::piped())
        .spawn()?;
    let mut line = String::new();
    BufReader::new(child.stdout.take().context("stdout")?).read_line(&mut line)?;
    let Endpoints { product, nothing } = serde_json::from_str(&line).context("the server did not come up")?;
    Ok(Served { child, product, nothing })
}

/// The child's side.
pub async fn serve(embedder: &str, tenants: usize, memories: usize) -> anyhow::Result<()> {
    let dir = tempfile::tempdir()?;
    let env = [
        ("JM_DATA_DIR", dir.path().to_str().context("utf-8")?),
        ("EMBEDDER_PROVIDER", embedder),
        ("JM_LOG", "warn"),
        ("JM__GATE__JUNK", "false"),
    ];
    let config = Config::load(None, env.map(|(k, v)| (k.to_owned(), v.to_owned())))?;
    let app = App::build(config).await?;
    let product = TcpListener::bind("127.0.0.1:0").await?;
    let nothing = TcpListener::bind("127.0.0.1:0").await?;
    let (product_at, nothing_at) = (product.local_addr()?, nothing.local_addr()?);

    let mut endpoints = Endpoints { product: Vec::new(), nothing: Vec::new() };
    for tenant in 0..tenants {
        let member = app.accounts.create_user(&format!("t{tenant}@example.com"), None).await?.member;
        fill(&app, &Principal::local(&member, "bench"), tenant as u64, memories).await?;
        let new = NewCredential {
            kind: CredentialKind::Endpoint,
            name: "bench".into(),
            client: Some("bench".into()),
            scopes: None,
            project: None,
            expires_at: None,
        };
        let secret = app.credentials.create(&Maker::operator(&member), new).await?.secret;
        endpoints.product.push(format!("{product_at}/mcp/bench/http/{}", secret.expose()));
        endpoints.nothing.push(format!("{nothing_at}/mcp/bench/http/{}", secret.expose()));
    }
    while app.runner().drain().await?.done > 0 {}

    let stop = CancellationToken::new();
    let parts = McpParts {
        memories: app.memories.clone(),
        edges: app.edges.clone(),
        authenticator: app.authenticator.clone(),
        credentials: app.credentials.clone(),
        challenge: Challenge::default(),
        allowed: Arc::new(AllowedHosts::from_config(&app.config.server)),
        limits: McpLimits { body_bytes: 1 << 20, streams_per_user: 8, unread_bytes: 1 << 24, stream_secs: 60 },
        shutdown: stop.clone(),
    };
    let noop = server::layered(mcp::router_with(Noop, parts), &app);
    let service = server::service(&app, product_at.port(), None, &stop);
    tokio::spawn(server::run(app.clone(), nothing, noop, stop.clone()));
    println!("{}", serde_json::to_string(&endpoints)?);
    server::run(app, product, service, stop).await;
    Ok(())
}

async fn fill(app: &App, principal: &Principal, seed: u64, memories: usize) -> anyhow::Result<()> {
    let mut random = Random(seed * 7919 + 17);
    let texts = (0..memories).map(|n| NewMemory {
        content: Content { text: format!("{} {n}", sentence(&mut random, 14)), ..Content::default() },
        ..NewMemory::default()
    });
    for batch in texts.collect::<Vec<_>>().chunks(1000) {
        app.memories.writer.add(principal, batch.to_vec(), AddOptions::default()).await?;
    }
    Ok(())
}
