//! The data directory: what lies in it, and that nobody but its owner reads it.
//!
//! Everything that anybody ever told the memory lies here, beside the key that opens it, so the modes of directory and files are
//! set at each start, whoever made them and whatever the umask was. On Postgres only the key lies here, or nothing.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use anyhow::Context;
use serde::{Deserialize, Serialize};

use crate::config::Config;

/// Name of the SQLite file.
const SQLITE: &str = "memory.db";
/// Name of the file with the server's master key.
const KEY: &str = "master.key";

/// Name of the file in which a running server says where it answers.
const SERVER: &str = "server.json";

/// Where a server answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunningServer {
    pub url: String,
    /// How this machine reaches it.
    pub local: String,
}

/// Where the service keeps what is not elsewhere.
#[derive(Debug, Clone)]
pub struct DataDir {
    path: PathBuf,
    /// The SQLite file, where SQLite is the database and has one.
    sqlite: Option<PathBuf>,
    /// The database's URL, as the settings have it.
    database: Option<String>,
}

impl DataDir {
    /// Of these settings; touches nothing.
    #[must_use]
    pub fn of(config: &Config) -> Self {
        let path = config.server.data_dir.clone();
        let database = config.database.url.as_ref().map(|url| url.expose().to_owned());
        let sqlite = match &database {
            None => Some(path.join(SQLITE)),
            Some(url) => sqlite_file(url),
        };
        Self { path, sqlite, database }
    }

    /// Makes the directory where it is missing, and closes it and what lies in it to other users of the machine.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn prepare(&self) -> anyhow::Result<()> {
        fs::create_dir_all(&self.path).with_context(|| format!("the data directory {} cannot be made", self.path.display()))?;
        close(&self.path, 0o700);
        if let Some(sqlite) = &self.sqlite {
            // SQLite gives its log and index the mode of the file, so the file is there before SQLite is.
            touch(sqlite);
            for suffix in ["", "-wal", "-shm", "-journal"] {
                let mut name = sqlite.clone().into_os_string();
                name.push(suffix);
                close(Path::new(&name), 0o600);
            }
        }
        close(&self.key(), 0o600);
        Ok(())
    }

    /// Whether a server has begun here: its database lies here, or, where that is elsewhere, its key is known.
    #[must_use]
    pub fn holds_data(&self, config: &Config) -> bool {
        match &self.sqlite {
            Some(file) => file.exists(),
            None => config.auth.secret_key.is_some() || self.key().exists(),
        }
    }

    /// Leaves word of where the server answers, for the commands beside it. A directory that cannot be written is no reason to
    /// stop: they then go by their settings.
    pub fn announce(&self, server: &RunningServer) {
        let (path, text) = (self.path.join(SERVER), serde_json::to_vec(server).unwrap_or_default());
        touch(&path);
        if let Err(error) = fs::write(&path, text) {
            tracing::debug!(%error, "the address could not be left in the data directory");
        }
    }

    /// Where the server of these data answers, or did when it was last killed.
    #[must_use]
    pub fn server(&self) -> Option<RunningServer> {
        serde_json::from_slice(&fs::read(self.path.join(SERVER)).ok()?).ok()
    }

    /// The server has stopped. Another one of the same data may have left word since; its own stays.
    pub fn withdraw(&self, server: &RunningServer) {
        if self.server().as_ref() == Some(server) {
            let _ = fs::remove_file(self.path.join(SERVER));
        }
    }

    /// The database's URL: that of the settings, or of the SQLite file here.
    #[must_use]
    pub fn database_url(&self) -> String {
        self.database.clone().unwrap_or_else(|| format!("sqlite://{}", self.path.join(SQLITE).display()))
    }

    /// The file with the server's master key.
    #[must_use]
    pub fn key(&self) -> PathBuf {
        self.path.join(KEY)
    }
}

