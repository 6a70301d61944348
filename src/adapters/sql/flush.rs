//! Makes commits of a SQLite file durable, as many at a time as wait. SQLite itself would flush its log once a commit, one after
//! the other, and the one writer would wait for the disk each time; so it is told to leave that (`synchronous = NORMAL`: the file
//! stays whole whatever happens, and checkpoints flush what they copy), and every commit waits here for a flush of the log that began
//! after it, while the next one is being written. Postgres does the same (`commit_delay`).

use std::{
    fs::File,
    io,
    path::{Path, PathBuf},
    sync::Arc,
};

use parking_lot::Mutex;
use tokio::sync::oneshot;

/// The log of one file; cheap to clone.
#[derive(Clone)]
pub(super) struct Flush(Arc<Inner>);

struct Inner {
    log: PathBuf,
    line: Mutex<Line>,
}

#[derive(Default)]
struct Line {
    waiting: Vec<oneshot::Sender<io::Result<()>>>,
    /// Whether a thread is there that flushes.
    attended: bool,
}

impl Flush {
    /// Of the file at `path`.
    pub(super) fn of(path: &Path) -> Self {
        let mut log = path.as_os_str().to_owned();
        log.push("-wal");
        Self(Arc::new(Inner { log: log.into(), line: Mutex::default() }))
    }

    /// Returns when what was committed before is on the disk.
    pub(super) async fn wait(&self) -> io::Result<()> {
        let (reply, flushed) = oneshot::channel();
        let first = {
            let mut line = self.0.line.lock();
            line.waiting.push(reply);
            !std::mem::replace(&mut line.attended, true)
        };
        if first {
            let inner = self.0.clone();
            tokio::task::spawn_blocking(move || inner.attend());
        }
        flushed.await.map_err(io::Error::other)?
    }
}

impl Inner {
    /// Flushes until nobody waits.
    fn attend(&self) {
        loop {
            let waiting = {
                let mut line = self.line.lock();
                line.attended = !line.waiting.is_empty();
                std::mem::take(&mut line.waiting)
            };
            if waiting.is_empty() {
                return;
            }
            // SQLite may have made the log anew: a file that was opened before would be another one.
            let flushed = match File::open(&self.log).and_then(|log| log.sync_data()) {
                // There is none once the last connection has closed, which has flushed everything into the file itself.
                Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
                flushed => flushed,
            };
            for reply in waiting {
                let answer = flushed.as_ref().copied().map_err(|error| io::Error::new(error.kind(), error.to_string()));
                // Who no longer waits is told nothing.
                let _ = reply.send(answer);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn everybody_is_told_and_a_log_that_cannot_be_flushed_is_an_error() {
        let folder = tempfile::tempdir().expect("a folder");
        let flush = Flush::of(&folder.path().join("some.db"));
        flush.wait().await.expect("there is no log");
        std::fs::write(folder.path().join("some.db-wal"), "frames").expect("a log");
        let all = futures::future::join_all((0..100).map(|_| flush.wait())).await;
        assert!(all.iter().all(Result::is_ok));
        assert!(!flush.0.line.lock().attended);
        // A folder cannot be opened below a file.
        let under = Flush::of(&folder.path().join("some.db-wal").join("other"));
        under.wait().await.expect_err("no such place");
    }
}
