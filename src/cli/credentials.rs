//! Users, personal endpoints and API keys from the operator's terminal.

use std::{io::Read, time::Duration};

use anyhow::{Context, bail};
use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::counted;
use crate::{
    app::App,
    auth::{CreatedUser, Credential, CredentialKind, Maker, NewCredential, Scopes},
    clock::{Clock, SystemClock, Timestamp},
    config::Config,
    data_dir::DataDir,
    error::Error,
    ids::{CredentialId, ProjectId},
    personal_url::PersonalUrls,
    tenancy::{Account, Role},
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
        #[arg(value_parser = role)]
        role: Role,
        /// Print one JSON object.
        #[arg(long)]
        json: bool,
    },
    /// List the users, newest first.
    List {
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
}

fn role(text: &str) -> Result<Role, String> {
    text.parse().map_err(|error: Error| error.detail().to_owned())
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
            Self::Role { email, role, json } => {
                let app = App::build(config).await?;
                let member = app.accounts.member_by_email(&email).await?;
                app.operator.set_role(member.user, member.tenant, role).await?;
                app.db.close().await;
                if json {
                    println!("{}", json!({ "id": member.user, "tenant_id": member.tenant, "email": member.email, "role": role.as_str() }));
                } else {
                    println!("{email} is {} now.", role.as_str());
                }
            }
            Self::List { json } => {
                let app = App::build(config).await?;
                let users = all_users(&app).await?;
                app.db.close().await;
                show_users(&users, json);
            }
        }
        Ok(())
    }
}

/// Users that are read at a time.
const PART: u32 = 200;

async fn all_users(app: &App) -> anyhow::Result<Vec<Account>> {
    let mut users = Vec::new();
    loop {
        let (part, _) = app.operator.accounts(users.last().map(|user: &Account| user.user), PART).await?;
        let more = part.len() == PART as usize;
        users.extend(part);
        if !more {
            return Ok(users);
        }
    }
}

fn show_users(users: &[Account], as_json: bool) {
    if as_json {
        let user = |user: &Account| {
            json!({
                "id": user.user, "tenant_id": user.tenant, "email": user.email, "role": user.role.as_str(),
                "created_at": user.created_at.rfc3339(), "last_login_at": user.last_login_at.map(Timestamp::rfc3339),
                "credentials": user.credentials, "memories": user.memories, "apps": user.apps,
            })
        };
        println!("{}", Value::from(users.iter().map(user).collect::<Vec<_>>()));
        return;
    }
    if users.is_empty() {
        println!("No user yet. Make one with 'jmem user create EMAIL'.");
    }
    for user in users {
        let email = user.email.as_deref().unwrap_or("(no e-mail address)");
        let memories = counted(user.memories, "memory");
        println!("{email:<32} {:<9} {memories}, {}", user.role.as_str(), counted(user.credentials, "credential"));
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
    /// Identifier, or the beginning of the secret, as `list` shows them.
    id: String,
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
    /// Give the server itself a new secret key. What was made under the earlier one goes on until it is rotated or ends.
    RotateServer(super::server_key::RotateServer),
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
            Self::RotateServer(args) => args.run(config).await,
        }
    }
}

impl Which {
    /// The one credential that is meant.
    async fn find(&self, app: &App, maker: &Maker, kind: CredentialKind) -> anyhow::Result<CredentialId> {
        let named = self.id.trim_end_matches('…');
        let mut found = app.credentials.list(maker, kind).await?;
        found.retain(|credential| credential.id.to_string() == named || credential.hint == named);
        match found.as_slice() {
            [one] => Ok(one.id),
            [] => bail!("no {} is called '{}'; 'jmem {} list --user {}' shows yours", noun(kind), self.id, command(kind), self.user),
            _ => bail!("'{}' may be several; name one by its identifier", self.id),
        }
    }
}

const fn noun(kind: CredentialKind) -> &'static str {
    if matches!(kind, CredentialKind::ApiKey) { "API key" } else { "endpoint" }
}

const fn command(kind: CredentialKind) -> &'static str {
    if matches!(kind, CredentialKind::ApiKey) { "key" } else { "endpoint" }
}

/// How clients reach the server: as it says itself, where one runs on these data.
pub(super) fn urls(config: &Config) -> PersonalUrls {
    let said = DataDir::of(config).server().filter(|_| config.server.public_url.is_none());
    said.map_or_else(|| PersonalUrls::of(&config.server), |server| PersonalUrls::known(&server.url))
}

async fn maker(app: &App, email: &str) -> anyhow::Result<Maker> {
    Ok(Maker::operator(&app.accounts.member_by_email(email).await?))
}

async fn create(config: Config, kind: CredentialKind, grant: Grant, client: Option<String>) -> anyhow::Result<()> {
    let urls = urls(&config);
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
    if credentials.is_empty() {
        println!("No {} yet. Make one with 'jmem {} create --user {}'.", noun(kind), command(kind), whose.user);
    }
    for c in credentials {
        let state = if c.revoked_at.is_some() { "revoked" } else { "working" };
        let used = c.last_used_at.map_or_else(|| "never used".to_owned(), |at| format!("last used {at}"));
        println!("{}  {:<12} {:<16} {}…  {state}, {used}", c.id, c.client, c.name, c.hint);
    }
    Ok(())
}

async fn rotate(config: Config, kind: CredentialKind, which: Which, grace_secs: u64) -> anyhow::Result<()> {
    let urls = urls(&config);
    let app = App::build(config).await?;
    let maker = maker(&app, &which.user).await?;
    let id = which.find(&app, &maker, kind).await?;
    let rotated = app.credentials.rotate(&maker, kind, id, Duration::from_secs(grace_secs)).await?;
    app.db.close().await;
    show(&urls, &rotated.credential, rotated.secret.expose(), which.json);
    Ok(())
}

async fn revoke(config: Config, kind: CredentialKind, which: Which) -> anyhow::Result<()> {
    let app = App::build(config).await?;
    let maker = maker(&app, &which.user).await?;
    let id = which.find(&app, &maker, kind).await?;
    app.credentials.revoke(&maker, kind, id, "revoked by the operator").await?;
    app.db.close().await;
    if which.json {
        println!("{}", json!({ "id": id, "revoked": true }));
    } else {
        println!("Revoked {id}.");
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
        "expires_at": c.expires_at.map(Timestamp::rfc3339),
        "last_used_at": c.last_used_at.map(Timestamp::rfc3339),
        "revoked_at": c.revoked_at.map(Timestamp::rfc3339),
    })
}
