//! How far each session was sent, so that every turn is sent once: also when two hooks run at once, when the server was away, and
//! when this machine was switched off in between.
//!
//! Where a session stands moves on only when [`Capture::sent`] says so. Should that not be reached, the same turns come again
//! under the same positions, by which the receiving side knows them.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use crate::client::Client;
use crate::error::Error;
use crate::file::{self, fingerprint};
use crate::transcript::{self, Batch, Kind, Limits, Source};

/// The folder in which it is kept how far sessions were sent.
#[derive(Debug, Clone)]
pub struct Captures {
    folder: PathBuf,
}

/// A session, and where what was said in it is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// The client.
    pub client: Client,
    /// The session, as the client names it.
    pub id: String,
    /// Where it is read.
    pub source: Source,
}

/// How far a session was sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Mark {
    client: String,
    session: String,
    source: Source,
    /// The byte from which it goes on.
    offset: u64,
    /// The position of the last turn that was sent.
    position: Option<i64>,
    /// The fingerprint of the last turn that was sent.
    last: Option<u64>,
    /// Where the positions of a journal begin: those before it were sent and taken away.
    #[serde(default)]
    base: i64,
}

/// A session that is being sent. As long as it lives, nobody else sends the same.
#[derive(Debug)]
pub struct Capture {
    path: PathBuf,
    mark: Mark,
    // Let go when the file is closed, also by the end of the process.
    _lock: File,
}

impl Captures {
    /// What is kept in this folder, which is made when it is needed.
    #[must_use]
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into() }
    }

    /// Where the journals of sessions without a transcript are to lie.
    #[must_use]
    pub fn journals(&self) -> PathBuf {
        self.folder.join("journals")
    }

    /// Begins or goes on with a session; `None` where another process is at it and still was after so long. Whoever comes last in
    /// a session has to wait, whoever comes in between need not: what it would send is sent by the next.
    pub fn open(&self, session: &Session, wait: Duration) -> Result<Option<Capture>, Error> {
        let name = format!("{}-{:016x}", session.client, fingerprint(session.id.as_bytes()));
        let path = self.folder.join(format!("{name}.json"));
        file::make_folder(&path)?;
        let Some(lock) = lock(&self.folder.join(format!("{name}.lock")), wait)? else { return Ok(None) };
        let mut mark = read(&path)?.filter(|mark| mark.session == session.id).unwrap_or_else(|| Mark {
            client: session.client.id().to_owned(),
            session: session.id.clone(),
            source: session.source.clone(),
            offset: 0,
            position: None,
            last: None,
            base: 0,
        });
        if mark.source != session.source && (mark.position.is_none() || mark.source.kind == session.source.kind) {
            // The file lies elsewhere now, as after a folder was renamed. Whether it is the same is seen as it is read. One that
            // was sent from hooks is not sent a second time from a transcript that came later.
            if mark.source.kind != session.source.kind {
                mark.offset = 0;
            }
            mark.source = session.source.clone();
        }
        let capture = Capture { path, mark, _lock: lock };
        capture.save()?;
        Ok(Some(capture))
    }

    /// Sessions in which more was said than was sent: what is left of times when the server was away. What is no longer there to be
    /// read is forgotten.
    pub fn behind(&self) -> Result<Vec<Session>, Error> {
        let mut sessions = Vec::new();
        let Ok(entries) = fs::read_dir(&self.folder) else { return Ok(sessions) };
        for entry in entries {
            let path = entry.map_err(Error::io(&self.folder))?.path();
            if path.extension().is_none_or(|extension| extension != "json") {
                continue;
            }
            let Some(mark) = read(&path)? else { continue };
            let Ok(client) = mark.client.parse() else { continue };
            match fs::metadata(&mark.source.path) {
                Ok(data) if data.len() != mark.offset => sessions.push(Session { client, id: mark.session, source: mark.source }),
                Ok(_) => {}
                // Of a journal it says where the next one begins.
                Err(_) if mark.source.kind == Kind::Journal && !is_old(&path) => {}
                Err(_) => drop((fs::remove_file(&path), fs::remove_file(path.with_extension("lock")))),
            }
        }
        Ok(sessions)
    }
}

