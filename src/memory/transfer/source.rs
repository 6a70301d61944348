//! What a file is: plain JSON, gzip, or an archive of a product that people come from. Packed files are read as they unpack,
//! under a limit, since a small one can unpack to anything.

use std::{
    cell::Cell,
    ffi::OsStr,
    io::{self, BufReader, Read, Seek, SeekFrom},
    path::{Component, Path, PathBuf},
};

use flate2::read::MultiGzDecoder;
use serde_json::Value;
use zip::ZipArchive;

use super::{ImportOptions, Parsed, claude, conversations, lines, openmemory, turn::damaged};
use crate::error::{Code, Error, Result};

/// Exports of conversations unpack to some ten times their size; files that were made to do harm to a thousand times.
const MOST_RATIO: u64 = 100;
/// What unpacks to less is read whatever its ratio.
const HARMLESS: u64 = 1 << 20;

/// Names of an archive's files that are told to who sent it.
const NAMED: usize = 5;

/// Reads a file of any known form.
pub(super) fn read(mut file: impl Read + Seek, options: &ImportOptions) -> Result<Parsed> {
    let size = file.seek(SeekFrom::End(0)).map_err(unreadable)?;
    file.rewind().map_err(unreadable)?;
    let mut head = Vec::new();
    (&mut file).take(4).read_to_end(&mut head).map_err(unreadable)?;
    file.rewind().map_err(unreadable)?;
    let meter = Meter::new(size, options);
    let parsed = match head.as_slice() {
        [b'P', b'K', 3 | 5, _] => archive(file, &meter, options),
        [0x1f, 0x8b, ..] => {
            let text = meter.whole(meter.watch(MultiGzDecoder::new(BufReader::new(file)))).map_err(damaged);
            text.and_then(|text| held(text, options))
        }
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => meter.whole(file).map_err(unreadable).and_then(|text| held(text, options)),
        _ => plain(file, &meter, options),
    };
    // What a parser says of a file that was cut off by the meter is beside the point.
    meter.verdict()?;
    parsed.and_then(|parsed| if parsed.text > parsed.most_text { Err(meter.keeps_too_much()) } else { Ok(parsed) })
}

fn plain(mut file: impl Read + Seek, meter: &Meter, options: &ImportOptions) -> Result<Parsed> {
    let of_conversations = conversations::holds(&mut file, meter.most_held);
    file.rewind().map_err(unreadable)?;
    if of_conversations { spoken(file, options) } else { lines::parse(&decoded(meter.whole(file).map_err(unreadable)?)?) }
}

/// A file that is in memory.
fn held(text: Vec<u8>, options: &ImportOptions) -> Result<Parsed> {
    let text = decoded(text)?;
    if conversations::holds(text.as_bytes(), u64::MAX) { spoken(text.as_bytes(), options) } else { lines::parse(&text) }
}

fn spoken(file: impl Read, options: &ImportOptions) -> Result<Parsed> {
    let mut parsed = Parsed::within(options.kept_bytes);
    conversations::read(file, options, &mut parsed)?;
    parsed.found()
}

/// The text of a file in UTF-8, or in the UTF-16 that Windows marks.
fn decoded(bytes: Vec<u8>) -> Result<String> {
    let units = |pairs: &[u8], unit: fn([u8; 2]) -> u16| pairs.as_chunks().0.iter().map(|pair| unit(*pair)).collect::<Vec<_>>();
    match bytes.as_slice() {
        [0xff, 0xfe, pairs @ ..] if pairs.len() % 2 == 0 => Ok(String::from_utf16_lossy(&units(pairs, u16::from_le_bytes))),
        [0xfe, 0xff, pairs @ ..] if pairs.len() % 2 == 0 => Ok(String::from_utf16_lossy(&units(pairs, u16::from_be_bytes))),
        _ => String::from_utf8(bytes)
            .map_err(|_| Error::new(Code::InvalidBody, "The file is neither text in UTF-8 nor in marked UTF-16, nor a zip archive.")),
    }
}

/// What an entry of an archive is, by the names that the products give.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    /// OpenMemory: a memory a line.
    Lines,
    /// OpenMemory: its tables; or what Claude remembers.
    Memories,
    /// ChatGPT or Claude.
    Conversations,
    /// Claude: names of projects.
    Projects,
}

impl Part {
    fn of(path: &Path) -> Option<Self> {
        let name = path.file_name()?.to_str()?;
        let folder = path.parent().and_then(Path::file_name).and_then(OsStr::to_str).unwrap_or_default();
        // What macOS adds to every archive has the same names.
        if name.starts_with('.') || path.iter().any(|part| part == "__MACOSX") {
            return None;
        }
        let numbered = |name: &str| name.strip_prefix("conversations-").is_some_and(|n| n.bytes().all(|c| c.is_ascii_digit()));
        let (stem, extension) = name.split_once('.')?;
        match (folder, stem, extension) {
            (_, "memories", "jsonl.gz") => Some(Self::Lines),
            (_, "memories", "json") | ("memories", _, "json") => Some(Self::Memories),
            (_, "conversations", "json") => Some(Self::Conversations),
            (_, stem, "json") if numbered(stem) => Some(Self::Conversations),
            (_, "projects", "json") | ("projects", _, "json") => Some(Self::Projects),
            _ => None,
        }
    }
}

