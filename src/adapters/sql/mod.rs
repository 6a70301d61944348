//! The relational truth on SQLite and Postgres: one implementation, type-checked for both.
//!
//! [`Db`] opens a [`Session`] for one tenant or for the system, which runs a statement on whichever engine it is. Every
//! statement is named in `statements!`, so that a test can prepare all of them on both engines. Nothing outside this folder
//! knows `sqlx`.

mod audit;
mod auth;
mod backup;
mod billing;
mod erase;
mod failure;
mod flush;
mod jobs;
mod leash;
mod live;
mod memories;
mod migrate;
mod nodes;
mod oauth;
mod operator;
mod places;
mod postgres;
mod readers;
mod session;
mod statements;
mod subscriptions;
mod tenants;
mod usage;
mod webhooks;
mod writer;

pub use backup::{Header as BackupHeader, Summary as BackupSummary, backup_tables, verify_backup};
pub use {
    auth::SqlAuthStore,
    billing::SqlBillingStore,
    jobs::SqlJobQueue,
    live::SqlLiveStore,
    memories::SqlMemoryStore,
    nodes::SqlNodeStore,
    oauth::SqlOAuthStore,
    operator::SqlOperatorStore,
    places::SqlPlaceStore,
    postgres::PgSession,
    session::Session,
    statements::{Engine, Sql},
    subscriptions::SqlSubscriptionStore,
    tenants::{SqlTenancyStore, any_tenant_reads},
    usage::SqlUsageStore,
    webhooks::SqlWebhookStore,
};

use std::{str::FromStr, sync::Arc, time::Duration};

use anyhow::Context;
use sqlx::{
    PgPool,
    postgres::{PgConnectOptions, PgPoolOptions},
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous},
};

use failure::failed;
use postgres::Server;
use readers::Readers;
use session::{SqliteSession, hold_tenant};
use statements::{id_list, ids_in, statements, words_in, words_of};
use writer::Writer;

use crate::{
    clock::Clock,
    error::{Error, Result},
    telemetry::part,
    tenancy::TenantScope,
};

/// The pools; cheap to clone.
#[derive(Clone)]
pub struct Db {
    pools: Pools,
    clock: Arc<dyn Clock>,
}

#[derive(Clone)]
enum Pools {
    Sqlite { readers: Readers, writer: Writer },
    Postgres(Server),
}

/// Whom a session works for.
#[derive(Clone, Copy)]
enum Party<'a> {
    Tenant(&'a TenantScope),
    System,
}

impl Db {
    /// Connects without migrating.
    ///
    /// # Errors
    /// A sentence for the operator.
    pub async fn connect(url: &str, max_connections: u32, acquire_timeout: Duration, clock: Arc<dyn Clock>) -> anyhow::Result<Self> {
        let pools = if url.starts_with("sqlite:") {
            let options = SqliteConnectOptions::from_str(url)
                .context("the SQLite URL is malformed")?
                .create_if_missing(true)
                .journal_mode(SqliteJournalMode::Wal)
                // An acknowledged write survives a power cut, not only a crash of the process: see `flush`.
                .synchronous(SqliteSynchronous::Normal)
                .foreign_keys(true)
                .busy_timeout(BUSY_TIMEOUT)
                .pragma("cache_size", "-16384")
                .pragma("temp_store", "memory")
                // What is deleted is overwritten, not only unlinked.
                .pragma("secure_delete", "on")
                .optimize_on_close(true, None);
            let writer = Writer::open(options.clone(), acquire_timeout).await.context("the SQLite file cannot be opened")?;
            Pools::Sqlite { readers: Readers::new(options, max_connections, acquire_timeout), writer }
        } else {
            let options = PgConnectOptions::from_str(url).context("the Postgres URL is malformed")?.application_name("jonathans-memory");
            let pool = PgPoolOptions::new().max_connections(max_connections).acquire_timeout(acquire_timeout);
            Pools::Postgres(Server::connect(options, pool).await.context("Postgres cannot be reached")?)
        };
        Ok(Self { pools, clock })
    }

    /// Which database it is.
    #[must_use]
    pub const fn engine(&self) -> Engine {
        match self.pools {
            Pools::Sqlite { .. } => Engine::Sqlite,
            Pools::Postgres(_) => Engine::Postgres,
        }
    }

    /// Closes every connection; on SQLite this writes the log back into the file.
    pub async fn close(&self) {
        match &self.pools {
            Pools::Sqlite { readers, writer } => {
                readers.close().await;
                writer.close().await;
            }
            Pools::Postgres(server) => server.close().await,
        }
    }

