//! Taking memories along: JSON lines out and in, also from the products that people come from.
//!
//! An export is a header, the projects, the memories, and a last line with their numbers, so that a cut file is noticed. An
//! import goes through `source`, which tells what a file is; each form has a file of its own, which makes it [`Exported`]
//! memories; `import` stores those. What a form holds of no use is counted, not kept.
//!
//! A file is read twice: once to tell what is wrong with it, so that nothing of a damaged one is stored, and once to store it.
//! So no more of it lies in memory than a batch of memories and the entry that is being read ([`json`]), however large it is.

mod chatgpt;
mod claude;
mod conversations;
mod exported;
mod failures;
mod import;
mod json;
mod lines;
mod meter;
mod openmemory;
mod short;
mod source;
#[cfg(test)]
mod tests;
mod text;
mod turn;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use futures::{Stream, stream};
use serde::{Deserialize, Serialize};
use tokio::sync::mpsc;

use crate::{
    auth::{Principal, Scope},
    clock::Clock,
    error::{Error, Result},
    ids::{CredentialId, ProjectId},
    memory::{Cursor, Filter, Gate, LeftOut, ListQuery, ListStore, MemoryLimits, PageRequest, Reach, Settings, SortColumn, State, Writer},
    tenancy::{Deed, Project, TenancyService},
};

pub use exported::Exported;
pub use failures::Failures;

/// A stranger's bytes as a file to be imported; whatever they are, this must not panic. Keeps nothing of it.
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) fn look_at(bytes: &[u8]) {
    let options = ImportOptions { dry_run: true, project: None, assistant: true, unpacked_bytes: 1 << 20, kept_bytes: 1 << 20 };
    // Refusing it is right as well.
    let _ = source::read(&mut std::io::Cursor::new(bytes), &options, To::Nowhere);
}

const FORMAT: &str = "jonathans-memory";
const VERSION: u32 = 1;
/// Projects of a file that are looked at before it is stored.
const MOST_PROJECTS: usize = 1_000;
/// Memories read and written at a time.
const BATCH: usize = 200;
/// Bytes that a batch may take in memory before it is full, of however few memories.
const FULL: usize = 4 << 20;

/// A line of an export.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Line {
    /// The first line.
    Header {
        /// `jonathans-memory`.
        format: String,
        /// Grows when older programs cannot read a newer export.
        version: u32,
        /// RFC 3339.
        exported_at: String,
    },
    /// A named space of memories.
    Project {
        /// Its name.
        name: String,
    },
    /// A memory.
    Memory(Box<Exported>),
    /// The last line.
    End {
        /// How many projects there are before it.
        projects: usize,
        /// How many memories.
        memories: usize,
    },
}

/// How an import is done.
#[derive(Debug, Clone, Copy)]
pub struct ImportOptions {
    /// Only tells what would become of each memory.
    pub dry_run: bool,
    /// Puts everything into this project, whatever the file says.
    pub project: Option<ProjectId>,
    /// Takes what assistants said as well, not only what the person did.
    pub assistant: bool,
    /// Largest size of what an archive unpacks to, in bytes.
    pub unpacked_bytes: u64,
    /// Most that is taken of a file at once, in bytes of its text.
    pub kept_bytes: u64,
}

/// What became of an import, or would: each memory that was `read` is `stored`, `known`, `held`, `forgotten` or `failed`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Imported {
    /// Under which everything of it was written: one undo takes it all back. `None` where nothing was.
    pub id: Option<CredentialId>,
    pub read: usize,
    pub stored: usize,
    /// Those that were there already, or whose key was.
    pub known: usize,
    /// Turns of conversations that the write gate holds back, by reason.
    pub held: BTreeMap<String, usize>,
    /// Turns that the person has deleted before: they stay forgotten.
    pub forgotten: usize,
    /// Those that do not fit, with the number of their line (in an archive: of the memory) and the reason.
    pub failed: Failures,
    /// What the file has beside and was not read as a memory, by reason: `assistant`, `system`, `hidden`, `no_text`,
    /// `other_branch`, `unknown_speaker`, `unreadable`, `attachments`, `deleted`, `documents`.
    pub left_out: LeftOut,
    /// What is odd about the file as a whole.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub warning: Option<String>,
    /// Some texts of each kind: `stored`, `held_…`.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub samples: BTreeMap<String, Vec<String>>,
}

