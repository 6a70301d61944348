//! The form of a backup: gzip around JSON lines, so that `zcat` shows it. No database is known here.
//!
//! ```text
//! {"type":"header","format":"jonathans-memory-backup","version":1,"product":…,"schema":…,"engine":…,"created_at":…,"key":…}
//! {"type":"table","name":"tenants","columns":["id",…]}
//! ["018f…",…]                                     one line for each row, in the order of the columns
//! {"type":"end_of_table","rows":1,"sha256":…}     of the table's lines, its first one included
//! …
//! {"type":"end","tables":14,"rows":1,"sha256":…}  of every line before it
//! ```
//!
//! Bytes, ids among them, are lower-case hex; JSON is a string with its text; flags are 0 and 1; times are microseconds since
//! 1970 UTC. A reader trusts nothing before it has seen the sum of it, and nothing at all before it has seen the end.

use std::io::{BufRead, BufReader, Chain, Cursor, ErrorKind, Read, Write};

use anyhow::{Context, bail, ensure};
use flate2::{Compression, bufread::GzDecoder, write::GzEncoder};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};

const FORMAT: &str = "jonathans-memory-backup";
/// Grows when older programs cannot read a newer backup.
const VERSION: u32 = 1;
/// Every backup begins with these bytes: gzip checks all of its stream but its own head.
const HEAD: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
/// Most of a backup are vectors in hex: the first level that counts letters halves them, and no level does more.
const LEVEL: u32 = 3;
/// Longest line, in bytes; what holds a reader's memory down. The largest row has the answer to a batch of memories.
const LONGEST: usize = 256 << 20;

/// What a backup says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    format: String,
    version: u32,
    /// Version of the program that made it.
    pub product: String,
    /// Number of the newest migration of its database.
    pub schema: i64,
    /// `sqlite` or `postgres`.
    pub engine: String,
    /// When its snapshot was taken; RFC 3339.
    pub created_at: String,
    /// Fingerprint of the server's key, which the backup does not hold; `None` when there was none yet.
    pub key: Option<String>,
}

impl Header {
    /// A header of this program's form.
    pub(super) fn new(schema: i64, engine: &str, created_at: String, key: Option<String>) -> Self {
        let product = env!("CARGO_PKG_VERSION").to_owned();
        Self { format: FORMAT.into(), version: VERSION, product, schema, engine: engine.into(), created_at, key }
    }
}

/// What a backup holds: its header, and rows by table in the order of the backup.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    /// Its first line.
    pub header: Header,
    /// Name and number of rows of each table.
    pub tables: Vec<(String, u64)>,
}

impl Summary {
    /// Rows of a table; 0 where the backup has no such table.
    #[must_use]
    pub fn rows_of(&self, table: &str) -> u64 {
        self.tables.iter().find(|(name, _)| name == table).map_or(0, |(_, rows)| *rows)
    }

    /// Rows of all tables.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.tables.iter().map(|(_, rows)| rows).sum()
    }
}

#[derive(Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Line {
    Header(Header),
    Table { name: String, columns: Vec<String> },
    EndOfTable { rows: u64, sha256: String },
    End { tables: usize, rows: u64, sha256: String },
}

/// Writes a backup.
pub(super) struct Writer<W: Write> {
    out: GzEncoder<W>,
    summary: Summary,
    whole: Sha256,
    table: Sha256,
    line: Vec<u8>,
}

impl<W: Write> Writer<W> {
    pub(super) fn begin(out: W, header: Header) -> anyhow::Result<Self> {
        let out = GzEncoder::new(out, Compression::new(LEVEL));
        let summary = Summary { header: header.clone(), tables: Vec::new() };
        let mut writer = Self { out, summary, whole: Sha256::new(), table: Sha256::new(), line: Vec::new() };
        writer.write(&Line::Header(header))?;
        Ok(writer)
    }

    pub(super) fn table(&mut self, name: &str, columns: Vec<String>) -> anyhow::Result<()> {
        self.table = Sha256::new();
        self.summary.tables.push((name.to_owned(), 0));
        self.write(&Line::Table { name: name.to_owned(), columns })
    }

    pub(super) fn row(&mut self, cells: &[Value]) -> anyhow::Result<()> {
        let (_, rows) = self.summary.tables.last_mut().context("a row without a table")?;
        *rows += 1;
        self.write(&cells)
    }

