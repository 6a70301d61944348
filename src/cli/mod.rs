//! The command line. Every command loads the configuration, builds the [`App`](crate::app::App) and does one thing; all
//! of them work while a server runs on the same data directory.

mod backup;
mod connect;
mod credentials;
mod hook;
mod operate;
mod place;
mod remote;
mod serve;
mod server_key;
mod transfer;

use std::path::PathBuf;

use clap::{Parser, Subcommand};

use place::Beginning;

use crate::{
    config::{self, Config},
    telemetry,
};

/// A personal memory that all your AI clients share.
#[derive(Debug, Parser)]
#[command(name = "jmem", version, about, max_term_width = 100)]
pub struct Cli {
    /// TOML file with settings; the environment overrides it.
    #[arg(long, global = true, env = "JM_CONFIG")]
    config: Option<PathBuf>,
    /// Where SQLite and the server's key lie.
    #[arg(long, global = true, value_name = "FOLDER")]
    data_dir: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Start the server.
    Serve(serve::Serve),
    /// Serve the tools to one local user over standard input and output.
    Stdio(serve::Stdio),
    /// Bring the database schema forward.
    Migrate(operate::Migrate),
    /// Build everything derived from the database anew, in the background of a running server or here.
    Reindex(operate::Reindex),
    /// Move every user to the configured embedding model, while they are used.
    Reembed(operate::Reembed),
    /// Move a large tenant to a Qdrant collection of its own, while it is used.
    Relocate(operate::Relocate),
    /// Ask the server of these settings whether it is ready; for the health checks of containers.
    Health(operate::Health),
    /// Write all of the service to one file, while it runs.
    Backup(backup::Backup),
    /// Fill an empty database, of either kind, with a backup.
    Restore(backup::Restore),
    /// Write a user's memories to standard output, as JSON lines.
    Export(transfer::Export),
    /// Read memories from a file: an export of this product, or of OpenMemory, Jean Memory, mem0, ChatGPT or Claude.
    Import(transfer::Import),
    /// Erase a user with everything they have.
    Erase(transfer::Erase),
    /// Check database, schema and jobs.
    Doctor(operate::Doctor),
    /// Write this server into the settings of Claude Code, Cursor, Codex and others, with their hooks; or take that back.
    Connect(connect::Connect),
    /// What the hooks of connected programs run.
    #[command(hide = true)]
    Hook(hook::Hook),
    /// Sign in to a server, by a code.
    Login(remote::Login),
    /// Forget a sign-in.
    Logout(remote::Logout),
    /// Remember something, on the server that you signed in to or that the environment names.
    Add(remote::Add),
    /// Find what is remembered, there.
    Search(remote::Search),
    /// What a model should know before it answers, from there.
    Context(remote::ContextOf),
    /// List what is remembered, there.
    List(remote::List),
    /// Users of the built-in accounts.
    #[command(subcommand)]
    User(credentials::UserCommand),
    /// Personal endpoints: one URL per client.
    #[command(subcommand)]
    Endpoint(credentials::EndpointCommand),
    /// API keys.
    #[command(subcommand)]
    Key(credentials::KeyCommand),
    /// Settings.
    #[command(subcommand)]
    Config(ConfigCommand),
}

#[derive(Debug, Subcommand)]
enum ConfigCommand {
    /// Validate the settings and print them, secrets redacted.
    Check {
        /// Print one JSON object.
        #[arg(long)]
        json: bool,
    },
}

impl Cli {
    /// Runs the command.
    ///
    /// # Errors
    /// A sentence for the person at the terminal.
    pub async fn run(self) -> anyhow::Result<()> {
        // Those that need no data here are not kept from their work by settings that do not fit.
        let command = match self.command {
            Command::Hook(hook) => {
                hook.run().await;
                return Ok(());
            }
            Command::Login(args) => return args.run().await,
            Command::Logout(_) => return remote::Logout::run(),
            Command::Add(args) => return args.run().await,
            Command::Search(args) => return args.run().await,
            Command::Context(args) => return args.run().await,
            Command::List(args) => return args.run().await,
            Command::Export(transfer::Export { user: None, at }) => return remote::ExportFrom(at).run().await,
            command => command,
        };
        Self { command, ..self }.run_here().await
    }

