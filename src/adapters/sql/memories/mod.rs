//! The ports of the memory domain on SQL: each is implemented in the file that holds its statements, `rows` is what they
//! answer.
//!
//! Every write takes the tenant's row first (`UPDATE tenants … RETURNING change_seq`): on Postgres that orders the
//! tenant's writers, so that sequence numbers become visible in their order.

mod access;
mod again;
mod changes;
mod erasing;
mod gate_counts;
mod learning;
mod lifecycle;
mod list;
mod operations;
mod review;
mod rows;
mod settings;
mod supersede;
mod unit;
mod vectors;
mod write;

use std::sync::Arc;

use super::{Db, Sql};
use crate::memory::{Indexing, Sayings};

pub(super) use erasing::erase_deleted_of;

/// The statements of memories, for the test that prepares them.
pub(super) fn statements() -> impl Iterator<Item = &'static [&'static Sql]> {
    [
        access::STATEMENTS,
        changes::STATEMENTS,
        erasing::STATEMENTS,
        gate_counts::STATEMENTS,
        learning::STATEMENTS,
        lifecycle::STATEMENTS,
        list::STATEMENTS,
        operations::STATEMENTS,
        review::STATEMENTS,
        rows::STATEMENTS,
        settings::STATEMENTS,
        supersede::STATEMENTS,
        unit::STATEMENTS,
        vectors::STATEMENTS,
        write::STATEMENTS,
    ]
    .into_iter()
}

/// Memories in SQL.
#[derive(Clone)]
pub struct SqlMemoryStore {
    db: Db,
    /// Hashes what is deliberately forgotten.
    sayings: Sayings,
    indexing: Arc<Indexing>,
}

impl SqlMemoryStore {
    /// A store over a database, whose writes keep the indexes of this process told.
    #[must_use]
    pub fn new(db: &Db, sayings: Sayings, indexing: Indexing) -> Arc<Self> {
        Arc::new(Self { db: db.clone(), sayings, indexing: Arc::new(indexing) })
    }
}

#[cfg(test)]
mod tests {
    use sqlx::{Connection, Row, SqliteConnection};

    use super::*;
    use crate::adapters::sql::Engine;

    #[tokio::test]
    async fn nothing_walks_through_all_memories_of_a_tenant() {
        let mut c = SqliteConnection::connect("sqlite::memory:").await.expect("a database");
        sqlx::migrate!("migrations/sqlite").run_direct(None, &mut c, false).await.expect("a schema");
        for (name, index) in
            [("SAME_TEXT", "memories_text"), ("SAME_KEY", "memories_key"), ("TOUCH_SEQUENCE", "memories_tenant_id (tenant_id=? AND id=?)")]
        {
            let sql = statements().flatten().find(|sql| sql.name == name).expect("the statement");
            let explained = format!("EXPLAIN QUERY PLAN {}", sql.of(Engine::Sqlite));
            let plan = sqlx::query(&*explained.leak()).fetch_one(&mut c).await.expect("a plan");
            let detail: String = plan.get("detail");
            assert!(detail.contains(index), "{name}: {detail}");
        }
    }
}
