//! The relational truth on SQLite and Postgres: one implementation, type-checked for both.
//!
//! [`Db`] opens a [`Session`] for one tenant or for the system; [`on!`] runs one body on whichever engine it is. Every
//! statement is a constant of `statements!`, so that a test can prepare all of them on both engines; where the dialects
//! differ, a statement has two texts. Nothing outside this folder knows `sqlx`.

mod auth;
mod backup;
mod erase;
mod jobs;
mod leash;
mod live;
mod memories;
mod migrate;
mod operator;
mod places;
mod postgres;
mod readers;
mod tenants;
mod writer;

pub use backup::{Header as BackupHeader, Summary as BackupSummary, backup_tables, verify_backup};
pub use {
    auth::SqlAuthStore, jobs::SqlJobQueue, live::SqlLiveStore, memories::SqlMemoryStore, operator::SqlOperatorStore, places::SqlPlaceStore,
    postgres::PgSession, tenants::SqlTenancyStore,
};

use std::{str::FromStr, sync::Arc, time::Duration};

use anyhow::Context;
use sqlx::{
    PgPool, SqliteConnection,
    postgres::{PgConnectOptions, PgPoolOptions},
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous},
};
use tracing::Span;

use postgres::Server;
use readers::{Reader, Readers};
use writer::{Writer, Writing};

use crate::{
    clock::Clock,
    error::{Error, Result},
    telemetry::part,
    tenancy::TenantScope,
};

/// A statement in both dialects.
#[derive(Debug, Clone, Copy)]
pub struct Sql {
    /// For diagnostics.
    pub name: &'static str,
    pub(crate) sqlite: &'static str,
    pub(crate) postgres: &'static str,
}

/// Names statements and gathers them in `STATEMENTS`. `NAME: "text"` is the same on both engines;
/// `NAME: macro` takes `macro!(sqlite)` and `macro!(postgres)`.
macro_rules! statements {
    ($($name:ident: $text:tt;)+) => {
        $(const $name: $crate::adapters::sql::Sql = $crate::adapters::sql::statements!(@one $name $text);)+
        /// Every statement of this module, for the test that prepares them.
        pub(in $crate::adapters::sql) const STATEMENTS: &[$crate::adapters::sql::Sql] = &[$($name),+];
    };
    (@one $name:ident $text:literal) => {
        $crate::adapters::sql::Sql { name: stringify!($name), sqlite: $text, postgres: $text }
    };
    (@one $name:ident $text:ident) => {
        $crate::adapters::sql::Sql { name: stringify!($name), sqlite: $text!(sqlite), postgres: $text!(postgres) }
    };
}
pub(crate) use statements;

/// A JSON array of ids bound as text, as a list to select from. Takes the engine and the parameter.
macro_rules! ids_in {
    (sqlite, $n:literal) => {
        concat!("(SELECT unhex(value) FROM json_each(", $n, "))")
    };
    (postgres, $n:literal) => {
        concat!("(SELECT value::uuid FROM jsonb_array_elements_text(", $n, "::text::jsonb))")
    };
}
/// A JSON array of words bound as text, as a list to select from.
macro_rules! words_in {
    (sqlite, $n:literal) => {
        concat!("(SELECT value FROM json_each(", $n, "))")
    };
    (postgres, $n:literal) => {
        concat!("(SELECT value FROM jsonb_array_elements_text(", $n, "::text::jsonb))")
    };
}
pub(crate) use {ids_in, words_in};

/// Runs a body with `$c` bound to the connection of the session's engine and `$engine` to what [`Sql::of`] takes. The body
/// is one step of the session, a `sqlx::Result`: no longer waited for once a Postgres server has gone.
macro_rules! on {
    ($session:expr, |$c:ident, $engine:ident| $body:expr) => {
        match &mut $session {
            $crate::adapters::sql::Session::Sqlite(session, _) => {
                #[allow(unused_variables, reason = "bodies of one dialect do not ask for the engine")]
                let $engine = $crate::adapters::sql::Engine::Sqlite;
                let $c: &mut ::sqlx::SqliteConnection = session.connection();
                let done = $body;
                session.rest();
                done
            }
            $crate::adapters::sql::Session::Postgres(session, _) => {
                #[allow(unused_variables, reason = "bodies of one dialect do not ask for the engine")]
                let $engine = $crate::adapters::sql::Engine::Postgres;
                let (link, $c) = session.parts();
                link.step(async { $body }).await
            }
        }
    };
}
pub(crate) use on;

/// Which database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    /// A file.
    Sqlite,
    /// A server.
    Postgres,
}

impl Sql {
    /// The text for an engine.
    #[must_use]
    pub const fn of(&self, engine: Engine) -> &'static str {
        match engine {
            Engine::Sqlite => self.sqlite,
            Engine::Postgres => self.postgres,
        }
    }
}

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

/// A connection in use: a transaction, or (for reading on SQLite) a bare connection. The span lasts as long.
pub enum Session {
    /// A SQLite connection.
    Sqlite(SqliteSession, Span),
    /// A Postgres transaction under the application's role.
    Postgres(PgSession, Span),
}