impl Imported {
    /// Texts shown of each kind.
    const SAMPLES: usize = 5;
    /// Bytes shown of each text.
    const SAMPLE: usize = 200;

    fn sample(&mut self, kind: &str, text: &str) {
        let samples = self.samples.entry(kind.to_owned()).or_default();
        if samples.len() < Self::SAMPLES {
            samples.push(text[..text.floor_char_boundary(Self::SAMPLE)].to_owned());
        }
    }
}

/// Memories, each with the number of its line or place.
type Batch = Vec<(usize, Exported)>;

/// Where the memories of a file go.
#[derive(Debug)]
enum To {
    /// They are counted.
    Nowhere,
    /// They are stored while the next ones are read.
    Import(mpsc::Sender<Batch>),
}

/// What a file holds: what could not be read, how much could, and the memories that are on their way.
#[derive(Debug)]
struct Parsed {
    to: To,
    /// The names of projects, as many as are looked at.
    projects: BTreeSet<String>,
    batch: Batch,
    weight: usize,
    /// Whether nobody takes them any longer.
    abandoned: bool,
    report: Imported,
    /// What was recognised, and how often.
    seen: BTreeMap<&'static str, usize>,
    /// Bytes of text of the memories, and of those that were not taken because they are too many.
    text: u64,
    most_text: u64,
}

impl Parsed {
    /// That takes at most so many bytes of text.
    fn within(most_text: u64, to: To) -> Self {
        let (batch, report, seen) = (Batch::new(), Imported::default(), BTreeMap::new());
        Self { to, projects: BTreeSet::new(), batch, weight: 0, abandoned: false, report, seen, text: 0, most_text }
    }

    /// The next memory of a file that has no lines.
    fn take(&mut self, memory: Exported) {
        self.take_from(self.report.read + 1, memory);
    }

    /// The memory of this line or place.
    fn take_from(&mut self, place: usize, memory: Exported) {
        self.report.read += 1;
        self.text = self.text.saturating_add(memory.text.len() as u64);
        if self.text > self.most_text {
            return;
        }
        if let Some(project) = memory.project.as_ref().filter(|_| self.projects.len() < MOST_PROJECTS) {
            self.projects.insert(project.clone());
        }
        self.weight += memory.weight();
        self.batch.push((place, memory));
        if self.batch.len() >= BATCH || self.weight >= FULL {
            self.hand_over();
        }
    }

    /// Sends the memories on, to whom they go.
    fn hand_over(&mut self) {
        self.weight = 0;
        let batch = std::mem::take(&mut self.batch);
        if let To::Import(import) = &self.to
            && !batch.is_empty()
        {
            self.abandoned |= import.blocking_send(batch).is_err();
        }
    }

    /// A memory that cannot be read.
    fn refuse(&mut self, why: impl Into<String>) {
        self.refuse_from(self.report.read + 1, why);
    }

    /// A line or place that cannot be read.
    fn refuse_from(&mut self, place: usize, why: impl Into<String>) {
        self.report.read += 1;
        self.report.failed.push((place, why.into()));
    }

    /// What was recognised.
    fn saw(&mut self, what: &'static str) {
        *self.seen.entry(what).or_default() += 1;
    }

    /// Something that is no memory.
    fn leave_out(&mut self, why: &'static str) {
        *self.report.left_out.entry(why).or_default() += 1;
    }

