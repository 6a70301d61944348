//! How long a statement of SQLite may run. SQLite asks every few thousand steps whether to go on: a session that has ended,
//! or has lasted too long, says no.

use std::{
    sync::{
        Arc, LazyLock,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use sqlx::{ConnectOptions, SqliteConnection, sqlite::SqliteConnectOptions};

/// Steps of SQLite's machine between two questions: far below a millisecond.
const STEPS: i32 = 4_000;

static START: LazyLock<Instant> = LazyLock::new(Instant::now);

/// When the statement of a connection is to stop, in milliseconds since the process asked first.
#[derive(Debug, Clone)]
pub(super) struct Leash(Arc<AtomicU64>);

impl Leash {
    /// A connection whose statements ask.
    pub(super) async fn connect(options: &SqliteConnectOptions) -> sqlx::Result<(SqliteConnection, Self)> {
        let mut connection = options.connect().await?;
        let leash = Self(Arc::new(AtomicU64::new(u64::MAX)));
        let asked = leash.clone();
        connection.lock_handle().await?.set_progress_handler(STEPS, move || now() < asked.0.load(Ordering::Relaxed));
        Ok((connection, leash))
    }

    /// Statements may run for so long from now on.
    pub(super) fn allow(&self, time: Option<Duration>) {
        let end = time.map_or(u64::MAX, |time| now().saturating_add(u64::try_from(time.as_millis()).unwrap_or(u64::MAX)));
        self.0.store(end, Ordering::Relaxed);
    }

    /// A statement that still runs stops.
    pub(super) fn pull(&self) {
        self.0.store(0, Ordering::Relaxed);
    }
}

fn now() -> u64 {
    u64::try_from(START.elapsed().as_millis()).unwrap_or(u64::MAX)
}