impl Capture {
    /// What was said since, and not sent.
    pub fn next(&self, limits: &Limits) -> Result<Batch, Error> {
        let mut batch = self.unsent(limits)?;
        batch.turns.iter_mut().for_each(|turn| turn.position += self.mark.base);
        Ok(batch)
    }

    fn unsent(&self, limits: &Limits) -> Result<Batch, Error> {
        let mark = &self.mark;
        let batch = transcript::read(&mark.source, &mark.session, mark.offset, limits)?;
        let Some(last) = mark.last.filter(|_| batch.restarted) else { return Ok(batch) };
        // Written anew: what was sent is not sent again, though it stands elsewhere now.
        let Some(from) = transcript::behind(&mark.source, &mark.session, last, limits)? else { return Ok(batch) };
        Ok(Batch { restarted: true, ..transcript::read(&mark.source, &mark.session, from, limits)? })
    }

    /// The batch was taken: the session goes on behind it.
    pub fn sent(&mut self, batch: &Batch) -> Result<(), Error> {
        self.mark.offset = batch.next;
        if let Some(turn) = batch.turns.last() {
            self.mark.position = Some(turn.position);
            self.mark.last = Some(turn.fingerprint());
        }
        self.save()
    }

    /// What was said until now is never sent: it was said while that was switched off.
    pub fn skip(&mut self) -> Result<(), Error> {
        loop {
            let batch = self.next(&Limits { turns: usize::MAX, bytes: usize::MAX, ..Limits::default() })?;
            self.sent(&batch)?;
            if !batch.more {
                return Ok(());
            }
        }
    }

    /// The session is over: what was kept of it from hooks goes, if all of it was sent. Should the session go on one day, its
    /// positions do so too.
    pub fn finish(mut self) -> Result<(), Error> {
        let Mark { source, offset, .. } = &self.mark;
        if source.kind != Kind::Journal || fs::metadata(&source.path).map_or(0, |data| data.len()) != *offset {
            return Ok(());
        }
        let path = source.path.clone();
        self.mark.base += i64::try_from(*offset).unwrap_or_default();
        self.mark.offset = 0;
        self.mark.last = None;
        self.save()?;
        fs::remove_file(&path)
            .or_else(|error| if error.kind() == io::ErrorKind::NotFound { Ok(()) } else { Err(error) })
            .map_err(Error::io(&path))
    }

    fn save(&self) -> Result<(), Error> {
        let text = serde_json::to_string(&self.mark).map_err(io::Error::from).map_err(Error::io(&self.path))?;
        file::store(&self.path, &text, Some(0o600))
    }
}

/// What cannot be read was cut off by something worse than us, and counts as absent: positions see to it that nothing comes twice.
fn read(path: &Path) -> Result<Option<Mark>, Error> {
    Ok(file::load(path)?.text.and_then(|text| serde_json::from_str(&text).ok()))
}

/// Whether a session was not touched for so long that it will not go on.
fn is_old(path: &Path) -> bool {
    let age = fs::metadata(path).and_then(|data| data.modified()).ok().and_then(|time| time.elapsed().ok());
    age.is_some_and(|age| age > Duration::from_hours(180 * 24))
}

fn lock(path: &Path, wait: Duration) -> Result<Option<File>, Error> {
    let file = OpenOptions::new().create(true).truncate(false).write(true).open(path).map_err(Error::io(path))?;
    let end = Instant::now() + wait;
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(Some(file)),
            Err(TryLockError::Error(error)) => return Err(Error::io(path)(error)),
            Err(TryLockError::WouldBlock) if Instant::now() >= end => return Ok(None),
            Err(TryLockError::WouldBlock) => thread::sleep(Duration::from_millis(20)),
        }
    }
}

#[cfg(test)]
mod tests;
