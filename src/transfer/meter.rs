//! How much a file may unpack to, and how much is taken of it: nothing is read but through a meter.

use std::{
    cell::Cell,
    io::{self, Read},
};

use super::{ImportOptions, text::Decoded, turn::damaged};
use crate::error::{Code, Error, Result};

/// Exports of conversations unpack to some ten times their size; files that were made to do harm to a thousand times.
const MOST_RATIO: u64 = 100;
/// What unpacks to less is read whatever its ratio.
const HARMLESS: u64 = 1 << 20;

/// Something that can be read from its beginning more than once.
pub(super) trait Part {
    /// Begins; what is packed is unpacked as the meter allows.
    fn open<'a>(&'a mut self, meter: &'a Meter) -> Result<Box<dyn Read + 'a>>;
}

/// That a file cannot be read.
pub(super) fn unreadable(error: io::Error) -> Error {
    use io::ErrorKind::{InvalidData, InvalidInput, UnexpectedEof};
    match error.kind() {
        // So says what unpacks.
        InvalidData | InvalidInput | UnexpectedEof => damaged(error),
        _ => Error::new(Code::InvalidBody, "The file could not be read to its end. Send it again.").with_source(error),
    }
}

/// How much a file may unpack to, how much may be taken of it, and how much has and is.
pub(super) struct Meter {
    most: u64,
    unpacked: Cell<u64>,
    most_taken: u64,
    taken: Cell<u64>,
    /// Whether a part of it is no text.
    odd: Cell<bool>,
}

impl Meter {
    pub(super) fn new(packed: u64, options: &ImportOptions) -> Self {
        let most = options.unpacked_bytes.min(packed.saturating_mul(MOST_RATIO).max(HARMLESS));
        Self { most, unpacked: Cell::new(0), most_taken: options.kept_bytes, taken: Cell::new(0), odd: Cell::new(false) }
    }

    /// The same bounds for who only looks: what is read twice counts once.
    pub(super) fn anew(&self) -> Self {
        Self { most: self.most, unpacked: Cell::new(0), most_taken: self.most_taken, taken: Cell::new(0), odd: Cell::new(false) }
    }

    /// A part that is nothing but memories: it ends with an error where more comes than is taken.
    pub(super) fn taken<R: Read>(&self, inner: R) -> Counted<'_, R> {
        Counted { inner, most: self.most_taken, so_far: &self.taken }
    }

    /// Ends with an error where more comes out of it than may.
    pub(super) fn watch<R: Read>(&self, inner: R) -> Counted<'_, R> {
        Counted { inner, most: self.most, so_far: &self.unpacked }
    }

    /// In UTF-8; ends with an error where it is no text.
    pub(super) fn text<R: Read>(&self, inner: R) -> Decoded<'_, R> {
        Decoded::new(inner, &self.odd)
    }

    pub(super) fn verdict(&self) -> Result<()> {
        if self.taken.get() > self.most_taken {
            return Err(self.keeps_too_much());
        }
        if self.unpacked.get() > self.most {
            let detail = format!(
                "The archive unpacks to more than {} bytes, which is more than is taken here. Send the parts that hold the conversations \
                 or memories alone, or use 'jmem import'. Nothing was stored.",
                self.most
            );
            return Err(Error::new(Code::TooLarge, detail));
        }
        if self.odd.get() {
            let detail = "The file is neither text in UTF-8 nor in marked UTF-16, nor a zip archive.";
            return Err(Error::new(Code::InvalidBody, detail));
        }
        Ok(())
    }

    pub(super) fn keeps_too_much(&self) -> Error {
        let detail = format!(
            "The file holds more than {} bytes of memories, which is more than is taken at once. Send it in parts, or use 'jmem import'. \
             Nothing was stored.",
            self.most_taken
        );
        Error::new(Code::TooLarge, detail)
    }
}

/// A stream whose bytes are counted up to a bound.
pub(super) struct Counted<'a, R> {
    inner: R,
    most: u64,
    so_far: &'a Cell<u64>,
}

impl<R: Read> Read for Counted<'_, R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(into)?;
        let counted = self.so_far.get().saturating_add(read as u64);
        self.so_far.set(counted);
        if counted > self.most { Err(io::Error::other("there is too much of it")) } else { Ok(read) }
    }
}
