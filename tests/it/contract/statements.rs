//! Every statement of the adapter is understood by both engines: what `query!` would check, were there one database.

use jonathans_memory::adapters::sql::{Engine, all_statements};
use sqlx::{Connection, Executor, PgConnection, SqlSafeStr, SqliteConnection};

use crate::support::db::{TestDb, both};

both! {
    async fn every_statement_prepares(db: TestDb) {
        let mut failures = Vec::new();
        let statements = all_statements();
        assert!(statements.len() > 60, "only {} statements were gathered", statements.len());
        match db.engine {
            Engine::Sqlite => {
                let mut connection = SqliteConnection::connect(&db.url).await.expect("connects");
                for sql in &statements {
                    if let Err(error) = (&mut connection).prepare(sql.of(db.engine).into_sql_str()).await {
                        failures.push(format!("{}: {error}\n    {}", sql.name, sql.of(db.engine)));
                    }
                }
            }
            Engine::Postgres => {
                let mut connection = PgConnection::connect(&db.url).await.expect("connects");
                for sql in &statements {
                    if let Err(error) = (&mut connection).prepare(sql.of(db.engine).into_sql_str()).await {
                        failures.push(format!("{}: {error}\n    {}", sql.name, sql.of(db.engine)));
                    }
                }
            }
        }
        assert!(failures.is_empty(), "{} of {} statements do not prepare:\n{}", failures.len(), statements.len(), failures.join("\n"));
    }
}
