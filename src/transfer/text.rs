//! The text of a file in UTF-8, as it comes: checked, or made from the UTF-16 that Windows marks.

use std::{
    cell::Cell,
    io::{self, Read},
};

/// Bytes that are decoded at a time.
const CHUNK: usize = 64 * 1024;

/// How a file is written.
#[derive(Debug, Clone, Copy)]
enum Form {
    Utf8,
    Utf16(fn([u8; 2]) -> u16),
}

/// A stream in UTF-8, whatever it was.
pub(super) struct Decoded<'a, R> {
    inner: R,
    form: Option<Form>,
    raw: Vec<u8>,
    text: Vec<u8>,
    /// How much of it has been read.
    read: usize,
    /// Set where it is no text.
    odd: &'a Cell<bool>,
}

impl<'a, R: Read> Decoded<'a, R> {
    pub(super) fn new(inner: R, odd: &'a Cell<bool>) -> Self {
        Self { inner, form: None, raw: Vec::new(), text: Vec::new(), read: 0, odd }
    }

    /// Decodes what comes next; nothing more at the end.
    fn refill(&mut self) -> io::Result<()> {
        self.read = 0;
        self.text.clear();
        while self.text.is_empty() {
            let before = self.raw.len();
            (&mut self.inner).take(CHUNK as u64).read_to_end(&mut self.raw)?;
            let ended = self.raw.len() == before;
            if self.raw.is_empty() {
                return Ok(());
            }
            let form = *self.form.get_or_insert(match self.raw.as_slice() {
                [0xff, 0xfe, ..] => Form::Utf16(u16::from_le_bytes),
                [0xfe, 0xff, ..] => Form::Utf16(u16::from_be_bytes),
                _ => Form::Utf8,
            });
            let done = match form {
                Form::Utf8 => self.utf8(ended),
                Form::Utf16(unit) => self.utf16(unit, ended),
            };
            if done.is_none() {
                self.odd.set(true);
                return Err(io::Error::new(io::ErrorKind::InvalidData, "it is no text"));
            }
        }
        Ok(())
    }

    fn utf8(&mut self, ended: bool) -> Option<()> {
        let whole = match std::str::from_utf8(&self.raw) {
            Ok(text) => text.len(),
            // The rest of a letter comes with what comes next.
            Err(error) if error.error_len().is_none() && !ended => error.valid_up_to(),
            Err(_) => return None,
        };
        self.text.extend(self.raw.drain(..whole));
        Some(())
    }

    fn utf16(&mut self, unit: fn([u8; 2]) -> u16, ended: bool) -> Option<()> {
        if ended && self.raw.len() % 2 == 1 {
            return None;
        }
        let mut units: Vec<_> = self.raw.as_chunks().0.iter().map(|pair| unit(*pair)).collect();
        if !ended && units.last().is_some_and(|last| (0xd800..0xdc00).contains(last)) {
            units.pop();
        }
        self.raw.drain(..2 * units.len());
        for letter in char::decode_utf16(units) {
            let letter = letter.unwrap_or(char::REPLACEMENT_CHARACTER);
            self.text.extend(letter.encode_utf8(&mut [0; 4]).as_bytes());
        }
        Some(())
    }
}

impl<R: Read> Read for Decoded<'_, R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.read == self.text.len() {
            self.refill()?;
        }
        let read = (&self.text[self.read..]).read(into)?;
        self.read += read;
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads a byte at a time, so that everything is cut everywhere.
    struct Slowly<'a>(&'a [u8]);

    impl Read for Slowly<'_> {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            let one = into.len().min(1);
            self.0.read(&mut into[..one])
        }
    }

    #[test]
    fn letters_are_whole_wherever_they_are_cut() {
        let text = "ß\u{1f600}語".repeat(40_000);
        let utf16 = |unit: fn(u16) -> [u8; 2]| format!("\u{feff}{text}").encode_utf16().flat_map(unit).collect::<Vec<_>>();
        for file in [text.as_bytes().to_vec(), utf16(u16::to_le_bytes), utf16(u16::to_be_bytes)] {
            let (mut read, odd) = (String::new(), Cell::new(false));
            Decoded::new(Slowly(&file), &odd).read_to_string(&mut read).expect("text");
            assert!(read.trim_start_matches('\u{feff}') == text && !odd.get());
        }
        for file in [&b"\xff\xfe\x00"[..], b"a\xc3", b"a\xc3(", b"\x89PNG"] {
            let odd = Cell::new(false);
            Decoded::new(file, &odd).read_to_end(&mut Vec::new()).expect_err("no text");
            assert!(odd.get());
        }
    }
}
