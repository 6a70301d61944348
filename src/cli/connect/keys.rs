//! Where the credentials of connected programs come from: the data of this machine, or a server elsewhere. Each program gets an
//! endpoint of its own, and all hooks together one API key that reads and writes memories and does nothing else.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    time::Duration,
};

use agents::Client;
use anyhow::Context;
use reqwest::Method;
use serde_json::{Value, json};

use super::{HookDoor, elsewhere, write_hooks};
use crate::{
    app::App,
    auth::{CredentialKind, Maker, NewCredential, Scope, Scopes},
    cli::{credentials::urls, remote, serve::OWNER},
    config::Config,
    personal_url::PersonalUrls,
};

/// What the key of the hooks is called among the credentials.
const HOOKS: &str = "hooks";
/// Longest wait for the check.
const CHECK: Duration = Duration::from_secs(5);

/// A credential that was made for a program.
pub(super) struct Made {
    pub(super) id: String,
    /// Opens by itself.
    pub(super) url: String,
}

/// Makes and revokes credentials.
pub(super) enum Keys {
    Here { app: Box<App>, maker: Maker, urls: PersonalUrls },
    There(remote::Server),
}

impl Keys {
    /// Of the server elsewhere that was named, or of this machine's.
    pub(super) async fn of(url: Option<&str>, user: Option<&str>, config: impl FnOnce() -> anyhow::Result<Config>) -> anyhow::Result<Self> {
        if let Some(url) = url {
            return Ok(Self::There(elsewhere(url)?));
        }
        let config = config()?;
        let urls = urls(&config);
        let app = App::build(config).await?;
        let member = app.accounts.member_by_email(user.unwrap_or(OWNER)).await?;
        Ok(Self::Here { maker: Maker::operator(&member), app: Box::new(app), urls })
    }

    pub(super) fn base(&self) -> &str {
        match self {
            Self::Here { urls, .. } => urls.base(),
            Self::There(server) => &server.base,
        }
    }

    /// The data of this machine's server, as a path that holds from everywhere.
    pub(super) fn data_dir(&self) -> Option<PathBuf> {
        match self {
            Self::Here { app, .. } => {
                let folder = &app.config.server.data_dir;
                Some(std::fs::canonicalize(folder).unwrap_or_else(|_| folder.clone()))
            }
            Self::There(_) => None,
        }
    }

    /// A new endpoint for a client.
    pub(super) async fn endpoint(&self, client: &str) -> anyhow::Result<Made> {
        match self {
            Self::Here { app, maker, urls } => {
                let new = NewCredential {
                    kind: CredentialKind::Endpoint,
                    name: format!("{client} (connected)"),
                    client: Some(client.to_owned()),
                    scopes: None,
                    project: None,
                    expires_at: None,
                };
                let made = app.credentials.create(maker, new).await?;
                Ok(Made { id: made.credential.id.to_string(), url: urls.http(&made.credential.client, made.secret.expose()) })
            }
            Self::There(server) => {
                let body = json!({ "name": format!("{client} (connected)"), "client": client });
                let made = server.call(Method::POST, "/api/v1/endpoints", Some(&body)).await?;
                let text = |name: &str| made[name].as_str().map(str::to_owned).context("the server's answer is not understood");
                Ok(Made { id: text("id")?, url: text("http_url")? })
            }
        }
    }

    /// Gives hooks their key, unless they have one for this server.
    pub(super) async fn open_hooks(&self) -> anyhow::Result<()> {
        let kept = HookDoor::file().and_then(|file| std::fs::read_to_string(file).ok());
        let kept = kept.and_then(|text| serde_json::from_str::<HookDoor>(&text).ok());
        if kept.is_some_and(|door| door.url == self.base()) {
            return Ok(());
        }
        let scopes = [Scope::MemoryRead, Scope::MemoryWrite];
        let (id, api_key) = match self {
            Self::Here { app, maker, .. } => {
                let new = NewCredential {
                    kind: CredentialKind::ApiKey,
                    name: HOOKS.to_owned(),
                    client: Some(HOOKS.to_owned()),
                    scopes: Some(Scopes::of(&scopes)),
                    project: None,
                    expires_at: None,
                };
                let made = app.credentials.create(maker, new).await?;
                (made.credential.id.to_string(), made.secret.expose().to_owned())
            }
            Self::There(server) => {
                let body = json!({ "name": HOOKS, "client": HOOKS, "scopes": scopes.map(Scope::as_str) });
                let made = server.call(Method::POST, "/api/v1/keys", Some(&body)).await?;
                let text = |name: &str| made[name].as_str().map(str::to_owned).context("the server's answer is not understood");
                (text("id")?, text("api_key")?)
            }
        };
        write_hooks(&HookDoor { url: self.base().to_owned(), api_key, id })
    }

    /// Revokes an endpoint.
    pub(super) async fn revoke(&self, id: &str) -> anyhow::Result<()> {
        self.revoke_kind(id, CredentialKind::Endpoint).await
    }

    async fn revoke_kind(&self, id: &str, kind: CredentialKind) -> anyhow::Result<()> {
        match self {
            Self::Here { app, maker, .. } => Ok(app.credentials.revoke(maker, kind, id.parse()?, "disconnected").await?),
            Self::There(server) => {
                let path = if kind == CredentialKind::ApiKey { "keys" } else { "endpoints" };
                server.call(Method::DELETE, &format!("/api/v1/{path}/{id}"), None).await.map(drop)
            }
        }
    }

    /// Lets go of what was opened.
    pub(super) async fn close(self) {
        if let Self::Here { app, .. } = self {
            app.db.close().await;
        }
    }
}

/// Takes the key of the hooks back, when nothing is connected any more.
pub(super) async fn forget_hooks(keys: Option<&Keys>) {
    let Some(file) = HookDoor::file() else { return };
    let kept = std::fs::read_to_string(&file).ok().and_then(|text| serde_json::from_str::<HookDoor>(&text).ok());
    if let (Some(door), Some(keys)) = (kept, keys) {
        keys.revoke_kind(&door.id, CredentialKind::ApiKey).await.ok();
    }
    std::fs::remove_file(file).ok();
}

/// Notes which credential a client has now, or none; answers the one that it had.
pub(super) fn note(file: &Path, client: Client, project: Option<&Path>, id: Option<&str>) -> anyhow::Result<Option<String>> {
    let mut all: BTreeMap<String, String> =
        std::fs::read_to_string(file).ok().and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default();
    let name = project.map_or_else(|| client.id().to_owned(), |project| format!("{} {}", client.id(), project.display()));
    let earlier = match id {
        Some(id) => all.insert(name, id.to_owned()),
        None => all.remove(&name),
    };
    if all.is_empty() {
        std::fs::remove_file(file).ok();
    } else {
        remote::write_private(file, &serde_json::to_string(&all)?)?;
    }
    Ok(earlier)
}

/// Calls the address as the client will, and says what came of it.
pub(super) async fn check(url: &str) -> String {
    let message = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/list" });
    let tried = async {
        let http = reqwest::Client::builder().timeout(CHECK).build().ok()?;
        let request = http.post(url).header("accept", "application/json, text/event-stream").json(&message);
        request.send().await.ok()
    };
    let Some(answer) = tried.await else {
        return "the server does not answer now: start it with 'jmem serve', and it works".to_owned();
    };
    let status = answer.status();
    let body: Value = answer.json().await.unwrap_or_default();
    match body["result"]["tools"].as_array() {
        Some(tools) => format!("called: it opens, with {}", crate::cli::counted(tools.len() as u64, "tool")),
        None => format!("called: the server answered {status}"),
    }
}
