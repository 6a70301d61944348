//! Lines of a file that another program is writing.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use crate::error::Error;

/// A line with more than that is output of a tool or a picture, and nothing that anybody said.
const LONGEST: u64 = 8 * 1024 * 1024;

pub(super) struct Lines {
    path: PathBuf,
    reader: BufReader<File>,
    /// Where the next line begins.
    pub at: u64,
    /// Whether the file is not the one in which that byte was.
    pub restarted: bool,
}

pub(super) struct Line {
    pub start: u64,
    pub end: u64,
    pub bytes: Vec<u8>,
}

impl Lines {
    /// `None` where there is no file.
    pub(super) fn open(path: &Path, from: u64) -> Result<Option<Self>, Error> {
        let file = match File::open(path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(Error::io(path)(error)),
        };
        let mut lines = Self { path: path.to_owned(), reader: BufReader::new(file), at: from, restarted: false };
        let open = |lines: &mut Self| -> io::Result<()> {
            if from > 0 && !begins_line(&mut lines.reader, from)? {
                lines.at = 0;
                lines.restarted = true;
            }
            lines.reader.seek(SeekFrom::Start(lines.at)).map(drop)
        };
        open(&mut lines).map_err(Error::io(path))?;
        Ok(Some(lines))
    }

    /// The next line that is whole.
    pub(super) fn next(&mut self) -> Result<Option<Line>, Error> {
        loop {
            let start = self.at;
            let mut bytes = Vec::new();
            let limited = (&mut self.reader).take(LONGEST).read_until(b'\n', &mut bytes);
            let mut len = limited.map_err(Error::io(&self.path))? as u64;
            let whole = bytes.ends_with(b"\n");
            if len == LONGEST && !whole {
                bytes.clear();
                let Some(rest) = self.skip_line()? else { return Ok(None) };
                len += rest;
            } else if !whole && serde_json::from_slice::<serde::de::IgnoredAny>(&bytes).is_err() {
                // Half a line, or none: it is there the next time.
                return Ok(None);
            }
            self.at += len;
            if !bytes.is_empty() {
                return Ok(Some(Line { start, end: self.at, bytes }));
            }
        }
    }

    /// Goes behind the next line end; `None` where there is none yet.
    fn skip_line(&mut self) -> Result<Option<u64>, Error> {
        let mut skipped = 0;
        loop {
            let buffer = self.reader.fill_buf().map_err(Error::io(&self.path))?;
            if buffer.is_empty() {
                return Ok(None);
            }
            let end = buffer.iter().position(|byte| *byte == b'\n');
            let used = end.map_or(buffer.len(), |end| end + 1);
            self.reader.consume(used);
            skipped += used as u64;
            if end.is_some() {
                return Ok(Some(skipped));
            }
        }
    }
}

/// Whether a line may begin here: behind a line end, or before one, where the last line read had none yet.
fn begins_line(reader: &mut BufReader<File>, at: u64) -> io::Result<bool> {
    if reader.get_ref().metadata()?.len() < at {
        return Ok(false);
    }
    reader.seek(SeekFrom::Start(at - 1))?;
    let mut around = Vec::new();
    reader.take(2).read_to_end(&mut around)?;
    Ok(around.first() == Some(&b'\n') || matches!(around.get(1), None | Some(b'\n')))
}
