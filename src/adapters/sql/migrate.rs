//! Brings the schema forward. SQLite does it in one transaction that locks the file, Postgres under an advisory lock,
//! so that processes that start together take turns.

use anyhow::Context;
use sqlx::{Connection, migrate::Migrator};

use super::{Db, Pools};

impl Db {
    /// Applies every migration that is not applied yet.
    ///
    /// # Errors
    /// When a migration fails or an applied one was edited.
    pub async fn migrate(&self) -> anyhow::Result<()> {
        self.migrate_to(i64::MAX).await
    }

    /// Applies the migrations up to a number that are not applied yet.
    pub(super) async fn migrate_to(&self, version: i64) -> anyhow::Result<()> {
        const FAILED: &str = "the database schema could not be brought forward";
        match &self.pools {
            Pools::Sqlite { readers, .. } => {
                let mut connection = readers.apart().await.context(FAILED)?;
                // The migrator takes no lock on SQLite: this does, so that processes that start together take turns.
                let mut all = connection.begin_with("BEGIN IMMEDIATE").await.context(FAILED)?;
                backward(sqlx::migrate!("migrations/sqlite")).run_direct(Some(version), &mut *all, false).await.context(FAILED)?;
                all.commit().await.context(FAILED)?;
                connection.close().await.context(FAILED)
            }
            Pools::Postgres(server) => {
                backward(sqlx::migrate!("migrations/postgres")).run_to(version, &server.pool()?).await.context(FAILED)
            }
        }
    }

    /// Number of the newest migration that is applied, and of the newest that this program knows.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn schema_versions(&self) -> anyhow::Result<(i64, i64)> {
        const NEWEST: &str = "SELECT COALESCE(MAX(version), 0) FROM _sqlx_migrations WHERE success";
        // A database without the table has no schema yet.
        match &self.pools {
            Pools::Sqlite { readers, .. } => {
                let known = newest(&sqlx::migrate!("migrations/sqlite"));
                let table = "SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE name = '_sqlx_migrations')";
                let mut connection = readers.apart().await?;
                let any: bool = sqlx::query_scalar(table).fetch_one(&mut connection).await?;
                let applied = if any { sqlx::query_scalar(NEWEST).fetch_one(&mut connection).await? } else { 0 };
                connection.close().await?;
                Ok((applied, known))
            }
            Pools::Postgres(server) => {
                let pool = &server.pool()?;
                let known = newest(&sqlx::migrate!("migrations/postgres"));
                let any: bool = sqlx::query_scalar("SELECT to_regclass('_sqlx_migrations') IS NOT NULL").fetch_one(pool).await?;
                Ok((if any { sqlx::query_scalar(NEWEST).fetch_one(pool).await? } else { 0 }, known))
            }
        }
    }
}

/// A program works on the schema of a newer one: what it does not know has been applied is left as it is.
fn backward(mut migrator: Migrator) -> Migrator {
    migrator.set_ignore_missing(true);
    migrator
}

fn newest(migrator: &Migrator) -> i64 {
    migrator.iter().map(|m| m.version).max().unwrap_or(0)
}