    pub(super) fn end_of_table(&mut self) -> anyhow::Result<()> {
        let rows = self.summary.tables.last().map_or(0, |(_, rows)| *rows);
        let sha256 = hex(&self.table.finalize_reset());
        self.write(&Line::EndOfTable { rows, sha256 })
    }

    /// Writes the last line and gives back what was written to.
    pub(super) fn finish(mut self) -> anyhow::Result<(W, Summary)> {
        let end = Line::End { tables: self.summary.tables.len(), rows: self.summary.rows(), sha256: hex(&self.whole.finalize_reset()) };
        self.write(&end)?;
        Ok((self.out.finish()?, self.summary))
    }

    fn write(&mut self, line: &impl Serialize) -> anyhow::Result<()> {
        self.line.clear();
        serde_json::to_writer(&mut self.line, line)?;
        self.line.push(b'\n');
        ensure!(self.line.len() <= LONGEST, "a row of {} bytes is too large for a backup", self.line.len());
        self.whole.update(&self.line);
        self.table.update(&self.line);
        self.out.write_all(&self.line).context("the backup cannot be written")
    }
}

/// What comes next of a backup.
pub(super) enum Item<'a> {
    /// A table begins.
    Table { name: String, columns: Vec<String> },
    /// A row of it, as a JSON array.
    Row(&'a str),
    /// All rows of the table were read, and are those that were written.
    EndOfTable,
    /// All of the backup was read, and is what was written.
    End,
}

/// The head, which was looked at, and what follows it.
type Input<R> = Chain<Cursor<[u8; HEAD.len()]>, BufReader<R>>;

/// Reads a backup line by line and checks it on the way.
pub(super) struct Reader<R: Read> {
    input: BufReader<GzDecoder<Input<R>>>,
    summary: Summary,
    whole: Sha256,
    table: Sha256,
    open: bool,
    /// What was read so far is in order, and more follows.
    amid: bool,
    line: Vec<u8>,
}

impl<R: Read> Reader<R> {
    /// Reads the header.
    ///
    /// # Errors
    /// When it is no backup, or of a newer form.
    pub(super) fn open(input: R) -> anyhow::Result<Self> {
        const NONE: &str = "this is not a backup that 'jmem backup' made";
        let mut input = BufReader::new(input);
        let mut head = [0; HEAD.len()];
        input.read_exact(&mut head).context(NONE)?;
        ensure!(head == HEAD, NONE);
        let input = BufReader::new(GzDecoder::new(Cursor::new(head).chain(input)));
        let header = Header::new(0, "", String::new(), None);
        let summary = Summary { header, tables: Vec::new() };
        let mut reader = Self { input, summary, whole: Sha256::new(), table: Sha256::new(), open: false, amid: false, line: Vec::new() };
        reader.fill().context(NONE)?;
        // The version is looked at before what only this version must have.
        let first: Value = serde_json::from_slice(&reader.line).context(NONE)?;
        ensure!(first["type"] == "header" && first["format"] == FORMAT, NONE);
        let version = first["version"].as_u64().context(NONE)?;
        ensure!(
            version == u64::from(VERSION),
            "the backup has form {version} and was made by version {} of the program; this program reads form {VERSION}. \
             Restore it with the version that made it",
            first["product"].as_str().unwrap_or("unknown")
        );
        let Line::Header(header) = serde_json::from_value(first).context(NONE)? else { bail!(NONE) };
        reader.summary.header = header;
        reader.whole.update(&reader.line);
        Ok(reader)
    }

    /// What was read so far.
    pub(super) const fn summary(&self) -> &Summary {
        &self.summary
    }

