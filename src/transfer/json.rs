//! JSON of strangers, read as it comes: what a file may hold is millions of numbers in a list or one text without an end, and
//! none of that is a memory.
//!
//! A [`Lean`] value is read out of the stream with what it weighs, and where that is too much, it is passed over as if it had
//! been nothing. [`Kind`] tells what a value is without
//! keeping any of it.

use std::{
    cell::Cell,
    fmt,
    io::{self, BufRead},
};

use serde::{
    Deserialize, Deserializer,
    de::{DeserializeSeed, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor},
};
use serde_json::{Map, Number, Value};

/// Levels that are read of a value; what lies deeper says nothing.
const DEEPEST: usize = 60;
/// What a place in a list takes while the list grows, in bytes, and what one in an object does beside its name.
const IN_LIST: usize = 3 * size_of::<Value>();
const IN_OBJECT: usize = 160;

/// The first character that says something, which stays to be read; what Windows puts before it says nothing.
pub(super) fn begin(file: &mut impl BufRead) -> io::Result<Option<u8>> {
    const MARK: &[u8] = "\u{feff}".as_bytes();
    if file.fill_buf()?.starts_with(MARK) {
        file.consume(MARK.len());
    }
    loop {
        match file.fill_buf()?.first() {
            Some(white) if white.is_ascii_whitespace() => file.consume(1),
            other => return Ok(other.copied()),
        }
    }
}

/// What a value takes in memory, in bytes, by and large.
pub(super) fn weight(value: &Value) -> usize {
    match value {
        Value::String(text) => text.len(),
        Value::Array(list) => list.iter().map(|value| IN_LIST + weight(value)).sum(),
        Value::Object(object) => object.iter().map(|(name, value)| IN_OBJECT + name.len() + weight(value)).sum(),
        _ => 0,
    }
}

/// How much of a value is kept, and what.
#[derive(Debug, Clone, Copy)]
pub(super) struct Keep {
    /// The most that it may weigh in memory, in bytes.
    pub(super) most: usize,
    /// The fields that are kept, and the one whose own names are ids, which are kept all; of numbers that stand one after the
    /// other in a list, then, the first. All of everything where absent.
    pub(super) fields: Option<(&'static [&'static str], &'static str)>,
}

/// A value, or that there is too much in it.
#[derive(Debug)]
pub(super) enum Weighed {
    /// What was kept of it.
    Value(Value),
    /// It weighs more than it may.
    TooHeavy,
}

/// Reads one value of a stream. Only what is no JSON is an error.
pub(super) struct Lean<'a> {
    keep: Keep,
    /// How many texts have been cut so far.
    cut: &'a Cell<usize>,
}

impl<'a> Lean<'a> {
    pub(super) fn new(keep: Keep, cut: &'a Cell<usize>) -> Self {
        Self { keep, cut }
    }
}

impl<'de> DeserializeSeed<'de> for Lean<'_> {
    type Value = Weighed;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<Weighed, D::Error> {
        let (before, weight) = (self.cut.get(), Cell::new(0));
        let value = Part { keep: self.keep, weight: &weight, depth: 0, ids: false }.deserialize(json)?;
        let fits = weight.get() <= self.keep.most && self.cut.get() == before;
        Ok(if fits { Weighed::Value(value) } else { Weighed::TooHeavy })
    }
}

/// A part of a value.
#[derive(Clone, Copy)]
struct Part<'a> {
    keep: Keep,
    weight: &'a Cell<usize>,
    depth: usize,
    /// Whether its names are ids.
    ids: bool,
}

impl Part<'_> {
    /// Takes on more weight; false where it is too much already.
    fn takes(&self, bytes: usize) -> bool {
        self.weight.set(self.weight.get().saturating_add(bytes));
        self.weight.get() <= self.keep.most
    }

    fn keeps(&self, name: &str) -> bool {
        self.ids || self.keep.fields.is_none_or(|(fields, ids)| name == ids || fields.contains(&name))
    }

    fn text(&self, text: &str) -> Value {
        if self.takes(text.len()) { Value::String(text.to_owned()) } else { Value::Null }
    }
}

