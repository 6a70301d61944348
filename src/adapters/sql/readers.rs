//! The reading connections of a SQLite file. A pool of sqlx sends each connection that comes back to its thread once
//! more, to test it; a file needs no such test, and it costs as much as the read did.

use std::{sync::Arc, time::Duration};

use parking_lot::Mutex;
use sqlx::{ConnectOptions, Connection, SqliteConnection, sqlite::SqliteConnectOptions};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Opens connections as they are needed and keeps them; cheap to clone.
#[derive(Clone)]
pub(super) struct Readers {
    options: Arc<SqliteConnectOptions>,
    max: u32,
    acquire_timeout: Duration,
    permits: Arc<Semaphore>,
    idle: Arc<Mutex<Vec<SqliteConnection>>>,
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
            None => self.options.connect().await?,
        };
        Ok(Reader { connection: Some(connection), idle: self.idle.clone(), _permit: permit })
    }

    /// A connection beside those that are kept, for a reader that keeps a transaction open.
    pub(super) async fn apart(&self) -> sqlx::Result<SqliteConnection> {
        self.options.connect().await
    }

    /// Waits for every connection and closes it.
    pub(super) async fn close(&self) {
        let all = self.permits.acquire_many(self.max).await;
        self.permits.close();
        drop(all);
        let idle = std::mem::take(&mut *self.idle.lock());
        for connection in idle {
            if let Err(error) = connection.close().await {
                tracing::warn!(%error, "a reading connection did not close well");
            }
        }
    }
}

/// A connection in use.
pub struct Reader {
    /// `Some` until dropped.
    connection: Option<SqliteConnection>,
    idle: Arc<Mutex<Vec<SqliteConnection>>>,
    /// Given back after the connection is.
    _permit: OwnedSemaphorePermit,
}

impl Reader {
    pub(super) fn connection(&mut self) -> &mut SqliteConnection {
        self.connection.as_mut().expect("it is there until the reader is dropped")
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        // A read that was cut short leaves nothing behind: its thread stops at the next row.
        self.idle.lock().extend(self.connection.take());
    }
}