    /// The next thing; nothing comes after [`Item::End`].
    ///
    /// # Errors
    /// When the backup is cut or was changed.
    pub(super) fn next(&mut self) -> anyhow::Result<Item<'_>> {
        self.amid = false;
        self.fill()?;
        if self.open && self.line.first() == Some(&b'[') {
            self.whole.update(&self.line);
            self.table.update(&self.line);
            let (_, rows) = self.summary.tables.last_mut().expect("a table is open");
            *rows += 1;
            let row = std::str::from_utf8(&self.line).context(DAMAGED)?;
            self.amid = true;
            return Ok(Item::Row(row));
        }
        match serde_json::from_slice(&self.line).context(DAMAGED)? {
            Line::Table { name, columns } if !self.open => {
                ensure!(self.summary.tables.iter().all(|(other, _)| *other != name), "{DAMAGED}: it has '{name}' twice");
                self.whole.update(&self.line);
                self.table = Sha256::new_with_prefix(&self.line);
                (self.open, self.amid) = (true, true);
                self.summary.tables.push((name.clone(), 0));
                Ok(Item::Table { name, columns })
            }
            Line::EndOfTable { rows, sha256 } if self.open => {
                let (name, read) = self.summary.tables.last().expect("a table is open");
                ensure!(*read == rows, "{DAMAGED}: '{name}' has {read} rows of {rows}");
                ensure!(hex(&self.table.finalize_reset()) == sha256, "{DAMAGED}: the checksum of '{name}' does not fit");
                self.whole.update(&self.line);
                (self.open, self.amid) = (false, true);
                Ok(Item::EndOfTable)
            }
            Line::End { tables, rows, sha256 } if !self.open => {
                let fits = tables == self.summary.tables.len() && rows == self.summary.rows();
                ensure!(fits && hex(&self.whole.finalize_reset()) == sha256, "{DAMAGED}: its last checksum does not fit");
                self.nothing_follows()?;
                Ok(Item::End)
            }
            _ => bail!("{DAMAGED}: its lines are out of order"),
        }
    }

    /// Reads to the end.
    ///
    /// # Errors
    /// As [`Self::next`].
    pub(super) fn verify(mut self) -> anyhow::Result<Summary> {
        while !matches!(self.next()?, Item::End) {}
        Ok(self.summary)
    }

    /// What to say when a database refuses what was read last: a backup that was changed may look odd before a checksum
    /// tells why, so the rest is read first.
    pub(super) fn why(self, refused: anyhow::Error) -> anyhow::Error {
        if !self.amid {
            return refused;
        }
        match self.verify() {
            Ok(_) => refused,
            Err(damage) => refused.context(format!("{damage:#}")),
        }
    }

    fn fill(&mut self) -> anyhow::Result<()> {
        self.line.clear();
        let read = (&mut self.input).take(LONGEST as u64 + 1).read_until(b'\n', &mut self.line).map_err(damage)?;
        ensure!(read <= LONGEST, "{DAMAGED}: a line is too long");
        ensure!(self.line.ends_with(b"\n"), CUT);
        Ok(())
    }

    /// Reading on to the end of the stream makes gzip compare its own sum as well.
    fn nothing_follows(&mut self) -> anyhow::Result<()> {
        ensure!(self.input.fill_buf().map_err(damage)?.is_empty(), "{DAMAGED}: something follows its last line");
        let rest = self.input.get_mut().get_mut();
        ensure!(rest.fill_buf()?.is_empty(), "{DAMAGED}: something follows its end");
        Ok(())
    }
}

const DAMAGED: &str = "the backup is damaged";
const CUT: &str = "the backup is cut off: its end is missing";

/// What the decompressor says of bytes that it cannot read.
fn damage(error: std::io::Error) -> anyhow::Error {
    match error.kind() {
        ErrorKind::UnexpectedEof => anyhow::Error::new(error).context(CUT),
        ErrorKind::InvalidData | ErrorKind::InvalidInput => anyhow::Error::new(error).context(DAMAGED),
        _ => anyhow::Error::new(error).context("the backup cannot be read"),
    }
}

/// Lower-case hex.
pub(super) fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        text.push(char::from(DIGITS[usize::from(byte >> 4)]));
        text.push(char::from(DIGITS[usize::from(byte & 15)]));
    }
    text
}

