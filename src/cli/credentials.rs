//! Users, personal endpoints and API keys from the operator's terminal.

use std::{io::Read, time::Duration};

use anyhow::Context;
use clap::{Args, Subcommand};
use serde_json::{Value, json};

use crate::{
    app::App,
    auth::{CreatedUser, Credential, CredentialKind, Maker, NewCredential, Scopes},
    clock::{Clock, SystemClock},
    config::Config,
    ids::{CredentialId, ProjectId},
    personal_url::PersonalUrls,
    tenancy::Role,
};

/// `jmem user …`
#[derive(Debug, Subcommand)]
pub enum UserCommand {
    /// Create a user with a password of their own or a random one, which is printed once.
    Create(ForUser),
    /// Give a user who has forgotten their password a new one, or a random one, and end every sign-in of theirs.
    Password(ForUser),
    /// Make a user an operator of the service, or an ordinary owner of their memories again.
    Role {
        /// E-mail address.
        email: String,
        /// `operator` or `owner`.
        role: Role,
    },
}

/// For whom a password is, and where it comes from.
#[derive(Debug, Args)]
pub struct ForUser {
    /// E-mail address.
    email: String,
    /// Read the password from standard input.
    #[arg(long)]
    password_stdin: bool,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

impl UserCommand {
    /// Runs it.
    pub async fn run(self, config: Config) -> anyhow::Result<()> {
        match self {
            Self::Create(args) => {
                let (given, app) = (args.given()?, App::build(config).await?);
                let created = app.accounts.create_user(&args.email, given.as_deref()).await?;
                app.db.close().await;
                args.print("Created", created);
            }
            Self::Password(args) => {
                let (given, app) = (args.given()?, App::build(config).await?);
                let changed = app.accounts.reset_password(&args.email, given.as_deref()).await?;
                app.db.close().await;
                args.print("Changed the password of", changed);
            }
            Self::Role { email, role } => {
                let app = App::build(config).await?;
                let member = app.accounts.member_by_email(&email).await?;
                app.operator.set_role(member.user, member.tenant, role).await?;
                app.db.close().await;
                println!("{email} is {} now.", role.as_str());
            }
        }
        Ok(())
    }
}

impl ForUser {
    fn given(&self) -> anyhow::Result<Option<String>> {
        if !self.password_stdin {
            return Ok(None);
        }
        let mut text = String::new();
        std::io::stdin().read_to_string(&mut text).context("the password cannot be read from standard input")?;
        Ok(Some(text.trim_end_matches(['\r', '\n']).to_owned()))
    }

