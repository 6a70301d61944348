//! Edits of JSON, with comments or without.

use std::ops::Range;

use jsonc_parser::ast::{Array, Object, Value as Ast};
use jsonc_parser::common::Ranged;
use jsonc_parser::{CollectOptions, ParseOptions, parse_to_ast};
use serde_json::Value;

use super::layout::{self, gap};
use super::{Done, Fault, Op, Splice, check, splice};
use crate::node::Node;
use crate::places::Format;

/// The byte order mark, which is no part of the JSON.
const MARK: char = '\u{feff}';

/// What the text means.
pub(super) fn read(format: Format, text: &str) -> Result<Value, Fault> {
    with_ast(format, text, |ast| match ast {
        None => Ok(Value::Object(serde_json::Map::new())),
        Some(ast @ Ast::Object(_)) => Ok(value(ast)),
        Some(other) => Err(Fault::at(text, other.start() + offset(text), "it does not begin with {")),
    })?
}

/// Calls with the root of the text. Its places count from behind the mark: see [`offset`].
fn with_ast<T>(format: Format, text: &str, call: impl FnOnce(Option<&Ast>) -> T) -> Result<T, Fault> {
    let options = ParseOptions {
        allow_comments: format != Format::Json,
        allow_trailing_commas: format == Format::Jsonc,
        allow_loose_object_property_names: false,
        allow_missing_commas: false,
        allow_single_quoted_strings: false,
        allow_hexadecimal_numbers: false,
        allow_unary_plus_numbers: false,
        allow_bare_decimal_point_numbers: false,
        allow_non_finite_numbers: false,
        allow_extended_string_escapes: false,
    };
    let parsed = parse_to_ast(&text[offset(text)..], &CollectOptions::default(), &options)
        .map_err(|error| Fault::at(text, error.range().start + offset(text), error.kind().to_string()))?;
    Ok(call(parsed.value.as_ref()))
}

fn offset(text: &str) -> usize {
    if text.starts_with(MARK) { MARK.len_utf8() } else { 0 }
}

fn value(ast: &Ast) -> Value {
    match ast {
        Ast::StringLit(text) => Value::from(text.value.as_ref()),
        // Compared alone, and a text compares all numbers there are.
        Ast::NumberLit(number) => serde_json::from_str(number.value).unwrap_or_else(|_| Value::from(number.value)),
        Ast::BooleanLit(flag) => Value::from(flag.value),
        Ast::NullKeyword(_) => Value::Null,
        Ast::Array(list) => list.elements.iter().map(value).collect(),
        Ast::Object(map) => map.properties.iter().map(|property| (property.name.as_str().to_owned(), value(&property.value))).collect(),
    }
}

/// A map or list, as far as it matters for putting in and taking out; places count from the start of the text.
struct Parts {
    range: Range<usize>,
    children: Vec<Range<usize>>,
}

impl Parts {
    fn of_map(map: &Object, offset: usize) -> Self {
        let children = map.properties.iter().map(|property| shifted(property, offset)).collect();
        Self { range: shifted(map, offset), children }
    }

    fn of_list(list: &Array, offset: usize) -> Self {
        Self { range: shifted(list, offset), children: list.elements.iter().map(|element| shifted(element, offset)).collect() }
    }
}

fn shifted(ranged: &impl Ranged, offset: usize) -> Range<usize> {
    ranged.start() + offset..ranged.end() + offset
}

/// What was found on the way along the path of an operation.
enum Spot {
    /// No root.
    Nothing,
    /// The value itself.
    Value(Range<usize>),
    /// The list that is to get one more.
    List(Parts),
    /// The path ends here: so many keys of it lead to this map.
    Within(Parts, usize),
    /// Behind so many keys stands something of another kind.
    Blocked(usize, usize),
}

fn spot(ast: Option<&Ast>, op: &Op, offset: usize) -> Spot {
    let Some(mut here) = ast else { return Spot::Nothing };
    for (depth, key) in op.path().iter().enumerate() {
        let Ast::Object(map) = here else { return Spot::Blocked(here.start() + offset, depth) };
        match property(map, key) {
            Some(index) => here = &map.properties[index].value,
            None => return Spot::Within(Parts::of_map(map, offset), depth),
        }
    }
    match (op, here) {
        (Op::Append { .. }, Ast::Array(list)) => Spot::List(Parts::of_list(list, offset)),
        (Op::Append { path, .. }, _) => Spot::Blocked(here.start() + offset, path.len()),
        _ => Spot::Value(shifted(here, offset)),
    }
}

