//! Edits of TOML: a table at the end of the file, or a pair within a table that is written in one line.

use std::ops::Range;

use serde_json::Value;
use toml_edit::{Document, Item, TableLike};

use super::{Done, Fault, Op, layout, splice};
use crate::node::Node;

pub(super) fn read(text: &str) -> Result<Value, Fault> {
    let document = parse(text)?;
    Ok(table(document.as_table()))
}

fn parse(text: &str) -> Result<Document<&str>, Fault> {
    Document::parse(text).map_err(|error| {
        let at = error.span().map_or(0, |span| span.start);
        Fault::at(text, at, error.message())
    })
}

fn table(table: &dyn TableLike) -> Value {
    table.iter().map(|(key, item)| (key.to_owned(), value(item))).collect()
}

fn value(item: &Item) -> Value {
    if let Some(inner) = item.as_table_like() {
        return table(inner);
    }
    if let Some(tables) = item.as_array_of_tables() {
        return tables.iter().map(|inner| table(inner)).collect();
    }
    match item {
        Item::Value(toml_edit::Value::String(text)) => Value::from(text.value().as_str()),
        Item::Value(toml_edit::Value::Integer(number)) => Value::from(*number.value()),
        Item::Value(toml_edit::Value::Boolean(flag)) => Value::from(*flag.value()),
        Item::Value(toml_edit::Value::Array(list)) => list.iter().map(|inner| value(&Item::Value(inner.clone()))).collect(),
        // Numbers and dates are compared as they are written.
        other => Value::from(other.to_string().trim()),
    }
}

/// An entry as it stands in a file.
enum Written {
    /// Tables with headers, each over some lines.
    Tables(Vec<Range<usize>>),
    /// One value, in a line.
    Value(Range<usize>),
}

pub(super) fn add(text: &str, op: &Op) -> Result<(String, Done), Fault> {
    let path = op.path();
    let Op::Entry { value: node, .. } = op else { return Err(Fault::at(text, 0, "only entries are put into TOML")) };
    let mut after = text.to_owned();
    let mut done = Done { op: op.clone(), splices: Vec::new(), made: 0, before: None };
    match written(text, path)? {
        Some(Written::Value(range)) => {
            done.before = Some(text[range.clone()].to_owned());
            splice(&mut after, &mut done.splices, range, &inline(node));
        }
        Some(Written::Tables(ranges)) => {
            done.before = Some(ranges.iter().map(|range| &text[range.clone()]).collect());
            for range in ranges.iter().skip(1).rev() {
                splice(&mut after, &mut done.splices, range.clone(), "");
            }
            if let Some(first) = ranges.first() {
                splice(&mut after, &mut done.splices, first.clone(), &block(text, path, node));
            }
        }
        None => {
            let (at, new) = place(text, path, node)?;
            splice(&mut after, &mut done.splices, at..at, &new);
        }
    }
    Ok((after, done))
}

/// Where a new entry goes, and its text.
fn place(text: &str, path: &[String], node: &Node) -> Result<(usize, String), Fault> {
    if let Some(OneLine { range, last }) = one_line(text, path)? {
        let pair = format!("{} = {}", key(&path[path.len() - 1]), inline(node));
        return Ok(last.map_or_else(|| (range.start + 1, format!(" {pair} ")), |last| (last, format!(", {pair}"))));
    }
    let end = layout::line_end(text);
    let bare = text.trim_start_matches('\u{feff}');
    let lead = match (bare.is_empty(), bare.ends_with('\n')) {
        (true, _) => String::new(),
        (false, true) => end.to_owned(),
        (false, false) => end.repeat(2),
    };
    Ok((text.len(), format!("{lead}{}", block(text, path, node))))
}

/// Texts without what was done, by its place in the structure.
pub(super) fn remove(text: &str, done: &Done) -> Vec<String> {
    let mut out = text.to_owned();
    match written(text, done.op.path()) {
        Ok(Some(Written::Value(range))) => match &done.before {
            Some(before) => out.replace_range(range, before),
            None => return cut_pair(text, &range),
        },
        Ok(Some(Written::Tables(ranges))) => {
            for (at, range) in ranges.iter().enumerate().rev() {
                let before = done.before.as_deref().filter(|_| at == 0);
                // With the empty line that was put before it.
                let blank = if before.is_none() { trailing_blank(&text[..range.start]) } else { 0 };
                out.replace_range(range.start - blank..range.end, before.unwrap_or_default());
            }
        }
        _ => return Vec::new(),
    }
    vec![out]
}

fn trailing_blank(text: &str) -> usize {
    ["\r\n\r\n", "\n\n"].into_iter().find(|blank| text.ends_with(blank)).map_or(0, |blank| blank.len() / 2)
}

