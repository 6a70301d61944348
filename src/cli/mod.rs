//! The command line. Every command loads the configuration, builds the [`App`](crate::app::App) and does one thing; all
//! of them work while a server runs on the same data directory.

mod backup;
mod credentials;
mod operate;
mod serve;
mod transfer;

use std::path::PathBuf;

use clap::{Parser, Subcommand};

use crate::{config::Config, telemetry};

/// A personal memory that all your AI clients share.
#[derive(Debug, Parser)]
#[command(name = "jmem", version, about, max_term_width = 100)]
pub struct Cli {
    /// TOML file with settings; the environment overrides it.
    #[arg(long, global = true, env = "JM_CONFIG")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Start the server.
    Serve,
    /// Serve the tools to one local user over standard input and output.
    Stdio(serve::Stdio),
    /// Bring the database schema forward.
    Migrate,
    /// Build everything derived from the database anew, in the background of a running server or here.
    Reindex(operate::Reindex),
    /// Move every user to the configured embedding model, while they are used.
    Reembed(operate::Reembed),
    /// Move a large tenant to a Qdrant collection of its own, while it is used.
    Relocate(operate::Relocate),
    /// Ask the server of these settings whether it is ready; for the health checks of containers.
    Health,
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
    Check,
}

impl Cli {
    /// Runs the command.
    ///
    /// # Errors
    /// A sentence for the person at the terminal.
    pub async fn run(self) -> anyhow::Result<()> {
        let config = Config::load(self.config.as_deref(), std::env::vars())?;
        if let Command::Config(ConfigCommand::Check) = self.command {
            print!("{}", config.redacted());
            return Ok(());
        }
        let spans = telemetry::init(&config.telemetry)?;
        let outcome = Box::pin(self.command.run(config)).await;
        spans.flush().await;
        outcome
    }
}

impl Command {
    async fn run(self, config: Config) -> anyhow::Result<()> {
        match self {
            Self::Serve => serve::serve(config).await,
            Self::Stdio(args) => args.run(config).await,
            Self::Migrate => operate::migrate(config).await,
            Self::Reindex(args) => args.run(config).await,
            Self::Health => operate::health(config).await,
            Self::Backup(args) => args.run(config).await,
            Self::Restore(args) => args.run(config).await,
            Self::Export(args) => args.run(config).await,
            Self::Import(args) => args.run(config).await,
            Self::Erase(args) => args.run(config).await,
            Self::Reembed(args) => args.run(config).await,
            Self::Relocate(args) => args.run(config).await,
            Self::Doctor(args) => args.run(config).await,
            Self::User(command) => command.run(config).await,
            Self::Endpoint(command) => command.run(config).await,
            Self::Key(command) => command.run(config).await,
            Self::Config(ConfigCommand::Check) => Ok(()),
        }
    }
}
