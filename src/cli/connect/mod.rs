//! `jmem connect`: writes this server into the settings of the programs in which a person talks to models, and their hooks, and
//! takes back exactly that. The files are the business of the crate `agents`; where the credentials come from is that of [`keys`].

mod keys;

use std::path::{Path, PathBuf};

use agents::{Client, Door, Hooks, Outcome, Places, Plan, Receipts, Report, Scope, Wanted, disconnect};
use anyhow::{Context, bail, ensure};
use clap::{Args, ValueEnum};
use serde_json::{Value, json};

use super::{hook::HookDoor, place, remote};
use crate::config::Config;
use keys::{Keys, Made};

/// The name under which clients know the server.
const NAME: &str = "memory";
/// The variable that settings of a project name in place of a key.
const KEY_VARIABLE: &str = "JM_API_KEY";

/// `jmem connect`
#[derive(Debug, Args)]
pub struct Connect {
    /// claude-code, claude-desktop, codex, cursor, vscode, gemini, windsurf, opencode, zed; or all that seem to be installed.
    #[arg(required = true)]
    clients: Vec<String>,
    /// A server elsewhere, that you signed in to with 'jmem login' or have a key to in the environment; this machine's when absent.
    #[arg(long, env = "JM_URL", value_name = "BASE")]
    url: Option<String>,
    /// For everything on this machine, or for the folder that you are in.
    #[arg(long, value_enum, default_value_t = For::User)]
    scope: For,
    /// E-mail address of the user, for the server of this machine; may be left out while there is only its owner.
    #[arg(long)]
    user: Option<String>,
    /// No hooks: the program is told nothing by itself, and nothing that is said is kept by itself.
    #[arg(long)]
    no_hooks: bool,
    /// Take back what was written, and revoke what was made.
    #[arg(long)]
    remove: bool,
    /// Print JSON, an object a program.
    #[arg(long)]
    json: bool,
}

/// For whom settings hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum For {
    User,
    Project,
}

impl From<For> for Scope {
    fn from(scope: For) -> Self {
        match scope {
            For::User => Self::User,
            For::Project => Self::Project,
        }
    }
}

/// Where everything lies.
struct Around {
    places: Places,
    scope: Scope,
    receipts: Receipts,
    /// Credentials that were made, by client.
    made: PathBuf,
    /// This program, by its whole path: clients have paths of their own.
    program: String,
}

impl Around {
    fn of(scope: Scope) -> anyhow::Result<Self> {
        let state = place::home().context("this user has no home folder (HOME)")?;
        let places = Places::current().context("this user has no home folder (HOME)")?;
        let folder = std::env::current_dir().context("the folder that this runs in is gone")?;
        let program = std::env::current_exe().context("where this program lies is not known")?;
        Ok(Self {
            places: if scope == Scope::Project { places.with_project(folder) } else { places },
            scope,
            receipts: Receipts::new(state.join("connected")),
            made: state.join("connected.json"),
            program: program.to_string_lossy().into_owned(),
        })
    }

    fn project(&self) -> Option<&Path> {
        self.places.project.as_deref().filter(|_| self.scope == Scope::Project)
    }
}

impl Connect {
    /// Connects or disconnects, client by client; the first failure does not keep the others from it.
    pub async fn run(self, config: impl FnOnce() -> anyhow::Result<Config>) -> anyhow::Result<()> {
        let around = Around::of(self.scope.into())?;
        let clients = self.clients(&around)?;
        let mut failed = Vec::new();
        if self.remove {
            let revoking = Keys::of(self.url.as_deref(), self.user.as_deref(), config).await.ok();
            for client in clients {
                match self.disconnected(client, &around, revoking.as_ref()).await {
                    Ok(reports) => self.tell(client, &reports, None),
                    Err(error) => failed.push(format!("{}: {error:#}", client.title())),
                }
            }
            if around.receipts.list()?.is_empty() {
                keys::forget_hooks(revoking.as_ref()).await;
            }
        } else {
            let keys = Keys::of(self.url.as_deref(), self.user.as_deref(), config).await?;
            for client in clients {
                match self.connected(client, &around, &keys).await {
                    Ok((reports, check)) => self.tell(client, &reports, Some(&check)),
                    Err(error) => failed.push(format!("{}: {error:#}", client.title())),
                }
            }
            keys.close().await;
        }
        ensure!(failed.is_empty(), "{}", failed.join("\n"));
        Ok(())
    }

    fn clients(&self, around: &Around) -> anyhow::Result<Vec<Client>> {
        if self.clients.iter().all(|name| name != "all") {
            return self.clients.iter().map(|name| Ok(name.parse::<Client>()?)).collect();
        }
        let known: Vec<_> = around.receipts.list()?.into_iter().map(|connected| connected.client).collect();
        let here = |client: &Client| if self.remove { known.contains(client) } else { client.seems_installed(&around.places) };
        let found: Vec<_> = Client::ALL.into_iter().filter(here).collect();
        if found.is_empty() && !self.remove {
            bail!("none of the programs that are known here seems to be installed. Name one: {}", Client::ALL.map(Client::id).join(", "));
        }
        Ok(found)
    }