/// The bytes of lower-case hex.
pub(super) fn unhex(text: &str) -> Option<Vec<u8>> {
    let digit = |c: u8| char::from(c).to_digit(16).and_then(|d| u8::try_from(d).ok());
    let pairs = text.as_bytes().chunks(2);
    pairs.map(|pair| if let [high, low] = pair { Some(digit(*high)? << 4 | digit(*low)?) } else { None }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header() -> Header {
        Header::new(7, "sqlite", "2026-01-01T00:00:00.000000Z".into(), Some("ab".into()))
    }

    fn sample() -> (Vec<u8>, Summary) {
        let mut writer = Writer::begin(Vec::new(), header()).expect("begins");
        for table in ["one", "two", "empty"] {
            writer.table(table, vec!["id".into(), "text".into()]).expect("a table");
            for n in 0..if table == "empty" { 0 } else { 40 } {
                writer.row(&[Value::from(hex(&[n, 1, 255])), Value::from(format!("{table} {n} [\n]"))]).expect("a row");
            }
            writer.end_of_table().expect("its end");
        }
        writer.finish().expect("ends")
    }

    fn verify(bytes: &[u8]) -> anyhow::Result<Summary> {
        Reader::open(bytes)?.verify()
    }

    /// The same lines in gzip of our own making.
    fn packed(lines: &str) -> Vec<u8> {
        let mut out = GzEncoder::new(Vec::new(), Compression::new(LEVEL));
        out.write_all(lines.as_bytes()).expect("written");
        out.finish().expect("ends")
    }

    fn unpacked(bytes: &[u8]) -> String {
        let mut lines = String::new();
        GzDecoder::new(bytes).read_to_string(&mut lines).expect("gzip");
        lines
    }

    fn refusal(bytes: &[u8]) -> String {
        format!("{:#}", verify(bytes).expect_err("it is refused"))
    }

    #[test]
    fn what_is_written_is_read() {
        let (bytes, summary) = sample();
        assert_eq!((summary.rows(), summary.rows_of("two"), summary.rows_of("three")), (80, 40, 0));
        assert_eq!(verify(&bytes).expect("whole"), summary);
        assert_eq!(verify(&packed(&unpacked(&bytes))).expect("whole"), summary);
        assert_eq!(unhex("0001ff").expect("hex"), [0, 1, 255]);
        assert!(unhex("0").is_none() && unhex("zz").is_none());
    }

    #[test]
    fn no_flipped_bit_changes_anything_unnoticed() {
        let (bytes, _) = sample();
        let whole = unpacked(&bytes);
        let mut unnoticed = 0;
        for at in 0..bytes.len() {
            for bit in 0..8 {
                let mut flipped = bytes.clone();
                flipped[at] ^= 1 << bit;
                if verify(&flipped).is_ok() {
                    // The last bits of a compressed stream may belong to nothing.
                    assert_eq!(unpacked(&flipped), whole, "bit {bit} of byte {at}");
                    unnoticed += 1;
                }
            }
        }
        assert!(unnoticed < 8, "{unnoticed}");
    }

    #[test]
    fn a_cut_backup_is_refused_wherever_it_is_cut() {
        let (bytes, _) = sample();
        for end in 0..bytes.len() {
            assert!(verify(&bytes[..end]).is_err(), "cut at {end} of {}", bytes.len());
        }
        let lines = unpacked(&bytes);
        for (at, _) in lines.match_indices('\n').take(lines.lines().count() - 1) {
            assert!(refusal(&packed(&lines[..=at])).contains("cut off"), "after {at} bytes");
        }
    }

    #[test]
    fn what_follows_the_end_is_refused() {
        let (bytes, _) = sample();
        for rest in [&b"x"[..], b"\0", b"\n", &bytes, &packed("")] {
            assert!(refusal(&[&bytes, rest].concat()).contains("follows"));
        }
        assert!(refusal(&packed(&(unpacked(&bytes) + "\n"))).contains("follows"));
    }

    #[test]
    fn lines_that_were_changed_in_a_whole_stream_are_refused() {
        let lines = unpacked(&sample().0);
        let changed = |from: &str, to: &str| {
            assert!(lines.contains(from), "{from}");
            refusal(&packed(&lines.replacen(from, to, 1)))
        };
        assert!(changed("one 7", "one 8").contains("checksum of 'one'"));
        assert!(changed("\"rows\":40", "\"rows\":41").contains("40 rows of 41"));
        assert!(changed("\"schema\":7", "\"schema\":6").contains("last checksum"));
        assert!(changed("\"name\":\"two\"", "\"name\":\"one\"").contains("twice"));
        assert!(changed("\"rows\":80", "\"rows\":81").contains("last checksum"));
        let newer = changed("\"version\":1", "\"version\":2");
        assert!(newer.contains("form 2") && newer.contains(env!("CARGO_PKG_VERSION")), "{newer}");
        assert!(refusal(&packed("{\"type\":\"header\",\"format\":\"other\"}\n")).contains("not a backup"));
        assert!(refusal(b"{\"type\":\"header\"}").contains("not a backup"));
        assert!(refusal(b"").contains("not a backup"));
    }
}