    fn print(&self, done: &str, CreatedUser { member, generated_password }: CreatedUser) {
        if self.json {
            println!("{}", json!({ "id": member.user, "tenant_id": member.tenant, "email": member.email, "password": generated_password }));
            return;
        }
        println!("{done} {}.", member.email.unwrap_or_default());
        if let Some(password) = generated_password {
            println!("Password (shown once): {password}");
        }
    }
}

/// Whose, which and how to print it.
#[derive(Debug, Args)]
pub struct Which {
    /// E-mail address of the user.
    #[arg(long)]
    user: String,
    /// Identifier, as `list` shows it.
    id: CredentialId,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

/// Whose and how to print it.
#[derive(Debug, Args)]
pub struct Whose {
    /// E-mail address of the user.
    #[arg(long)]
    user: String,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

/// What a new credential may do.
#[derive(Debug, Args)]
pub struct Grant {
    #[command(flatten)]
    whose: Whose,
    /// Comma-separated scopes, such as `memory:read,memory:write`.
    #[arg(long, value_delimiter = ',')]
    scopes: Vec<String>,
    /// Open this project only.
    #[arg(long)]
    project: Option<ProjectId>,
    /// Stop working after so many days.
    #[arg(long)]
    expires_in_days: Option<u64>,
    /// Label for lists; the client's name when absent.
    #[arg(long)]
    name: Option<String>,
}

/// `jmem endpoint …`
#[derive(Debug, Subcommand)]
pub enum EndpointCommand {
    /// Create a personal endpoint and print its URLs, once.
    Create {
        #[command(flatten)]
        grant: Grant,
        /// The client that will use it: claude, cursor, …
        #[arg(long)]
        client: String,
    },
    /// List a user's endpoints.
    List(Whose),
    /// Give an endpoint a new secret.
    Rotate {
        #[command(flatten)]
        which: Which,
        /// Seconds for which the old secret still works, up to 86400.
        #[arg(long, default_value_t = 0)]
        grace_secs: u64,
    },
    /// End an endpoint at once.
    Revoke(Which),
}

/// `jmem key …`
#[derive(Debug, Subcommand)]
pub enum KeyCommand {
    /// Create an API key and print it, once.
    Create {
        #[command(flatten)]
        grant: Grant,
    },
    /// List a user's keys.
    List(Whose),
    /// Give a key a new secret.
    Rotate {
        #[command(flatten)]
        which: Which,
        /// Seconds for which the old secret still works, up to 86400.
        #[arg(long, default_value_t = 0)]
        grace_secs: u64,
    },
    /// End a key at once.
    Revoke(Which),
}

impl EndpointCommand {
    /// Runs it.
    pub async fn run(self, config: Config) -> anyhow::Result<()> {
        match self {
            Self::Create { grant, client } => create(config, CredentialKind::Endpoint, grant, Some(client)).await,
            Self::List(whose) => list(config, CredentialKind::Endpoint, whose).await,
            Self::Rotate { which, grace_secs } => rotate(config, CredentialKind::Endpoint, which, grace_secs).await,
            Self::Revoke(which) => revoke(config, CredentialKind::Endpoint, which).await,
        }
    }
}

impl KeyCommand {
    /// Runs it.
    pub async fn run(self, config: Config) -> anyhow::Result<()> {
        match self {
            Self::Create { grant } => create(config, CredentialKind::ApiKey, grant, None).await,
            Self::List(whose) => list(config, CredentialKind::ApiKey, whose).await,
            Self::Rotate { which, grace_secs } => rotate(config, CredentialKind::ApiKey, which, grace_secs).await,
            Self::Revoke(which) => revoke(config, CredentialKind::ApiKey, which).await,
        }
    }
}

async fn maker(app: &App, email: &str) -> anyhow::Result<Maker> {
    Ok(Maker::operator(&app.accounts.member_by_email(email).await?))
}

async fn create(config: Config, kind: CredentialKind, grant: Grant, client: Option<String>) -> anyhow::Result<()> {
    let urls = PersonalUrls::of(&config.server);
    let app = App::build(config).await?;
    let maker = maker(&app, &grant.whose.user).await?;
    let scopes = if grant.scopes.is_empty() { None } else { Some(Scopes::parse(&grant.scopes)?) };
    let expires_at = grant.expires_in_days.map(|days| SystemClock.now().plus(Duration::from_secs(days * 86_400)));
    let name = grant.name.or_else(|| client.clone()).unwrap_or_else(|| "api key".into());
    let new = NewCredential { kind, name, client, scopes, project: grant.project, expires_at };
    let created = app.credentials.create(&maker, new).await?;
    app.db.close().await;
    show(&urls, &created.credential, created.secret.expose(), grant.whose.json);
    Ok(())
}

async fn list(config: Config, kind: CredentialKind, whose: Whose) -> anyhow::Result<()> {
    let app = App::build(config).await?;
    let credentials = app.credentials.list(&maker(&app, &whose.user).await?, kind).await?;
    app.db.close().await;
    if whose.json {
        println!("{}", Value::from(credentials.iter().map(described).collect::<Vec<_>>()));
        return Ok(());
    }
    for c in credentials {
        let state = if c.revoked_at.is_some() { "revoked" } else { "working" };
        let used = c.last_used_at.map_or_else(|| "never used".to_owned(), |at| format!("last used {at}"));
        println!("{}  {:<12} {:<16} {}…  {state}, {used}", c.id, c.client, c.name, c.hint);
    }
    Ok(())
}

async fn rotate(config: Config, kind: CredentialKind, which: Which, grace_secs: u64) -> anyhow::Result<()> {
    let urls = PersonalUrls::of(&config.server);
    let app = App::build(config).await?;
    let maker = maker(&app, &which.user).await?;
    let rotated = app.credentials.rotate(&maker, kind, which.id, Duration::from_secs(grace_secs)).await?;
    app.db.close().await;
    show(&urls, &rotated.credential, rotated.secret.expose(), which.json);
    Ok(())
}

async fn revoke(config: Config, kind: CredentialKind, which: Which) -> anyhow::Result<()> {
    let app = App::build(config).await?;
    app.credentials.revoke(&maker(&app, &which.user).await?, kind, which.id, "revoked by the operator").await?;
    app.db.close().await;
    if which.json {
        println!("{}", json!({ "id": which.id, "revoked": true }));
    } else {
        println!("Revoked {}.", which.id);
    }
    Ok(())
}

/// Prints a secret for the one time that it can be printed.
fn show(urls: &PersonalUrls, credential: &Credential, secret: &str, as_json: bool) {
    let mut shown = described(credential);
    if credential.kind == CredentialKind::ApiKey {
        shown["api_key"] = json!(secret);
        if as_json {
            println!("{shown}");
        } else {
            println!("API key (shown once): {secret}");
        }
        return;
    }
    let client = &credential.client;
    shown["secret"] = json!(secret);
    shown["sse_url"] = json!(urls.sse(client, secret));
    shown["http_url"] = json!(urls.http(client, secret));
    shown["config"] = urls.client_config(client, secret);
    if as_json {
        println!("{shown}");
    } else {
        println!("{}", urls.invitation(client, secret));
    }
}

fn described(c: &Credential) -> Value {
    json!({
        "id": c.id,
        "name": c.name,
        "client": c.client,
        "hint": c.hint,
        "scopes": c.scopes.names(),
        "project_id": c.project,
        "created_at": c.created_at.rfc3339(),
        "expires_at": c.expires_at.map(crate::clock::Timestamp::rfc3339),
        "last_used_at": c.last_used_at.map(crate::clock::Timestamp::rfc3339),
        "revoked_at": c.revoked_at.map(crate::clock::Timestamp::rfc3339),
    })
}