/// The text without a pair of a table in one line, by what may stand around it.
fn cut_pair(text: &str, value: &Range<usize>) -> Vec<String> {
    let line = text[..value.start].rfind('\n').map_or(0, |at| at + 1);
    let starts = text[line..value.start].char_indices().filter(|(_, letter)| matches!(letter, ',' | '{')).map(|(at, _)| line + at);
    let comma = text[value.end..].find(',').map(|at| value.end + at + 1);
    let mut candidates = Vec::new();
    for start in starts.collect::<Vec<_>>().into_iter().rev() {
        let open = text[start..].starts_with('{');
        let from = if open { start + 1 } else { start };
        candidates.push(format!("{}{}", &text[..from], &text[value.end..]));
        candidates.extend(comma.filter(|_| open).map(|comma| format!("{}{}", &text[..from], &text[comma..])));
    }
    candidates
}

fn written(text: &str, path: &[String]) -> Result<Option<Written>, Fault> {
    let document = parse(text)?;
    let found = path.iter().try_fold(document.as_item(), |item, key| item.as_table_like()?.get(key));
    let Some(item) = found else { return Ok(None) };
    let mut ranges = Vec::new();
    if let Some(table) = item.as_table() {
        tables(text, table, &mut ranges);
    }
    if ranges.is_empty() {
        return match item.span() {
            Some(span) if !item.is_table() => Ok(Some(Written::Value(span))),
            _ => Err(Fault::at(text, 0, format!("{} is written key by key: write it as a table with a header", path.join(".")))),
        };
    }
    ranges.sort_by_key(|range| range.start);
    Ok(Some(Written::Tables(ranges)))
}

/// The lines of each table with a header, in this one and all within it.
fn tables(text: &str, table: &toml_edit::Table, ranges: &mut Vec<Range<usize>>) {
    if let Some(header) = table.span().filter(|_| !table.is_implicit() && !table.is_dotted()) {
        let end = last_value(table).unwrap_or(header.end).max(header.end);
        let line = text[end..].find('\n').map_or(text.len(), |at| end + at + 1);
        ranges.push(header.start..line);
    }
    for (_, item) in table {
        if let Some(inner) = item.as_table() {
            tables(text, inner, ranges);
        }
        item.as_array_of_tables().into_iter().flatten().for_each(|inner| tables(text, inner, ranges));
    }
}

/// Where the last value below the header of a table ends, those of dotted keys included.
fn last_value(table: &toml_edit::Table) -> Option<usize> {
    let end = |item: &Item| match item.as_table() {
        Some(inner) if inner.is_dotted() => last_value(inner),
        Some(_) => None,
        None => item.as_value().and_then(toml_edit::Value::span).map(|span| span.end),
    };
    table.iter().filter_map(|(_, item)| end(item)).max()
}

/// A table that is written in one line, and where its last value ends.
struct OneLine {
    range: Range<usize>,
    last: Option<usize>,
}

/// The table that is to hold the entry, if it is written so.
fn one_line(text: &str, path: &[String]) -> Result<Option<OneLine>, Fault> {
    let document = parse(text)?;
    let parents = &path[..path.len() - 1];
    let found = parents.iter().try_fold(document.as_item(), |item, key| item.as_table_like()?.get(key));
    let Some(table) = found.and_then(Item::as_inline_table) else { return Ok(None) };
    let last = table.iter().filter_map(|(_, value)| value.span()).map(|span| span.end).max();
    Ok(table.span().map(|range| OneLine { range, last }))
}

/// A table with a header, and all of it below.
fn block(text: &str, path: &[String], node: &Node) -> String {
    let end = layout::line_end(text);
    let header = path.iter().map(|part| key(part)).collect::<Vec<_>>().join(".");
    let mut lines = vec![format!("[{header}]")];
    if let Node::Map(entries) = node {
        lines.extend(entries.iter().map(|(name, value)| format!("{} = {}", key(name), inline(value))));
    }
    lines.push(String::new());
    lines.join(end)
}

fn inline(node: &Node) -> String {
    match node {
        Node::Map(entries) => {
            let pairs: Vec<_> = entries.iter().map(|(name, value)| format!("{} = {}", key(name), inline(value))).collect();
            if pairs.is_empty() { "{}".to_owned() } else { format!("{{ {} }}", pairs.join(", ")) }
        }
        Node::List(nodes) => format!("[{}]", nodes.iter().map(inline).collect::<Vec<_>>().join(", ")),
        scalar => layout::json(scalar, None, "\n"),
    }
}

fn key(name: &str) -> String {
    let bare = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'));
    if bare { name.to_owned() } else { layout::quoted(name) }
}
