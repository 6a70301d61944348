//! Commands for whoever keeps the service running.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use anyhow::{Context, bail, ensure};
use clap::Args;

use crate::{
    app::{self, App},
    clock::SystemClock,
    config::Config,
    jobs::relocate,
};

/// How often a long command tells how far it is.
const PROGRESS_EVERY: Duration = Duration::from_secs(2);

/// `jmem migrate`
pub async fn migrate(config: Config) -> anyhow::Result<()> {
    let db = app::open_database(&config, app::Migration::Apply, Arc::new(SystemClock)).await?;
    let (applied, _) = db.schema_versions().await?;
    db.close().await;
    println!("The database schema is at {applied}.");
    Ok(())
}

/// `jmem health`
pub async fn health(config: Config) -> anyhow::Result<()> {
    let url = format!("http://{}/health/ready", SocketAddr::new(config.server.reachable_host(), config.server.port));
    let client = reqwest::Client::builder().timeout(Duration::from_secs(5)).no_proxy().build()?;
    let status = client.get(&url).send().await.with_context(|| format!("no server answers at {url}"))?.status();
    ensure!(status.is_success(), "{url} answers {status}");
    Ok(())
}

/// `jmem reindex`
#[derive(Debug, Args)]
pub struct Reindex {
    /// Make every embedding anew instead of using those that the database keeps.
    #[arg(long)]
    embeddings: bool,
    /// Only queue the work, for a running server to do.
    #[arg(long)]
    queue_only: bool,
}

impl Reindex {
    /// Queues an index job for every memory, and does the work here unless told otherwise.
    pub async fn run(self, config: Config) -> anyhow::Result<()> {
        let app = App::build(config).await?;
        let mut queued = 0;
        for scope in app.queue.tenants().await? {
            queued += app.queue.reindex(&scope, self.embeddings).await?;
        }
        println!("{queued} memories queued.");
        if !self.queue_only {
            let attempts = app.runner().drain().await?;
            println!("{attempts} jobs done.");
        }
        app.db.close().await;
        Ok(())
    }
}

/// `jmem reembed`
#[derive(Debug, Args)]
pub struct Reembed {
    /// Only queue the work, for a running server to do.
    #[arg(long)]
    queue_only: bool,
    /// When all tenants have moved, delete the vectors of every model but the configured one.
    #[arg(long)]
    drop_old: bool,
}

impl Reembed {
    /// Moves every tenant to the configured embedding model while it is used, and tells how far it is.
    pub async fn run(self, config: Config) -> anyhow::Result<()> {
        let app = App::build(config).await?;
        let store = app.runner().job.store;
        let current = app.runner().job.embedders.current().model().clone();
        let mut moving = Vec::new();
        for scope in app.queue.tenants().await? {
            let reads = store.placement(&scope).await?.model;
            if reads.is_some_and(|reads| reads != current.id) {
                app.queue.reembed(&scope).await?;
                moving.push(scope);
            }
        }
        println!("{} tenants move to '{}'.", moving.len(), current.id);
        while !self.queue_only && !moving.is_empty() {
            app.runner().drain().await?;
            let mut left = Vec::new();
            let (mut memories, mut embedded) = (0, 0);
            for scope in moving {
                if store.placement(&scope).await?.model.as_ref() != Some(&current.id) {
                    let counts = store.embedded(&scope, &current).await?;
                    (memories, embedded) = (memories + counts.0, embedded + counts.1);
                    ensure!(app.queue.left(&scope).await?.dead == 0, "a tenant cannot move: see 'jmem doctor', then try again");
                    left.push(scope);
                }
            }
            moving = left;
            if !moving.is_empty() {
                println!("{} tenants left; {embedded} of {memories} memories are embedded.", moving.len());
                tokio::time::sleep(PROGRESS_EVERY).await;
            }
        }
        if self.drop_old {
            ensure!(moving.is_empty(), "tenants are still read by the old vectors; run this again when they have moved");
            let mut dropped = 0;
            for scope in app.queue.tenants().await? {
                dropped += store.drop_other_vectors(&scope, std::slice::from_ref(&current.id)).await?;
            }
            println!("{dropped} old vectors deleted.");
        }
        app.db.close().await;
        Ok(())
    }
}

/// `jmem relocate`
#[derive(Debug, Args)]
pub struct Relocate {
    /// Whose memories move.
    #[arg(long)]
    user: String,
    /// The Qdrant collection to move to; made if missing.
    #[arg(long)]
    collection: String,
}

impl Relocate {
    /// Moves a user's tenant to another collection of Qdrant while it is used.
    pub async fn run(self, config: Config) -> anyhow::Result<()> {
        let app = App::build(config).await?;
        let Some(member) = app.users.member_by_email(&self.user).await? else { bail!("no user has the e-mail address {}", self.user) };
        let runner = app.runner();
        relocate(&runner, &*runner.job.store, &member.scope(), &self.collection).await?;
        println!("The memories of {} are in '{}'.", self.user, self.collection);
        app.db.close().await;
        Ok(())
    }
}

/// `jmem doctor`
#[derive(Debug, Args)]
pub struct Doctor {
    /// Queue the jobs that were given up once more.
    #[arg(long)]
    revive: bool,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

impl Doctor {
    /// Prints the state of the database and the jobs; fails when something needs a hand.
    pub async fn run(self, config: Config) -> anyhow::Result<()> {
        let app = App::build(config).await?;
        app.db.ping().await?;
        let (applied, known) = app.db.schema_versions().await?;
        let revived = if self.revive { app.queue.revive().await? } else { 0 };
        let stats = app.queue.stats().await?;
        let dead = app.queue.dead(20).await?;
        app.db.close().await;
        if self.json {
            let jobs: Vec<_> = dead
                .iter()
                .map(|j| serde_json::json!({ "id": j.id, "tenant": j.tenant, "kind": j.kind, "subject": j.subject, "attempts": j.attempts, "error": j.error }))
                .collect();
            let report =
                serde_json::json!({ "schema": applied, "schema_known": known, "jobs": stats.by_state, "dead": jobs, "revived": revived });
            println!("{report}");
        } else {
            println!("database   answers; schema {applied} of {known}");
            for state in ["queued", "running", "dead"] {
                println!("jobs       {state}: {}", stats.by_state.get(state).copied().unwrap_or(0));
            }
            for job in &dead {
                println!(
                    "given up   {} {} after {} attempts: {}",
                    job.kind,
                    job.subject,
                    job.attempts,
                    job.error.as_deref().unwrap_or("-")
                );
            }
            if revived > 0 {
                println!("revived    {revived}");
            }
        }
        if dead.is_empty() {
            Ok(())
        } else {
            bail!("{} jobs were given up; look at the reasons, then run 'jmem doctor --revive'", dead.len())
        }
    }
}
