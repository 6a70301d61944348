//! Conversations as ChatGPT and Claude write them: a JSON list of some hundred megabytes, of which a few are kept. It is read
//! one conversation at a time; so are lines with one each, a list within an object, and one alone.

use std::{
    cell::Cell,
    fmt,
    io::{BufReader, Read},
};

use serde::{
    Deserialize, Deserializer,
    de::{DeserializeSeed, Error as _, SeqAccess, Visitor},
};
use serde_json::Value;

use super::{
    ImportOptions, Parsed, chatgpt, claude,
    json::{self, Keep, Kind, Kinds, Lean, Lists, Weighed},
    short::Short,
    turn::damaged,
};
use crate::error::Error;

/// How far a list is looked into: its first entries may be odd.
const LOOKED_AT: usize = 20;

/// What tells that something is a conversation, or has a list of them.
const MARKS: [&str; 2] = ["mapping", "chat_messages"];
const LIST: &str = "conversations";

/// What of a conversation is read: a few words in much that the products write for themselves. More than some thirty megabytes
/// of it are not taken.
const KEEP: Keep = Keep {
    most: 24 << 20,
    fields: Some((
        &[
            // What is around them.
            LIST,
            "id",
            "conversation_id",
            "uuid",
            "name",
            "title",
            "current_node",
            "chat_messages",
            // Messages.
            "message",
            "parent",
            "author",
            "sender",
            "role",
            "recipient",
            "create_time",
            "created_at",
            "metadata",
            "is_visually_hidden_from_conversation",
            "is_user_system_message",
            // Words.
            "content",
            "content_type",
            "type",
            "parts",
            "text",
            "transcript",
            "attachments",
            "file_name",
            "extracted_content",
        ],
        "mapping",
    )),
};

/// What a file of conversations is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Holds {
    /// Conversations, in a list or one after the other.
    Conversations,
    /// An object with a list of them, or several.
    Wrapped,
}

/// Whether a file holds conversations, by its first entries.
pub(super) fn holds(file: impl Read) -> Option<Holds> {
    let cut = Cell::new(0);
    let mut file = BufReader::new(file);
    let first = json::begin(&mut file).ok()?;
    let mut json = serde_json::Deserializer::from_reader(Short::new(file, &cut));
    if first == Some(b'[') {
        let mut found = None;
        // An error says that the list goes on, or that it is none.
        let _ = json.deserialize_seq(First(&mut found));
        return found;
    }
    let mut values = (0..LOOKED_AT).map_while(|_| Marked::deserialize(&mut json).ok());
    values.find_map(|marked| marked.0)
}

/// What the marks on a value tell of it.
struct Marked(Option<Holds>);

impl<'de> Deserialize<'de> for Marked {
    fn deserialize<D: Deserializer<'de>>(json: D) -> Result<Self, D::Error> {
        let kinds = Kinds::<3>::of(&[MARKS[0], MARKS[1], LIST]).deserialize(json)?;
        let marked = kinds[..2].iter().any(|kind| !matches!(kind, None | Some(Kind::Null)));
        let wrapped = (kinds[2] == Some(Kind::List)).then_some(Holds::Wrapped);
        Ok(Self(if marked { Some(Holds::Conversations) } else { wrapped }))
    }
}

/// Looks at the first entries of a list.
struct First<'a>(&'a mut Option<Holds>);

impl<'de> Visitor<'de> for First<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        for _ in 0..LOOKED_AT {
            let Some(marked) = list.next_element::<Marked>()? else { return Ok(()) };
            if marked.0.is_some() {
                // In a list, each has its place, whatever it is.
                *self.0 = Some(Holds::Conversations);
                break;
            }
        }
        Err(A::Error::custom("enough"))
    }
}

/// Reads the conversations of a file.
pub(super) fn read(file: impl Read, holds: Holds, options: &ImportOptions, parsed: &mut Parsed) -> crate::error::Result<()> {
    let mut number = 0;
    let read = each(file, holds, |value| {
        let list = match value {
            Weighed::Value(Value::Object(mut wrapper)) if wrapper.get(LIST).is_some_and(Value::is_array) => match wrapper.remove(LIST) {
                Some(Value::Array(list)) => list,
                _ => Vec::new(),
            },
            Weighed::Value(value) => vec![value],
            Weighed::TooHeavy => {
                number += 1;
                parsed.refuse(format!("Conversation {number} has more in it than is taken of one."));
                Vec::new()
            }
        };
        for value in list {
            number += 1;
            take(&value, number, options, parsed);
        }
        !parsed.abandoned
    });
    match read {
        Err(error) if parsed.abandoned => Err(Error::internal(error)),
        Err(error) if error.is_io() => Err(damaged(error.into())),
        Err(error) => {
            Err(Error::invalid(format!("The list of conversations ends or breaks after {number} of them: {error}. Nothing was stored.")))
        }
        Ok(()) => Ok(()),
    }
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

/// Hands over the entries of a list, or values that stand one after the other, until `take` answers false; of a list, that ends
/// in an error.
fn each(file: impl Read, holds: Holds, mut take: impl FnMut(Weighed) -> bool) -> serde_json::Result<()> {
    let cut = Cell::new(0);
    let mut file = BufReader::new(file);
    let first = json::begin(&mut file).map_err(serde_json::Error::io)?;
    let mut json = serde_json::Deserializer::from_reader(Short::new(file, &cut));
    if first == Some(b'[') || holds == Holds::Wrapped {
        let names: &[&str] = if first == Some(b'[') { &[] } else { &[LIST] };
        while json.end().is_err() {
            Lists { names, keep: KEEP, cut: &cut, take: |_: &str, value| take(value) }.deserialize(&mut json)?;
            if names.is_empty() {
                // To the end of the stream, so that an archive compares its checksum.
                return json.end();
            }
        }
        return Ok(());
    }
    while json.end().is_err() {
        if !take(Lean::new(KEEP, &cut).deserialize(&mut json)?) {
            break;
        }
    }
    Ok(())
}
