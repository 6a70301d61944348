//! Connecting a client, and taking that back.

use std::fs;
use std::path::{Path, PathBuf};

use crate::client::Client;
use crate::door::{self, Door};
use crate::edit::{self, Done, Fault, Op};
use crate::error::Error;
use crate::file::{self, Loaded, fingerprint};
use crate::hooks::Hooks;
use crate::places::{self, Place, Places, Scope};
use crate::receipt::{FileReceipt, Receipt, Receipts};

/// What is wanted.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'a> {
    /// The client.
    pub client: Client,
    /// For whom.
    pub scope: Scope,
    /// The name under which the client knows the server.
    pub name: &'a str,
    /// How it reaches the server.
    pub door: Option<&'a Door>,
    /// What it is to run.
    pub hooks: Option<&'a Hooks>,
}

/// What is to be done to which files. Making it reads and writes nothing.
#[derive(Debug, Clone)]
pub struct Plan {
    client: Client,
    scope: Scope,
    project: Option<PathBuf>,
    files: Vec<Target>,
}

#[derive(Debug, Clone)]
struct Target {
    place: Place,
    ops: Vec<Op>,
    secret: bool,
}

/// What became of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It was made.
    Created,
    /// It was there, and was added to.
    Changed,
    /// Nothing was to be done.
    Unchanged,
    /// What had been put in is out of it.
    Restored,
    /// It had been made for us alone, and is gone.
    Deleted,
    /// Something in it was changed by somebody else since, and was left.
    Left,
    /// It was not there any more.
    Missing,
}

/// A file, and what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// The file.
    pub file: PathBuf,
    /// What became of it.
    pub outcome: Outcome,
    /// Whether a secret is in it now.
    pub secret: bool,
    /// The copy from before the first change.
    pub backup: Option<PathBuf>,
    /// The parts that were left, as paths of keys.
    pub left: Vec<String>,
}

impl Plan {
    /// What has to be done; refused where a secret would go into a file that others get, or the client has no such thing.
    pub fn new(places: &Places, wanted: &Wanted<'_>) -> Result<Self, Error> {
        let &Wanted { client, scope, name, door, hooks } = wanted;
        if scope == Scope::Project && places.project.is_none() {
            return Err(Error::NoFolder);
        }
        let mut files: Vec<Target> = Vec::new();
        if let Some(door) = door {
            let place = places::servers(client, scope, places).ok_or(Error::NoProject(client))?;
            let ops = door::ops(client, scope, &place.path, name, door)?;
            files.push(Target { place, ops, secret: door.holds_secret() });
        }
        if let Some(hooks) = hooks {
            let place = places::hooks(client, scope, places).ok_or(Error::NoHooks(client))?;
            let ops = hooks.ops(client, places.os)?;
            match files.iter_mut().find(|target| target.place == place) {
                Some(target) => target.ops.extend(ops),
                None => files.push(Target { place, ops, secret: false }),
            }
        }
        let project = places.project.clone().filter(|_| scope == Scope::Project);
        Ok(Self { client, scope, project, files })
    }

    /// The files that are to be changed.
    pub fn files(&self) -> impl Iterator<Item = &Path> {
        self.files.iter().map(|target| target.place.path.as_path())
    }

    /// Does it. All files are read and their new texts made before the first is written, so that a broken one stops everything.
    pub fn apply(&self, receipts: &Receipts) -> Result<Vec<Report>, Error> {
        let earlier = receipts.load(self.client, self.scope, self.project.as_deref())?;
        let mut receipt =
            Receipt { client: self.client.id().to_owned(), scope: self.scope, project: self.project.clone(), files: Vec::new() };
        let mut pending = Vec::new();
        for target in &self.files {
            let known = earlier.as_ref().and_then(|receipt| receipt.file(&target.place.path));
            pending.push(target.prepare(known)?);
        }
        receipt.files.extend(pending.iter().filter_map(|pending| pending.receipt.clone()));
        // What is not wanted this time stays as it was put in: hooks are not lost by connecting anew without them.
        let others = earlier.into_iter().flat_map(|receipt| receipt.files);
        receipt.files.extend(others.filter(|known| !self.files.iter().any(|target| target.place.path == known.path)));
        // First, so that whatever happens now can be taken back.
        receipts.save(&receipt)?;
        let mut reports = Vec::new();
        for pending in &pending {
            reports.push(pending.write(&mut receipt)?);
        }
        receipts.save(&receipt)?;
        Ok(reports)
    }
}

/// A file that is ready to be written.
struct Pending {
    path: PathBuf,
    loaded: Loaded,
    text: String,
    secret: bool,
    /// Whether nothing of ours was in it before.
    first: bool,
    receipt: Option<FileReceipt>,
}

impl Target {
    fn prepare(&self, known: Option<&FileReceipt>) -> Result<Pending, Error> {
        let Place { path, format } = &self.place;
        let broken = broken(path);
        let loaded = file::load(path)?;
        let current = loaded.text.clone().unwrap_or_default();
        let pending =
            |loaded, text, receipt| Pending { path: path.clone(), loaded, text, secret: self.secret, first: known.is_none(), receipt };
        if let Some(known) = known
            && known.wanted == self.ops
            && self.ops.iter().try_fold(true, |all, op| Ok(all && edit::holds(*format, &current, op)?)).map_err(broken)?
        {
            return Ok(pending(loaded, current, Some(known.clone())));
        }
        let mut base = TakenOut { text: current, left: Vec::new(), kept: Vec::new() };
        if let Some(known) = known {
            base = take_out(&base.text, known).map_err(broken)?;
        }
        let mut text = base.text;
        let mut done = base.kept;
        for op in &self.ops {
            if let Some((after, made)) = edit::add(*format, &text, op).map_err(broken)? {
                text = after;
                done.push(made);
            }
        }
        let receipt = (!done.is_empty()).then(|| FileReceipt {
            path: path.clone(),
            format: *format,
            created: loaded.text.is_none() || known.is_some_and(|known| known.created),
            folders: known.map(|known| known.folders.clone()).unwrap_or_default(),
            mode: known.map_or(loaded.mode, |known| known.mode),
            original: known.map_or_else(|| fingerprint(loaded.text.as_deref().unwrap_or_default().as_bytes()), |known| known.original),
            wanted: self.ops.clone(),
            done,
        });
        Ok(pending(loaded, text, receipt))
    }
}

