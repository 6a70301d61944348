//! `jmem export`, `jmem import` and `jmem erase`: taking a user's memories along, bringing them back, leaving nothing behind.

use std::{io::Write, path::PathBuf};

use anyhow::{Context, ensure};
use clap::Args;
use futures::TryStreamExt;
use serde_json::json;

use crate::{app::App, auth::Principal, config::Config};

/// What the operator's own work is called among the apps.
const CLIENT: &str = "operator";

/// `jmem export`
#[derive(Debug, Args)]
pub struct Export {
    /// E-mail address of the user.
    #[arg(long)]
    user: String,
}

impl Export {
    /// Writes JSON lines to standard output.
    pub async fn run(self, config: Config) -> anyhow::Result<()> {
        let app = App::build(config).await?;
        let member = app.accounts.member_by_email(&self.user).await?;
        let mut chunks = Box::pin(app.memories.export(&Principal::local(&member, CLIENT)).await?);
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
}

impl Import {
    /// Stores what the file holds and tells what became of each line.
    pub async fn run(self, config: Config) -> anyhow::Result<()> {
        let text = match &self.file {
            Some(path) => std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?,
            None => std::io::read_to_string(std::io::stdin()).context("cannot read standard input")?,
        };
        let app = App::build(config).await?;
        let member = app.accounts.member_by_email(&self.user).await?;
        let report = app.memories.import(&Principal::local(&member, CLIENT), &text).await?;
        app.db.close().await;
        println!("{} memories read: {} stored, {} known already.", report.read, report.stored, report.known);
        for (line, why) in &report.failed {
            println!("line {line}: {why}");
        }
        if let Some(warning) = report.warning {
            println!("{warning}");
        }
        ensure!(report.failed.is_empty(), "{} memories were not stored", report.failed.len());
        Ok(())
    }
}

/// `jmem erase`
#[derive(Debug, Args)]
pub struct Erase {
    /// E-mail address of the user.
    #[arg(long)]
    user: String,
    /// That it is meant: nothing brings it back.
    #[arg(long)]
    yes: bool,
}

impl Erase {
    /// Erases the user and prints the receipt as one JSON object.
    pub async fn run(self, config: Config) -> anyhow::Result<()> {
        ensure!(self.yes, "this erases everything of {} for good; say so with --yes", self.user);
        let app = App::build(config).await?;
        let member = app.accounts.member_by_email(&self.user).await?;
        let receipt = app.memories.erase(&member.scope()).await?;
        app.db.close().await;
        println!("{}", json!({ "tenant_id": receipt.tenant, "erased_at": receipt.erased_at.rfc3339(), "rows": receipt.rows }));
        Ok(())
    }
}