    /// Itself, with a warning where all that is in it was left out.
    ///
    /// # Errors
    /// `invalid_argument` where there is nothing else than what cannot be read.
    fn found(mut self) -> Result<Self> {
        self.hand_over();
        if self.report.read > self.report.failed.total() {
            return Ok(self);
        }
        let listed = |counts: &BTreeMap<&'static str, usize>| {
            let all: Vec<_> = counts.iter().map(|(what, count)| format!("{what} ({count})")).collect();
            if all.is_empty() { "nothing".to_owned() } else { all.join(", ") }
        };
        let recognised = listed(&self.seen);
        if !self.report.left_out.is_empty() {
            let left_out = listed(&self.report.left_out);
            self.report.warning =
                Some(format!("Nothing in this file became a memory. Recognised: {recognised}. Left out, by reason: {left_out}."));
            return Ok(self);
        }
        let why = self.report.failed.first().map_or_else(
            || "there is nothing in it".to_owned(),
            |(_, why)| format!("none of it could be read, first because: {}", why.trim_end_matches('.')),
        );
        Err(Error::invalid(format!(
            "No memory was found in this file. Recognised: {recognised}; {why}. Send JSON lines, a JSON list of objects with a text, memory \
             or content, or an export of this product, OpenMemory, ChatGPT or Claude."
        )))
    }
}

/// Where an export is.
enum Position {
    Projects,
    Memories { cursor: Option<Cursor>, sent: usize },
    Done,
}

/// Takes memories out and in; cheap to clone.
#[derive(Clone)]
pub struct Transfer {
    pub reach: Reach,
    pub lists: Arc<dyn ListStore>,
    pub writer: Writer,
    /// Tells what an import would do.
    pub gate: Gate,
    pub settings: Settings,
    pub tenancy: TenancyService,
    pub limits: MemoryLimits,
    pub clock: Arc<dyn Clock>,
}

impl Transfer {
    /// Everything that the caller may read, in lines; deleted memories are no part of it.
    ///
    /// # Errors
    /// `insufficient_scope`, `app_paused`; within the stream those of the store.
    pub async fn export(&self, by: &Principal) -> Result<impl Stream<Item = Result<Vec<Line>>> + Send + use<>> {
        by.require(Scope::MemoryRead)?;
        self.reach.actor(by).await?;
        let mut projects = self.tenancy.projects(&by.scope).await?;
        projects.retain(|project| by.project.is_none_or(|bound| bound == project.id));
        // Before a word leaves: who reads everything is told of, whether or not they read to the end.
        let deed = Deed { by: Some((by.scope, by.doer())), action: "account.export", subject: None, detail: serde_json::json!({}) };
        self.tenancy.note(deed).await?;
        let (service, by) = (self.clone(), by.clone());
        Ok(stream::try_unfold(Position::Projects, move |position| {
            let (service, by, projects) = (service.clone(), by.clone(), projects.clone());
            async move { service.next_lines(&by, &projects, position).await }
        }))
    }

    async fn next_lines(&self, by: &Principal, projects: &[Project], position: Position) -> Result<Option<(Vec<Line>, Position)>> {
        match position {
            Position::Projects => {
                let exported_at = self.clock.now().rfc3339();
                let mut lines = vec![Line::Header { format: FORMAT.into(), version: VERSION, exported_at }];
                lines.extend(projects.iter().map(|project| Line::Project { name: project.name.clone() }));
                Ok(Some((lines, Position::Memories { cursor: None, sent: 0 })))
            }
            Position::Memories { cursor, mut sent } => {
                let states = vec![State::Active, State::Paused, State::Archived, State::Held, State::Superseded];
                let query = ListQuery {
                    filter: Filter { project: by.project, states, show_expired: true, ..Filter::default() },
                    contains: None,
                    sort: SortColumn::CreatedAt,
                    descending: true,
                    page: PageRequest::After { cursor, size: u32::try_from(BATCH).unwrap_or(u32::MAX) },
                };
                let page = self.lists.list(&by.scope, &query).await?;
                sent += page.items.len();
                let mut lines: Vec<_> = page.items.into_iter().map(|m| Line::Memory(Box::new(Exported::of(m, projects)))).collect();
                if page.next.is_some() {
                    return Ok(Some((lines, Position::Memories { cursor: page.next, sent })));
                }
                lines.push(Line::End { projects: projects.len(), memories: sent });
                Ok(Some((lines, Position::Done)))
            }
            Position::Done => Ok(None),
        }
    }
}
