//! Commands for whoever keeps the service running.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use anyhow::{Context, anyhow, bail, ensure};
use clap::Args;
use serde_json::{Value, json};

use super::counted;
use crate::{
    app::{self, App},
    clock::SystemClock,
    config::Config,
    data_dir::DataDir,
    error::Error,
    jobs::{Difference, IndexQueue, JobQueue, TenantDirectory, Upkeep, relocate},
};

/// How often a long command tells how far it is.
const PROGRESS_EVERY: Duration = Duration::from_secs(2);

/// `jmem migrate`
#[derive(Debug, Args)]
pub struct Migrate {
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

impl Migrate {
    /// Brings the schema forward and tells where it is.
    pub async fn run(self, config: Config) -> anyhow::Result<()> {
        let db = app::open_database(&config, app::Migration::Apply, Arc::new(SystemClock)).await?;
        let (applied, _) = db.schema_versions().await?;
        db.close().await;
        answer(self.json, &json!({ "schema": applied }), &format!("The database schema is at {applied}."));
        Ok(())
    }
}

/// `jmem health`
#[derive(Debug, Args)]
pub struct Health {
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

impl Health {
    /// Fails unless the server is ready: the one that has left its address in the data directory, else that of the settings.
    pub async fn run(self, config: Config) -> anyhow::Result<()> {
        let of_settings = || format!("http://{}", SocketAddr::new(config.server.reachable_host(), config.server.port));
        let base = DataDir::of(&config).server().map_or_else(of_settings, |server| server.local);
        let url = format!("{base}/health/ready");
        let client = reqwest::Client::builder().timeout(Duration::from_secs(5)).no_proxy().build()?;
        let Ok(response) = client.get(&url).send().await else { bail!("no server answers at {url}") };
        let status = response.status();
        ensure!(status.is_success(), "{url} answers {status}");
        if self.json {
            println!("{}", json!({ "url": base, "ready": true }));
        }
        Ok(())
    }
}

/// What a command has to say: one JSON object, or a sentence.
fn answer(as_json: bool, object: &Value, sentence: &str) {
    if as_json {
        println!("{object}");
    } else {
        println!("{sentence}");
    }
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
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

impl Reindex {
    /// Queues an index job for every memory, and does the work here unless told otherwise.
    pub async fn run(self, config: Config) -> anyhow::Result<()> {
        let app = App::build(config).await?;
        let upkeep = app.upkeep();
        let (mut queued, mut unread) = (0, None);
        for scope in app.queue.tenants().await? {
            queued += app.queue.reindex(&scope, self.embeddings).await?;
            // What is there without a memory goes.
            if let (Some(upkeep), None) = (&upkeep, &unread) {
                unread = upkeep.compare(&scope).await.err();
            }
        }
        if !self.json {
            println!("{} queued.", counted(queued, "memory"));
        }
        let done = if self.queue_only { None } else { Some(finish(&app).await?) };
        app.db.close().await;
        if self.json {
            println!("{}", json!({ "queued": queued, "done": done }));
        } else if let Some(done) = done {
            println!("{} done.", counted(i64::try_from(done)?, "job"));
        }
        unread.map_or(Ok(()), |error| {
            Err(told(error)
                .context("the vector index could not be read: what it holds without a memory was not looked for. Run this again"))
        })
    }
}

/// Does the jobs that are due; how many were done.
async fn finish(app: &App) -> anyhow::Result<usize> {
    let drained = app.runner().drain().await?;
    let stats = app.queue.stats().await?;
    let left: i64 = stats.by_state.values().sum();
    ensure!(
        drained.failed == 0 || left == 0,
        "{left} jobs are not done and stay in the queue: {}. A running server does them as soon as it can; or run this again",
        drained.error.as_deref().unwrap_or("see 'jmem doctor'")
    );
    Ok(drained.done)
}

/// An error with its cause, for whoever keeps the service running.
fn told(error: Error) -> anyhow::Error {
    match error.cause() {
        Some(cause) => anyhow!("{} ({cause:#})", error.detail()),
        None => error.into(),
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
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

impl Reembed {
    /// Moves every tenant to the configured embedding model while it is used, and tells how far it is.
    pub async fn run(self, config: Config) -> anyhow::Result<()> {
        let app = App::build(config).await?;
        let store = app.index_job().store.clone();
        let current = app.index_job().embedders.current().model().clone();
        let mut moving = Vec::new();
        for scope in app.queue.tenants().await? {
            let reads = store.placement(&scope).await?.model;
            if reads.is_some_and(|reads| reads != current.id) {
                app.queue.reembed(&scope).await?;
                moving.push(scope);
            }
        }
        let moved = moving.len();
        let tell = |text: String| {
            if !self.json {
                println!("{text}");
            }
        };
        tell(format!("{moved} tenants move to '{}'.", current.id));
        while !self.queue_only && !moving.is_empty() {
            let drained = app.runner().drain().await?;
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
                let why = drained.error.map(|error| format!(" Waiting: {error}")).unwrap_or_default();
                tell(format!("{} tenants left; {embedded} of {memories} memories are embedded.{why}", moving.len()));
                tokio::time::sleep(PROGRESS_EVERY).await;
            }
        }
        let mut dropped = 0;
        if self.drop_old {
            ensure!(moving.is_empty(), "tenants are still read by the old vectors; run this again when they have moved");
            for scope in app.queue.tenants().await? {
                dropped += store.drop_other_vectors(&scope, std::slice::from_ref(&current.id)).await?;
            }
            tell(format!("{dropped} old vectors deleted."));
            if app.upkeep().is_some() {
                // A point that is written anew has the vectors that SQL has.
                for scope in app.queue.tenants().await? {
                    app.queue.reindex(&scope, false).await?;
                }
                finish(&app).await?;
            }
        }
        app.db.close().await;
        if self.json {
            println!("{}", json!({ "model": current.id, "moved": moved - moving.len(), "left": moving.len(), "dropped": dropped }));
        }
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
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

impl Relocate {
    /// Moves a user's tenant to another collection of Qdrant while it is used.
    pub async fn run(self, config: Config) -> anyhow::Result<()> {
        let app = App::build(config).await?;
        let Some(member) = app.users.member_by_email(&self.user).await? else { bail!("no user has the e-mail address {}", self.user) };
        let upkeep = app.upkeep().context("only an external index has collections; set index.provider (INDEX_PROVIDER)")?;
        relocate(&app.runner(), &upkeep, &member.scope(), &self.collection).await?;
        app.db.close().await;
        let object = json!({ "tenant_id": member.tenant, "collection": self.collection });
        answer(self.json, &object, &format!("The memories of {} are in '{}'.", self.user, self.collection));
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

/// What the vector index and the database do not agree on.
#[derive(Default, serde::Serialize)]
struct IndexReport {
    tenants: usize,
    missing: usize,
    extra: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

impl IndexReport {
    async fn of(app: &App, upkeep: &Upkeep) -> anyhow::Result<Self> {
        let mut report = Self::default();
        for scope in app.queue.tenants().await? {
            match upkeep.lasting_difference(&scope).await {
                Ok(difference) => {
                    report.tenants += usize::from(difference != Difference::default());
                    report.missing += difference.missing.len();
                    report.extra += difference.extra.len();
                }
                Err(error) => {
                    report.error = Some(told(error).to_string());
                    break;
                }
            }
        }
        Ok(report)
    }

    fn print(&self) {
        match &self.error {
            Some(error) => println!("index      {error}"),
            None if self.tenants == 0 => println!("index      answers, and holds what the database says"),
            None => println!(
                "index      lacks {} memories and holds {} points without a memory, of {} accounts",
                self.missing, self.extra, self.tenants
            ),
        }
    }

    fn check(&self) -> anyhow::Result<()> {
        if let Some(error) = &self.error {
            bail!("the vector index cannot be compared with the database: {error}");
        }
        ensure!(
            self.tenants == 0,
            "the vector index and the database differ. A running server brings them together by itself; 'jmem reindex' does it now"
        );
        Ok(())
    }
}

impl Doctor {
    /// Prints the state of the database, the jobs and the vector index; fails when something needs a hand.
    pub async fn run(self, config: Config) -> anyhow::Result<()> {
        let app = App::build(config).await?;
        app.db.prove_writable().await?;
        let (applied, known) = app.db.schema_versions().await?;
        let revived = if self.revive { app.queue.revive().await? } else { 0 };
        let stats = app.queue.stats().await?;
        let dead = app.queue.dead(20).await?;
        let index = match app.upkeep() {
            Some(upkeep) => Some(IndexReport::of(&app, &upkeep).await?),
            None => None,
        };
        app.db.close().await;
        if self.json {
            let jobs: Vec<_> = dead
                .iter()
                .map(|j| json!({ "id": j.id, "tenant": j.tenant, "kind": j.kind, "subject": j.subject, "attempts": j.attempts, "error": j.error }))
                .collect();
            let mut report = json!({ "schema": applied, "schema_known": known, "jobs": stats.by_state, "dead": jobs, "revived": revived });
            if let Some(index) = &index {
                report["index"] = json!(index);
            }
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
            if let Some(index) = &index {
                index.print();
            }
            if revived > 0 {
                println!("revived    {revived}");
            }
        }
        ensure!(dead.is_empty(), "{} jobs were given up; look at the reasons, then run 'jmem doctor --revive'", dead.len());
        index.map_or(Ok(()), |index| index.check())
    }
}
