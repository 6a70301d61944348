//! The server: all routes, the layers around them in their order, the listener, and a stop that loses nothing.

use std::{
    collections::BTreeMap,
    sync::Arc,
    time::{Duration, Instant},
};

use async_trait::async_trait;
use axum::{
    Router,
    middleware::{from_fn, from_fn_with_state},
};
use metrics_exporter_prometheus::PrometheusHandle;
use tokio::{net::TcpListener, sync::Mutex};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tower::Layer;
use tower_http::catch_panic::CatchPanicLayer;

use crate::{
    app::App,
    error::Error,
    http::{
        self,
        challenge::Challenge,
        client_ip,
        connections::{self, ConnectionLimits},
        guard::AllowedHosts,
        health::{Probes, ReadyCheck, Status},
        secret_path::{SecretPath, SecretPathLayer},
        timeout::Longest,
    },
    mcp::{self, McpLimits, McpParts},
    memory::Memories,
    personal_url::PersonalUrls,
    rest::{self, Accounts, Emails, EventStreams, RestParts, Uploads},
    web::{self, PageConfig},
};

/// Longest wait of a readiness probe for the database.
const PROOF_TIMEOUT: Duration = Duration::from_secs(1);
/// How long the answer to one probe is that to others.
const PROOF_KEPT: Duration = Duration::from_millis(500);
/// For how long a database that takes no further write may be busy with one.
const LONG_WRITE: Duration = Duration::from_mins(1);

/// All routes of the product behind all layers, ready to be served.
#[must_use]
pub fn service(app: &App, port: u16, metrics: Option<PrometheusHandle>, stop: &CancellationToken) -> SecretPath<Router> {
    let limits = &app.config.limits;
    let allowed = Arc::new(AllowedHosts::from_config(&app.config.server));
    let urls = PersonalUrls::at(&app.config.server, port);
    let oauth = app.oauth(urls.base());
    let mcp = mcp::router(McpParts {
        memories: app.memories.clone(),
        edges: app.edges.clone(),
        authenticator: app.authenticator.clone(),
        credentials: app.credentials.clone(),
        allowed: allowed.clone(),
        challenge: if oauth.is_some() { Challenge::at(urls.base()) } else { Challenge::default() },
        limits: McpLimits {
            body_bytes: limits.body_bytes,
            streams_per_user: limits.streams_per_user,
            unread_bytes: limits.unread_bytes(),
            stream_secs: limits.stream_secs,
        },
        shutdown: stop.clone(),
    });
    let ready: Arc<dyn ReadyCheck> = Arc::new(Ready { app: app.clone(), stop: stop.clone(), proof: Mutex::default() });
    let (rest, _) = rest::router(RestParts {
        memories: app.memories.clone(),
        transfer: app.transfer.clone(),
        tenancy: app.tenancy.clone(),
        authenticator: app.authenticator.clone(),
        credentials: app.credentials.clone(),
        accounts: Accounts { service: app.config.auth.accounts.then(|| app.accounts.clone()), registration: app.config.registration() },
        emails: Emails::new(app.users.clone()),
        oauth,
        urls: urls.clone(),
        limits: app.config.limits.clone(),
        edges: app.edges.clone(),
        usage: app.usage.clone(),
        billing: app.billing.clone(),
        webhooks: app.webhooks.clone(),
        uploads: Uploads::new(limits.import_bytes),
        probes: Probes { ready, metrics },
        live: app.live.clone(),
        streams: EventStreams { lifetime: Duration::from_secs(limits.stream_secs), shutdown: stop.clone() },
        operator: app.operator.clone(),
        queue: app.queue.clone(),
        machinery: app.machinery.clone(),
    });
    let page = web::router(PageConfig::new(&app.config, urls.base()));
    layered(rest.merge(mcp).merge(page), app)
}

