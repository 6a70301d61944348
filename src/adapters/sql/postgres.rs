//! Postgres, and whether it is there.
//!
//! A pool alone finds out late that its server has gone: it goes on trying to connect until the wait for a connection
//! ends, and a server that accepts and says nothing holds a statement for as long as TCP likes. So a watcher with a
//! connection of its own looks after the server. Whoever waits longer than [`PATIENCE`] for any step makes it look; if it
//! gets no answer either, and nobody else got one meanwhile, the server is away: everything that waits for it fails at
//! once, the pool is put away with all its connections, and nothing is sent until the watcher, which tries once a second,
//! is answered again. A pool that is merely busy, a slow statement or a row that another holds is none of that.

use std::{
    io,
    ops::{Deref, DerefMut},
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use futures::FutureExt;
use parking_lot::Mutex;
use sqlx::{
    ConnectOptions, Connection, Executor, PgConnection, PgPool, Postgres,
    pool::PoolConnection,
    postgres::{PgConnectOptions, PgPoolOptions},
};
use tokio::{
    sync::Notify,
    time::{sleep, timeout},
};
use tokio_util::sync::{CancellationToken, DropGuard};

/// A step that takes longer makes the watcher look. With [`LOOK`] it stays below the second in which a request that needs
/// the database is to be refused.
const PATIENCE: Duration = Duration::from_millis(200);
/// How long the watcher waits for an answer while somebody waits for a step.
const LOOK: Duration = Duration::from_millis(500);
/// How long it waits where nobody does; a new connection to a distant server takes a while.
const LOOK_AT_EASE: Duration = Duration::from_secs(2);
/// It looks this often even where nobody waits.
const HEARTBEAT: Duration = Duration::from_secs(10);
/// While the server is away, it is tried this often.
const RETRY: Duration = Duration::from_secs(1);
/// How long a statement that nobody waits for any more may go on.
const CUT_SHORT: Duration = Duration::from_secs(1);
/// Longest end of a pool.
const CLOSE: Duration = Duration::from_secs(2);
/// A connection that answered this shortly ago is not asked again before it is used.
const TRUSTED: Duration = Duration::from_secs(1);

/// A message in the server's log of writes, and whether it takes any other.
const PROOF: &str = "SELECT current_setting('transaction_read_only') FROM pg_logical_emit_message(true, 'jonathans-memory', '')";

/// A Postgres server behind its watcher; cheap to clone.
#[derive(Clone)]
pub(super) struct Server {
    inner: Arc<Inner>,
    /// Ends the watcher with the last clone.
    watching: Arc<DropGuard>,
}

struct Inner {
    options: PgConnectOptions,
    pool_options: PgPoolOptions,
    /// `None` while the server is away.
    pool: Mutex<Option<Pool>>,
    /// Steps that the server answered.
    answers: AtomicU64,
    /// That on which writes are proven.
    proof: tokio::sync::Mutex<Option<PgConnection>>,
    /// Rung by whoever waits, or lost a connection.
    suspicion: Notify,
}

/// The connections of a time in which the server was there, and the token that ends it.
#[derive(Clone)]
struct Pool {
    connections: PgPool,
    gone: CancellationToken,
}

impl Server {
    /// Connects, and begins to watch.
    pub(super) async fn connect(options: PgConnectOptions, pool_options: PgPoolOptions) -> sqlx::Result<Self> {
        let inner = Inner {
            pool: Mutex::new(Some(Pool::new(&options, &pool_options))),
            options,
            pool_options,
            answers: AtomicU64::new(0),
            proof: tokio::sync::Mutex::default(),
            suspicion: Notify::new(),
        };
        let server = Self { inner: Arc::new(inner), watching: Arc::new(CancellationToken::new().drop_guard()) };
        // The first connection is waited for: who starts the program learns at once what is wrong with the address.
        drop(server.pool()?.acquire().await?);
        tokio::spawn(server.inner.clone().watch(server.watching.token().clone()));
        Ok(server)
    }

    /// The pool.
    ///
    /// # Errors
    /// While the server is away.
    pub(super) fn pool(&self) -> sqlx::Result<PgPool> {
        Ok(self.present()?.connections)
    }

    /// Begins a transaction.
    pub(super) async fn begin(&self) -> sqlx::Result<PgSession> {
        let Pool { connections, gone } = self.present()?;
        let link = Link { inner: self.inner.clone(), gone };
        let connection = Some(link.step(connections.acquire()).await?);
        let mut session = PgSession { connection, open: true, link };
        let (link, connection) = session.parts();
        link.step(connection.execute("BEGIN")).await?;
        Ok(session)
    }

    /// Writes to the server's log what nobody reads; on a connection of its own, which is kept.
    pub(super) async fn prove_writable(&self) -> sqlx::Result<()> {
        let mut own = self.inner.proof.lock().await;
        let mut connection = match own.take() {
            Some(connection) => connection,
            None => self.inner.options.connect().await?,
        };
        let read_only: String = sqlx::query_scalar(PROOF).fetch_one(&mut connection).await?;
        *own = Some(connection);
        if read_only == "on" { Err(away()) } else { Ok(()) }
    }

    /// A connection beside those that are watched, for work that takes long.
    pub(super) async fn apart(&self) -> sqlx::Result<PgConnection> {
        self.inner.options.connect().await
    }

    /// Closes every connection. What is still in use after a while is cut by the end of the process.
    pub(super) async fn close(&self) {
        if let Ok(pool) = self.pool() {
            drop(timeout(CLOSE, pool.close()).await);
        }
        if let Some(proof) = self.inner.proof.lock().await.take() {
            drop(timeout(CLOSE, proof.close()).await);
        }
        self.watching.token().cancel();
    }

    fn present(&self) -> sqlx::Result<Pool> {
        self.inner.pool.lock().clone().ok_or_else(away)
    }
}

impl Pool {
    /// Connects when a connection is asked for.
    fn new(options: &PgConnectOptions, pool_options: &PgPoolOptions) -> Self {
        let connections = pool_options
            .clone()
            .test_before_acquire(false)
            .before_acquire(|connection, idle| {
                Box::pin(async move { if idle.idle_for < TRUSTED { Ok(true) } else { connection.ping().await.map(|()| true) } })
            })
            .connect_lazy_with(options.clone());
        Self { connections, gone: CancellationToken::new() }
    }
}

/// A transaction in use; rolled back when dropped. Not a `sqlx::Transaction`: that would wait for a server that is away to
/// say good-bye, and with it every connection that was in use.
pub struct PgSession {
    /// `Some` until dropped.
    connection: Option<PoolConnection<Postgres>>,
    open: bool,
    link: Link,
}

impl PgSession {
    /// The connection, and what waits for it.
    pub(super) fn parts(&mut self) -> (&Link, &mut PgConnection) {
        (&self.link, self.connection.as_mut().expect(UNTIL_DROPPED))
    }

    /// Makes the writes durable.
    pub(super) async fn commit(mut self) -> sqlx::Result<()> {
        let (link, connection) = self.parts();
        link.step(connection.execute("COMMIT")).await?;
        self.open = false;
        Ok(())
    }
}

const UNTIL_DROPPED: &str = "it is there until the session is dropped";

impl Deref for PgSession {
    type Target = PgConnection;
    fn deref(&self) -> &PgConnection {
        self.connection.as_ref().expect(UNTIL_DROPPED)
    }
}

impl DerefMut for PgSession {
    fn deref_mut(&mut self) -> &mut PgConnection {
        self.parts().1
    }
}

impl Drop for PgSession {
    fn drop(&mut self) {
        let Some(mut connection) = self.connection.take() else { return };
        let (link, open) = (self.link.clone(), self.open);
        // A statement that was cut short is waited for a moment; the server stops it when its time is over.
        tokio::spawn(async move {
            if open && !matches!(timeout(CUT_SHORT, link.step(connection.execute("ROLLBACK"))).await, Ok(Ok(_))) {
                // Closed without a word.
                drop(connection.detach());
                return;
            }
            // What the pool would do by itself, for ever: it asks whether the connection still answers.
            let returned = connection.return_to_pool().map(Ok);
            drop(link.step(returned).await);
        });
    }
}

/// What ties a session to the server as it was when the session began.
#[derive(Clone)]
pub(super) struct Link {
    inner: Arc<Inner>,
    gone: CancellationToken,
}

impl Link {
    /// Waits for the server to do something: as long as it takes while the server is there, no longer once it is not.
    pub(super) async fn step<T>(&self, work: impl Future<Output = sqlx::Result<T>>) -> sqlx::Result<T> {
        let mut work = pin!(work);
        loop {
            tokio::select! {
                biased;
                done = &mut work => {
                    match &done {
                        Err(error) if is_lost(error) => self.inner.suspicion.notify_one(),
                        Ok(_) | Err(sqlx::Error::Database(_)) => drop(self.inner.answers.fetch_add(1, Ordering::Relaxed)),
                        Err(_) => {}
                    }
                    return done;
                }
                () = self.gone.cancelled() => return Err(away()),
                () = sleep(PATIENCE) => self.inner.suspicion.notify_one(),
            }
        }
    }
}

impl Inner {
    async fn watch(self: Arc<Self>, stop: CancellationToken) {
        let mut own = None;
        stop.run_until_cancelled(self.watch_by(&mut own)).await;
        if let Some(own) = own {
            drop(timeout(CLOSE, PgConnection::close(own)).await);
        }
    }

    async fn watch_by(&self, own: &mut Option<PgConnection>) {
        loop {
            let patience = tokio::select! {
                () = self.suspicion.notified() => LOOK,
                () = sleep(HEARTBEAT) => LOOK_AT_EASE,
            };
            let before = self.answers.load(Ordering::Relaxed);
            if self.is_there(own, patience).await || self.answers.load(Ordering::Relaxed) != before {
                continue;
            }
            self.lost();
            while !self.is_there(own, LOOK_AT_EASE).await {
                sleep(RETRY).await;
            }
            self.found();
        }
    }

    /// Whether the server answers on the watcher's own connection, or on a new one if that has gone.
    async fn is_there(&self, own: &mut Option<PgConnection>, patience: Duration) -> bool {
        let look = async {
            if let Some(connection) = own.as_mut()
                && connection.ping().await.is_ok()
            {
                return true;
            }
            *own = None;
            match self.options.connect().await {
                Ok(connection) => {
                    *own = Some(connection);
                    true
                }
                // It answers, if only that it has no room for one more.
                Err(error) => matches!(error, sqlx::Error::Database(_)) && !is_lost(&error),
            }
        };
        let answered = timeout(patience, look).await;
        if answered.is_err() {
            // Its answer may still come, and would be taken for that to the next question.
            *own = None;
        }
        answered.unwrap_or(false)
    }

    fn lost(&self) {
        tracing::warn!("Postgres does not answer; what needs it is refused until it does");
        let Some(Pool { connections, gone }) = self.pool.lock().take() else { return };
        gone.cancel();
        // What does not close in this time is dropped with the pool: TLS would have the server agree.
        tokio::spawn(async move { timeout(CLOSE, connections.close()).await });
    }

    fn found(&self) {
        tracing::info!("Postgres answers again");
        *self.pool.lock() = Some(Pool::new(&self.options, &self.pool_options));
    }
}

/// Whether an error says that the connection, or the server behind it, has gone.
pub(super) fn is_lost(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_) | sqlx::Error::Tls(_) | sqlx::Error::Protocol(_) => true,
        // Connection trouble, and a server that stops or starts.
        sqlx::Error::Database(error) => error.code().is_some_and(|code| code.starts_with("08") || code.starts_with("57P")),
        _ => false,
    }
}

fn away() -> sqlx::Error {
    sqlx::Error::Io(io::Error::new(io::ErrorKind::NotConnected, "Postgres does not answer"))
}
