//! Files of lines and lists: our own exports, and the memories that OpenMemory, Jean Memory and mem0 write.

use std::{
    cell::Cell,
    io::{self, BufRead, BufReader, Read},
};

use serde::{
    Deserialize,
    de::{DeserializeSeed, IgnoredAny},
};
use serde_json::{Map, Value};

use super::{
    Exported, FORMAT, Parsed, VERSION,
    json::{self, Keep, Kind, Kinds, Lean, Lists, Weighed},
    meter::{Meter, Part, unreadable},
    short::Short,
    turn::{time, words},
};
use crate::{
    clock::Timestamp,
    error::{Error, Result},
    memory::{Metadata, State},
};

/// The fields in which an object may carry a list of memories.
const LISTS: [&str; 4] = ["memories", "results", "items", "data"];
/// The fields that may hold what is remembered.
const TEXTS: [&str; 4] = ["text", "memory", "content", "data"];

/// What is read of an entry: far more than a memory may have.
pub(super) const KEEP: Keep = Keep { most: 4 << 20, fields: None };
/// The longest line that is read, in bytes.
const LONGEST: usize = 4 << 20;

/// What a file is.
#[derive(Debug, Clone, Copy)]
enum Shape {
    List,
    ListOf(&'static str),
    Object,
    Lines,
}

impl Shape {
    /// Reads all of a file, and keeps nothing of it.
    fn of(file: impl Read) -> Self {
        let cut = Cell::new(0);
        let mut file = BufReader::new(file);
        let first = json::begin(&mut file).unwrap_or_default();
        let mut json = serde_json::Deserializer::from_reader(Short::new(file, &cut));
        let shape = match first {
            Some(b'[') => IgnoredAny::deserialize(&mut json).map(|_| Self::List),
            Some(b'{') => Kinds::of(&LISTS).deserialize(&mut json).map(|kinds| {
                let list = LISTS.into_iter().zip(kinds).find(|(_, kind)| *kind == Some(Kind::List));
                list.map_or(Self::Object, |(name, _)| Self::ListOf(name))
            }),
            _ => return Self::Lines,
        };
        shape.and_then(|shape| json.end().map(|()| shape)).unwrap_or(Self::Lines)
    }

    const fn what(self) -> &'static str {
        match self {
            Self::List => "entries of a JSON list",
            Self::ListOf(_) => "entries of the list in a JSON object",
            Self::Object => "JSON objects",
            Self::Lines => "lines",
        }
    }
}

/// Our own lines; else JSON lines, a JSON list, or an object with one, of memories as OpenMemory, Jean Memory and mem0
/// write them.
pub(super) fn read(file: &mut impl Part, meter: &Meter, mut parsed: Parsed) -> Result<Parsed> {
    let look = meter.anew();
    let shape = Shape::of(look.text(file.open(&look)?));
    let text = BufReader::new(meter.text(meter.taken(file.open(meter)?)));
    parsed.seen.entry(shape.what()).or_default();
    let mut entries = Entries { what: shape.what(), own: false, counted: None, newer: false, parsed: &mut parsed };
    entries.of(shape, text)?;
    let Entries { own, counted, newer, .. } = entries;
    if newer {
        return Err(Error::invalid("This export was made by a newer version. Update this server first."));
    }
    if own && counted != Some(parsed.report.read as u64) {
        parsed.report.warning = Some("The file is cut: its last line is missing or counts other memories than there are.".into());
    }
    parsed.hand_over();
    if own { Ok(parsed) } else { parsed.found() }
}

/// What is being read of a file.
struct Entries<'a> {
    what: &'static str,
    /// Whether it is an export of this product, by its header.
    own: bool,
    /// How many memories its last line tells.
    counted: Option<u64>,
    /// Whether it was made by a newer program.
    newer: bool,
    parsed: &'a mut Parsed,
}

