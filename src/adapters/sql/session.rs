//! A connection in use, and one statement at a time on it, whichever engine it is.

use sqlx::{
    Arguments, Decode, Encode, FromRow, Postgres, Sqlite, SqliteConnection, Type,
    error::BoxDynError,
    postgres::{PgArguments, PgRow},
    sqlite::{SqliteArguments, SqliteRow},
};
use tracing::Span;

use super::{
    failure::{failed, unconfirmed},
    postgres::PgSession,
    readers::Reader,
    statements::{Engine, Sql, statements},
    writer::Writing,
};
use crate::{error::Result, tenancy::TenantScope};

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
            Self::Sqlite(SqliteSession::Write(writing), _span) => writing.commit().await.map_err(unconfirmed),
            Self::Postgres(session, _span) => session.commit().await.map_err(unconfirmed),
        }
    }
}

/// A Rust type that both engines take as a parameter.
pub(super) trait Parameter<'t>: Encode<'t, Sqlite> + Type<Sqlite> + Encode<'t, Postgres> + Type<Postgres> {}
impl<'t, T: Encode<'t, Sqlite> + Type<Sqlite> + Encode<'t, Postgres> + Type<Postgres>> Parameter<'t> for T {}

/// A Rust type that a row of both engines is read into.
pub(super) trait Row: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin {}
impl<T: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin> Row for T {}

/// A Rust type that a column of both engines is read into.
pub(super) trait Cell:
    for<'r> Decode<'r, Sqlite> + Type<Sqlite> + for<'r> Decode<'r, Postgres> + Type<Postgres> + Send + Unpin
{
}
impl<T: for<'r> Decode<'r, Sqlite> + Type<Sqlite> + for<'r> Decode<'r, Postgres> + Type<Postgres> + Send + Unpin> Cell for T {}

/// A statement on its way, with what was bound to its parameters so far.
#[must_use]
pub(super) struct Query<'s> {
    session: &'s mut Session,
    sql: &'static Sql,
    bound: Result<Bound, BoxDynError>,
}

enum Bound {
    Sqlite(SqliteArguments),
    Postgres(PgArguments),
}

impl Session {
    /// Begins a statement.
    pub(super) fn query(&mut self, sql: &'static Sql) -> Query<'_> {
        let bound = Ok(match self {
            Self::Sqlite(..) => Bound::Sqlite(SqliteArguments::default()),
            Self::Postgres(..) => Bound::Postgres(PgArguments::default()),
        });
        Query { session: self, sql, bound }
    }
}

/// Runs the statement on the connection of the session's engine: one step of the session, no longer waited for once a Postgres
/// server has gone.
macro_rules! run {
    ($query:ident, |$c:ident, $text:ident, $bound:ident| $body:expr) => {{
        let bound = $query.bound.map_err(sqlx::Error::Encode)?;
        match (&mut *$query.session, bound) {
            (Session::Sqlite(session, _), Bound::Sqlite($bound)) => {
                let ($text, $c) = ($query.sql.of(Engine::Sqlite), session.connection());
                let done = $body.await;
                session.rest();
                done
            }
            (Session::Postgres(session, _), Bound::Postgres($bound)) => {
                let (link, $c) = session.parts();
                let $text = $query.sql.of(Engine::Postgres);
                link.step($body).await
            }
            _ => unreachable!("a query is bound for the engine of its session"),
        }
    }};
}

impl Query<'_> {
    /// Binds the next parameter.
    pub(super) fn bind<'t>(mut self, value: impl Parameter<'t>) -> Self {
        self.bound = self.bound.and_then(|bound| match bound {
            Bound::Sqlite(mut bound) => bound.add(value).map(|()| Bound::Sqlite(bound)),
            Bound::Postgres(mut bound) => bound.add(value).map(|()| Bound::Postgres(bound)),
        });
        self
    }

    /// How many rows it touched.
    pub(super) async fn execute(self) -> Result<u64> {
        self.try_execute().await.map_err(failed)
    }

    /// As [`Self::execute`]; `None` where another row has what a unique index allows once.
    pub(super) async fn execute_unique(self) -> Result<Option<u64>> {
        match self.try_execute().await {
            Err(sqlx::Error::Database(error)) if error.is_unique_violation() => Ok(None),
            done => done.map(Some).map_err(failed),
        }
    }

    async fn try_execute(self) -> sqlx::Result<u64> {
        run!(self, |c, text, bound| async { sqlx::query_with(text, bound).execute(c).await.map(|done| done.rows_affected()) })
    }

    /// Every row.
    pub(super) async fn fetch_all<T: Row>(self) -> Result<Vec<T>> {
        async { run!(self, |c, text, bound| sqlx::query_as_with(text, bound).fetch_all(c)) }.await.map_err(failed)
    }

    /// The first row, where there is one.
    pub(super) async fn fetch_optional<T: Row>(self) -> Result<Option<T>> {
        async { run!(self, |c, text, bound| sqlx::query_as_with(text, bound).fetch_optional(c)) }.await.map_err(failed)
    }

    /// The row that is there in any case.
    pub(super) async fn fetch_one<T: Row>(self) -> Result<T> {
        async { run!(self, |c, text, bound| sqlx::query_as_with(text, bound).fetch_one(c)) }.await.map_err(failed)
    }

    /// The first column of every row.
    pub(super) async fn scalars<T: Cell>(self) -> Result<Vec<T>> {
        async { run!(self, |c, text, bound| sqlx::query_scalar_with(text, bound).fetch_all(c)) }.await.map_err(failed)
    }

    /// The first column of the first row, where there is one.
    pub(super) async fn scalar_optional<T: Cell>(self) -> Result<Option<T>> {
        async { run!(self, |c, text, bound| sqlx::query_scalar_with(text, bound).fetch_optional(c)) }.await.map_err(failed)
    }

    /// The first column of the row that is there in any case.
    pub(super) async fn scalar<T: Cell>(self) -> Result<T> {
        async { run!(self, |c, text, bound| sqlx::query_scalar_with(text, bound).fetch_one(c)) }.await.map_err(failed)
    }
}

fn hold(engine: Engine) -> String {
    let lock = match engine {
        // `BEGIN IMMEDIATE` holds the whole file.
        Engine::Sqlite => "",
        Engine::Postgres => " FOR NO KEY UPDATE",
    };
    format!("SELECT id FROM tenants WHERE id = $1{lock}")
}

statements! {
    HOLD_TENANT: hold;
}

/// Takes the tenant's row, so that transactions that write many rows of a tenant take turns instead of locking them in
/// different orders. A change of memories takes it by its sequence number.
pub(super) async fn hold_tenant(session: &mut Session, scope: &TenantScope) -> Result<()> {
    session.query(&HOLD_TENANT).bind(scope.tenant().0).execute().await.map(drop)
}