    async fn run_here(self) -> anyhow::Result<()> {
        if let Command::Connect(args) = self.command {
            let (file, data_dir) = (self.config, self.data_dir);
            let config = move || {
                let told = data_dir.map(|path| ("JM_DATA_DIR".to_owned(), path.to_string_lossy().into_owned()));
                let env = std::env::vars().filter(|(name, _)| told.is_none() || name != "JM_DATA_DIR").chain(told.clone());
                place::found(Config::load(file.as_deref(), env)?, Beginning::Never, place::home().as_deref())
            };
            return Box::pin(args.run(config)).await;
        }
        let told = self.data_dir.iter().map(|path| ("JM_DATA_DIR".to_owned(), path.to_string_lossy().into_owned()));
        let told: Vec<_> = match &self.command {
            Command::Serve(serve) => told.chain(serve.settings()).collect(),
            _ => told.collect(),
        };
        // A flag says it louder than a variable, under whichever of its names.
        let of_flag = |name: &str| told.iter().any(|(key, _)| config::key_of(name).is_some_and(|of| Some(of) == config::key_of(key)));
        let env = std::env::vars().filter(|(name, _)| !of_flag(name)).chain(told.iter().cloned()).collect::<Vec<_>>();
        let config = Config::load(self.config.as_deref(), env)?;
        if let Command::Config(ConfigCommand::Check { json }) = self.command {
            let text = config.redacted();
            if json {
                println!("{}", serde_json::to_string(&text.parse::<toml::Table>()?)?);
            } else {
                print!("{text}");
            }
            return Ok(());
        }
        let config = place::found(config, self.command.beginning(), place::home().as_deref())?;
        let spans = telemetry::init(&config.telemetry)?;
        let outcome = Box::pin(self.command.run(config)).await;
        spans.flush().await;
        outcome
    }
}

/// The exit code of a failure: 3 not let in, 4 not there, 5 away, of commands that call a server; 1 for the rest.
#[must_use]
pub fn exit_code(error: &anyhow::Error) -> u8 {
    error.downcast_ref::<remote::Failure>().map_or(1, |failure| failure.code)
}

/// Why a command failed, for a person: each cause once, in words.
#[must_use]
pub fn told(error: &anyhow::Error) -> String {
    let mut text = String::new();
    for cause in error.chain() {
        let words = cause.downcast_ref::<crate::error::Error>().map_or_else(|| cause.to_string(), |error| error.detail().to_owned());
        if text.is_empty() {
            text = words;
        } else if !text.contains(&words) {
            text = format!("{}: {words}", text.trim_end_matches('.'));
        }
    }
    text
}

/// `1 user`, `2 users`.
fn counted(count: impl Into<i128>, what: &str) -> String {
    let count = count.into();
    let plural = match what.strip_suffix('y') {
        _ if count == 1 => what.to_owned(),
        Some(stem) if what.ends_with("ry") => format!("{stem}ies"),
        _ => format!("{what}s"),
    };
    format!("{count} {plural}")
}

impl Command {
    const fn beginning(&self) -> Beginning {
        match self {
            Self::Serve(_) | Self::Migrate(_) | Self::Restore(_) | Self::Health(_) | Self::Config(_) => Beginning::Here,
            Self::Stdio(_) => Beginning::Unless,
            Self::User(credentials::UserCommand::Create(_)) => Beginning::WhereTold,
            _ => Beginning::Never,
        }
    }

    async fn run(self, config: Config) -> anyhow::Result<()> {
        match self {
            Self::Serve(_) => serve::serve(config).await,
            Self::Stdio(args) => args.run(config).await,
            Self::Migrate(args) => args.run(config).await,
            Self::Reindex(args) => args.run(config).await,
            Self::Health(args) => args.run(config).await,
            Self::Backup(args) => args.run(config).await,
            Self::Restore(args) => args.run(config).await,
            Self::Export(args) => args.run(config).await,
            Self::Import(args) => args.run(config).await,
            Self::Erase(args) => args.run(config).await,
            Self::Reembed(args) => args.run(config).await,
            Self::Relocate(args) => args.run(config).await,
            Self::Doctor(args) => args.run(config).await,
            Self::User(command) => Box::pin(command.run(config)).await,
            Self::Endpoint(command) => command.run(config).await,
            Self::Key(command) => command.run(config).await,
            // The others were done before the settings were read.
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use anyhow::Context;

    use super::*;
    use crate::error::{Code, Error};

    #[test]
    fn a_cause_is_told_once_and_without_its_code() {
        let plain: anyhow::Error = Error::new(Code::NotFound, "No user has this address.").into();
        assert_eq!(told(&plain), "No user has this address.");
        let twice = Err::<(), _>(anyhow::anyhow!("there is no such database")).context("connecting: there is no such database");
        assert_eq!(
            told(&twice.context("Postgres cannot be reached").expect_err("fails")),
            "Postgres cannot be reached: connecting: there is no such database"
        );
    }

    #[test]
    fn numbers_agree_with_their_nouns() {
        let told = [(1, "user"), (2, "user"), (0, "memory"), (1, "memory"), (3, "key")].map(|(n, what)| counted(n, what));
        assert_eq!(told, ["1 user", "2 users", "0 memories", "1 memory", "3 keys"]);
    }
}
