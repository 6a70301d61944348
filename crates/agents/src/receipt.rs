//! What was done to the files of a client, kept so that it can be taken back.
//!
//! A receipt holds what was put in, secrets included, so it lies in a folder of this person's own and is readable by them alone.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::client::Client;
use crate::edit::{Done, Op};
use crate::error::Error;
use crate::file::{self, fingerprint};
use crate::places::{Format, Scope};

/// The folder with the receipts.
#[derive(Debug, Clone)]
pub struct Receipts {
    folder: PathBuf,
}

/// What was done for one client.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Receipt {
    pub client: String,
    pub scope: Scope,
    pub project: Option<PathBuf>,
    pub files: Vec<FileReceipt>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct FileReceipt {
    pub path: PathBuf,
    pub format: Format,
    /// Whether there was no such file before.
    pub created: bool,
    /// The folders that were made for it, outermost first.
    pub folders: Vec<PathBuf>,
    /// Its permissions before.
    pub mode: Option<u32>,
    /// The fingerprint of its text before.
    pub original: u64,
    pub wanted: Vec<Op>,
    pub done: Vec<Done>,
}

/// A client that is connected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Connected {
    /// The client.
    pub client: Client,
    /// For whom.
    pub scope: Scope,
    /// The folder, for a project.
    pub project: Option<PathBuf>,
    /// The files that have something of ours.
    pub files: Vec<PathBuf>,
}

impl Receipt {
    pub(crate) fn file(&self, path: &Path) -> Option<&FileReceipt> {
        self.files.iter().find(|known| known.path == path)
    }

    fn name(&self) -> String {
        name(&self.client, self.scope, self.project.as_deref())
    }
}

fn name(client: &str, scope: Scope, project: Option<&Path>) -> String {
    match (scope, project) {
        (Scope::Project, Some(project)) => format!("{client}-project-{:016x}.json", fingerprint(project.to_string_lossy().as_bytes())),
        _ => format!("{client}-user.json"),
    }
}

impl Receipts {
    /// Receipts in this folder, which is made when the first is kept.
    #[must_use]
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into() }
    }

    /// All that is connected.
    pub fn list(&self) -> Result<Vec<Connected>, Error> {
        let mut connected = Vec::new();
        for receipt in self.all()? {
            // One of a client that a newer version knows is left alone.
            let Ok(client) = receipt.client.parse() else { continue };
            let files = receipt.files.into_iter().map(|known| known.path).collect();
            connected.push(Connected { client, scope: receipt.scope, project: receipt.project, files });
        }
        connected.sort_by(|a, b| (a.client, &a.project).cmp(&(b.client, &b.project)));
        Ok(connected)
    }

    /// Notes folders with a client that has files in them, so that they go with the last.
    pub(crate) fn hand_over(&self, folders: Vec<PathBuf>) -> Result<(), Error> {
        if folders.is_empty() {
            return Ok(());
        }
        let mut receipts = self.all()?;
        for folder in folders {
            let heirs = receipts.iter_mut().flat_map(|receipt| &mut receipt.files);
            if let Some(heir) = heirs.into_iter().find(|known| known.path.starts_with(&folder)) {
                heir.folders.insert(0, folder);
            }
        }
        receipts.iter().try_for_each(|receipt| self.save(receipt))
    }

    fn all(&self) -> Result<Vec<Receipt>, Error> {
        let entries = match fs::read_dir(&self.folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(Error::io(&self.folder)(error)),
        };
        let mut receipts = Vec::new();
        for entry in entries {
            let path = entry.map_err(Error::io(&self.folder))?.path();
            if path.extension().is_some_and(|extension| extension == "json") {
                receipts.extend(read(&path)?);
            }
        }
        Ok(receipts)
    }

    pub(crate) fn load(&self, client: Client, scope: Scope, project: Option<&Path>) -> Result<Option<Receipt>, Error> {
        read(&self.folder.join(name(client.id(), scope, project)))
    }

    pub(crate) fn save(&self, receipt: &Receipt) -> Result<(), Error> {
        let path = self.folder.join(receipt.name());
        if receipt.files.is_empty() {
            return self.forget(receipt);
        }
        file::make_folder(&path)?;
        let text = serde_json::to_string_pretty(receipt).map_err(io::Error::from).map_err(Error::io(&path))?;
        file::store(&path, &text, Some(0o600))
    }

    pub(crate) fn forget(&self, receipt: &Receipt) -> Result<(), Error> {
        let path = self.folder.join(receipt.name());
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(Error::io(&path)(error)),
            _ => Ok(()),
        }
    }
}

fn read(path: &Path) -> Result<Option<Receipt>, Error> {
    let loaded = file::load(path)?;
    let Some(text) = loaded.text else { return Ok(None) };
    let receipt = serde_json::from_str(&text).map_err(|error| Error::Broken {
        file: path.to_owned(),
        line: error.line(),
        what: error.to_string(),
    })?;
    Ok(Some(receipt))
}
