//! The writing connection of a SQLite file. There is one, so that this process's writers queue instead of colliding in the
//! file's lock. A session that did not end in a commit is rolled back behind its back; a connection that cannot be (on a full
//! disk SQLite ends the transaction by itself) is closed and not used again.

use std::{sync::Arc, time::Duration};

use sqlx::{Connection, SqliteConnection, sqlite::SqliteConnectOptions};
use tokio::{
    sync::{Mutex, OwnedMutexGuard},
    time::Instant,
};

use super::{BUSY_TIMEOUT, flush::Flush, leash::Leash};

/// The connection with its queue; cheap to clone.
#[derive(Clone)]
pub(super) struct Writer {
    options: Arc<SqliteConnectOptions>,
    acquire_timeout: Duration,
    connection: Arc<Mutex<Slot>>,
    broke: Broke,
    flush: Flush,
}

/// When the last session ended whose connection could not be used again.
type Broke = Arc<parking_lot::Mutex<Option<Instant>>>;

/// Opened when it is needed.
enum Slot {
    Empty,
    Open(SqliteConnection, Leash),
    Closed,
}

impl Writer {
    /// Opens the file. Who waits longer than `acquire_timeout` for the connection later gets an error.
    pub(super) async fn open(options: SqliteConnectOptions, acquire_timeout: Duration) -> sqlx::Result<Self> {
        let (connection, leash) = open_file(&options).await?;
        Ok(Self {
            flush: Flush::of(options.get_filename()),
            options: Arc::new(options),
            acquire_timeout,
            connection: Arc::new(Mutex::new(Slot::Open(connection, leash))),
            broke: Broke::default(),
        })
    }

    /// Begins a transaction that holds the file, for at most this time.
    pub(super) async fn begin(&self, longest: Option<Duration>) -> sqlx::Result<Writing> {
        let slot = tokio::time::timeout(self.acquire_timeout, self.connection.clone().lock_owned()).await;
        let mut slot = slot.map_err(|_| sqlx::Error::PoolTimedOut)?;
        let (mut connection, leash) = match std::mem::replace(&mut *slot, Slot::Empty) {
            Slot::Open(connection, leash) => (connection, leash),
            Slot::Empty => open_file(&self.options).await?,
            Slot::Closed => {
                *slot = Slot::Closed;
                return Err(sqlx::Error::PoolClosed);
            }
        };
        leash.allow(longest);
        sqlx::query("BEGIN IMMEDIATE").execute(&mut connection).await?;
        Ok(Writing { connection: Some((connection, leash)), slot: Some(slot), broke: self.broke.clone(), flush: self.flush.clone() })
    }

    /// Whether a session ended so within this time that its connection could not be used again: the file took less than was written.
    pub(super) fn broke_within(&self, time: Duration) -> bool {
        self.broke.lock().is_some_and(|at| at.elapsed() < time)
    }

    /// Waits for the session that is open and closes the connection.
    pub(super) async fn close(&self) {
        let slot = std::mem::replace(&mut *self.connection.lock().await, Slot::Closed);
        if let Slot::Open(connection, _) = slot
            && let Err(error) = connection.close().await
        {
            tracing::warn!(%error, "the writing connection did not close well");
        }
    }
}

/// A transaction; rolled back when dropped.
pub struct Writing {
    /// `Some` until it ends.
    connection: Option<(SqliteConnection, Leash)>,
    slot: Option<OwnedMutexGuard<Slot>>,
    broke: Broke,
    flush: Flush,
}

impl Writing {
    pub(super) fn connection(&mut self) -> &mut SqliteConnection {
        &mut self.connection.as_mut().expect("it is there until the transaction ends").0
    }

    /// Makes the writes durable; the next session may begin while the disk is waited for.
    pub(super) async fn commit(mut self) -> sqlx::Result<()> {
        sqlx::query("COMMIT").execute(self.connection()).await?;
        self.give_back();
        self.flush.wait().await?;
        Ok(())
    }

    fn give_back(&mut self) {
        if let (Some((connection, leash)), Some(mut slot)) = (self.connection.take(), self.slot.take()) {
            *slot = Slot::Open(connection, leash);
        }
    }
}

impl Drop for Writing {
    fn drop(&mut self) {
        if let (Some((connection, leash)), Some(slot)) = (self.connection.take(), self.slot.take()) {
            // A statement that was cut short stops at once, and holds up nobody.
            leash.pull();
            tokio::spawn(roll_back(connection, leash, slot, self.broke.clone()));
        }
    }
}

async fn roll_back(mut connection: SqliteConnection, leash: Leash, mut slot: OwnedMutexGuard<Slot>, broke: Broke) {
    // Behind the statement that was cut short: only then may others run.
    let behind = sqlx::query("SELECT 1").execute(&mut connection).await;
    leash.allow(None);
    if behind.is_ok() && sqlx::query("ROLLBACK").execute(&mut connection).await.is_ok() {
        *slot = Slot::Open(connection, leash);
    } else {
        // It is closed here, and the next session opens another.
        *broke.lock() = Some(Instant::now());
    }
}

/// Connects to a SQLite file. Turning a new file to WAL while another process opens it fails at once instead of waiting
/// (SQLite leaves its busy handler out where two that hold a lock want more), so the waiting is done here.
async fn open_file(options: &SqliteConnectOptions) -> sqlx::Result<(SqliteConnection, Leash)> {
    let give_up = tokio::time::Instant::now() + BUSY_TIMEOUT;
    loop {
        match Leash::connect(options).await {
            Err(sqlx::Error::Database(busy)) if busy.code().as_deref() == Some("5") && tokio::time::Instant::now() < give_up => {
                tokio::time::sleep(Duration::from_millis(rand::random_range(5..25))).await;
            }
            other => return other,
        }
    }
}