fn archive(file: impl Read + Seek, meter: &Meter, options: &ImportOptions) -> Result<Parsed> {
    let mut zip = ZipArchive::new(BufReader::new(file)).map_err(|error| {
        Error::invalid("The file begins as a zip archive and cannot be read as one: it is damaged or cut off.").with_source(error)
    })?;
    let (mut entries, mut names) = (Vec::new(), Vec::new());
    for index in 0..zip.len() {
        let Ok(entry) = zip.by_index_raw(index) else { continue };
        let path = entry.name().map(|name| PathBuf::from(&*name)).unwrap_or_default();
        if let Some(name) = path.file_name().filter(|_| names.len() < NAMED) {
            names.push(name.to_string_lossy().chars().take(60).collect::<String>());
        }
        // A name that leads anywhere else belongs to no export.
        let within = path.components().all(|part| matches!(part, Component::Normal(_)));
        if let Some(part) = Part::of(&path).filter(|_| within && entry.is_file()) {
            entries.push((path, part, index));
        }
    }
    entries.sort_by(|(one, ..), (other, ..)| one.cmp(other));
    let mut parsed = Parsed::within(options.kept_bytes);
    let (mut tables, mut lines, mut remembered, mut projects) = (None, None, Vec::new(), claude::Projects::default());
    for (path, part, index) in &entries {
        let entry = zip.by_index(*index).map_err(|error| {
            let detail = format!("'{}' in the archive is encrypted, or packed in a way that is not known here.", path.display());
            Error::invalid(detail).with_source(error)
        })?;
        let mut entry = meter.watch(entry);
        match part {
            Part::Lines => {
                let text = meter.whole(meter.watch(MultiGzDecoder::new(entry))).map_err(damaged)?;
                lines = Some(decoded(text)?);
            }
            Part::Memories => match json(entry, meter)? {
                Value::Object(object) if object.contains_key("memories") => tables = Some(object),
                other => remembered.push(other),
            },
            Part::Conversations => conversations::read(&mut entry, options, &mut parsed)?,
            Part::Projects => projects.add(json(entry, meter)?, &mut parsed),
        }
    }
    for memory in remembered {
        claude::memories(memory, &projects, &mut parsed);
    }
    match (lines, tables) {
        (Some(lines), tables) => openmemory::from_lines(&lines, tables.as_ref(), &mut parsed),
        (None, Some(tables)) => openmemory::from_tables(&tables, &mut parsed),
        (None, None) => {}
    }
    if entries.is_empty() {
        return Err(Error::invalid(format!(
            "No export of a known product was found in this archive of {} files ({}). Known are those of OpenMemory (memories.json, \
             memories.jsonl.gz), ChatGPT and Claude (conversations.json, memories.json).",
            zip.len(),
            names.join(", ")
        )));
    }
    parsed.found()
}

fn json(entry: impl Read, meter: &Meter) -> Result<Value> {
    let text = meter.whole(entry).map_err(damaged)?;
    let text = decoded(text)?;
    serde_json::from_str(text.trim_start_matches('\u{feff}'))
        .map_err(|error| Error::invalid(format!("A file in the archive is not JSON: {error}.")))
}

fn unreadable(error: io::Error) -> Error {
    Error::new(Code::InvalidBody, "The file could not be read to its end. Send it again.").with_source(error)
}

/// How much a file may unpack to, how much of it may be held in memory as it is, and how much has and is.
struct Meter {
    most: u64,
    unpacked: Cell<u64>,
    most_held: u64,
    held: Cell<u64>,
}

impl Meter {
    fn new(packed: u64, options: &ImportOptions) -> Self {
        let most = options.unpacked_bytes.min(packed.saturating_mul(MOST_RATIO).max(HARMLESS));
        Self { most, unpacked: Cell::new(0), most_held: options.kept_bytes, held: Cell::new(0) }
    }

    /// All of a part that can only be read as one.
    fn whole(&self, part: impl Read) -> io::Result<Vec<u8>> {
        let room = self.most_held.saturating_sub(self.held.get());
        let mut text = Vec::new();
        part.take(room.saturating_add(1)).read_to_end(&mut text)?;
        self.held.set(self.held.get().saturating_add(text.len() as u64));
        Ok(text)
    }

    /// Ends with an error where more comes than may.
    fn watch<R: Read>(&self, inner: R) -> Watched<'_, R> {
        Watched { inner, meter: self }
    }

    fn verdict(&self) -> Result<()> {
        if self.held.get() > self.most_held {
            return Err(self.keeps_too_much());
        }
        if self.unpacked.get() <= self.most {
            return Ok(());
        }
        let detail = format!(
            "The archive unpacks to more than {} bytes, which is more than is taken here. Send the parts that hold the conversations or \
             memories alone, or use 'jmem import'. Nothing was stored.",
            self.most
        );
        Err(Error::new(Code::TooLarge, detail))
    }

    fn keeps_too_much(&self) -> Error {
        let detail = format!(
            "The file holds more than {} bytes of memories, which is more than is taken at once. Send it in parts, or use 'jmem import'. \
             Nothing was stored.",
            self.most_held
        );
        Error::new(Code::TooLarge, detail)
    }
}

struct Watched<'a, R> {
    inner: R,
    meter: &'a Meter,
}

impl<R: Read> Read for Watched<'_, R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(into)?;
        let unpacked = self.meter.unpacked.get().saturating_add(read as u64);
        self.meter.unpacked.set(unpacked);
        if unpacked > self.meter.most { Err(io::Error::other("it unpacks to too much")) } else { Ok(read) }
    }
}
