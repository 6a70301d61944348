//! Files of lines and lists: our own exports, and the memories that OpenMemory, Jean Memory and mem0 write.

use serde_json::Value;

use super::{Exported, FORMAT, Parsed, VERSION};
use crate::{
    clock::Timestamp,
    error::{Error, Result},
    memory::model::State,
};

/// Our own lines; else JSON lines, a JSON list, or an object with one, of memories as OpenMemory, Jean Memory and mem0
/// write them.
pub(super) fn parse(file: &str) -> Result<Parsed> {
    let values: Box<dyn Iterator<Item = (usize, Result<Value, serde_json::Error>)>> = match serde_json::from_str::<Value>(file) {
        Ok(Value::Array(list)) => Box::new((1..).zip(list.into_iter().map(Ok))),
        Ok(Value::Object(mut object)) => {
            let list = ["memories", "results", "items"].iter().find_map(|name| object.remove(*name));
            match list {
                Some(Value::Array(list)) => Box::new((1..).zip(list.into_iter().map(Ok))),
                _ => Box::new(std::iter::once((1, Ok(Value::Object(object))))),
            }
        }
        _ => {
            let lines = (1..).zip(file.lines()).filter(|(_, line)| !line.trim().is_empty());
            Box::new(lines.map(|(n, line)| (n, serde_json::from_str(line))))
        }
    };
    let mut parsed = Parsed::default();
    let (mut own, mut counted) = (false, None);
    for (line, value) in values {
        let kind = value.as_ref().ok().and_then(|v| v["type"].as_str()).unwrap_or_default().to_owned();
        match (kind.as_str(), value) {
            ("header", Ok(value)) if value["format"] == FORMAT => {
                own = true;
                if value["version"].as_u64() > Some(u64::from(VERSION)) {
                    return Err(Error::invalid("This export was made by a newer version. Update this server first."));
                }
            }
            ("project", Ok(_)) if own => {}
            ("end", Ok(value)) if own => counted = value["memories"].as_u64(),
            (_, Ok(value)) => {
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
                parsed.report.read += 1;
                parsed.report.failed.push((line, "This line is not JSON.".into()));
            }
        }
    }
    if parsed.memories.is_empty() && parsed.report.left_out.is_empty() {
        return Err(Error::invalid(
            "No memory was found in this file. Send JSON lines, or a JSON list of objects with a text, memory or content.",
        ));
    }
    if own && counted != Some(parsed.report.read as u64) {
        parsed.report.warning = Some("The file is cut: its last line is missing or counts other memories than there are.".into());
    }
    Ok(parsed)
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
    let Some(text) = value.as_str().map(str::to_owned).or_else(|| word(&["text", "memory", "content", "data"])) else {
        return Err(Why::Unreadable("It has no text, memory or content.".into()));
    };
    let object = |names: &[&str]| names.iter().find_map(|name| value[*name].as_object()).cloned().unwrap_or_default();
    let labels = ["tags", "categories"].iter().find_map(|name| value[*name].as_array());
    let label = |label: &Value| label.as_str().or_else(|| label["name"].as_str()).map(str::to_owned);
    let time = |name: &str| match &value[name] {
        Value::String(text) => Some(text.clone()),
        Value::Number(seconds) => seconds.as_i64().map(|seconds| Timestamp::from_secs(seconds).rfc3339()),
        _ => None,
    };
    let state = word(&["state"]).and_then(|state| state.parse::<State>().ok());
    if state == Some(State::Deleted) {
        return Err(Why::LeftOut("deleted"));
    }
    Ok(Exported {
        text,
        metadata: object(&["metadata", "metadata_"]),
        tags: labels.map(|all| all.iter().filter_map(label).collect()).unwrap_or_default(),
        app: word(&["app", "app_name", "source_app"]),
        created_at: time("created_at"),
        state,
        ..Exported::default()
    })
}
