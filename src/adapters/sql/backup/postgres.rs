//! A backup out of Postgres and into it.

use crate::adapters::sql::Engine;
use std::io::{Read, Write};

use anyhow::{Context, bail, ensure};
use futures::TryStreamExt;
use serde_json::{Value, value::RawValue};
use sqlx::{Column, Connection, Executor, PgConnection, Row, TypeInfo, ValueRef, postgres::PgRow, types::Json};
use uuid::Uuid;

use super::{Item, Reader, TABLES, Table, Writer, cells, container::hex, known_table, not_empty, same_columns};

/// Rows are sent in arrays of about so many bytes.
const BATCH: usize = 1 << 20;

/// As the owner of the tables. Where the role is not that, Postgres answers with an error instead of with the rows that a
/// policy leaves over. A service's limits for statements are not meant for this.
const ENTER: &str = "SELECT set_config('row_security', 'off', true), set_config('statement_timeout', '0', true), \
                     set_config('idle_in_transaction_session_timeout', '0', true)";
/// A first start or another restore waits, or finds the rows.
const HOLD: &str = "LOCK TABLE tenants, users IN SHARE ROW EXCLUSIVE MODE";
const PRESENT: &str = "SELECT to_regclass($1) IS NOT NULL";
const COLUMNS: &str = "SELECT column_name::text, data_type::text, is_identity = 'YES' FROM information_schema.columns \
                       WHERE table_schema = current_schema() AND table_name = $1 ORDER BY ordinal_position";
const CONTINUE: &str = "SELECT setval(pg_get_serial_sequence($1, $2), $3)";

/// Copies every row. The transaction sees one state of the database; writers go on beside it.
pub(super) async fn dump<W: Write>(connection: &mut PgConnection, writer: &mut Writer<W>) -> anyhow::Result<()> {
    let mut transaction = connection.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await?;
    transaction.execute(ENTER).await?;
    for table in TABLES.iter() {
        // An older schema has fewer tables.
        if !present(&mut transaction, table).await? {
            continue;
        }
        let columns = columns(&mut transaction, table).await?;
        writer.table(table.name, columns.into_iter().map(|column| column.name).collect())?;
        let mut rows = sqlx::query(table.read.of(Engine::Postgres)).fetch(&mut *transaction);
        while let Some(row) = rows.try_next().await.with_context(|| unreadable(table))? {
            let cells: anyhow::Result<Vec<_>> = (0..row.len()).map(|at| cell(&row, at)).collect();
            writer.row(&cells?)?;
        }
        drop(rows);
        writer.end_of_table()?;
    }
    transaction.commit().await?;
    Ok(())
}

async fn present(connection: &mut PgConnection, table: &Table) -> anyhow::Result<bool> {
    Ok(sqlx::query_scalar(PRESENT).bind(table.name).fetch_one(connection).await?)
}

fn unreadable(table: &Table) -> String {
    format!(
        "'{}' cannot be read or written whole. Backup and restore work as the role that owns the tables, which is the one that 'jmem \
         migrate' works as",
        table.name
    )
}

fn cell(row: &PgRow, at: usize) -> anyhow::Result<Value> {
    let raw = row.try_get_raw(at)?;
    if raw.is_null() {
        return Ok(Value::Null);
    }
    Ok(match raw.type_info().name() {
        "UUID" => hex(row.try_get::<Uuid, _>(at)?.as_bytes()).into(),
        "BYTEA" => hex(row.try_get(at)?).into(),
        "TEXT" => row.try_get::<String, _>(at)?.into(),
        "JSONB" => row.try_get::<Json<Box<RawValue>>, _>(at)?.0.get().into(),
        "INT8" => row.try_get::<i64, _>(at)?.into(),
        "INT4" => row.try_get::<i32, _>(at)?.into(),
        "BOOL" => i64::from(row.try_get::<bool, _>(at)?).into(),
        "FLOAT8" => row.try_get::<f64, _>(at)?.into(),
        other => bail!("'{}' has the type {other}, which a backup does not know", row.column(at).name()),
    })
}

