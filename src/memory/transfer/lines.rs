//! Files of lines and lists: our own exports, and the memories that OpenMemory, Jean Memory and mem0 write.

use serde_json::{Map, Value};

use super::{
    Exported, FORMAT, Parsed, VERSION,
    turn::{time, words},
};
use crate::{
    clock::Timestamp,
    error::{Error, Result},
    memory::model::{Metadata, State},
};

/// The fields in which an object may carry a list of memories.
const LISTS: [&str; 4] = ["memories", "results", "items", "data"];
/// The fields that may hold what is remembered.
const TEXTS: [&str; 4] = ["text", "memory", "content", "data"];

/// What a file holds, each with its number.
type Values<'a> = Box<dyn Iterator<Item = (usize, serde_json::Result<Value>)> + 'a>;

fn entries(list: Vec<Value>) -> Values<'static> {
    Box::new((1..).zip(list.into_iter().map(Ok)))
}

fn list_of(object: &mut Map<String, Value>, name: &str) -> Option<Vec<Value>> {
    match object.get_mut(name)? {
        Value::Array(list) => Some(std::mem::take(list)),
        _ => None,
    }
}

/// Our own lines; else JSON lines, a JSON list, or an object with one, of memories as OpenMemory, Jean Memory and mem0
/// write them.
pub(super) fn parse(file: &str) -> Result<Parsed> {
    let file = file.trim_start_matches('\u{feff}');
    let mut parsed = Parsed::default();
    let (what, values): (_, Values<'_>) = match serde_json::from_str(file) {
        Ok(Value::Array(list)) => ("entries of a JSON list", entries(list)),
        Ok(Value::Object(mut object)) => match LISTS.iter().find_map(|name| list_of(&mut object, name)) {
            Some(list) => ("entries of the list in a JSON object", entries(list)),
            None => ("JSON objects", entries(vec![Value::Object(object)])),
        },
        _ => {
            // Files that were put together have the mark of each.
            let lines = (1..).zip(file.lines().map(|line| line.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}')));
            ("lines", Box::new(lines.filter(|(_, line)| !line.is_empty()).map(|(n, line)| (n, serde_json::from_str(line)))))
        }
    };
    parsed.seen.entry(what).or_default();
    let (mut own, mut counted) = (false, None);
    for (line, value) in values {
        let kind = value.as_ref().ok().and_then(|v| v["type"].as_str()).unwrap_or_default().to_owned();
        match (kind.as_str(), value) {
            ("header", Ok(value)) if value["format"] == FORMAT => {
                own = true;
                parsed.saw("exports of this product");
                if value["version"].as_u64() > Some(u64::from(VERSION)) {
                    return Err(Error::invalid("This export was made by a newer version. Update this server first."));
                }
            }
            ("project", Ok(_)) if own => {}
            ("end", Ok(value)) if own => counted = value["memories"].as_u64(),
            (_, Ok(value)) => {
                parsed.saw(what);
                let memory = if own { serde_json::from_value(value).map_err(|e| Why::Unreadable(e.to_string())) } else { foreign(&value) };
                match memory {
                    Ok(memory) => parsed.memories.push((line, memory)),
                    Err(Why::LeftOut(why)) => {
                        parsed.leave_out(why);
                        continue;
                    }
                    Err(Why::Unreadable(why)) => parsed.report.failed.push((line, why)),
                }
                parsed.report.read += 1;
            }
            (_, Err(_)) => {
                parsed.saw(what);
                parsed.report.read += 1;
                parsed.report.failed.push((line, "This line is not JSON.".into()));
            }
        }
    }
    if own && counted != Some(parsed.report.read as u64) {
        parsed.report.warning = Some("The file is cut: its last line is missing or counts other memories than there are.".into());
    }
    if own { Ok(parsed) } else { parsed.found() }
}

/// Why a value is no memory.
#[derive(Debug)]
pub(super) enum Why {
    /// It is not to be one.
    LeftOut(&'static str),
    /// It should be one; a sentence for the person.
    Unreadable(String),
}

/// A memory of another product.
pub(super) fn foreign(value: &Value) -> Result<Exported, Why> {
    let word = |names: &[&str]| names.iter().find_map(|name| value[*name].as_str()).map(str::to_owned);
    // A text is taken as it is.
    let text = value.as_str().map(str::to_owned).or_else(|| word(&TEXTS));
    let text = text.or_else(|| TEXTS.iter().map(|name| words(&value[*name])).find(|text| !text.is_empty()));
    let Some(text) = text else {
        return Err(Why::Unreadable("It has no text, memory or content.".into()));
    };
    let state = word(&["state"]).and_then(|state| state.parse::<State>().ok());
    if state == Some(State::Deleted) {
        return Err(Why::LeftOut("deleted"));
    }
    let mut metadata = metadata(value);
    let mut when = |name: &str| {
        let at = time(&value[name]);
        // What tells no time here may tell one to a person.
        if at.is_none() && !matches!(&value[name], Value::Null) {
            metadata.entry(name).or_insert_with(|| value[name].clone());
        }
        at.map(Timestamp::rfc3339)
    };
    Ok(Exported {
        text,
        created_at: when("created_at"),
        occurred_at: when("occurred_at"),
        metadata,
        tags: labels(value),
        app: word(&["app", "app_name", "source_app"]),
        speaker: word(&["speaker"]),
        session_id: word(&["session_id"]),
        memory_type: word(&["memory_type"]).and_then(|word| word.parse().ok()),
        state,
        ..Exported::default()
    })
}

/// The JSON object of a memory, or of the text that holds one; anything else that stands in its place, under the same name.
fn metadata(value: &Value) -> Metadata {
    let as_object = |value: &Value| match value {
        Value::Object(object) => Some(object.clone()),
        Value::String(text) => serde_json::from_str(text).ok(),
        _ => None,
    };
    let named = ["metadata", "metadata_"].into_iter().filter(|name| !value[*name].is_null());
    let mut found = named.map(|name| as_object(&value[name]).unwrap_or_else(|| Map::from_iter([(name.to_owned(), value[name].clone())])));
    found.next().unwrap_or_default()
}

/// The labels of a memory, each once: a list of words, of numbers or of objects with a name, or a text with commas.
fn labels(value: &Value) -> Vec<String> {
    fn add(labels: &mut Vec<String>, value: &Value) {
        let mut one = |label: &str| {
            let label = label.trim();
            if !label.is_empty() && !labels.iter().any(|known| known == label) {
                labels.push(label.to_owned());
            }
        };
        match value {
            Value::String(label) => one(label),
            Value::Number(number) => one(&number.to_string()),
            Value::Object(object) => object.get("name").and_then(Value::as_str).into_iter().for_each(one),
            _ => {}
        }
    }
    let mut labels = Vec::new();
    for name in ["tags", "categories"] {
        match &value[name] {
            Value::Array(list) => list.iter().for_each(|label| add(&mut labels, label)),
            Value::String(text) => match serde_json::from_str(text) {
                Ok(Value::Array(list)) => list.iter().for_each(|label| add(&mut labels, label)),
                _ => text.split(',').for_each(|label| add(&mut labels, &label.into())),
            },
            other => add(&mut labels, other),
        }
    }
    labels
}
