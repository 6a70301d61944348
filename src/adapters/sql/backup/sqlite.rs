//! A backup out of SQLite and into it.

use crate::adapters::sql::Engine;
use std::{
    io::{Read, Write},
    sync::Arc,
};

use anyhow::{Context, bail, ensure};
use futures::TryStreamExt;
use serde_json::{Value, value::RawValue};
use sqlx::{
    AssertSqlSafe, Column, Executor, Row, Sqlite, SqliteConnection, TypeInfo, ValueRef,
    query::Query,
    sqlite::{SqliteArguments, SqliteRow},
};

use super::{
    Item, Reader, TABLES, Table, Writer, cells,
    container::{hex, unhex},
    known_table, not_empty, same_columns,
};
use crate::adapters::sql::writer::Writer as File;

const PRESENT: &str = "SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = $1)";
const COLUMNS: &str = "SELECT name, type FROM pragma_table_info($1) ORDER BY cid";

/// Copies every row. The transaction sees one state of the file; writers go on beside it.
pub(super) async fn dump<W: Write>(connection: &mut SqliteConnection, writer: &mut Writer<W>) -> anyhow::Result<()> {
    connection.execute("BEGIN").await?;
    for table in TABLES.iter() {
        // An older schema has fewer tables.
        if !sqlx::query_scalar::<_, bool>(PRESENT).bind(table.name).fetch_one(&mut *connection).await? {
            continue;
        }
        let columns = columns(connection, table).await?;
        writer.table(table.name, columns.into_iter().map(|(name, _)| name).collect())?;
        let mut rows = sqlx::query(table.read.of(Engine::Sqlite)).fetch(&mut *connection);
        while let Some(row) = rows.try_next().await.with_context(|| format!("'{}' cannot be read", table.name))? {
            let cells: anyhow::Result<Vec<_>> = (0..row.len()).map(|at| cell(&row, at)).collect();
            writer.row(&cells?)?;
        }
        drop(rows);
        writer.end_of_table()?;
    }
    connection.execute("COMMIT").await?;
    Ok(())
}

async fn columns(connection: &mut SqliteConnection, table: &Table) -> anyhow::Result<Vec<(String, String)>> {
    Ok(sqlx::query_as(COLUMNS).bind(table.name).fetch_all(connection).await?)
}

fn cell(row: &SqliteRow, at: usize) -> anyhow::Result<Value> {
    let raw = row.try_get_raw(at)?;
    if raw.is_null() {
        return Ok(Value::Null);
    }
    Ok(match raw.type_info().name() {
        "INTEGER" => row.try_get_unchecked::<i64, _>(at)?.into(),
        "REAL" => row.try_get_unchecked::<f64, _>(at)?.into(),
        "TEXT" => row.try_get_unchecked::<String, _>(at)?.into(),
        "BLOB" => hex(row.try_get_unchecked::<&[u8], _>(at)?).into(),
        other => bail!("'{}' holds a value of the type {other}, which a backup does not know", row.column(at).name()),
    })
}

/// Fills the empty tables in one transaction, which ends with the last checksum or not at all.
pub(super) async fn load<R: Read>(file: &File, reader: &mut Reader<R>) -> anyhow::Result<()> {
    let mut transaction = file.begin(None).await?;
    for table in TABLES.iter() {
        let present: bool = sqlx::query_scalar(PRESENT).bind(table.name).fetch_one(transaction.connection()).await?;
        if present && sqlx::query_scalar::<_, bool>(table.any.of(Engine::Sqlite)).fetch_one(transaction.connection()).await? {
            return Err(not_empty(table.name));
        }
    }
    let mut target: Option<Target> = None;
    loop {
        match reader.next()? {
            Item::Table { name, columns: order } => {
                let table = known_table(&name)?;
                let of_database = columns(transaction.connection(), table).await?;
                target = Some(Target::new(table.name, &order, &of_database)?);
            }
            Item::Row(row) => {
                let target = target.as_ref().context("a row without a table")?;
                target
                    .insert(row)?
                    .execute(transaction.connection())
                    .await
                    .with_context(|| format!("a row of '{}' does not fit", target.table))?;
            }
            Item::EndOfTable => target = None,
            Item::End => break,
        }
    }
    transaction.commit().await.context("the rows could not be written; none stays")
}

/// Where rows go: the one statement of the adapter that is put together at run time. Its names are those of a table of
/// [`TABLES`] and of columns that the database itself has just named, and nothing but letters and underscores.
struct Target {
    table: &'static str,
    insert: Arc<str>,
    /// Declared types, in the order of the backup.
    types: Vec<String>,
}

impl Target {
    fn new(table: &'static str, order: &[String], of_database: &[(String, String)]) -> anyhow::Result<Self> {
        same_columns(table, order, &of_database.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>())?;
        let mut types = Vec::with_capacity(order.len());
        for column in order {
            ensure!(column.bytes().all(|c| c.is_ascii_alphanumeric() || c == b'_'), "'{table}' has a column with an odd name");
            let declared = of_database.iter().find(|(name, _)| name == column).map(|(_, declared)| declared.clone());
            types.push(declared.context("a column without a type")?);
        }
        let places: Vec<_> = (1..=order.len()).map(|n| format!("${n}")).collect();
        let insert = format!("INSERT INTO {table} (\"{}\") VALUES ({})", order.join("\", \""), places.join(", "));
        Ok(Self { table, insert: insert.into(), types })
    }

    fn insert(&self, row: &str) -> anyhow::Result<Query<'static, Sqlite, SqliteArguments>> {
        let mut query = sqlx::query(AssertSqlSafe(self.insert.clone()));
        for (cell, declared) in cells(self.table, row, self.types.len())?.into_iter().zip(&self.types) {
            query = bound(query, cell, declared).with_context(|| format!("a value of '{}' does not fit", self.table))?;
        }
        Ok(query)
    }
}

fn bound(
    query: Query<'static, Sqlite, SqliteArguments>,
    cell: &RawValue,
    declared: &str,
) -> anyhow::Result<Query<'static, Sqlite, SqliteArguments>> {
    let text = cell.get();
    if text == "null" {
        return Ok(query.bind(None::<i64>));
    }
    Ok(match declared {
        "INTEGER" => query.bind(text.parse::<i64>()?),
        // The parser of serde_json may be off by the last bit.
        "REAL" => query.bind(text.parse::<f64>()?),
        "TEXT" => query.bind(serde_json::from_str::<String>(text)?),
        "BLOB" => query.bind(unhex(&serde_json::from_str::<String>(text)?).context("it is no hex")?),
        other => bail!("the type {other} is not known"),
    })
}
