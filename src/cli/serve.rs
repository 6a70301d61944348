//! `jmem serve` and `jmem stdio`.

use std::net::{IpAddr, SocketAddr};

use anyhow::{Context, bail};
use clap::Args;
use tokio::net::TcpListener;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::place;
use crate::{
    app::App,
    auth::{CredentialKind, Maker, NewCredential, Principal},
    config::{Config, Mode},
    data_dir::{DataDir, RunningServer},
    mcp::{self, MemoryServer},
    personal_url::PersonalUrls,
    server, shutdown,
    tenancy::Role,
};

/// The account that the first start on one machine makes.
pub(super) const OWNER: &str = "owner@localhost.local";

/// `jmem serve`
#[derive(Debug, Args)]
#[command(after_help = "Environment: PORT, JM_DATA_DIR, JM_MODE, JM_PUBLIC_URL, JM_SECRET_KEY, DATABASE_URL and the others of \
                        docs/configuration.md; 'jmem config check' prints what is in force.")]
pub struct Serve {
    /// TCP port; 0 takes a free one.
    #[arg(long)]
    port: Option<u16>,
    /// Address to listen on.
    #[arg(long)]
    host: Option<IpAddr>,
}

impl Serve {
    /// What is said here, as the environment would say it.
    pub fn settings(&self) -> impl Iterator<Item = (String, String)> + use<> {
        let port = self.port.map(|port| ("PORT".to_owned(), port.to_string()));
        port.into_iter().chain(self.host.map(|host| ("JM__SERVER__HOST".to_owned(), host.to_string())))
    }
}

/// Starts the server and stays until a signal.
pub async fn serve(config: Config) -> anyhow::Result<()> {
    let metrics = if config.telemetry.metrics { Some(crate::http::metrics::install()?) } else { None };
    let stop = shutdown::on_signal()?;
    let address = SocketAddr::new(config.server.host, config.server.port);
    let listener = TcpListener::bind(address)
        .await
        .with_context(|| format!("cannot listen on {address}; if another server runs there, choose another port with --port or PORT"))?;
    let port = listener.local_addr()?.port();
    let app = App::build(config).await?;
    if let Some(keys) = app.identity_keys.clone() {
        shutdown::on_hang_up(move || {
            keys.forget();
            tracing::info!("the identity provider's keys are forgotten; the next token has them fetched");
        })?;
    }
    let urls = PersonalUrls::at(&app.config.server, port);
    let invitation = first_run(&app, &urls).await?;
    let service = server::service(&app, port, metrics, &stop);
    let data = DataDir::of(&app.config);
    let local = format!("http://{}", SocketAddr::new(app.config.server.reachable_host(), port));
    let running = RunningServer { url: urls.base().to_owned(), local };
    data.announce(&running);
    // A server on a free port is one of a test.
    if app.config.server.mode == Mode::Embedded && app.config.server.port != 0 {
        place::note(&app.config.server.data_dir, place::home().as_deref());
    }
    println!("Jonathan's Memory {} is ready at {}", env!("CARGO_PKG_VERSION"), urls.base());
    if let Some(invitation) = invitation {
        println!("\n{invitation}\n");
    }
    server::run(app, listener, service, stop).await;
    data.withdraw(&running);
    Ok(())
}

/// On an empty data directory, in embedded mode and on loopback: makes an owner and one endpoint, and answers the lines
/// that tell how to use it.
async fn first_run(app: &App, urls: &PersonalUrls) -> anyhow::Result<Option<String>> {
    let server = &app.config.server;
    if server.mode != Mode::Embedded || !server.host.is_loopback() || !app.users.is_empty().await? {
        return Ok(None);
    }
    let owner = app.accounts.create_user(OWNER, None).await?;
    app.operator.set_role(owner.member.user, owner.member.tenant, Role::Operator).await?;
    let new = NewCredential {
        kind: CredentialKind::Endpoint,
        name: "first endpoint".into(),
        client: Some("claude".into()),
        scopes: None,
        project: None,
        expires_at: None,
    };
    let created = app.credentials.create(&Maker::operator(&owner.member), new).await?;
    let password = owner.generated_password.unwrap_or_default();
    let link = format!("{}/start#{}", urls.base(), app.accounts.sign_in_token(&owner.member).await?);
    Ok(Some(format!(
        "{}\n\nWeb page         {link}\n                 (signs you in once, within an hour)\nAccount          {OWNER}\nPassword         \
         {password}   (shown once, for later)\nMore clients     jmem endpoint create --user {OWNER} --client cursor",
        urls.invitation(&created.credential.client, created.secret.expose()),
    )))
}

/// `jmem stdio`
#[derive(Debug, Args)]
pub struct Stdio {
    /// E-mail address of the user; may be left out while there is only the owner that the first start makes.
    #[arg(long)]
    user: Option<String>,
    /// The client program on the other side.
    #[arg(long, default_value = "stdio")]
    client: String,
}

impl Stdio {
    /// Serves until the client closes standard input.
    pub async fn run(self, config: Config) -> anyhow::Result<()> {
        let app = App::build(config).await?;
        let email = self.user.as_deref().unwrap_or(OWNER);
        if self.user.is_none() && app.users.is_empty().await? {
            if app.config.server.mode != Mode::Embedded {
                bail!("there is no user yet; create one with 'jmem user create EMAIL' and pass --user EMAIL");
            }
            app.accounts.create_user(OWNER, None).await?;
        }
        let member = app.accounts.member_by_email(email).await.context("pass --user EMAIL to say whose memories to serve")?;
        let principal = Principal::local(&member, &self.client);
        let (tasks, stop) = (TaskTracker::new(), CancellationToken::new());
        app.start_background(&tasks, &stop);
        tasks.close();
        let served = mcp::serve_stdio(MemoryServer::new(app.memories.clone(), app.edges.clone()), principal).await;
        stop.cancel();
        tasks.wait().await;
        app.flush().await;
        app.db.close().await;
        served
    }
}
