//! The orders of a list, and the cursor that tells where in one of them the next part begins.

use std::{fmt, str::FromStr};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};

use super::Memory;
use crate::{
    clock::Timestamp,
    error::{Error, Result},
    ids::MemoryId,
};

/// Order of a list; what is equal in it goes by the id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SortColumn {
    /// By the time of adding.
    #[default]
    CreatedAt,
    /// By the time of what happened or, where that is not known, of adding.
    OccurredAt,
    /// By the time of the last change.
    UpdatedAt,
    /// By the first [`SortColumn::CHARACTERS`] of the text.
    Text,
    /// By the name of the app.
    AppName,
}

impl SortColumn {
    /// Characters of a text that it is ordered by: a cursor holds them, and has its place in an address.
    pub const CHARACTERS: usize = 200;

    /// Whether it is an order in time, which is usually read from the newest.
    #[must_use]
    pub const fn is_time(self) -> bool {
        matches!(self, Self::CreatedAt | Self::OccurredAt | Self::UpdatedAt)
    }

    fn key(self, memory: &Memory) -> Key {
        match self {
            Self::CreatedAt => Key::Time(memory.created_at),
            Self::OccurredAt => Key::Time(memory.origin.occurred_at.unwrap_or(memory.created_at)),
            Self::UpdatedAt => Key::Time(memory.updated_at),
            Self::Text => Key::Text(memory.content.text.chars().take(Self::CHARACTERS).collect()),
            Self::AppName => Key::Text(memory.app_name.clone()),
        }
    }
}

/// What a memory is ordered by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Key {
    /// Of an order in time.
    Time(Timestamp),
    /// Of the others.
    Text(String),
}

/// The last entry of a part of a list. Its text form is for us alone to read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cursor {
    /// The order of that list.
    pub by: SortColumn,
    pub descending: bool,
    /// What the entry is ordered by.
    pub key: Key,
    pub id: MemoryId,
}

impl Cursor {
    /// Of a list that goes on behind this memory.
    #[must_use]
    pub fn behind(memory: &Memory, by: SortColumn, descending: bool) -> Self {
        Self { by, descending, key: by.key(memory), id: memory.id }
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&URL_SAFE_NO_PAD.encode(serde_json::to_vec(self).map_err(|_| fmt::Error)?))
    }
}

impl FromStr for Cursor {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        if text.parse::<MemoryId>().is_ok() {
            return Err(Error::invalid("This cursor is of an older version of this server. Begin again, without a cursor."));
        }
        let read = URL_SAFE_NO_PAD.decode(text).ok().and_then(|json| serde_json::from_slice::<Self>(&json).ok());
        let fits = |cursor: &Self| match &cursor.key {
            Key::Time(_) => cursor.by.is_time(),
            // Postgres knows no text with that character.
            Key::Text(text) => !cursor.by.is_time() && !text.contains('\0'),
        };
        read.filter(fits).ok_or_else(|| Error::invalid("This cursor is not one of ours. Send the next_cursor of the part before, or none."))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_comes_back_as_it_went() {
        let id = MemoryId::new();
        for (by, key) in [
            (SortColumn::CreatedAt, Key::Time(Timestamp(-1))),
            (SortColumn::OccurredAt, Key::Time(Timestamp(i64::MAX))),
            (SortColumn::UpdatedAt, Key::Time(Timestamp(0))),
            (SortColumn::Text, Key::Text("ein \"Apfel\" 😀 + 12".into())),
            (SortColumn::AppName, Key::Text("12".into())),
        ] {
            let cursor = Cursor { by, descending: true, key, id };
            let text = cursor.to_string();
            assert!(text.bytes().all(|c| c.is_ascii_alphanumeric() || c == b'-' || c == b'_'), "it needs no escape: {text}");
            assert_eq!(text.parse::<Cursor>().expect("ours"), cursor);
        }
    }

    #[test]
    fn others_are_refused_with_a_sentence() {
        let older = MemoryId::new().to_string().parse::<Cursor>().expect_err("older");
        assert!(older.detail().contains("older version"), "{}", older.detail());
        let forged = |by, key| Cursor { by, descending: false, key, id: MemoryId::new() }.to_string();
        for odd in [
            String::new(),
            "'; drop".into(),
            "e30".into(),
            URL_SAFE_NO_PAD.encode("[]"),
            forged(SortColumn::Text, Key::Time(Timestamp(1))),
            forged(SortColumn::CreatedAt, Key::Text("x".into())),
            forged(SortColumn::Text, Key::Text("\0".into())),
        ] {
            assert!(odd.parse::<Cursor>().is_err_and(|error| error.detail().contains("not one of ours")), "{odd}");
        }
    }
}
