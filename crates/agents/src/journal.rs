//! What hooks were handed, kept on this machine for clients without a transcript that could be read, until it was sent.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::client::Client;
use crate::error::Error;
use crate::file::{self, fingerprint};
use crate::transcript::{Said, Speaker, without_private};

#[derive(Serialize, Deserialize)]
struct Line {
    speaker: Speaker,
    text: String,
    at: Option<String>,
    /// By which the call of the hook is known, should it come twice.
    #[serde(default)]
    call: Option<u64>,
}

/// Where the journal of a session lies in a folder of this person's own.
#[must_use]
pub(crate) fn path(folder: &Path, client: Client, session: &str) -> PathBuf {
    folder.join(format!("{client}-{:016x}.jsonl", fingerprint(session.as_bytes())))
}

/// Adds what was said, unless this call of the hook added it already. What is private does not even get that far.
pub(crate) fn append(path: &Path, said: &[(Speaker, String)], at: Option<&str>, call: Option<u64>) -> Result<(), Error> {
    let known = |path: &Path| {
        let lines = fs::read_to_string(path).unwrap_or_default();
        lines.lines().filter_map(|line| serde_json::from_str::<Line>(line).ok()).any(|line| line.call == call)
    };
    if call.is_some() && known(path) {
        return Ok(());
    }
    let mut lines = String::new();
    for (speaker, text) in said {
        let line = Line { speaker: *speaker, text: without_private(text), at: at.map(ToOwned::to_owned), call };
        if let Ok(line) = serde_json::to_string(&line) {
            lines.push_str(&line);
            lines.push('\n');
        }
    }
    if lines.is_empty() {
        return Ok(());
    }
    file::make_folder(path)?;
    // In one write at the end: two hooks at once do not mix their lines.
    let mut options = OpenOptions::new();
    options.create(true).append(true);
    own(&mut options);
    options.open(path).and_then(|mut file| file.write_all(lines.as_bytes())).map_err(Error::io(path))
}

pub(crate) fn said(line: &[u8]) -> Option<Said> {
    let Line { speaker, text, at, .. } = serde_json::from_slice(line).ok()?;
    Some(Said { speaker, text, at })
}

/// Readable by this person alone.
#[cfg(unix)]
fn own(options: &mut OpenOptions) {
    use std::os::unix::fs::OpenOptionsExt;
    options.mode(0o600);
}

#[cfg(not(unix))]
fn own(_: &mut OpenOptions) {}
