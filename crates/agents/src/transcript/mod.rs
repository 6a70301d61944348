//! What was said in a session: read from the file that the client keeps of it, from where it was left the last time.
//!
//! Only what the person and the assistant said comes out. A turn's position is the byte at which its line begins: files are added
//! to at their end, so it is the same whenever it is read.

mod claude;
mod clean;
mod codex;
mod cursor;
mod lines;

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

pub(crate) use clean::without;
pub use clean::without_private;

use crate::error::Error;
use crate::file::fingerprint;

/// Who said something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Speaker {
    /// The person.
    User,
    /// The model.
    Assistant,
}

/// Something that was said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Turn {
    /// The session, as its client names it.
    pub session: String,
    /// Who said it.
    pub speaker: Speaker,
    /// What was said, without what is private.
    pub text: String,
    /// When, as RFC 3339, where the client keeps that.
    pub at: Option<String>,
    /// Its place in the session: rising, and the same whenever it is read.
    pub position: i64,
}

impl Turn {
    /// By which it is known again should its file have been written anew.
    pub(crate) fn fingerprint(&self) -> u64 {
        let at = self.at.as_deref().unwrap_or_default();
        fingerprint(format!("{:?}\n{at}\n{}", self.speaker, self.text).as_bytes())
    }
}

/// The form of a transcript.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// `projects/*/SESSION.jsonl` of Claude Code.
    ClaudeCode,
    /// `sessions/**/rollout-*.jsonl` of Codex.
    Codex,
    /// `agent-transcripts/**/SESSION.jsonl` of Cursor.
    Cursor,
    /// What hooks were handed, kept by [`crate::hook::Call::keep`].
    Journal,
}

/// A transcript.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// Its form.
    pub kind: Kind,
    /// Where it lies.
    pub path: PathBuf,
}

/// How much is read at once.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// So many turns.
    pub turns: usize,
    /// So many bytes of text in all.
    pub bytes: usize,
    /// So many bytes of one turn; the rest of it is cut off.
    pub text: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { turns: 100, bytes: 256 * 1024, text: 16 * 1024 }
    }
}

/// What was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batch {
    /// What was said, in order.
    pub turns: Vec<Turn>,
    /// Where to go on.
    pub next: u64,
    /// Whether there is more already.
    pub more: bool,
    /// Whether the file is another than before, so that it was read from its start.
    pub restarted: bool,
}

/// Something that was said, as a line of a transcript has it.
pub(crate) struct Said {
    pub speaker: Speaker,
    pub text: String,
    pub at: Option<String>,
}

/// Reads on from this byte. A file that is missing has nothing.
pub fn read(source: &Source, session: &str, from: u64, limits: &Limits) -> Result<Batch, Error> {
    let mut batch = Batch { turns: Vec::new(), next: from, more: false, restarted: false };
    let Some(mut lines) = lines::Lines::open(&source.path, from)? else { return Ok(batch) };
    batch.restarted = lines.restarted;
    batch.next = lines.at;
    let mut bytes = 0;
    while let Some(line) = lines.next()? {
        if let Some(turn) = turn(source.kind, session, &line, limits.text) {
            if batch.turns.len() >= limits.turns || (bytes + turn.text.len() > limits.bytes && !batch.turns.is_empty()) {
                batch.more = true;
                break;
            }
            bytes += turn.text.len();
            batch.turns.push(turn);
        }
        batch.next = line.end;
    }
    Ok(batch)
}

/// Where to go on in a file that was written anew: behind the turn with this fingerprint, if that is still there.
pub(crate) fn behind(source: &Source, session: &str, last: u64, limits: &Limits) -> Result<Option<u64>, Error> {
    let Some(mut lines) = lines::Lines::open(&source.path, 0)? else { return Ok(None) };
    let mut found = None;
    while let Some(line) = lines.next()? {
        if turn(source.kind, session, &line, limits.text).is_some_and(|turn| turn.fingerprint() == last) {
            found = Some(line.end);
        }
    }
    Ok(found)
}

fn turn(kind: Kind, session: &str, line: &lines::Line, longest: usize) -> Option<Turn> {
    let said = match kind {
        Kind::ClaudeCode => claude::said(&line.bytes),
        Kind::Codex => codex::said(&line.bytes),
        Kind::Cursor => cursor::said(&line.bytes),
        Kind::Journal => crate::journal::said(&line.bytes),
    }?;
    let mut text = without_private(&said.text).trim().to_owned();
    if text.len() > longest {
        text.truncate(text.floor_char_boundary(longest));
        text.push('…');
    }
    let at = said.at.filter(|at| at.len() <= 40 && at.starts_with(|letter: char| letter.is_ascii_digit()) && at.contains('T'));
    let position = i64::try_from(line.start).ok()?;
    (!text.is_empty()).then(|| Turn { session: session.to_owned(), speaker: said.speaker, text, at, position })
}

#[cfg(test)]
mod tests;
