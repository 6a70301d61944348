//! Edits that touch nothing but what they are about: every other byte of the file stays.
//!
//! A file is never written anew from what was understood of it. Its parser says where things stand, and text is put in or taken
//! out there. What was put in is kept in a [`Done`], by which it is taken out again. Both ways the outcome is parsed and compared
//! with what was meant before it counts.

mod check;
mod json;
mod layout;
mod toml;

use serde::{Deserialize, Serialize};

use crate::node::Node;
use crate::places::Format;

/// What is wanted of a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Op {
    /// A value under a name of ours. What stands there already makes way, and is kept.
    Entry { path: Vec<String>, value: Node },
    /// One more element at the end of a list, known by a text in it under `key`. Never before others: some clients remember
    /// elements by their place.
    Append { path: Vec<String>, value: Node, key: String, mark: String },
    /// A value that the file must have for the rest to count; what stands there stays.
    Default { path: Vec<String>, value: Node },
}

impl Op {
    pub(crate) fn path(&self) -> &[String] {
        match self {
            Self::Entry { path, .. } | Self::Append { path, .. } | Self::Default { path, .. } => path,
        }
    }

    pub(crate) fn value(&self) -> &Node {
        match self {
            Self::Entry { value, .. } | Self::Append { value, .. } | Self::Default { value, .. } => value,
        }
    }
}

/// One change of a text: at this byte, `removed` made way for `inserted`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Splice {
    pub at: usize,
    pub removed: String,
    pub inserted: String,
}

/// What one operation did to a text, in the order in which it was done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Done {
    pub op: Op,
    pub splices: Vec<Splice>,
    /// How many of the maps and lists around it were made for it.
    pub made: usize,
    /// The text of what stood under that name.
    pub before: Option<String>,
}

/// Why a text cannot be edited.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fault {
    /// Counted from one.
    pub line: usize,
    pub what: String,
}

impl Fault {
    pub(crate) fn at(text: &str, byte: usize, what: impl Into<String>) -> Self {
        let line = text[..text.floor_char_boundary(byte)].split('\n').count();
        Self { line, what: what.into() }
    }
}

/// What became of taking something out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Taken {
    /// It is out.
    Out(String),
    /// It was not there any more.
    Gone,
    /// Something else stands in its place, and stays.
    Changed,
}

/// The text with what is wanted, and what was done for it; `None` where there was nothing to do.
pub(crate) fn add(format: Format, text: &str, op: &Op) -> Result<Option<(String, Done)>, Fault> {
    let before = read(format, text)?;
    if check::holds(&before, op) {
        return Ok(None);
    }
    let (after, done) = match format {
        Format::Toml => toml::add(text, op)?,
        Format::Json | Format::JsonWithComments | Format::Jsonc => json::add(format, text, op)?,
    };
    let understood = read(format, &after).is_ok_and(|now| check::holds(&now, op) && check::rest(&now, op) == check::rest(&before, op));
    if !understood {
        return Err(Fault::at(text, 0, "it is written in a way that cannot be added to safely"));
    }
    Ok(Some((after, done)))
}

/// Whether the text has what is wanted already.
pub(crate) fn holds(format: Format, text: &str, op: &Op) -> Result<bool, Fault> {
    Ok(check::holds(&read(format, text)?, op))
}

/// Whether the text says nothing at all, so that the file may go.
pub(crate) fn is_empty(format: Format, text: &str) -> bool {
    let bare = text.trim_start_matches('\u{feff}').trim();
    match format {
        Format::Toml => bare.is_empty(),
        Format::Json | Format::JsonWithComments | Format::Jsonc => {
            bare.is_empty() || bare.strip_prefix('{').and_then(|t| t.strip_suffix('}')).is_some_and(|t| t.trim().is_empty())
        }
    }
}

/// The text without what was done.
///
/// Three ways are tried, and the first whose outcome says the same as before, but for what is taken out, counts: exactly as it
/// was put in at that byte; the same text where it stands now; and, where other programs have written the file anew, by its place
/// in the structure.
pub(crate) fn remove(format: Format, text: &str, done: &Done) -> Result<Taken, Fault> {
    let now = read(format, text)?;
    match check::find(&now, &done.op) {
        check::Found::Nothing => return Ok(Taken::Gone),
        check::Found::Other => return Ok(Taken::Changed),
        check::Found::Ours => {}
    }
    let rest = check::rest(&now, &done.op);
    let fits = |candidate: &String| {
        read(format, candidate).is_ok_and(|then| {
            check::rest(&then, &done.op) == rest && matches!(check::find(&then, &done.op), check::Found::Nothing) != done.before.is_some()
        })
    };
    let structural = || match format {
        Format::Toml => toml::remove(text, done),
        Format::Json | Format::JsonWithComments | Format::Jsonc => json::remove(format, text, done),
    };
    undo(text, &done.splices)
        .into_iter()
        .chain(moved(text, &done.splices))
        .find(&fits)
        .or_else(|| structural().into_iter().find(&fits))
        .map(Taken::Out)
        .ok_or_else(|| Fault::at(text, 0, format!("{} cannot be taken out safely", done.op.path().join("."))))
}

fn read(format: Format, text: &str) -> Result<serde_json::Value, Fault> {
    match format {
        Format::Toml => toml::read(text),
        Format::Json | Format::JsonWithComments | Format::Jsonc => json::read(format, text),
    }
}

/// The text before these changes, if each still stands where it was made.
fn undo(text: &str, splices: &[Splice]) -> Option<String> {
    let mut text = text.to_owned();
    for splice in splices.iter().rev() {
        let end = splice.at.checked_add(splice.inserted.len())?;
        if text.get(splice.at..end)? != splice.inserted {
            return None;
        }
        text.replace_range(splice.at..end, &splice.removed);
    }
    Some(text)
}

/// The text with a single change undone wherever its text stands now, if that is in one place.
fn moved(text: &str, splices: &[Splice]) -> Option<String> {
    let [splice] = splices else { return None };
    let mut places = text.match_indices(&splice.inserted);
    let (at, _) = places.next()?;
    if places.next().is_some() {
        return None;
    }
    undo(text, &[Splice { at, ..splice.clone() }])
}

/// Makes a change, and notes it.
fn splice(text: &mut String, done: &mut Vec<Splice>, range: std::ops::Range<usize>, inserted: &str) {
    let removed = text[range.clone()].to_owned();
    text.replace_range(range.clone(), inserted);
    done.push(Splice { at: range.start, removed, inserted: inserted.to_owned() });
}

#[cfg(test)]
mod tests;