/// The file of a SQLite URL; none for another database, or one in memory.
fn sqlite_file(url: &str) -> Option<PathBuf> {
    let rest = url.strip_prefix("sqlite:")?;
    let file = rest.trim_start_matches("//").split('?').next().unwrap_or_default();
    (!file.is_empty() && file != ":memory:").then(|| file.into())
}

/// Makes an empty file of its owner's alone where there is none. What cannot be made here, SQLite complains of.
fn touch(path: &Path) {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let _ = options.open(path);
}

/// Takes away what others may do with a path that is there. A volume may belong to somebody else, who then decides; that is
/// said, and no reason to stop.
#[cfg(unix)]
fn close(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt;
    let closed = fs::metadata(path).and_then(|found| {
        if found.permissions().mode().trailing_zeros() >= 6 { Ok(()) } else { fs::set_permissions(path, fs::Permissions::from_mode(mode)) }
    });
    match closed {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            tracing::warn!(path = %path.display(), %error, "other users of this machine may read this, and it is not ours to close");
        }
        _ => {}
    }
}

#[cfg(not(unix))]
fn close(_: &Path, _: u32) {}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap_or_else(|error| panic!("{}: {error}", path.display())).permissions().mode() & 0o777
    }

    fn of(env: &[(&str, &Path)]) -> DataDir {
        let text = |path: &Path| path.to_str().expect("utf-8").to_owned();
        DataDir::of(&Config::load(None, env.iter().map(|(key, path)| ((*key).to_owned(), text(path)))).expect("valid"))
    }

    #[test]
    fn what_was_open_to_others_is_closed() {
        let parent = tempfile::tempdir().expect("a directory");
        let path = parent.path().join("deep/data");
        fs::create_dir_all(&path).expect("made");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("open");
        for name in ["memory.db", "memory.db-wal", "memory.db-shm", "master.key"] {
            fs::write(path.join(name), "x").expect("written");
            fs::set_permissions(path.join(name), fs::Permissions::from_mode(0o644)).expect("open");
        }
        fs::write(path.join("notes.txt"), "not ours").expect("written");
        fs::set_permissions(path.join("notes.txt"), fs::Permissions::from_mode(0o644)).expect("open");
        let around = mode(path.parent().expect("one"));
        of(&[("JM_DATA_DIR", &path)]).prepare().expect("prepared");
        assert_eq!(mode(&path), 0o700);
        for name in ["memory.db", "memory.db-wal", "memory.db-shm", "master.key"] {
            assert_eq!((mode(&path.join(name)), fs::read(path.join(name)).expect("read")), (0o600, b"x".to_vec()), "{name}");
        }
        assert_eq!(mode(&path.join("notes.txt")), 0o644, "only what is ours");
        assert_eq!(mode(path.parent().expect("one")), around, "nor what lies around it");
    }

    #[test]
    fn what_is_new_is_closed_from_the_beginning() {
        let parent = tempfile::tempdir().expect("a directory");
        let path = parent.path().join("data");
        of(&[("JM_DATA_DIR", &path)]).prepare().expect("prepared");
        assert_eq!((mode(&path), mode(&path.join("memory.db"))), (0o700, 0o600));
        assert!(!path.join("master.key").exists(), "the key is made by who needs it");
    }

    #[test]
    fn a_database_elsewhere_is_closed_too() {
        let parent = tempfile::tempdir().expect("a directory");
        let (path, file) = (parent.path().join("data"), parent.path().join("other.db"));
        let url = PathBuf::from(format!("sqlite://{}?mode=rwc", file.display()));
        of(&[("JM_DATA_DIR", &path), ("DATABASE_URL", &url)]).prepare().expect("prepared");
        assert_eq!(mode(&file), 0o600);
        assert!(!path.join("memory.db").exists());
        assert_eq!(sqlite_file("sqlite::memory:"), None);
        assert_eq!(sqlite_file("postgres://x/y"), None);
    }
}