/// Reading needs no transaction on SQLite: each statement sees one snapshot.
pub enum SqliteSession {
    /// One statement at a time.
    Read(Reader),
    /// `BEGIN IMMEDIATE`.
    Write(Writing),
}

impl SqliteSession {
    fn connection(&mut self) -> &mut SqliteConnection {
        match self {
            Self::Read(reader) => reader.connection(),
            Self::Write(writing) => writing.connection(),
        }
    }

    /// A statement has ended.
    const fn rest(&mut self) {
        if let Self::Read(reader) = self {
            reader.rest();
        }
    }
}

impl Session {
    /// Makes the writes durable.
    ///
    /// # Errors
    /// When the database did not confirm; nothing may be acknowledged then.
    pub async fn commit(self) -> Result<()> {
        match self {
            Self::Sqlite(SqliteSession::Read(_), _) => Ok(()),
            Self::Sqlite(SqliteSession::Write(writing), _span) => writing.commit().await.map_err(failed),
            Self::Postgres(session, _span) => session.commit().await.map_err(unconfirmed),
        }
    }
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
                // An acknowledged write survives a power cut, not only a crash of the process.
                .synchronous(SqliteSynchronous::Full)
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

macro_rules! hold_tenant {
    (sqlite) => {
        // `BEGIN IMMEDIATE` holds the whole file.
        "SELECT id FROM tenants WHERE id = $1"
    };
    (postgres) => {
        "SELECT id FROM tenants WHERE id = $1 FOR NO KEY UPDATE"
    };
}
statements! {
    HOLD_TENANT: hold_tenant;
}

/// Takes the tenant's row, so that transactions that write many rows of a tenant take turns instead of locking them in
/// different orders. A change of memories takes it by its sequence number.
async fn hold_tenant(session: &mut Session, scope: &TenantScope) -> Result<()> {
    on!(*session, |c, e| sqlx::query(HOLD_TENANT.of(e)).bind(scope.tenant().0).execute(c).await.map(drop)).map_err(failed)
}

/// Translates a database failure at the border: what can heal is `unavailable`, the rest is a fault of ours.
fn failed(error: sqlx::Error) -> Error {
    if is_overtime(&error) {
        let detail =
            "The database took too long for this and was stopped; nothing was changed. Ask for less at a time, or try again later.";
        return Error::unavailable(detail, 5).with_source(error);
    }
    let transient = match &error {
        sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed | sqlx::Error::Io(_) | sqlx::Error::Tls(_) => true,
        // SQLITE_BUSY, SQLITE_LOCKED, SQLITE_READONLY, SQLITE_IOERR, SQLITE_FULL; Postgres: connection trouble, shutdown, resources,
        // serialisation, a server that takes no writes for now.
        sqlx::Error::Database(db) => db.code().is_some_and(|code| match code.parse::<i32>() {
            // The low byte is the error, what lies above it the kind (SQLITE_IOERR_WRITE, SQLITE_BUSY_SNAPSHOT, …).
            Ok(number) if code.len() < 5 => matches!(number & 0xff, 5 | 6 | 8 | 10 | 13),
            _ => ["08", "57P", "53", "40", "25006", "55P03"].iter().any(|class| code.starts_with(class)),
        }),
        _ => false,
    };
    if transient {
        Error::unavailable("The database does not answer now; nothing was changed. Try again in a moment.", 1).with_source(error)
    } else {
        Error::internal(error)
    }
}

/// Whether a statement was stopped because it lasted too long: `SQLITE_INTERRUPT`, or `query_canceled`.
fn is_overtime(error: &sqlx::Error) -> bool {
    matches!(error, sqlx::Error::Database(db) if matches!(db.code().as_deref(), Some("9" | "57014")))
}

/// As [`failed`] for a commit on its way over a network: where its answer is lost, nobody knows what became of it.
fn unconfirmed(error: sqlx::Error) -> Error {
    if !postgres::is_lost(&error) {
        return failed(error);
    }
    let detail = "The database did not confirm the write, which may or may not have taken effect: repeat it with the same Idempotency-Key, \
                  or look before you repeat it.";
    Error::unavailable(detail, 1).with_source(error)
}

/// Ids as a JSON array of hexadecimal strings: what [`ids_in!`] reads on both engines.
fn id_list(ids: impl IntoIterator<Item = uuid::Uuid>) -> String {
    let mut json = String::from("[");
    for id in ids {
        if json.len() > 1 {
            json.push(',');
        }
        json.push('"');
        json.push_str(id.simple().encode_lower(&mut uuid::Uuid::encode_buffer()));
        json.push('"');
    }
    json.push(']');
    json
}

/// Every statement of the adapter, by module.
#[must_use]
pub fn all_statements() -> Vec<Sql> {
    [
        STATEMENTS,
        &backup::statements(),
        auth::STATEMENTS,
        erase::STATEMENTS,
        jobs::STATEMENTS,
        live::STATEMENTS,
        &memories::statements(),
        operator::STATEMENTS,
        places::STATEMENTS,
        tenants::STATEMENTS,
    ]
    .concat()
}
