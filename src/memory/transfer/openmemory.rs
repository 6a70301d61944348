//! The archive that OpenMemory exports: `memories.jsonl.gz` with one memory a line, and `memories.json` with its tables, from
//! which the lines can be made where they are missing.

use std::collections::HashMap;

use serde_json::{Map, Value, json};

use super::{
    Parsed,
    lines::{Why, foreign},
};

/// Takes the lines, and compares their number with that of the tables.
pub(super) fn from_lines(lines: &str, tables: Option<&Map<String, Value>>, parsed: &mut Parsed) {
    let mut count = 0;
    for line in lines.trim_start_matches('\u{feff}').lines().filter(|line| !line.trim().is_empty()) {
        count += 1;
        match serde_json::from_str(line) {
            Ok(value) => take(&value, parsed),
            Err(_) => parsed.refuse("This line is not JSON.".into()),
        }
    }
    let promised = tables.and_then(|tables| tables["memories"].as_array()).map_or(count, Vec::len);
    if promised != count {
        parsed.report.warning = Some(format!("The archive has {count} memories and a table of {promised}: it is not whole."));
    }
}

/// Takes the rows of the table, with the names of their apps and categories.
pub(super) fn from_tables(tables: &Map<String, Value>, parsed: &mut Parsed) {
    let rows = |table: &str| tables.get(table).and_then(Value::as_array).into_iter().flatten();
    let names = |table| rows(table).filter_map(|row| Some((row["id"].as_str()?, row["name"].as_str()?))).collect::<HashMap<_, _>>();
    let (apps, categories) = (names("apps"), names("categories"));
    for memory in rows("memories") {
        let mut memory = memory.clone();
        if let Some(app) = memory["app_id"].as_str().and_then(|id| apps.get(id)) {
            memory["app"] = json!(app);
        }
        let of_memory = memory["category_ids"].as_array().into_iter().flatten();
        let labels: Vec<_> = of_memory.filter_map(|id| categories.get(id.as_str()?)).collect();
        if !labels.is_empty() {
            memory["categories"] = json!(labels);
        }
        take(&memory, parsed);
    }
}

fn take(value: &Value, parsed: &mut Parsed) {
    parsed.saw("memories of OpenMemory");
    match foreign(value) {
        Ok(memory) => parsed.take(memory),
        Err(Why::LeftOut(why)) => parsed.leave_out(why),
        Err(Why::Unreadable(why)) => parsed.refuse(why),
    }
}
