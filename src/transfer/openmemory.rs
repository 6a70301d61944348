//! The archive that OpenMemory exports: `memories.jsonl.gz` with one memory a line, and `memories.json` with its tables, from
//! which the lines can be made where they are missing.

use std::{cell::Cell, collections::HashMap, io::BufRead};

use serde::de::DeserializeSeed;
use serde_json::{Value, json};

use super::{
    Parsed,
    json::{Keep, Kinds, Lists, Weighed, begin},
    lines::{KEEP, TOO_HEAVY, Why, each_line, foreign},
    short::Short,
    turn::damaged,
};
use crate::error::{Error, Result};

/// What is read of an app or a category, and the most that the names of all of them may weigh in memory, in bytes.
const NAMED: Keep = Keep { most: 64 * 1024, fields: Some((&["id", "name"], "")) };
const NAMES: usize = 16 << 20;

/// What the tables say of memories: names by ids, and how many memories there are.
#[derive(Default)]
pub(super) struct Tables {
    apps: HashMap<String, String>,
    categories: HashMap<String, String>,
    memories: usize,
}

impl Tables {
    /// Reads them, without their memories.
    pub(super) fn of(file: impl BufRead) -> Result<Self> {
        let (mut tables, mut weight) = (Self::default(), 0);
        each_row(file, &["apps", "categories", "memories"], NAMED, |table, row| {
            let names = match table {
                "apps" => &mut tables.apps,
                "categories" => &mut tables.categories,
                _ => {
                    tables.memories += 1;
                    return true;
                }
            };
            if let Weighed::Value(row) = row
                && let (Some(id), Some(name)) = (row["id"].as_str(), row["name"].as_str())
            {
                weight += id.len() + name.len() + 2 * size_of::<String>();
                if weight <= NAMES {
                    names.insert(id.to_owned(), name.to_owned());
                }
            }
            true
        })?;
        Ok(tables)
    }
}

/// Whether a file has the tables: what Claude remembers may have the same name.
pub(super) fn are_tables(mut file: impl BufRead) -> bool {
    let cut = Cell::new(0);
    if begin(&mut file).ok().flatten() != Some(b'{') {
        return false;
    }
    let mut json = serde_json::Deserializer::from_reader(Short::new(file, &cut));
    Kinds::of(&["memories"]).deserialize(&mut json).is_ok_and(|[memories]| memories.is_some())
}

/// Takes the lines, and compares their number with that of the tables.
pub(super) fn from_lines(lines: impl BufRead, tables: Option<&Tables>, parsed: &mut Parsed) -> Result<()> {
    let mut count = 0;
    each_line(lines, |_, line| {
        count += 1;
        match line {
            Ok(value) => take(value, parsed),
            Err(why) => parsed.refuse(why),
        }
        !parsed.abandoned
    })
    .map_err(damaged)?;
    if let Some(promised) = tables.map(|tables| tables.memories).filter(|promised| *promised != count) {
        parsed.report.warning = Some(format!("The archive has {count} memories and a table of {promised}: it is not whole."));
    }
    Ok(())
}

/// Takes the rows of the table, with the names of their apps and categories.
pub(super) fn from_tables(file: impl BufRead, tables: &Tables, parsed: &mut Parsed) -> Result<()> {
    each_row(file, &["memories"], KEEP, |_, row| {
        let named = match row {
            Weighed::Value(Value::Object(row)) => Weighed::Value(named(Value::Object(row), tables)),
            other => other,
        };
        take(named, parsed);
        !parsed.abandoned
    })
}

fn named(mut memory: Value, tables: &Tables) -> Value {
    if let Some(app) = memory["app_id"].as_str().and_then(|id| tables.apps.get(id)) {
        memory["app"] = json!(app);
    }
    let of_memory = memory["category_ids"].as_array().into_iter().flatten();
    let labels: Vec<_> = of_memory.filter_map(|id| tables.categories.get(id.as_str()?)).collect();
    if !labels.is_empty() {
        memory["categories"] = json!(labels);
    }
    memory
}

fn each_row(mut file: impl BufRead, tables: &[&str], keep: Keep, mut take: impl FnMut(&str, Weighed) -> bool) -> Result<()> {
    begin(&mut file).map_err(damaged)?;
    let (cut, mut ended) = (Cell::new(0), false);
    let mut json = serde_json::Deserializer::from_reader(Short::new(file, &cut));
    let take = |table: &str, row| {
        ended = !take(table, row);
        !ended
    };
    let read = Lists { names: tables, keep, cut: &cut, take }.deserialize(&mut json).and_then(|()| json.end());
    match read {
        Err(error) if !ended && error.is_io() => Err(damaged(error.into())),
        Err(error) if !ended => Err(not_json(&error)),
        _ => Ok(()),
    }
}

/// That a part of an archive is not what its name says.
pub(super) fn not_json(error: &serde_json::Error) -> Error {
    Error::invalid(format!("A file in the archive is not JSON: {error}."))
}

fn take(value: Weighed, parsed: &mut Parsed) {
    parsed.saw("memories of OpenMemory");
    let Weighed::Value(value) = value else { return parsed.refuse(TOO_HEAVY) };
    match foreign(&value) {
        Ok(memory) => parsed.take(memory),
        Err(Why::LeftOut(why)) => parsed.leave_out(why),
        Err(Why::Unreadable(why)) => parsed.refuse(why),
    }
}
