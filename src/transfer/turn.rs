//! What the exports of assistants have in common: somebody said something at some time. Their files are read value by value
//! and not as types, so that one odd message costs that message alone.

use std::io;

use serde_json::Value;

use super::Exported;
use crate::{
    clock::{Period, Timestamp},
    error::Error,
    memory::{MemoryType, Metadata},
};

/// A product that people talk to.
pub(super) struct Product {
    /// The app that its memories are filed under, and their tag.
    pub(super) app: &'static str,
    /// The speaker of what it said.
    pub(super) name: &'static str,
}

/// Something that was said.
pub(super) struct Turn<'a> {
    /// The conversation, by the product's own id.
    pub(super) conversation: Option<&'a str>,
    pub(super) title: Option<&'a str>,
    /// By the person; else by the product.
    pub(super) by_person: bool,
    pub(super) at: Option<Timestamp>,
    /// The file that it was handed over in.
    pub(super) file: Option<&'a str>,
    pub(super) text: String,
}

impl Turn<'_> {
    /// As a memory of what happened.
    pub(super) fn exported(self, product: &Product) -> Exported {
        let at = self.at.map(Timestamp::rfc3339);
        let named = [("conversation", self.title), ("file", self.file)].into_iter();
        let named = named.filter_map(|(what, name)| Some((what.to_owned(), Value::from(name.filter(|name| !name.is_empty())?))));
        Exported {
            text: self.text,
            app: Some(product.app.into()),
            metadata: named.collect::<Metadata>(),
            tags: vec![product.app.into()],
            memory_type: Some(MemoryType::Episodic),
            speaker: Some(if self.by_person { "user" } else { product.name }.into()),
            occurred_at: at.clone(),
            session_id: self.conversation.map(str::to_owned),
            created_at: at,
            is_turn: true,
            ..Exported::default()
        }
    }
}

/// Where a part of a message has its words: its own parts, what was written, and what was heard.
const WORDS: [&str; 4] = ["parts", "text", "transcript", "content"];

/// The words that a value holds: a text is its own, a list has those of its parts, one below the other.
pub(super) fn words(value: &Value) -> String {
    match value {
        Value::String(text) => text.trim().to_owned(),
        Value::Array(parts) => parts.iter().map(words).filter(|words| !words.is_empty()).collect::<Vec<_>>().join("\n"),
        Value::Object(part) => {
            WORDS.iter().filter_map(|name| part.get(*name)).map(words).find(|words| !words.is_empty()).unwrap_or_default()
        }
        _ => String::new(),
    }
}

/// The time that a value tells, in whatever form.
pub(super) fn time(value: &Value) -> Option<Timestamp> {
    let period = match value {
        Value::Number(number) => number.as_i64().map_or_else(|| number.as_f64().and_then(Period::of_number), Period::of_whole),
        Value::String(text) => Period::parse(text),
        _ => None,
    };
    period.map(Period::first)
}

/// That a packed file cannot be read.
pub(super) fn damaged(error: io::Error) -> Error {
    Error::invalid("The file is damaged or cut off: a packed part of it cannot be read. Nothing was stored; send it again.")
        .with_source(error)
}
