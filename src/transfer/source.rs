//! What a file is: plain JSON, gzip, or an archive of a product that people come from. Packed files are read as they unpack,
//! under a limit, since a small one can unpack to anything; none of it is held.

use std::{
    ffi::OsStr,
    io::{BufReader, Read, Seek, SeekFrom},
    path::{Component, Path, PathBuf},
};

use flate2::read::MultiGzDecoder;
use zip::ZipArchive;

use super::{
    ImportOptions, Parsed, To, claude,
    conversations::{self, Holds},
    lines,
    meter::{Meter, Part, unreadable},
    openmemory,
};
use crate::error::{Error, Result};

/// Names of an archive's files that are told to who sent it.
const NAMED: usize = 5;

/// Reads a file of any known form, twice at most, and hands its memories over.
pub(super) fn read(file: &mut (impl Read + Seek), options: &ImportOptions, to: To) -> Result<Parsed> {
    let size = file.seek(SeekFrom::End(0)).map_err(unreadable)?;
    file.rewind().map_err(unreadable)?;
    let mut head = Vec::new();
    file.take(4).read_to_end(&mut head).map_err(unreadable)?;
    file.rewind().map_err(unreadable)?;
    let meter = Meter::new(size, options);
    let parsed = Parsed::within(options.kept_bytes, to);
    let parsed = match head.as_slice() {
        [b'P', b'K', 3 | 5, _] => archive(file, &meter, options, parsed),
        [0x1f, 0x8b, ..] => alone(&mut Whole { file, packed: true }, &meter, options, parsed),
        _ => alone(&mut Whole { file, packed: false }, &meter, options, parsed),
    };
    // What a parser says of a file that was cut off by the meter is beside the point.
    meter.verdict()?;
    parsed.and_then(|parsed| if parsed.text > parsed.most_text { Err(meter.keeps_too_much()) } else { Ok(parsed) })
}

fn alone(file: &mut impl Part, meter: &Meter, options: &ImportOptions, mut parsed: Parsed) -> Result<Parsed> {
    let look = meter.anew();
    let holds = conversations::holds(look.text(file.open(&look)?));
    match holds {
        Some(holds) => {
            conversations::read(meter.text(file.open(meter)?), holds, options, &mut parsed)?;
            parsed.found()
        }
        None => lines::read(file, meter, parsed),
    }
}

/// A file, packed by gzip or not.
struct Whole<'f, F> {
    file: &'f mut F,
    packed: bool,
}

impl<F: Read + Seek> Part for Whole<'_, F> {
    fn open<'a>(&'a mut self, meter: &'a Meter) -> Result<Box<dyn Read + 'a>> {
        self.file.rewind().map_err(unreadable)?;
        if self.packed {
            return Ok(Box::new(meter.watch(MultiGzDecoder::new(BufReader::new(&mut *self.file)))));
        }
        Ok(Box::new(&mut *self.file))
    }
}

/// A file in an archive.
struct Entry<'z, F: Read + Seek> {
    zip: &'z mut ZipArchive<F>,
    index: usize,
    path: &'z Path,
    /// Packed by gzip once more.
    packed: bool,
}

impl<F: Read + Seek> Part for Entry<'_, F> {
    fn open<'a>(&'a mut self, meter: &'a Meter) -> Result<Box<dyn Read + 'a>> {
        let entry = self.zip.by_index(self.index).map_err(|error| {
            let detail = format!("'{}' in the archive is encrypted, or packed in a way that is not known here.", self.path.display());
            Error::invalid(detail).with_source(error)
        })?;
        let entry = meter.watch(entry);
        Ok(if self.packed { Box::new(meter.watch(MultiGzDecoder::new(BufReader::new(entry)))) } else { Box::new(entry) })
    }
}

/// What an entry of an archive is, by the names that the products give.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// OpenMemory: a memory a line.
    Lines,
    /// OpenMemory: its tables; or what Claude remembers.
    Memories,
    /// ChatGPT or Claude.
    Conversations,
    /// Claude: names of projects.
    Projects,
}

impl Form {
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

fn archive(file: &mut (impl Read + Seek), meter: &Meter, options: &ImportOptions, mut parsed: Parsed) -> Result<Parsed> {
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
        if let Some(form) = Form::of(&path).filter(|_| within && entry.is_file()) {
            entries.push((path, form, index));
        }
    }
    if entries.is_empty() {
        return Err(Error::invalid(format!(
            "No export of a known product was found in this archive of {} files ({}). Known are those of OpenMemory (memories.json, \
             memories.jsonl.gz), ChatGPT and Claude (conversations.json, memories.json).",
            zip.len(),
            names.join(", ")
        )));
    }
    entries.sort_by(|(one, ..), (other, ..)| one.cmp(other));
    entries_of(&mut zip, &entries, meter, options, &mut parsed)?;
    parsed.found()
}

/// Reads the files of an archive: names first, then what they are names of.
fn entries_of(
    zip: &mut ZipArchive<impl Read + Seek>,
    entries: &[(PathBuf, Form, usize)],
    meter: &Meter,
    options: &ImportOptions,
    parsed: &mut Parsed,
) -> Result<()> {
    let (mut projects, mut lines, mut tables) = (claude::Projects::default(), None, None);
    let of = |form: Form| entries.iter().filter(move |(_, other, _)| *other == form);
    for (path, _, index) in of(Form::Projects) {
        let mut entry = Entry { zip: &mut *zip, index: *index, path, packed: false };
        projects.add(BufReader::new(meter.text(meter.taken(entry.open(meter)?))), parsed)?;
    }
    for (path, _, index) in of(Form::Conversations) {
        let mut entry = Entry { zip: &mut *zip, index: *index, path, packed: false };
        let look = meter.anew();
        let holds = conversations::holds(entry.open(&look)?).unwrap_or(Holds::Conversations);
        conversations::read(entry.open(meter)?, holds, options, parsed)?;
    }
    for (path, _, index) in of(Form::Memories) {
        let mut entry = Entry { zip: &mut *zip, index: *index, path, packed: false };
        let look = meter.anew();
        if openmemory::are_tables(BufReader::new(look.text(entry.open(&look)?))) {
            let read = openmemory::Tables::of(BufReader::new(meter.text(meter.taken(entry.open(meter)?))))?;
            tables = Some((path, index, read));
        } else {
            claude::memories(BufReader::new(meter.text(meter.taken(entry.open(meter)?))), &projects, parsed)?;
        }
    }
    for (path, _, index) in of(Form::Lines) {
        lines = Some((path, index));
    }
    match (lines, tables) {
        (Some((path, index)), tables) => {
            let mut entry = Entry { zip: &mut *zip, index: *index, path, packed: true };
            let text = BufReader::new(meter.text(meter.taken(entry.open(meter)?)));
            openmemory::from_lines(text, tables.as_ref().map(|(.., tables)| tables), parsed)
        }
        (None, Some((path, index, tables))) => {
            let look = meter.anew();
            let mut entry = Entry { zip: &mut *zip, index: *index, path, packed: false };
            openmemory::from_tables(BufReader::new(look.text(entry.open(&look)?)), &tables, parsed)
        }
        (None, None) => Ok(()),
    }
}
