//! Conversations as ChatGPT and Claude write them: a JSON list of some hundred megabytes, of which a few are kept. It is read
//! one conversation at a time; so are lines with one each, a list within an object, and one alone.

use std::{
    fmt,
    io::{self, BufRead, BufReader, Read},
};

use serde::{
    Deserialize, Deserializer,
    de::{IgnoredAny, SeqAccess, Visitor},
};
use serde_json::{Value, value::RawValue};

use super::{ImportOptions, Parsed, chatgpt, claude, turn::damaged};
use crate::error::{Error, Result};

/// How far a list is looked into: its first entries may be odd.
const LOOKED_AT: usize = 20;

/// What tells that something is a conversation, or has a list of them.
#[derive(Deserialize)]
struct Marks {
    mapping: Option<IgnoredAny>,
    chat_messages: Option<IgnoredAny>,
    conversations: Option<Vec<IgnoredAny>>,
}

impl Marks {
    fn are_on(value: &RawValue) -> bool {
        // From a list, serde would take its entries for the fields.
        let marks = value.get().starts_with('{').then(|| serde_json::from_str::<Self>(value.get()));
        marks.and_then(Result::ok).is_some_and(|m| m.mapping.is_some() || m.chat_messages.is_some() || m.conversations.is_some())
    }
}

/// Whether a file holds conversations, by its first entries. What is no list is looked into for at most so many bytes: it may be
/// one value.
pub(super) fn holds(file: impl Read, most: u64) -> bool {
    let (mut found, mut looked_at) = (false, 0);
    // An error says that the list goes on, or that it is none.
    let _ = each(file, most, |value| {
        found = Marks::are_on(&value);
        looked_at += 1;
        !found && looked_at < LOOKED_AT
    });
    found
}

/// Reads the conversations of a file.
pub(super) fn read(file: impl Read, options: &ImportOptions, parsed: &mut Parsed) -> Result<()> {
    let mut number = 0;
    let read = each(file, u64::MAX, |value| {
        match serde_json::from_str::<Value>(value.get()) {
            Ok(Value::Object(mut wrapper)) if wrapper.get("conversations").is_some_and(Value::is_array) => {
                let Some(Value::Array(list)) = wrapper.remove("conversations") else { return true };
                for value in list {
                    number += 1;
                    take(&value, number, options, parsed);
                }
            }
            Ok(value) => {
                number += 1;
                take(&value, number, options, parsed);
            }
            Err(error) => {
                number += 1;
                parsed.refuse(format!("Conversation {number} has a form that is not known here: {error}."));
            }
        }
        true
    });
    read.map_err(|error| {
        if error.is_io() {
            damaged(error.into())
        } else {
            Error::invalid(format!("The list of conversations ends or breaks after {number} of them: {error}. Nothing was stored."))
        }
    })
}

fn take(value: &Value, number: usize, options: &ImportOptions, parsed: &mut Parsed) {
    let (field, taken) = if !value["mapping"].is_null() {
        parsed.saw("conversations of ChatGPT");
        ("mapping", chatgpt::conversation(value, options, parsed))
    } else if !value["chat_messages"].is_null() {
        parsed.saw("conversations of Claude");
        ("chat_messages", claude::conversation(value, options, parsed))
    } else {
        parsed.saw("entries that are no conversations");
        return parsed.refuse(format!("Entry {number} of the list is no conversation of ChatGPT or Claude."));
    };
    if !taken {
        parsed.refuse(format!("Conversation {number} has a form that is not known here: its '{field}' holds no messages."));
    }
}

/// Hands over the entries of a JSON list, or values that stand one after the other, until `take` answers false. Of a list,
/// that ends in an error.
fn each(file: impl Read, most: u64, mut take: impl FnMut(Box<RawValue>) -> bool) -> serde_json::Result<()> {
    struct Entries<F>(F);
    impl<'de, F: FnMut(Box<RawValue>) -> bool> Visitor<'de> for Entries<F> {
        type Value = ();
        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a list of conversations")
        }
        fn visit_seq<A: SeqAccess<'de>>(mut self, mut list: A) -> Result<(), A::Error> {
            while let Some(value) = list.next_element()? {
                if !(self.0)(value) {
                    return Err(serde::de::Error::custom("enough"));
                }
            }
            Ok(())
        }
    }
    let mut file = BufReader::new(file);
    let first = begin(&mut file).map_err(serde_json::Error::io)?;
    if first == Some(b'[') {
        let mut json = serde_json::Deserializer::from_reader(file);
        json.deserialize_seq(Entries(take))?;
        // To the end of the stream, so that an archive compares its checksum.
        return json.end();
    }
    for value in serde_json::Deserializer::from_reader(file.take(most)).into_iter::<Box<RawValue>>() {
        if !take(value?) {
            break;
        }
    }
    Ok(())
}

/// The first character that says something, which stays to be read; what Windows puts before it says nothing.
fn begin(file: &mut impl BufRead) -> io::Result<Option<u8>> {
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
