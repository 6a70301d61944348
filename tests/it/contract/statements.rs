//! Every statement of the adapter is understood by both engines: what `query!` would check, were there one database.

use jonathans_memory::adapters::sql::{Engine, all_statements};
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection, Row, SqlSafeStr, SqliteConnection};

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

/// A page of the usual list is found in an index, however deep it lies: nothing is sorted for it.
#[test]
fn the_newest_are_found_by_seeking() {
    crate::support::db::run(Engine::Sqlite, async |db: TestDb| {
        let mut connection = SqliteConnection::connect(&db.url).await.expect("connects");
        for name in ["BY_CREATED_DESC", "BY_CREATED_ASC"] {
            let statement = all_statements().into_iter().find(|sql| sql.name == name).expect("there");
            let plan = sqlx::query(AssertSqlSafe(format!("EXPLAIN QUERY PLAN {}", statement.of(Engine::Sqlite))));
            let steps = plan.fetch_all(&mut connection).await.expect("a plan");
            let steps: Vec<_> = steps.iter().map(|step| step.get::<String, _>("detail")).collect();
            let seeks = |step: &String| {
                step.contains("memories_newest (tenant_id=? AND (created_at,id)")
                    || step.contains("memories_newest (tenant_id=? AND created_at")
            };
            assert!(steps.iter().any(seeks) && !steps.iter().any(|step| step.contains("TEMP B-TREE")), "{name}: {steps:#?}");
        }
    });
}
