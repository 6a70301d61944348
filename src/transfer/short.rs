//! Texts without an end, cut while they are read.

use std::{
    cell::Cell,
    io::{self, BufRead, Read},
};

/// Bytes of a text that are read; the value with a longer one is too heavy.
const LONGEST: usize = 2 << 20;

/// A stream of JSON in which the rest of a text that is longer than any memory is passed over.
pub(super) struct Short<'a, R> {
    inner: R,
    /// How many texts were cut.
    cut: &'a Cell<usize>,
    text: Option<Text>,
}

/// A text that has begun.
#[derive(Default)]
struct Text {
    length: usize,
    cut: bool,
    /// Bytes that an escape still has, and the number that it spells.
    escape: Option<(u8, u16)>,
    /// Whether the first half of a letter in two escapes was the last thing.
    half: bool,
}

impl<'a, R: BufRead> Short<'a, R> {
    pub(super) fn new(inner: R, cut: &'a Cell<usize>) -> Self {
        Self { inner, cut, text: None }
    }

    /// Whether this byte is handed on.
    fn passes(&mut self, byte: u8) -> bool {
        let Some(text) = &mut self.text else {
            self.text = (byte == b'"').then(Text::default);
            return true;
        };
        // A text has no line breaks: what looks like one is not JSON, and the next line is another matter.
        if byte == b'\n' || (byte == b'"' && text.escape.is_none()) {
            self.text = None;
            return true;
        }
        // Between two letters: neither within one, nor within an escape, nor between the two that make one.
        if text.length >= LONGEST && !text.cut && text.escape.is_none() && !text.half && byte & 0xc0 != 0x80 {
            text.cut = true;
            self.cut.set(self.cut.get() + 1);
        }
        text.next(byte);
        !text.cut
    }
}

impl Text {
    fn next(&mut self, byte: u8) {
        self.length += 1;
        self.escape = match (self.escape, byte) {
            (None, b'\\') => Some((1, 0)),
            (None, _) => {
                self.half = false;
                None
            }
            (Some((1, 0)), b'u') => Some((5, 0)),
            (Some((left, spelt)), _) => {
                let spelt = (spelt << 4) | u16::try_from(char::from(byte).to_digit(16).unwrap_or_default()).unwrap_or_default();
                if left > 2 {
                    Some((left - 1, spelt))
                } else {
                    self.half = left == 2 && matches!(spelt, 0xd800..=0xdbff);
                    None
                }
            }
        };
    }
}

impl<R: BufRead> Read for Short<'_, R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let mut filled = 0;
        while filled < into.len() {
            let Some(&byte) = self.inner.fill_buf()?.first() else {
                break;
            };
            self.inner.consume(1);
            if self.passes(byte) {
                into[filled] = byte;
                filled += 1;
            }
        }
        Ok(filled)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use serde_json::Value;

    use super::*;

    #[test]
    fn a_long_text_is_cut_between_letters() {
        for letter in ["x", "ß", "\u{1f600}", "\\n", "\\\\", "\\\"", "\\u00e4", "\\ud83d\\ude00"] {
            for shift in 0..4 {
                let text = format!("[\"{}{}\", \"short\", 1]", &"aaaa"[..shift], letter.repeat(LONGEST / letter.len() + 9));
                let cut = Cell::new(0);
                let list: Vec<Value> = serde_json::from_reader(Short::new(Cursor::new(&text), &cut)).expect("still JSON");
                assert_eq!((list.len(), list[1].as_str(), cut.get()), (3, Some("short"), 1), "{letter} after {shift}");
            }
        }
        let cut = Cell::new(0);
        let mut odd = String::new();
        Short::new(Cursor::new("\"open\n\"next\""), &cut).read_to_string(&mut odd).expect("text");
        assert_eq!((odd.as_str(), cut.get()), ("\"open\n\"next\"", 0));
    }
}