impl Entries<'_> {
    fn of(&mut self, shape: Shape, mut file: impl BufRead) -> Result<()> {
        let name = match shape {
            Shape::Lines => return each_line(file, |line, value| self.take(line, value)).map_err(unreadable),
            Shape::ListOf(name) => Some(name),
            Shape::List | Shape::Object => None,
        };
        json::begin(&mut file).map_err(unreadable)?;
        let cut = Cell::new(0);
        let mut json = serde_json::Deserializer::from_reader(Short::new(file, &cut));
        if matches!(shape, Shape::Object) {
            let value = Lean::new(KEEP, &cut).deserialize(&mut json).map_err(|error| unreadable(error.into()))?;
            self.take(1, Ok(value));
            return Ok(());
        }
        let mut place = 0;
        let take = |_: &str, value| {
            place += 1;
            self.take(place, Ok(value))
        };
        let names = name.as_slice();
        let read = Lists { names, keep: KEEP, cut: &cut, take }.deserialize(&mut json);
        // It has been found to be whole.
        read.or_else(|error| if self.parsed.abandoned || self.newer { Ok(()) } else { Err(unreadable(error.into())) })
    }

    /// Takes a line or an entry; false where the rest is of no use.
    fn take(&mut self, place: usize, value: Result<Weighed, &'static str>) -> bool {
        let value = match value {
            Ok(Weighed::Value(value)) => value,
            Ok(Weighed::TooHeavy) => return self.refuse(place, TOO_HEAVY),
            Err(why) => return self.refuse(place, why),
        };
        match value["type"].as_str() {
            Some("header") if value["format"] == FORMAT => {
                self.own = true;
                self.parsed.saw("exports of this product");
                self.newer = value["version"].as_u64() > Some(u64::from(VERSION));
                return !self.newer;
            }
            Some("project") if self.own => return true,
            Some("end") if self.own => {
                self.counted = value["memories"].as_u64();
                return true;
            }
            _ => self.parsed.saw(self.what),
        }
        let memory = if self.own { serde_json::from_value(value).map_err(|e| Why::Unreadable(e.to_string())) } else { foreign(&value) };
        match memory {
            Ok(memory) => self.parsed.take_from(place, memory),
            Err(Why::LeftOut(why)) => self.parsed.leave_out(why),
            Err(Why::Unreadable(why)) => self.parsed.refuse_from(place, why),
        }
        !self.parsed.abandoned
    }

    fn refuse(&mut self, place: usize, why: &'static str) -> bool {
        self.parsed.saw(self.what);
        self.parsed.refuse_from(place, why);
        true
    }
}

/// Why an entry is not looked at.
pub(super) const TOO_HEAVY: &str = "It has more in it than a memory can have.";

/// Hands over each line that says something, with its number, until `take` answers false.
pub(super) fn each_line(mut file: impl BufRead, mut take: impl FnMut(usize, Result<Weighed, &'static str>) -> bool) -> io::Result<()> {
    let mut line = Vec::new();
    for number in 1.. {
        line.clear();
        line.shrink_to(LONGEST / 64);
        if (&mut file).take(LONGEST as u64).read_until(b'\n', &mut line)? == 0 {
            break;
        }
        if line.len() == LONGEST && !line.ends_with(b"\n") {
            file.skip_until(b'\n')?;
            if take(number, Err("This line is longer than 4 MiB.")) {
                continue;
            }
            break;
        }
        // Files that were put together have the mark of each.
        let text = str::from_utf8(&line).map(|line| line.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}'));
        if text.is_ok_and(str::is_empty) {
            continue;
        }
        let cut = Cell::new(0);
        let read = text.map_err(|_| ()).and_then(|text| {
            let mut json = serde_json::Deserializer::from_str(text);
            let value = Lean::new(KEEP, &cut).deserialize(&mut json).map_err(|_| ())?;
            json.end().map(|()| value).map_err(|_| ())
        });
        if !take(number, read.map_err(|()| "This line is not JSON.")) {
            break;
        }
    }
    Ok(())
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