/// The layers that every route lies behind; the outermost is written last.
#[must_use]
pub fn layered(routes: Router, app: &App) -> SecretPath<Router> {
    let limits = &app.config.limits;
    let longest = Longest { request: Duration::from_secs(limits.request_secs), body: limits.import_bytes };
    let pages = Arc::new(AllowedHosts::from_config(&app.config.server));
    let routes = http::with_fallbacks(routes)
        .layer(CatchPanicLayer::custom(|_| {
            axum::response::IntoResponse::into_response(Error::internal(anyhow::anyhow!("a handler panicked")))
        }))
        .layer(http::compression::layer())
        .layer(from_fn_with_state(longest, http::timeout::layer))
        .layer(from_fn(http::unread::layer))
        .layer(from_fn_with_state(app.edges.clone(), http::limits::layer))
        .layer(from_fn_with_state(app.config.server.trusted_proxies, client_ip::layer))
        .layer(from_fn_with_state(pages.clone(), http::guard::names))
        .layer(from_fn_with_state(pages, http::cors::layer))
        .layer(from_fn(http::security::layer))
        .layer(from_fn(http::metrics::layer))
        .layer(from_fn(http::trace::layer))
        .layer(from_fn(http::request_id::layer));
    // Outside the router, so that no layer of it ever sees a secret in a path.
    SecretPathLayer.layer(routes)
}

/// Serves until `stop`, then lets running requests end within the configured time, writes down what is gathered in
/// memory and closes the database.
pub async fn run(app: App, listener: TcpListener, service: SecretPath<Router>, stop: CancellationToken) {
    let background = TaskTracker::new();
    let stop_background = CancellationToken::new();
    app.start_background(&background, &stop_background);
    background.close();

    let serving = connections::serve(listener, service, ConnectionLimits::of(&app.config), stop.clone());
    let deadline = Duration::from_secs(app.config.limits.shutdown_secs);
    let late = async {
        stop.cancelled().await;
        tokio::time::sleep(deadline).await;
    };
    tokio::select! {
        () = serving => {}
        () = late => tracing::warn!(?deadline, "requests were still running at the deadline; they are cut"),
    }
    stop_background.cancel();
    let started = Instant::now();
    background.wait().await;
    app.flush().await;
    app.db.close().await;
    tracing::info!(ms = started.elapsed().as_millis(), "stopped");
}

struct Ready {
    app: App,
    stop: CancellationToken,
    /// What was found last of the database and when, and when it last took a write.
    proof: Mutex<Proof>,
}

#[derive(Default)]
struct Proof {
    found: Option<(Instant, Status)>,
    proven: Option<Instant>,
}

impl Ready {
    /// Whether the database takes writes. Asked at most once in [`PROOF_KEPT`], however many ask here.
    async fn database(&self) -> Status {
        let mut proof = self.proof.lock().await;
        if let Some((_, status)) = proof.found.filter(|(at, _)| at.elapsed() < PROOF_KEPT) {
            return status;
        }
        let status = match tokio::time::timeout(PROOF_TIMEOUT, self.app.db.prove_writable()).await {
            Ok(Ok(())) => {
                proof.proven = Some(Instant::now());
                Status::Ok
            }
            // A long write holds up the next; for how long it may, tells whether that is all.
            Err(_) if proof.proven.is_some_and(|at| at.elapsed() < LONG_WRITE) => Status::Degraded,
            Ok(Err(_)) | Err(_) => Status::Failed,
        };
        proof.found = Some((Instant::now(), status));
        status
    }
}

#[async_trait]
impl ReadyCheck for Ready {
    async fn check(&self) -> BTreeMap<&'static str, Status> {
        let database = self.database().await;
        let serving = if self.stop.is_cancelled() { Status::Failed } else { Status::Ok };
        let mut checks = BTreeMap::from([("database", database), ("serving", serving)]);
        let partly = |whole| if whole { Status::Ok } else { Status::Degraded };
        checks.extend(self.app.upkeep().map(|upkeep| ("index", partly(upkeep.is_whole()))));
        let Memories { embeddings, inference, .. } = &*self.app.memories;
        checks.insert("embedder", partly(embeddings.answer()));
        checks.extend(inference.model_answers().map(|answers| ("chat_model", partly(answers))));
        checks
    }
}
