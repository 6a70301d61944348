//! A backup of the whole service: every row of every table, from one snapshot, in a form that either engine reads. So it is
//! also the way from SQLite to Postgres, and back.
//!
//! Tables are named here, columns come from the database, so that what a migration adds to a table travels along. What can
//! be derived is not part of it: an external index is filled by index jobs. Row-level security stands as it is: the backup
//! works as the owner of the tables, and asks Postgres for an error rather than for a part of the rows.

mod container;
mod postgres;
mod sqlite;

use std::{
    io::{Read, Write},
    sync::LazyLock,
};

use anyhow::{Context, bail, ensure};
use serde_json::value::RawValue;

use super::{Db, Engine, Pools, Sql};
use container::{Item, Reader, Writer};

pub use container::{Header, Summary};

/// A table of the backup.
struct Table {
    name: &'static str,
    read: Sql,
    /// Whether it has a row.
    any: Sql,
    /// Inserts a JSON array of objects; SQLite's is put together from the columns that the table turns out to have.
    fill: Sql,
}

macro_rules! tables {
    ($($name:literal),+ $(,)?) => {
        /// Every table with rows of its own, each after those that its rows name.
        static TABLES: LazyLock<Vec<Table>> = LazyLock::new(|| vec![$(Table {
            name: $name,
            read: Sql::new($name, |_| String::from(concat!("SELECT * FROM ", $name))),
            any: Sql::new($name, |_| String::from(concat!("SELECT EXISTS (SELECT 1 FROM ", $name, ")"))),
            fill: Sql::new($name, |engine| String::from(match engine {
                Engine::Sqlite => concat!("SELECT * FROM ", $name),
                Engine::Postgres => concat!(
                    "INSERT INTO ", $name, " OVERRIDING SYSTEM VALUE SELECT r.* FROM json_populate_recordset(NULL::", $name, ", $1::text::json) r"
                ),
            })),
        }),+]);
    };
}
tables! {
    "tenants",
    "users",
    "memberships",
    "projects",
    "apps",
    "credentials",
    "account_sessions",
    "oauth_grants",
    "oauth_tokens",
    "memories",
    "memory_vectors",
    "memory_history",
    "access_log",
    "jobs",
    "idempotency_keys",
    "audit",
    "service_audit",
    "operations",
    "memory_links",
    "tenant_settings",
    "gate_counts",
    "learning_events",
    "reviews",
    "forgotten",
    "index_places",
    "usage_events",
    "usage_hours",
    "usage_months",
    "subscriptions",
    "invoices",
    "payment_events",
    "webhooks",
    "webhook_deliveries",
}

/// The tables of a backup, for the test that compares them with the schema.
#[must_use]
pub fn backup_tables() -> Vec<&'static str> {
    TABLES.iter().map(|table| table.name).collect()
}

/// The statements of the backup, for the test that prepares them.
pub(super) fn statements() -> impl Iterator<Item = &'static Sql> {
    TABLES.iter().flat_map(|table| [&table.read, &table.any, &table.fill])
}

/// Reads a backup to its end without a database.
///
/// # Errors
/// When it is no backup, of another form, cut, or changed in any place.
pub fn verify_backup(input: impl Read) -> anyhow::Result<Summary> {
    Reader::open(input)?.verify()
}

impl Db {
    /// Writes everything to `out`, from one snapshot, while others go on writing. `key` is the fingerprint of the server's
    /// key. `out` is written to on this thread.
    ///
    /// # Errors
    /// When the database has no schema or a newer one, the role may not see every row, or `out` fails.
    pub async fn backup<W: Write + Send>(&self, key: Option<String>, out: W) -> anyhow::Result<(W, Summary)> {
        let (schema, known) = self.schema_versions().await?;
        ensure!(schema > 0, "there is nothing to back up: the database has no schema");
        ensure!(
            schema <= known,
            "the database schema is at {schema}, this program knows it up to {known}. Use the version of the program that serves it"
        );
        let created_at = self.clock.now().rfc3339();
        let engine = match self.engine() {
            Engine::Sqlite => "sqlite",
            Engine::Postgres => "postgres",
        };
        let mut writer = Writer::begin(out, Header::new(schema, engine, created_at, key))?;
        match &self.pools {
            Pools::Sqlite { readers, .. } => sqlite::dump(&mut readers.apart().await?, &mut writer).await?,
            Pools::Postgres(server) => postgres::dump(&mut server.apart().await?, &mut writer).await?,
        }
        let (now, _) = self.schema_versions().await?;
        ensure!(now == schema, "the schema was brought forward while the backup ran; run it again");
        writer.finish()
    }

    /// Fills an empty database with a backup, in one transaction, and brings its schema forward. A database without a schema
    /// first gets that of the backup, so that every later migration does its work on the rows as well.
    ///
    /// # Errors
    /// When the database is not empty, the backup is damaged or newer than the program, or a row does not fit. No row stays
    /// then.
    pub async fn restore(&self, input: impl Read + Send) -> anyhow::Result<Summary> {
        let mut reader = Reader::open(input)?;
        let schema = reader.summary().header.schema;
        let (applied, known) = self.schema_versions().await?;
        ensure!(
            schema <= known,
            "the backup has schema {schema}, this program knows it up to {known}. Use version {} of the program, or a later one",
            reader.summary().header.product
        );
        ensure!(
            applied == 0 || applied == schema,
            "the database has schema {applied} and the backup schema {schema}. Restore into a database without any schema: it gets the \
             backup's, and is brought forward with its rows"
        );
        if applied == 0 {
            self.migrate_to(schema).await?;
        }
        let loaded = match &self.pools {
            Pools::Sqlite { writer, .. } => sqlite::load(writer, &mut reader).await,
            Pools::Postgres(server) => postgres::load(&mut server.apart().await?, &mut reader).await,
        };
        if let Err(refused) = loaded {
            return Err(reader.why(refused));
        }
        self.migrate().await?;
        Ok(reader.summary().clone())
    }
}

/// The table of a backup.
fn known_table(name: &str) -> anyhow::Result<&'static Table> {
    let table = TABLES.iter().find(|table| table.name == name);
    table.with_context(|| format!("the backup has a table '{name}' that this program does not know"))
}

fn not_empty(table: &str) -> anyhow::Error {
    anyhow::anyhow!(
        "the database is not empty: '{table}' has rows. A backup is restored into an empty one alone; name another in DATABASE_URL, or \
         another JM_DATA_DIR. Nothing was changed"
    )
}

/// Both have the same columns, in whatever order.
fn same_columns(table: &str, backup: &[String], database: &[&str]) -> anyhow::Result<()> {
    let missing = database.iter().find(|column| !backup.iter().any(|other| other == *column));
    let unknown = backup.iter().find(|column| !database.contains(&column.as_str()));
    if let Some(column) = missing.copied().or(unknown.map(String::as_str)) {
        bail!("'{table}.{column}' is not in both the backup and the database, though their schemas have one number");
    }
    Ok(())
}

/// The cells of a row as they stand in the backup.
fn cells<'a>(table: &str, row: &'a str, columns: usize) -> anyhow::Result<Vec<&'a RawValue>> {
    let cells: Vec<&RawValue> =
        serde_json::from_str(row).with_context(|| format!("the backup is damaged: a row of '{table}' is no JSON array"))?;
    ensure!(cells.len() == columns, "a row of '{table}' has {} cells instead of {columns}", cells.len());
    Ok(cells)
}
