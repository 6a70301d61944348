//! `jmem export`, `jmem import` and `jmem erase`: taking a user's memories along, bringing them back, leaving nothing behind.

use std::{
    fs::File,
    io::{Cursor, Read, Write},
    path::PathBuf,
};

use anyhow::{Context, ensure};
use clap::Args;
use futures::TryStreamExt;
use serde_json::json;

use crate::{
    adapters::sql::SqlJobQueue,
    app::App,
    auth::{Principal, Scopes},
    config::Config,
    ids::TenantId,
    jobs::TenantDirectory,
    tenancy::TenantScope,
    transfer::ImportOptions,
};

/// What the operator's own work is called among the apps.
const CLIENT: &str = "operator";
/// Most that an archive may unpack to: it is read as it unpacks, and only what is kept takes memory.
const UNPACKED: u64 = 16 << 30;

/// `jmem export`
#[derive(Debug, Args)]
pub struct Export {
    /// E-mail address of a user of the data here; without it, everything comes from the server that you signed in to.
    #[arg(long)]
    pub(super) user: Option<String>,
    #[command(flatten)]
    pub(super) at: super::remote::Where,
}

impl Export {
    /// Writes JSON lines to standard output.
    pub async fn run(self, config: Config) -> anyhow::Result<()> {
        let app = App::build(config).await?;
        let member = app.accounts.member_by_email(self.user.as_deref().unwrap_or_default()).await?;
        let mut chunks = Box::pin(app.transfer.export(&Principal::local(&member, CLIENT)).await?);
        let mut out = std::io::BufWriter::new(std::io::stdout());
        while let Some(lines) = chunks.try_next().await? {
            for line in lines {
                serde_json::to_writer(&mut out, &line)?;
                out.write_all(b"\n")?;
            }
        }
        out.flush()?;
        app.db.close().await;
        Ok(())
    }
}

/// `jmem import`
#[derive(Debug, Args)]
pub struct Import {
    /// E-mail address of the user.
    #[arg(long)]
    user: String,
    /// The file; standard input when absent.
    file: Option<PathBuf>,
    /// Of conversations, take what the assistant said as well.
    #[arg(long)]
    assistant: bool,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

impl Import {
    /// Stores what the file holds and tells what became of it.
    pub async fn run(self, config: Config) -> anyhow::Result<()> {
        let options =
            ImportOptions { dry_run: false, project: None, assistant: self.assistant, unpacked_bytes: UNPACKED, kept_bytes: u64::MAX };
        let app = App::build(config).await?;
        let member = app.accounts.member_by_email(&self.user).await?;
        // Whoever has the data directory may make the projects that the file has.
        let by = Principal { scopes: Scopes::all(), ..Principal::local(&member, CLIENT) };
        let report = if let Some(path) = &self.file {
            let file = File::open(path).with_context(|| format!("cannot read {}", path.display()))?;
            app.transfer.import(&by, file, options).await?
        } else {
            let mut file = Vec::new();
            std::io::stdin().read_to_end(&mut file).context("cannot read standard input")?;
            app.transfer.import(&by, Cursor::new(file), options).await?
        };
        app.db.close().await;
        let failed = report.failed.total();
        if self.json {
            let lines: Vec<_> = report.failed.iter().map(|(line, why)| json!({ "line": line, "detail": why })).collect();
            println!(
                "{}",
                json!({
                    "import_id": report.id, "read": report.read, "stored": report.stored, "known": report.known, "held": report.held,
                    "forgotten": report.forgotten, "left_out": report.left_out, "failed": lines, "failed_more": report.failed.more(),
                    "warning": report.warning,
                })
            );
            ensure!(failed == 0, "{} not stored", super::counted(failed as u64, "memory"));
            return Ok(());
        }
        println!("{} read: {} stored, {} known already.", super::counted(report.read as u64, "memory"), report.stored, report.known);
        for (why, count) in &report.left_out {
            println!("left out: {count} ({why})");
        }
        for (line, why) in &*report.failed {
            println!("{line}: {why}");
        }
        if report.failed.more() > 0 {
            println!("and {} others", report.failed.more());
        }
        if let Some(warning) = report.warning {
            println!("{warning}");
        }
        ensure!(report.failed.is_empty(), "{} memories were not stored", report.failed.total());
        Ok(())
    }
}

/// `jmem erase`
#[derive(Debug, Args)]
pub struct Erase {
    #[command(flatten)]
    whom: Whom,
    /// That it is meant: nothing brings it back.
    #[arg(long)]
    yes: bool,
}

impl Erase {
    /// Erases the user and prints the receipt as one JSON object.
    pub async fn run(self, config: Config) -> anyhow::Result<()> {
        ensure!(self.yes, "this erases everything of the account for good; say so with --yes");
        let app = App::build(config).await?;
        let receipt = app.memories.erasure.erase(&self.whom.find(&app).await?).await?;
        app.db.close().await;
        println!("{}", json!({ "tenant_id": receipt.tenant, "erased_at": receipt.erased_at.rfc3339(), "rows": receipt.rows }));
        Ok(())
    }
}

/// An account: by its user, or, where a restored backup holds it again, by what the log and the receipt called it.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
struct Whom {
    /// E-mail address of the user.
    #[arg(long)]
    user: Option<String>,
    /// The `tenant_id` of the account.
    #[arg(long)]
    tenant: Option<TenantId>,
}

impl Whom {
    async fn find(&self, app: &App) -> anyhow::Result<TenantScope> {
        if let Some(user) = &self.user {
            return Ok(app.accounts.member_by_email(user).await?.scope());
        }
        let accounts = SqlJobQueue::shared(&app.db).tenants().await?;
        let account = accounts.into_iter().find(|scope| Some(scope.tenant()) == self.tenant);
        account.context("there is no account with this tenant_id")
    }
}