/// The last of two of the same name counts, as it does for whoever reads the file.
fn property(map: &Object, key: &str) -> Option<usize> {
    map.properties.iter().rposition(|property| property.name.as_str() == key)
}

fn walk<'a, 'b>(ast: &'b Ast<'a>, path: &[String]) -> Option<&'b Ast<'a>> {
    path.iter().try_fold(ast, |here, key| {
        let map = here.as_object()?;
        property(map, key).map(|index| &map.properties[index].value)
    })
}

pub(super) fn add(format: Format, text: &str, op: &Op) -> Result<(String, Done), Fault> {
    let offset = offset(text);
    let path = op.path();
    let whole = match op {
        Op::Append { value, .. } => Node::List(vec![value.clone()]),
        Op::Entry { value, .. } | Op::Default { value, .. } => value.clone(),
    };
    let mut after = text.to_owned();
    let mut done = Done { op: op.clone(), splices: Vec::new(), made: 0, before: None };
    match with_ast(format, text, |ast| spot(ast, op, offset))? {
        Spot::Nothing => {
            let end = layout::line_end(text);
            let body = layout::json(&whole.within(path), Some((UNIT, "")), end);
            done.made = path.len();
            splice(&mut after, &mut done.splices, text.len()..text.len(), &format!("{body}{end}"));
        }
        Spot::Within(parts, depth) => {
            done.made = path.len() - depth - 1 + usize::from(matches!(op, Op::Append { .. }));
            insert(&mut after, &mut done.splices, &parts, Some(&path[depth]), &whole.within(&path[depth + 1..]));
        }
        Spot::List(parts) => insert(&mut after, &mut done.splices, &parts, None, op.value()),
        Spot::Value(range) => {
            done.before = Some(text[range.clone()].to_owned());
            let base = layout::indent_of(text, range.start);
            let lines = text[..range.end].contains('\n');
            let body = layout::json(op.value(), lines.then_some((unit(text).as_str(), base)), layout::line_end(text));
            splice(&mut after, &mut done.splices, range, &body);
        }
        Spot::Blocked(at, depth) => {
            let kind = if depth == path.len() { "list" } else { "object with keys" };
            return Err(Fault::at(text, at, format!("\"{}\" is no {kind}", path[..depth].join("."))));
        }
    }
    Ok((after, done))
}

/// Where nothing says how far files are indented.
const UNIT: &str = "  ";

/// How far the first key of the file is indented.
fn unit(text: &str) -> String {
    let first = text.find('"').filter(|at| layout::begins_line(text, *at)).map(|at| layout::indent_of(text, at));
    first.filter(|indent| !indent.is_empty()).unwrap_or(UNIT).to_owned()
}

/// Puts a property, or without a key an element, at the end of a map or list.
fn insert(text: &mut String, done: &mut Vec<Splice>, parts: &Parts, key: Option<&str>, node: &Node) {
    let end = layout::line_end(text);
    let unit = unit(text);
    let closing = parts.range.end - 1;
    let last = parts.children.last().map(|child| child.end);
    let gap = gap(text, last.unwrap_or(parts.range.start + 1), closing);
    let holds_lines = text[parts.range.clone()].contains('\n');
    let lines = holds_lines || (last.is_none() && (text.trim().contains('\n') || text.trim().len() == 2));
    let base = match parts.children.last() {
        Some(child) if layout::begins_line(text, child.start) => layout::indent_of(text, child.start).to_owned(),
        _ => format!("{}{unit}", layout::indent_of(text, parts.range.start)),
    };
    let key = key.map_or_else(String::new, |key| format!("{}: ", layout::quoted(key)));
    let body = format!("{key}{}", layout::json(node, lines.then_some((unit.as_str(), base.as_str())), end));
    let lead = if lines {
        format!("{end}{base}")
    } else if last.is_some() {
        " ".to_owned()
    } else {
        String::new()
    };
    let Some(last) = last else {
        let at = gap.comments_end.unwrap_or(parts.range.start + 1);
        let tail = if lines && !text[at..closing].contains('\n') {
            format!("{end}{}", layout::indent_of(text, parts.range.start))
        } else {
            String::new()
        };
        return splice(text, done, at..at, &format!("{lead}{body}{tail}"));
    };
    match gap.comma {
        Some(_) => splice(text, done, gap.anchor..gap.anchor, &format!("{lead}{body},")),
        None if gap.anchor == last => splice(text, done, last..last, &format!(",{lead}{body}")),
        None => {
            splice(text, done, last..last, ",");
            splice(text, done, gap.anchor + 1..gap.anchor + 1, &format!("{lead}{body}"));
        }
    }
}