impl<'de> DeserializeSeed<'de> for Part<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<Value, D::Error> {
        if self.depth > DEEPEST || self.weight.get() > self.keep.most {
            // Passes over it without looking, however deep it goes.
            return IgnoredAny::deserialize(json).map(|_| Value::Null);
        }
        json.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Part<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Number::from_f64(value).map_or(Value::Null, Value::Number))
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(self.text(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Value, A::Error> {
        let (mut values, inner) = (Vec::new(), Part { depth: self.depth + 1, ids: false, ..self });
        while let Some(value) = list.next_element_seed(inner)? {
            let says_nothing = matches!(value, Value::Null | Value::Bool(_) | Value::Number(_)) && self.keep.fields.is_some();
            // One of many stands for them all: that there was something is told, and how often it was is not.
            if says_nothing && values.last().is_some_and(|last| !matches!(last, Value::String(_) | Value::Array(_) | Value::Object(_))) {
                continue;
            }
            if self.takes(IN_LIST) {
                values.push(value);
            }
        }
        Ok(Value::Array(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Value, A::Error> {
        let mut object = Map::new();
        while let Some(name) = fields.next_key::<String>()? {
            if !self.keeps(&name) || !self.takes(IN_OBJECT + name.len()) {
                fields.next_value::<IgnoredAny>()?;
                continue;
            }
            let ids = !self.ids && self.keep.fields.is_some_and(|(_, ids)| name == ids);
            let value = fields.next_value_seed(Part { depth: self.depth + 1, ids, ..self })?;
            object.insert(name, value);
        }
        Ok(Value::Object(object))
    }
}

/// What a value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// `null`.
    Null,
    /// A list.
    List,
    /// A text, a number, a truth value or an object.
    Other,
}

impl<'de> Deserialize<'de> for Kind {
    fn deserialize<D: Deserializer<'de>>(json: D) -> Result<Self, D::Error> {
        json.deserialize_any(Looks(None::<fn(&str, Kind)>))
    }
}

/// Tells what a value is, and what its fields are where it is an object.
struct Looks<F>(Option<F>);

impl<'de, F: FnMut(&str, Kind)> Visitor<'de> for Looks<F> {
    type Value = Kind;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_bool<E>(self, _: bool) -> Result<Kind, E> {
        Ok(Kind::Other)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Kind, E> {
        Ok(Kind::Other)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Kind, E> {
        Ok(Kind::Other)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Kind, E> {
        Ok(Kind::Other)
    }

    fn visit_str<E>(self, _: &str) -> Result<Kind, E> {
        Ok(Kind::Other)
    }

    fn visit_unit<E>(self) -> Result<Kind, E> {
        Ok(Kind::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Kind, A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Kind::List)
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut fields: A) -> Result<Kind, A::Error> {
        let Some(tell) = &mut self.0 else {
            while fields.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
            return Ok(Kind::Other);
        };
        while let Some(name) = fields.next_key::<String>()? {
            tell(&name, fields.next_value()?);
        }
        Ok(Kind::Other)
    }
}

/// What the fields of these names are in an object; a list has none, nor has a text.
pub(super) struct Kinds<'a, const N: usize>(&'a [&'a str; N]);

impl<'a, const N: usize> Kinds<'a, N> {
    pub(super) const fn of(names: &'a [&'a str; N]) -> Self {
        Self(names)
    }
}

impl<'de, const N: usize> DeserializeSeed<'de> for Kinds<'_, N> {
    type Value = [Option<Kind>; N];

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<Self::Value, D::Error> {
        let mut kinds = [None; N];
        let take = |name: &str, kind: Kind| {
            if let Some(at) = self.0.iter().position(|known| *known == name) {
                kinds[at] = Some(kind);
            }
        };
        json.deserialize_any(Looks(Some(take)))?;
        Ok(kinds)
    }
}

/// Reads the entries of a list, or of those lists that an object has under certain names, and hands each over under that name;
/// all else is passed over.
pub(super) struct Lists<'a, F> {
    /// The names; none for a list that has none.
    pub(super) names: &'a [&'a str],
    /// What is kept of each entry.
    pub(super) keep: Keep,
    /// See [`Short`](super::short::Short).
    pub(super) cut: &'a Cell<usize>,
    /// Takes an entry; false where it needs no other. That ends in an error.
    pub(super) take: F,
}

impl<'de, F: FnMut(&str, Weighed) -> bool> DeserializeSeed<'de> for Lists<'_, F> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(mut self, json: D) -> Result<(), D::Error> {
        let name = self.names.is_empty().then_some("");
        json.deserialize_any(In { lists: &mut self, name })
    }
}

