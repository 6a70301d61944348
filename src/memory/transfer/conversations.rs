//! A JSON list of conversations, as ChatGPT and Claude write it: some hundred megabytes, of which a few are kept. It is read
//! one conversation at a time.

use std::{fmt, io::Read};

use serde::{
    Deserialize, Deserializer,
    de::{IgnoredAny, SeqAccess, Visitor},
};
use serde_json::value::RawValue;

use super::{Exported, ImportOptions, Parsed, chatgpt, claude, source::damaged};
use crate::{
    clock::Timestamp,
    error::{Error, Result},
    memory::model::{MemoryType, Metadata},
};

/// What tells whose conversation it is.
#[derive(Deserialize)]
struct Marks {
    mapping: Option<IgnoredAny>,
    chat_messages: Option<IgnoredAny>,
}

impl Marks {
    fn of(value: &RawValue) -> Option<Self> {
        serde_json::from_str(value.get()).ok().filter(|marks: &Self| marks.mapping.is_some() || marks.chat_messages.is_some())
    }
}

/// Whether a file is such a list, by its first entry.
pub(super) fn holds(file: impl Read) -> bool {
    let mut first = None;
    // An error says that the list goes on, or that it is none.
    let _ = each(file, |value| {
        first = Some(value);
        false
    });
    first.is_some_and(|value| Marks::of(&value).is_some())
}

/// Reads the conversations of a file.
pub(super) fn read(file: impl Read, options: &ImportOptions, parsed: &mut Parsed) -> Result<()> {
    let mut number = 0;
    let read = each(file, |value| {
        number += 1;
        let outcome = match Marks::of(&value) {
            Some(marks) if marks.mapping.is_some() => chatgpt::conversation(&value, options, parsed),
            Some(_) => claude::conversation(&value, options, parsed),
            None => return unknown(number, parsed),
        };
        if let Err(error) = outcome {
            parsed.refuse(format!("Conversation {number} has a form that is not known here: {error}."));
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

fn unknown(number: usize, parsed: &mut Parsed) -> bool {
    parsed.refuse(format!("Entry {number} of the list is no conversation of ChatGPT or Claude."));
    true
}

/// Hands over the entries of a JSON list until `take` answers false, which ends in an error.
fn each(file: impl Read, take: impl FnMut(Box<RawValue>) -> bool) -> serde_json::Result<()> {
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
    let mut json = serde_json::Deserializer::from_reader(file);
    json.deserialize_seq(Entries(take))?;
    // To the end of the stream, so that an archive compares its checksum.
    json.end()
}

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
    /// What it is called.
    pub(super) title: Option<&'a str>,
    /// By the person; else by the product.
    pub(super) by_person: bool,
    /// When.
    pub(super) at: Option<Timestamp>,
    /// The words.
    pub(super) text: String,
}

impl Turn<'_> {
    /// As a memory of what happened.
    pub(super) fn exported(self, product: &Product) -> Exported {
        let at = self.at.map(Timestamp::rfc3339);
        let title = self.title.filter(|title| !title.is_empty());
        Exported {
            text: self.text,
            app: Some(product.app.into()),
            metadata: title.map(|title| Metadata::from_iter([("conversation".into(), title.into())])).unwrap_or_default(),
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