/// Texts without what was done, by its place in the structure; the best comes first.
pub(super) fn remove(format: Format, text: &str, done: &Done) -> Vec<String> {
    let offset = offset(text);
    with_ast(format, text, |ast| {
        let Some(ast) = ast else { return Vec::new() };
        let path = done.op.path();
        if let Some(before) = &done.before {
            let Spot::Value(range) = spot(Some(ast), &done.op, offset) else { return Vec::new() };
            let mut text = text.to_owned();
            text.replace_range(range, before);
            return vec![text];
        }
        // The maps around it that were made for it go with it, the widest that now holds nothing else first.
        let levels = (0..=done.made.min(path.len())).rev();
        levels.filter_map(|up| target(ast, &done.op, up, offset)).flat_map(|(parts, index)| cut(text, &parts, index)).collect()
    })
    .unwrap_or_default()
}

/// The part to be cut out: the entry itself, or so many maps and lists around it.
fn target(ast: &Ast, op: &Op, up: usize, offset: usize) -> Option<(Parts, usize)> {
    let path = op.path();
    let at = |path: &[String]| {
        let (last, parents) = path.split_last()?;
        let map = walk(ast, parents)?.as_object()?;
        Some((Parts::of_map(map, offset), property(map, last)?))
    };
    match op {
        Op::Entry { .. } | Op::Default { .. } => at(path.get(..path.len().checked_sub(up)?)?),
        Op::Append { .. } if up > 0 => at(&path[..path.len() - (up - 1)]),
        Op::Append { key, mark, .. } => {
            let list = walk(ast, path)?.as_array()?;
            let index = list.elements.iter().position(|element| check::marked(&value(element), key, mark))?;
            inner(&list.elements[index], key, mark, offset).or_else(|| Some((Parts::of_list(list, offset), index)))
        }
    }
}

/// Where a person has put something of their own beside ours in the same element, ours alone.
fn inner(element: &Ast, key: &str, mark: &str, offset: usize) -> Option<(Parts, usize)> {
    let lists = element.as_object()?.properties.iter().filter_map(|property| property.value.as_array());
    lists.filter(|list| list.elements.len() > 1).find_map(|list| {
        let index = list.elements.iter().position(|element| check::marked(&value(element), key, mark))?;
        Some((Parts::of_list(list, offset), index))
    })
}

/// The text without one child of a map or list, and without the comma that is one too many then.
fn cut(text: &str, parts: &Parts, index: usize) -> Vec<String> {
    let child = &parts.children[index];
    let following = parts.children.get(index + 1).map_or(parts.range.end - 1, |next| next.start);
    let preceding = index.checked_sub(1).and_then(|index| parts.children.get(index)).map(|previous| previous.end);
    let lead = preceding.unwrap_or(parts.range.start + 1);
    let blanks = child.start - (text[lead..child.start].len() - text[lead..child.start].trim_end().len());
    let without = |comma: Option<usize>, range: Range<usize>| {
        let mut text = text.to_owned();
        text.replace_range(range, "");
        if let Some(comma) = comma {
            text.remove(comma);
        }
        text
    };
    if let Some(comma) = gap(text, child.end, following).comma {
        // The line end before it is needed where a comment ends there and something else follows in the same line.
        return vec![without(None, blanks..comma + 1), without(None, child.start..comma + 1)];
    }
    match preceding.and_then(|previous| gap(text, previous, child.start).comma) {
        Some(comma) => vec![without(Some(comma), blanks.max(comma + 1)..child.end), without(Some(comma), child.start..child.end)],
        None => vec![without(None, blanks..child.end)],
    }
}
