//! The reading connections of a SQLite file. A pool of sqlx sends each connection that comes back to its thread once
//! more, to test it; a file needs no such test, and it costs as much as the read did.

use std::{sync::Arc, time::Duration};

use parking_lot::Mutex;
use sqlx::{ConnectOptions, Connection, SqliteConnection, sqlite::SqliteConnectOptions};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::{LONGEST_READ, leash::Leash};

type Tied = (SqliteConnection, Leash);

/// Opens connections as they are needed and keeps them; cheap to clone.
#[derive(Clone)]
pub(super) struct Readers {
    options: Arc<SqliteConnectOptions>,
    max: u32,
    acquire_timeout: Duration,
    permits: Arc<Semaphore>,
    idle: Arc<Mutex<Vec<Tied>>>,
}

impl Readers {
    /// At most `max` connections; who waits longer than `acquire_timeout` for one gets an error.
    pub(super) fn new(options: SqliteConnectOptions, max: u32, acquire_timeout: Duration) -> Self {
        Self { options: Arc::new(options), max, acquire_timeout, permits: Arc::new(Semaphore::new(max as usize)), idle: Arc::default() }
    }

    /// A connection, until it is dropped.
    pub(super) async fn acquire(&self) -> sqlx::Result<Reader> {
        let permit = tokio::time::timeout(self.acquire_timeout, self.permits.clone().acquire_owned()).await;
        let permit = permit.map_err(|_| sqlx::Error::PoolTimedOut)?.map_err(|_| sqlx::Error::PoolClosed)?;
        let idle = self.idle.lock().pop();
        let connection = match idle {
            Some(connection) => connection,
            None => Leash::connect(&self.options).await?,
        };
        connection.1.allow(Some(LONGEST_READ));
        Ok(Reader { connection: Some(connection), at_work: false, idle: self.idle.clone(), permit: Some(permit) })
    }

    /// A connection beside those that are kept, for what takes long.
    pub(super) async fn apart(&self) -> sqlx::Result<SqliteConnection> {
        self.options.connect().await
    }

    /// Waits for every connection and closes it.
    pub(super) async fn close(&self) {
        let all = self.permits.acquire_many(self.max).await;
        self.permits.close();
        drop(all);
        let idle = std::mem::take(&mut *self.idle.lock());
        for (connection, _) in idle {
            if let Err(error) = connection.close().await {
                tracing::warn!(%error, "a reading connection did not close well");
            }
        }
    }
}

/// A connection in use.
pub struct Reader {
    /// `Some` until dropped.
    connection: Option<Tied>,
    /// Whether a statement has begun and not ended.
    at_work: bool,
    idle: Arc<Mutex<Vec<Tied>>>,
    /// Given back after the connection is.
    permit: Option<OwnedSemaphorePermit>,
}

impl Reader {
    /// For a statement, whose end is to be told.
    pub(super) fn connection(&mut self) -> &mut SqliteConnection {
        self.at_work = true;
        &mut self.connection.as_mut().expect("it is there until the reader is dropped").0
    }

    /// The statement has ended.
    pub(super) const fn rest(&mut self) {
        self.at_work = false;
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        let Some((mut connection, leash)) = self.connection.take() else { return };
        if !self.at_work {
            self.idle.lock().push((connection, leash));
            return;
        }
        // A read that was cut short stops at once, and leaves nothing behind; nobody is to wait behind it.
        leash.pull();
        let (idle, permit) = (self.idle.clone(), self.permit.take());
        tokio::spawn(async move {
            if sqlx::query("SELECT 1").execute(&mut connection).await.is_ok() {
                idle.lock().push((connection, leash));
            }
            drop(permit);
        });
    }
}