impl Pending {
    fn write(&self, receipt: &mut Receipt) -> Result<Report, Error> {
        let real = &self.loaded.real;
        let mut done = Report { file: self.path.clone(), outcome: Outcome::Unchanged, secret: self.secret, backup: None, left: Vec::new() };
        if self.loaded.text.as_deref() == Some(self.text.as_str()) {
            return Ok(done);
        }
        let new_folders = file::make_folder(real)?;
        if let Some(known) = receipt.files.iter_mut().find(|known| known.path == self.path) {
            known.folders.extend(new_folders);
        }
        if file::load(&self.path)?.text != self.loaded.text {
            return Err(Error::Busy(self.path.clone()));
        }
        done.outcome = Outcome::Created;
        if self.loaded.text.is_some() {
            done.outcome = Outcome::Changed;
            done.backup = self.first.then(|| file::back_up(real)).transpose()?;
        }
        let mode = match (self.secret, self.loaded.mode) {
            (true, mode) => Some(mode.unwrap_or(0o600) & 0o700 | 0o600),
            (false, mode) => mode,
        };
        file::store(real, &self.text, mode)?;
        Ok(done)
    }
}

struct TakenOut {
    text: String,
    left: Vec<String>,
    /// What stays because the rest of the file may need it now.
    kept: Vec<Done>,
}

fn take_out(text: &str, known: &FileReceipt) -> Result<TakenOut, Fault> {
    let mut out = TakenOut { text: text.to_owned(), left: Vec::new(), kept: Vec::new() };
    for done in known.done.iter().rev() {
        match edit::remove(known.format, &out.text, done)? {
            edit::Taken::Out(text) => {
                let whole = fingerprint(text.as_bytes()) == known.original || edit::is_empty(known.format, &text);
                if matches!(done.op, Op::Default { .. }) && !whole {
                    out.kept.insert(0, done.clone());
                } else {
                    out.text = text;
                }
            }
            edit::Taken::Gone => {}
            edit::Taken::Changed if matches!(done.op, Op::Default { .. }) => {}
            edit::Taken::Changed => out.left.push(done.op.path().join(".")),
        }
    }
    Ok(out)
}

/// Takes back what was done to a client's files, exactly: nothing where nothing was done.
pub fn disconnect(client: Client, scope: Scope, project: Option<&Path>, receipts: &Receipts) -> Result<Vec<Report>, Error> {
    let Some(receipt) = receipts.load(client, scope, project)? else { return Ok(Vec::new()) };
    // All are read before the first is written: a broken one stops everything.
    let mut pending = Vec::new();
    for known in &receipt.files {
        let loaded = file::load(&known.path)?;
        let out = loaded.text.as_deref().map(|text| take_out(text, known)).transpose().map_err(broken(&known.path))?;
        pending.push((known, loaded, out));
    }
    let mut reports = Vec::new();
    for (known, loaded, out) in pending {
        reports.push(put_back(known, &loaded, out)?);
    }
    receipts.forget(&receipt)?;
    // Last, for its files may have shared them; and what is of use to another client now goes when that goes.
    let mut made: Vec<_> = receipt.files.iter().flat_map(|known| &known.folders).collect();
    made.sort_by_key(|folder| std::cmp::Reverse(folder.components().count()));
    let kept = made.into_iter().filter(|folder| fs::remove_dir(folder).is_err() && folder.exists()).cloned().collect();
    receipts.hand_over(kept)?;
    Ok(reports)
}

fn put_back(known: &FileReceipt, loaded: &Loaded, out: Option<TakenOut>) -> Result<Report, Error> {
    let mut report = Report { file: known.path.clone(), outcome: Outcome::Missing, secret: false, backup: None, left: Vec::new() };
    let Some(out) = out else { return Ok(report) };
    report.left = out.left;
    report.outcome = if report.left.is_empty() { Outcome::Restored } else { Outcome::Left };
    if known.created && edit::is_empty(known.format, &out.text) {
        fs::remove_file(&loaded.real).map_err(Error::io(&loaded.real))?;
        report.outcome = Outcome::Deleted;
    } else if loaded.text.as_deref() == Some(out.text.as_str()) {
        if report.left.is_empty() {
            report.outcome = Outcome::Unchanged;
        }
    } else {
        if file::load(&known.path)?.text != loaded.text {
            return Err(Error::Busy(known.path.clone()));
        }
        file::store(&loaded.real, &out.text, known.mode.or(loaded.mode))?;
    }
    // A copy of what is there anyway is of no use; one of anything else may be.
    let backup = file::backup_path(&loaded.real);
    if let Ok(copy) = fs::read(&backup) {
        if copy == out.text.as_bytes() {
            fs::remove_file(&backup).map_err(Error::io(&backup))?;
        } else {
            report.backup = Some(backup);
        }
    }
    Ok(report)
}

fn broken(file: &Path) -> impl Fn(Fault) -> Error + Copy + '_ {
    move |fault| Error::Broken { file: file.to_owned(), line: fault.line, what: fault.what }
}
