//! `jmem backup` and `jmem restore`: the whole service in one file, from either database into either database.

use std::{
    fs::{self, File},
    io::{self, BufReader, BufWriter, Read, Write},
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::{Context, bail, ensure};
use clap::Args;
use serde_json::json;

use super::counted;
use crate::{
    adapters::sql::{BackupSummary, Db, SqlJobQueue, SqlTenancyStore, verify_backup},
    app,
    clock::SystemClock,
    config::{Config, IndexProvider},
    jobs::{IndexQueue, TenantDirectory},
    tenancy::{Bounds, Deed, UserStore},
};

/// Standard output or input in a path's place.
const STANDARD: &str = "-";

/// `jmem backup`
#[derive(Debug, Args)]
pub struct Backup {
    /// The file to make; '-' for standard output. A file that exists is not written over.
    path: PathBuf,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

impl Backup {
    /// Writes the backup beside its place and moves it there when it is whole.
    pub async fn run(self, config: Config) -> anyhow::Result<()> {
        let db = app::connect_database(&config, Arc::new(SystemClock)).await?;
        let key = app::known_keys(&config)?.map(|keys| keys.fingerprint());
        let summary = if self.path == Path::new(STANDARD) {
            let (mut out, summary) = db.backup(key, BufWriter::new(io::stdout())).await?;
            out.flush().context("standard output was closed")?;
            summary
        } else {
            ensure!(!self.path.exists(), "{} exists already; name another file", self.path.display());
            let draft = Draft::create(&self.path)?;
            let (out, summary) = db.backup(key, BufWriter::new(draft.file()?)).await?;
            let file = out.into_inner().context("the backup cannot be written")?;
            file.sync_all().context("the backup cannot be written")?;
            draft.keep(&self.path)?;
            summary
        };
        note(&db, "service.backup", &summary).await;
        db.close().await;
        // Standard output may be the backup.
        let text = if self.json { described(&summary).to_string() } else { format!("Backup of {}", sentence(&summary)) };
        if self.path == Path::new(STANDARD) {
            eprintln!("{text}");
        } else {
            println!("{text}");
        }
        Ok(())
    }
}

/// Tells the audit trail. A backup may be made of a database whose schema is older than that: it is whole all the same.
async fn note(db: &Db, action: &'static str, summary: &BackupSummary) {
    let detail =
        json!({ "users": summary.rows_of("users"), "memories": summary.rows_of("memories"), "made_at": summary.header.created_at });
    let deed = Deed { by: None, action, subject: None, detail };
    if let Err(error) = SqlTenancyStore::shared(db, Bounds::default()).note(deed).await {
        tracing::warn!(%error, cause = ?error.cause(), action, "this could not be written to the audit trail");
    }
}

/// A file that is not yet what its name promises; it is removed unless it is kept.
struct Draft(PathBuf);

impl Draft {
    fn create(path: &Path) -> anyhow::Result<Self> {
        let mut name = path.file_name().with_context(|| format!("{} is no name of a file", path.display()))?.to_owned();
        name.push(format!(".{}.partial", uuid::Uuid::new_v4().simple()));
        Ok(Self(path.with_file_name(name)))
    }

    fn file(&self) -> anyhow::Result<File> {
        let mut options = fs::OpenOptions::new();
        options.write(true).create_new(true);
        // Everything that anybody ever said lies in it.
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        options.open(&self.0).with_context(|| format!("{} cannot be made", self.0.display()))
    }

    fn keep(self, path: &Path) -> anyhow::Result<()> {
        fs::rename(&self.0, path).with_context(|| format!("the backup lies in {} and cannot be renamed", self.0.display()))?;
        let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        // The name is on disk as well.
        File::open(directory).and_then(|directory| directory.sync_all()).context("the directory of the backup cannot be synced")?;
        Ok(())
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

/// `jmem restore`
#[derive(Debug, Args)]
pub struct Restore {
    /// The backup; '-' for standard input.
    path: PathBuf,
    /// Only read the backup to its end and say what it holds.
    #[arg(long)]
    check: bool,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

impl Restore {
    /// Reads the whole backup before a database is touched; from standard input, the one transaction is what protects it.
    pub async fn run(self, config: Config) -> anyhow::Result<()> {
        let from_file = self.path != Path::new(STANDARD);
        if self.check || from_file {
            let summary = verify_backup(self.open()?).context(format!("{} is not restored", self.path.display()))?;
            if self.check {
                println!("{}", if self.json { described(&summary).to_string() } else { format!("Whole: {}", sentence(&summary)) });
                return Ok(());
            }
        }
        let db = app::connect_database(&config, Arc::new(SystemClock)).await?;
        let restored = db.restore(self.open()?).await;
        let Ok(summary) = restored else {
            db.close().await;
            return restored.map(drop);
        };
        let keys = app::known_keys(&config)?;
        note(&db, "service.restore", &summary).await;
        let same_key = summary.header.key.as_ref().is_none_or(|key| keys.as_ref().is_some_and(|keys| keys.has(key)));
        let mut queued = 0;
        if config.index.provider != IndexProvider::Embedded {
            let queue = SqlJobQueue::shared(&db);
            for scope in queue.tenants().await? {
                queued += queue.reindex(&scope, false).await?;
            }
        }
        db.close().await;
        if self.json {
            let mut report = described(&summary);
            report["same_key"] = json!(same_key);
            report["queued"] = json!(queued);
            println!("{report}");
        } else {
            println!("Restored {}", sentence(&summary));
            if queued > 0 {
                println!("{queued} memories are queued for the index; the server fills it, or 'jmem reindex' does.");
            }
        }
        if !same_key {
            eprintln!("{}", another_key(&summary, keys.map(|keys| keys.fingerprint()).as_deref()));
        }
        Ok(())
    }

    fn open(&self) -> anyhow::Result<Box<dyn Read + Send>> {
        if self.path == Path::new(STANDARD) {
            return Ok(Box::new(io::stdin()));
        }
        let file = File::open(&self.path).with_context(|| format!("{} cannot be read", self.path.display()))?;
        if file.metadata()?.is_dir() {
            bail!("{} is a directory", self.path.display());
        }
        Ok(Box::new(BufReader::new(file)))
    }
}

fn another_key(summary: &BackupSummary, here: Option<&str>) -> String {
    let here = here.map_or("this server has none yet".to_owned(), |here| format!("this server has {here}"));
    format!(
        "WARNING: the server's key is not the one of the backup ({} there, {here}). Memories and passwords are whole, but no personal \
         URL, API key or session of the backup opens anything until that key is put back: 'master.key' in the data directory, or \
         JM_SECRET_KEY.",
        summary.header.key.as_deref().unwrap_or("none")
    )
}

fn sentence(summary: &BackupSummary) -> String {
    let header = &summary.header;
    format!(
        "{} of {}: {} rows of {} tables, schema {}, from {} by version {} at {}.",
        counted(summary.rows_of("memories"), "memory"),
        counted(summary.rows_of("users"), "user"),
        summary.rows(),
        summary.tables.len(),
        header.schema,
        header.engine,
        header.product,
        header.created_at
    )
}

fn described(summary: &BackupSummary) -> serde_json::Value {
    let rows: serde_json::Map<_, _> = summary.tables.iter().map(|(table, rows)| (table.clone(), json!(rows))).collect();
    let header = &summary.header;
    json!({
        "created_at": header.created_at, "product": header.product, "schema": header.schema, "engine": header.engine,
        "key": header.key, "rows": rows
    })
}
