//! What a database failure means to a caller.

use super::postgres;
use crate::error::Error;

/// Translates a database failure at the border: what can heal is `unavailable`, the rest is a fault of ours.
pub(super) fn failed(error: sqlx::Error) -> Error {
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

/// As [`failed`] for a commit: where its answer is lost on the way, or the disk does not confirm it, nobody knows what became of it.
pub(super) fn unconfirmed(error: sqlx::Error) -> Error {
    if !postgres::is_lost(&error) {
        return failed(error);
    }
    let detail = "The database did not confirm the write, which may or may not have taken effect: repeat it with the same Idempotency-Key, \
                  or look before you repeat it.";
    Error::unavailable(detail, 1).with_source(error)
}