    async fn connected(&self, client: Client, around: &Around, keys: &Keys) -> anyhow::Result<(Vec<Report>, String)> {
        let hooks = Hooks { program: around.program.clone(), args: vec!["hook".into(), client.id().into()], context: true, capture: true };
        let hooks = (Hooks::known_to(client) && !self.no_hooks).then_some(&hooks);
        let (door, made) = self.door(client, around, keys).await?;
        let wanted = Wanted { client, scope: around.scope, name: NAME, door: Some(&door), hooks };
        let applied = Plan::new(&around.places, &wanted).and_then(|plan| plan.apply(&around.receipts));
        let reports = match applied {
            Ok(reports) => reports,
            Err(error) => {
                // Nobody holds what was made.
                if let Some(made) = &made {
                    keys.revoke(&made.id).await.ok();
                }
                return Err(error.into());
            }
        };
        if hooks.is_some() {
            keys.open_hooks().await?;
        }
        if let Some(made) = &made {
            let earlier = keys::note(&around.made, client, around.project(), Some(&made.id))?;
            if let Some(earlier) = earlier {
                keys.revoke(&earlier).await.ok();
            }
        }
        let check = match &made {
            Some(made) => keys::check(&made.url).await,
            None => "not called: it opens by the environment, or when the program starts it".to_owned(),
        };
        Ok((reports, check))
    }

    /// How a client shall reach the server: by an address of its own, where no secret would get into what others read.
    async fn door(&self, client: Client, around: &Around, keys: &Keys) -> anyhow::Result<(Door, Option<Made>)> {
        let commands_only = client == Client::ClaudeDesktop;
        if let Some(data_dir) = keys.data_dir()
            && (commands_only || around.scope == Scope::Project)
        {
            let mut args = vec!["stdio".to_owned(), "--client".to_owned(), client.id().to_owned()];
            // What is committed names no folder of this machine: there the server of whoever opens it is found.
            let program = if around.scope == Scope::Project {
                "jmem".to_owned()
            } else {
                args.extend(["--data-dir".to_owned(), data_dir.to_string_lossy().into_owned()]);
                args.extend(self.user.iter().flat_map(|user| ["--user".to_owned(), user.clone()]));
                around.program.clone()
            };
            return Ok((Door::command(program, args), None));
        }
        if around.scope == Scope::Project {
            return Ok((Door::bearer_from(format!("{}/mcp", keys.base()), KEY_VARIABLE), None));
        }
        let made = keys.endpoint(client.id()).await?;
        Ok((Door::personal(made.url.clone()), Some(made)))
    }

    async fn disconnected(&self, client: Client, around: &Around, keys: Option<&Keys>) -> anyhow::Result<Vec<Report>> {
        let reports = disconnect(client, around.scope, around.project(), &around.receipts)?;
        if let Some(id) = keys::note(&around.made, client, around.project(), None)?
            && let Some(keys) = keys
        {
            keys.revoke(&id).await.ok();
        }
        Ok(reports)
    }

    fn tell(&self, client: Client, reports: &[Report], check: Option<&str>) {
        if self.json {
            let files: Vec<Value> = reports
                .iter()
                .map(|report| json!({ "file": report.file, "outcome": word(report.outcome), "backup": report.backup, "left": report.left }))
                .collect();
            println!("{}", json!({ "client": client.id(), "files": files, "check": check }));
            return;
        }
        println!("{}", client.title());
        if reports.is_empty() {
            println!("  nothing was connected");
        }
        for report in reports {
            let backup = report.backup.as_ref().map(|backup| format!(" (as it was: {})", backup.display())).unwrap_or_default();
            println!("  {}: {}{backup}", report.file.display(), word(report.outcome));
            for left in &report.left {
                println!("    {left} was changed since, and was left");
            }
        }
        if let Some(check) = check {
            println!("  {check}");
            if let Some(then) = client.afterwards(agents::Os::current()) {
                println!("  {then}");
            }
        }
    }
}

const fn word(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Created => "made",
        Outcome::Changed => "added to",
        Outcome::Unchanged => "as it was",
        Outcome::Restored => "put back",
        Outcome::Deleted => "removed",
        Outcome::Left => "put back, but for what was changed since",
        Outcome::Missing => "not there any more",
    }
}

/// The server at an address, for who connects to one elsewhere.
fn elsewhere(url: &str) -> anyhow::Result<remote::Server> {
    remote::Where { url: Some(url.to_owned()) }.server()
}

/// Makes sure that hooks are written down once for all clients.
fn write_hooks(door: &HookDoor) -> anyhow::Result<()> {
    let file = HookDoor::file().context("this user has no home folder (HOME)")?;
    remote::write_private(&file, &serde_json::to_string(door)?)
}