    /// Proves that the database takes writes, by one that changes nothing of what is kept there. On Postgres it goes by a
    /// connection of its own, so that a pool that is used up does not look like a server that is away.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn prove_writable(&self) -> Result<()> {
        match &self.pools {
            // A proof is small, and finds room where a text does not.
            Pools::Sqlite { writer, .. } if writer.broke_within(BROKEN) => {
                Err(Error::unavailable("The database file takes no writes; its disk may be full.", 1))
            }
            Pools::Sqlite { writer, .. } => {
                let mut writing = writer.begin(Some(LONGEST_READ)).await.map_err(failed)?;
                // A number of ours in the file's head, which nobody reads.
                sqlx::query("PRAGMA user_version = 1").execute(writing.connection()).await.map_err(failed)?;
                writing.commit().await.map_err(failed)
            }
            Pools::Postgres(server) => server.prove_writable().await.map_err(failed),
        }
    }

    /// The bare Postgres pool, for the tests that prove that nothing of a tenant sticks to its connections; `None` on
    /// SQLite, and while the server is away.
    #[must_use]
    pub fn postgres_pool(&self) -> Option<PgPool> {
        match &self.pools {
            Pools::Sqlite { .. } => None,
            Pools::Postgres(server) => server.pool().ok(),
        }
    }

    /// A session that reads for a tenant. It ends when dropped.
    ///
    /// # Errors
    /// `unavailable` when no connection is free in time.
    pub async fn read(&self, scope: &TenantScope) -> Result<Session> {
        self.open(Party::Tenant(scope), false).await
    }

    async fn write(&self, scope: &TenantScope) -> Result<Session> {
        self.open(Party::Tenant(scope), true).await
    }

    /// A session that reads what is needed before a tenant is known, or across tenants; never a memory.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub async fn system_read(&self) -> Result<Session> {
        self.open(Party::System, false).await
    }

    async fn system_write(&self) -> Result<Session> {
        self.open(Party::System, true).await
    }

    async fn open(&self, party: Party<'_>, write: bool) -> Result<Session> {
        let span = match self.engine() {
            Engine::Sqlite => part!("sql", otel.kind = "client", db.system.name = "sqlite", write),
            Engine::Postgres => part!("sql", otel.kind = "client", db.system.name = "postgresql", write),
        };
        match &self.pools {
            Pools::Sqlite { readers, .. } if !write => {
                let reader = readers.acquire().await.map_err(failed)?;
                Ok(Session::Sqlite(SqliteSession::Read(reader), span))
            }
            Pools::Sqlite { writer, .. } => {
                let writing = writer.begin(Some(LONGEST_WRITE)).await.map_err(failed)?;
                Ok(Session::Sqlite(SqliteSession::Write(writing), span))
            }
            Pools::Postgres(server) => {
                let mut session = server.begin().await.map_err(failed)?;
                let (tenant, system) = match party {
                    Party::Tenant(scope) => (scope.tenant().to_string(), "off"),
                    Party::System => (String::new(), "on"),
                };
                let (link, connection) = session.parts();
                let longest = if write { LONGEST_WRITE } else { LONGEST_READ };
                let enter = sqlx::query(ENTER).bind(tenant).bind(system).bind(longest.as_millis().to_string());
                link.step(enter.execute(connection)).await.map_err(failed)?;
                Ok(Session::Postgres(session, span))
            }
        }
    }
}

/// How long a statement waits for another process to leave a SQLite file.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);
/// Longest statement that reads, on either engine: a list of all that a large tenant has takes a second.
const LONGEST_READ: Duration = Duration::from_secs(20);
/// How long a write that the file had no room for counts for the whole.
const BROKEN: Duration = Duration::from_secs(3);
/// Longest statement that writes: erasing a large tenant takes some seconds.
const LONGEST_WRITE: Duration = Duration::from_mins(2);

/// Takes on the role that row-level security binds, names the tenant, and bounds each statement, until the transaction ends.
const ENTER: &str = "SELECT set_config('role', 'jonathans_memory_app', true), set_config('app.tenant_id', $1, true), \
                     set_config('app.system', $2, true), set_config('statement_timeout', $3, true)";

/// Every statement of the adapter.
#[must_use]
pub fn all_statements() -> Vec<&'static Sql> {
    let modules = [
        audit::STATEMENTS,
        auth::STATEMENTS,
        billing::STATEMENTS,
        erase::STATEMENTS,
        jobs::STATEMENTS,
        live::STATEMENTS,
        nodes::STATEMENTS,
        operator::STATEMENTS,
        places::STATEMENTS,
        session::STATEMENTS,
        subscriptions::STATEMENTS,
        tenants::STATEMENTS,
        usage::STATEMENTS,
        webhooks::STATEMENTS,
    ];
    modules.into_iter().chain(memories::statements()).flatten().copied().chain(backup::statements()).chain(oauth::statements()).collect()
}