/// Within the list of a name, or in the object that has the lists.
struct In<'b, 'a, F> {
    lists: &'b mut Lists<'a, F>,
    name: Option<&'b str>,
}

impl<'de, F: FnMut(&str, Weighed) -> bool> DeserializeSeed<'de> for In<'_, '_, F> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<(), D::Error> {
        json.deserialize_any(self)
    }
}

impl<'de, F: FnMut(&str, Weighed) -> bool> Visitor<'de> for In<'_, '_, F> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list or an object with lists")
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        let Some(name) = self.name else {
            while list.next_element::<IgnoredAny>()?.is_some() {}
            return Ok(());
        };
        while let Some(entry) = list.next_element_seed(Lean::new(self.lists.keep, self.lists.cut))? {
            if !(self.lists.take)(name, entry) {
                return Err(A::Error::custom("enough"));
            }
        }
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<(), A::Error> {
        while let Some(field) = fields.next_key::<String>()? {
            match self.lists.names.iter().find(|name| self.name.is_none() && **name == field) {
                Some(name) => fields.next_value_seed(In { name: Some(name), lists: &mut *self.lists })?,
                None => fields.next_value::<IgnoredAny>().map(drop)?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use serde_json::json;

    use super::*;
    use crate::transfer::short::Short;

    const ALL: Keep = Keep { most: 1 << 20, fields: None };

    fn lean(text: &str, keep: Keep) -> Weighed {
        let cut = Cell::new(0);
        let mut json = serde_json::Deserializer::from_reader(Short::new(Cursor::new(text), &cut));
        let value = Lean::new(keep, &cut).deserialize(&mut json).expect("JSON");
        json.end().expect("one value");
        value
    }

    #[test]
    fn a_value_is_what_it_is_and_one_of_too_much_is_none() {
        let value = json!({ "a": [1, -2, 0.5, null, true, "x", { "b": ["\u{1f600}\"\n"] }] });
        assert!(matches!(lean(&value.to_string(), ALL), Weighed::Value(read) if read == value));
        for much in [
            format!("[{}1]", "1,".repeat(1 << 20)),
            format!("{{{}\"z\":0}}", (0..20_000).map(|n| format!("\"{n}\":[],")).collect::<Vec<_>>().concat()),
            format!("\"{}\"", "x".repeat((1 << 20) + 1)),
        ] {
            assert!(matches!(lean(&much, ALL), Weighed::TooHeavy), "{much:.60}");
        }
        let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
        assert!(matches!(lean(&deep, ALL), Weighed::Value(Value::Array(_))));
    }

    #[test]
    fn of_a_conversation_only_what_says_something_is_kept() {
        let keep = Keep { most: 10_000, fields: Some((&["parts", "id"], "mapping")) };
        let ones = "1,".repeat(100_000);
        let text = format!(r#"{{"mapping": {{"x": {{"parts": [{ones}"said",{ones}2], "other": [{ones}3]}}}}, "id": 5, "x": 1}}"#);
        let Weighed::Value(value) = lean(&text, keep) else { panic!("it is light") };
        assert_eq!(value, json!({ "mapping": { "x": { "parts": [1, "said", 1] } }, "id": 5 }));
    }

    #[test]
    fn lists_are_handed_over_by_name() {
        let (mut taken, cut) = (Vec::new(), Cell::new(0));
        let mut json = serde_json::Deserializer::from_str(r#"{"a": [1, [2]], "b": {"a": [3]}, "c": "x", "a2": [4], "d": [{}]}"#);
        let take = |name: &str, value: Weighed| {
            taken.push((name.to_owned(), matches!(value, Weighed::Value(_))));
            true
        };
        Lists { names: &["a", "c", "d"], keep: ALL, cut: &cut, take }.deserialize(&mut json).expect("JSON");
        assert_eq!(taken, [("a".to_owned(), true), ("a".to_owned(), true), ("d".to_owned(), true)]);
    }
}