/// Fills the empty tables in one transaction, which ends with the last checksum or not at all.
pub(super) async fn load<R: Read>(connection: &mut PgConnection, reader: &mut Reader<R>) -> anyhow::Result<()> {
    let mut transaction = connection.begin().await?;
    transaction.execute(ENTER).await?;
    transaction.execute(HOLD).await?;
    for table in TABLES.iter() {
        if present(&mut transaction, table).await?
            && sqlx::query_scalar::<_, bool>(table.any.of(Engine::Postgres))
                .fetch_one(&mut *transaction)
                .await
                .with_context(|| unreadable(table))?
        {
            return Err(not_empty(table.name));
        }
    }
    let mut target: Option<Target> = None;
    loop {
        match reader.next()? {
            Item::Table { name, columns: order } => {
                let table = known_table(&name)?;
                let of_database = columns(&mut transaction, table).await?;
                target = Some(Target::new(table, &order, of_database)?);
            }
            Item::Row(row) => {
                let target = target.as_mut().context("a row without a table")?;
                target.take(row)?;
                if target.batch.len() >= BATCH {
                    target.send(&mut transaction).await?;
                }
            }
            Item::EndOfTable => {
                if let Some(mut target) = target.take() {
                    target.send(&mut transaction).await?;
                    target.go_on(&mut transaction).await?;
                }
            }
            Item::End => break,
        }
    }
    transaction.commit().await.context("the rows could not be written; none stays")
}

struct TableColumn {
    name: String,
    data_type: String,
    identity: bool,
}

async fn columns(connection: &mut PgConnection, table: &Table) -> anyhow::Result<Vec<TableColumn>> {
    let columns: Vec<(String, String, bool)> = sqlx::query_as(COLUMNS).bind(table.name).fetch_all(connection).await?;
    Ok(columns.into_iter().map(|(name, data_type, identity)| TableColumn { name, data_type, identity }).collect())
}

/// Where rows go.
struct Target {
    table: &'static Table,
    /// In the order of the backup.
    columns: Vec<TableColumn>,
    /// A JSON array of objects that is still open; empty when nothing waits.
    batch: String,
    /// The largest number of an identity column.
    last: i64,
}

impl Target {
    fn new(table: &'static Table, order: &[String], mut of_database: Vec<TableColumn>) -> anyhow::Result<Self> {
        same_columns(table.name, order, &of_database.iter().map(|column| column.name.as_str()).collect::<Vec<_>>())?;
        of_database.sort_by_key(|column| order.iter().position(|name| *name == column.name));
        Ok(Self { table, columns: of_database, batch: String::new(), last: 0 })
    }

    /// Adds a row to those that wait.
    fn take(&mut self, row: &str) -> anyhow::Result<()> {
        let cells = cells(self.table.name, row, self.columns.len())?;
        self.batch.push_str(if self.batch.is_empty() { "[{" } else { ",{" });
        for (n, (cell, column)) in cells.into_iter().zip(&self.columns).enumerate() {
            if n > 0 {
                self.batch.push(',');
            }
            self.batch.push('"');
            self.batch.push_str(&column.name);
            self.batch.push_str("\":");
            push(&mut self.batch, cell, &column.data_type)
                .with_context(|| format!("'{}.{}' does not fit", self.table.name, column.name))?;
            if column.identity {
                self.last = self.last.max(cell.get().parse()?);
            }
        }
        self.batch.push('}');
        Ok(())
    }

    async fn send(&mut self, connection: &mut PgConnection) -> anyhow::Result<()> {
        if self.batch.is_empty() {
            return Ok(());
        }
        self.batch.push(']');
        sqlx::query(self.table.fill.of(Engine::Postgres))
            .bind(&self.batch)
            .execute(connection)
            .await
            .with_context(|| unreadable(self.table))?;
        self.batch.clear();
        Ok(())
    }

    /// Numbers that Postgres gives go on after those of the backup.
    async fn go_on(&self, connection: &mut PgConnection) -> anyhow::Result<()> {
        if let Some(column) = self.columns.iter().find(|column| column.identity && self.last > 0) {
            let query = sqlx::query(CONTINUE).bind(self.table.name).bind(&column.name).bind(self.last);
            query.execute(connection).await?;
        }
        Ok(())
    }
}

/// Writes a cell as Postgres reads it into a column of this type. The other types read the cell as it is: ids as hex, flags
/// as 0 and 1.
fn push(batch: &mut String, cell: &RawValue, data_type: &str) -> anyhow::Result<()> {
    let text = cell.get();
    match data_type {
        _ if text == "null" => batch.push_str(text),
        "bytea" => {
            ensure!(text.starts_with('"'), "it is no string");
            batch.push_str("\"\\\\x");
            batch.push_str(&text[1..]);
        }
        "jsonb" => {
            let inner: String = serde_json::from_str(text)?;
            let inner: &RawValue = serde_json::from_str(&inner)?;
            batch.push_str(inner.get());
        }
        _ => batch.push_str(text),
    }
    Ok(())
}
