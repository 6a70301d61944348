//! Both engines hold the same tables: names, types by class, nullability, indexes and their conditions.

use std::collections::{BTreeMap, BTreeSet};

use jonathans_memory::adapters::sql::Engine;
use sqlx::{AssertSqlSafe, Connection, PgConnection, SqliteConnection};

use crate::support::db::{TestDb, run, sqlite_file};

/// (table, column) to (class of type, nullable).
type Columns = BTreeMap<(String, String), (&'static str, bool)>;

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Index {
    table: String,
    unique: bool,
    columns: Vec<String>,
    condition: String,
}

#[derive(Debug, Default)]
struct Schema {
    columns: Columns,
    /// Those that a migration names.
    named: BTreeMap<String, Index>,
    /// Those that PRIMARY KEY and UNIQUE imply.
    implied: BTreeSet<Index>,
}

#[test]
fn both_engines_have_one_schema() {
    run(Engine::Postgres, |db| async move {
        let postgres = postgres_schema(&db).await;
        let sqlite = sqlite_schema().await;
        assert!(postgres.columns.len() > 100, "the catalogue was read");
        assert_eq!(sqlite.columns, postgres.columns);
        assert_eq!(sqlite.named, postgres.named);
        assert_eq!(sqlite.implied, postgres.implied);
    });
}

#[test]
fn the_migration_folders_have_the_same_numbers_and_names() {
    let of = |migrator: sqlx::migrate::Migrator| migrator.iter().map(|m| (m.version, m.description.to_string())).collect::<Vec<_>>();
    assert_eq!(of(sqlx::migrate!("migrations/sqlite")), of(sqlx::migrate!("migrations/postgres")));
}

fn class(declared: &str) -> &'static str {
    match declared.to_lowercase().as_str() {
        "blob" | "uuid" | "bytea" => "bytes",
        "integer" | "bigint" | "boolean" => "integer",
        "text" | "jsonb" => "text",
        "real" | "double precision" => "real",
        other => panic!("migrations/README.md does not list the type '{other}'"),
    }
}

/// Postgres prints conditions with parentheses and casts of its own.
fn normalised(condition: &str) -> String {
    let text = condition.to_lowercase().replace("::text", "").replace(['(', ')'], " ");
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

async fn sqlite_schema() -> Schema {
    let (_directory, url) = sqlite_file();
    let mut connection = SqliteConnection::connect(&format!("{url}?mode=rwc")).await.expect("opens");
    sqlx::migrate!("migrations/sqlite").run(&mut connection).await.expect("migrates");
    let mut schema = Schema::default();
    let tables: Vec<(String, String)> = sqlx::query_as(
        "SELECT name, sql FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%' AND name NOT LIKE '\\_sqlx%' ESCAPE '\\'",
    )
    .fetch_all(&mut connection)
    .await
    .expect("tables");
    for (table, sql) in tables {
        assert!(sql.trim_end().ends_with("STRICT"), "{table} is not STRICT");
        let columns: Vec<(String, String, bool, i64)> = sqlx::query_as("SELECT name, type, \"notnull\", pk FROM pragma_table_info($1)")
            .bind(&table)
            .fetch_all(&mut connection)
            .await
            .expect("columns");
        for (name, declared, not_null, key) in columns {
            let row_id = key > 0 && declared == "INTEGER" && sql.contains(&format!("{name} INTEGER PRIMARY KEY"));
            if row_id {
                // The row id: never null, and unique without an index.
                let columns = vec![name.clone()];
                schema.implied.insert(Index { table: table.clone(), unique: true, columns, condition: String::new() });
            }
            schema.columns.insert((table.clone(), name), (class(&declared), !not_null && !row_id));
        }
        let indexes: Vec<(String, bool, String, Option<String>)> = sqlx::query_as(
            "SELECT l.name, l.\"unique\", l.origin, s.sql FROM pragma_index_list($1) l LEFT JOIN sqlite_schema s ON s.name = l.name",
        )
        .bind(&table)
        .fetch_all(&mut connection)
        .await
        .expect("indexes");
        for (name, unique, origin, sql) in indexes {
            let columns = sqlx::query_scalar("SELECT name FROM pragma_index_info($1) WHERE name IS NOT NULL ORDER BY seqno")
                .bind(&name)
                .fetch_all(&mut connection)
                .await
                .expect("index columns");
            let condition = sql.as_deref().and_then(|sql| sql.split_once(" WHERE ")).map_or(String::new(), |(_, c)| normalised(c));
            let index = Index { table: table.clone(), unique, columns, condition };
            if origin == "c" {
                schema.named.insert(name, index);
            } else {
                schema.implied.insert(index);
            }
        }
    }
    schema
}

/// Table, name, unique, implied by a constraint, columns, condition.
type PostgresIndex = (String, String, bool, bool, Vec<String>, Option<String>);

async fn postgres_schema(db: &TestDb) -> Schema {
    let mut connection = PgConnection::connect(&db.url).await.expect("connects");
    let mut schema = Schema::default();
    let columns: Vec<(String, String, String, bool)> = sqlx::query_as(
        "SELECT table_name::text, column_name::text, data_type::text, is_nullable = 'YES' FROM information_schema.columns \
         WHERE table_schema = current_schema() AND table_name NOT LIKE '\\_sqlx%'",
    )
    .fetch_all(&mut connection)
    .await
    .expect("columns");
    for (table, name, declared, nullable) in columns {
        schema.columns.insert((table, name), (class(&declared), nullable));
    }
    let columns_of_index = "ARRAY(SELECT a.attname::text FROM unnest(i.indkey) WITH ORDINALITY AS k(attnum, ord) \
        JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum ORDER BY k.ord)";
    let indexes: Vec<PostgresIndex> = sqlx::query_as(AssertSqlSafe(format!(
        "SELECT t.relname::text, c.relname::text, i.indisunique, EXISTS (SELECT 1 FROM pg_constraint k WHERE k.conindid = i.indexrelid \
         AND k.contype IN ('p', 'u')), {columns_of_index}, pg_get_expr(i.indpred, i.indrelid) \
         FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_class t ON t.oid = i.indrelid \
         WHERE t.relnamespace = current_schema()::regnamespace AND t.relname NOT LIKE '\\_sqlx%'"
    )))
    .fetch_all(&mut connection)
    .await
    .expect("indexes");
    for (table, name, unique, implied, columns, condition) in indexes {
        let index = Index { table, unique, columns, condition: condition.as_deref().map_or(String::new(), normalised) };
        if implied {
            schema.implied.insert(index);
        } else {
            schema.named.insert(name, index);
        }
    }
    schema
}
