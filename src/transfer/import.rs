//! Storing what a file holds, in batches, so that it can be repeated.

use std::{
    collections::{BTreeSet, HashMap},
    io::{Read, Seek},
    sync::Arc,
};

use serde_json::json;
use tokio::sync::mpsc;

use super::{BATCH, Batch, Exported, ImportOptions, Imported, To, Transfer, exported::new_memory, source};
use crate::{
    auth::{Principal, Scope},
    error::{Code, Error, Result},
    ids::{AppId, CredentialId, ProjectId},
    memory::{AddEvent, AddOptions, Added, Chosen, Embed, Gated, NewMemory, Selection, State, Voice, clean_text},
    plans::Feature,
    tenancy::Deed,
};

/// Projects that a refusal names.
const NAMED: usize = 3;
impl Transfer {
    /// Stores memories of an export of this or another product, or of a plain list of texts. What is there already is left as it
    /// is, so an import can be repeated. Turns of conversations pass the write gate: what says nothing is held back. Everything
    /// is written under an id of the import's own, by which one undo takes it back.
    ///
    /// # Errors
    /// `insufficient_scope`, also where the file has projects that are not there and the caller may make none; `app_paused`,
    /// `invalid_argument` when the file is of no known form or damaged, `too_large` when it unpacks to more, or holds more, than it
    /// may, `limit_reached`; what was stored until an error stays.
    pub async fn import(&self, by: &Principal, mut file: impl Read + Seek + Send + 'static, options: ImportOptions) -> Result<Imported> {
        by.require(Scope::MemoryWrite)?;
        self.reach.actor(by).await?;
        self.reach.require(by, Feature::Import).await?;
        let who = by;
        if let Some(project) = options.project {
            by.project_for_write(Some(project))?;
            self.tenancy.project(&by.scope, project).await?;
        }
        let look = move || source::read(&mut file, &options, To::Nowhere).map(|parsed| (file, parsed.report, parsed.projects));
        let (mut file, report, named) = tokio::task::spawn_blocking(look).await.map_err(Error::internal)??;
        let projects = self.projects_of(by).await?;
        may_make_projects(by, &options, &named, &projects)?;
        let mut import = Import {
            by: Principal { credential: (!options.dry_run).then(CredentialId::new), ..by.clone() },
            settings: self.settings.of(&by.scope).await?,
            projects,
            options,
            report,
            changed: false,
        };
        let (memories, mut batches) = mpsc::channel(1);
        let reading = tokio::task::spawn_blocking(move || source::read(&mut file, &options, To::Import(memories)).map(drop));
        while let Some(batch) = batches.recv().await {
            // One transaction takes the memories of one app.
            let mut groups: HashMap<String, Batch> = HashMap::new();
            for (line, memory) in batch {
                groups.entry(memory.app.clone().unwrap_or_else(|| by.client.clone())).or_default().push((line, memory));
            }
            for (app, group) in groups {
                import.by.client = app;
                for batch in group.chunks(BATCH.min(self.limits.batch)) {
                    self.import_batch(&mut import, batch).await?;
                }
            }
        }
        reading.await.map_err(Error::internal)??;
        let Import { by, mut report, changed, .. } = import;
        report.failed.sort_by_key(|(line, _)| *line);
        report.id = by.credential.filter(|_| changed);
        if let Some(import) = report.id {
            let detail = json!({ "read": report.read, "stored": report.stored, "failed": report.failed.total() });
            let by = Some((who.scope, who.doer()));
            self.tenancy.note(Deed { by, action: "account.import", subject: Some(import.0), detail }).await?;
        }
        Ok(report)
    }

    async fn projects_of(&self, by: &Principal) -> Result<HashMap<String, ProjectId>> {
        let projects = self.tenancy.projects(&by.scope).await?;
        Ok(projects.into_iter().map(|project| (project.name, project.id)).collect())
    }

    async fn import_batch(&self, import: &mut Import, batch: &[(usize, Exported)]) -> Result<()> {
        let mut ready = Vec::new();
        for (line, memory) in batch {
            let project = match (&memory.project, import.options.project) {
                (_, Some(project)) => Some(project),
                (Some(name), None) if import.by.project.is_none() => self.project_named(import, name).await?,
                _ => None,
            };
            match new_memory(memory, project).and_then(|new| self.writer.check(&new).map(|()| new)) {
                Ok(new) => ready.push(Ready { line: *line, new, state: memory.state.unwrap_or(State::Active) }),
                Err(error) => import.report.failed.push((*line, error.detail().to_owned())),
            }
        }
        // Turns are judged by the gate, memories were chosen to be kept: one transaction for each.
        let (turns, chosen): (Vec<_>, Vec<_>) = ready.into_iter().partition(|ready| !ready.new.force);
        for (part, voice) in [(chosen, Voice::Import), (turns, Voice::Automatic)] {
            if !part.is_empty() {
                self.import_part(import, part, voice).await?;
            }
        }
        Ok(())
    }

    async fn import_part(&self, import: &mut Import, part: Vec<Ready>, voice: Voice) -> Result<()> {
        let options = AddOptions { voice, ..AddOptions::default() };
        let news = part.iter().map(|ready| ready.new.clone()).collect();
        let added = match self.add_or_tell(import, news, options).await {
            Err(error) if error.code() == Code::InvalidArgument => {
                import.report.failed.extend(part.into_iter().map(|ready| (ready.line, error.detail().to_owned())));
                return Ok(());
            }
            other => other?,
        };
        for wanted in [State::Paused, State::Archived] {
            let is_wanted = |(added, ready): &(&Added, &Ready)| added.event == AddEvent::Add && ready.state == wanted;
            let ids: Vec<_> = added.iter().zip(&part).filter(is_wanted).filter_map(|(added, _)| added.id).collect();
            if !ids.is_empty() {
                self.writer.set_state(&import.by, Selection { ids, ..Selection::default() }, wanted).await?;
            }
        }
        for (added, ready) in added.iter().zip(&part) {
            import.note(added, ready);
        }
        Ok(())
    }

    /// Adds, or tells what an add would do: what would be stored then has no id.
    async fn add_or_tell(&self, import: &Import, news: Vec<NewMemory>, options: AddOptions) -> Result<Vec<Added>> {
        if !import.options.dry_run {
            return self.writer.add(&import.by, news, options).await;
        }
        let by = &import.by;
        let mut memories = Vec::with_capacity(news.len());
        for new in news {
            let project = by.project_for_write(new.project)?;
            memories.push((new, project));
        }
        let gated = self.gate.pass(&by.scope, AppId::default(), memories, options.voice, Embed::No).await?;
        Ok(gated.into_iter().map(would_be).collect())
    }

    /// The project of this name, made where it is not there; `None` in a dry run that would make it.
    async fn project_named(&self, import: &mut Import, name: &str) -> Result<Option<ProjectId>> {
        if let Some(id) = import.projects.get(name) {
            return Ok(Some(*id));
        }
        if import.options.dry_run {
            return Ok(None);
        }
        let name = clean_text(name.to_owned(), &import.settings.person.gate)?;
        // The rules on secrets may have changed it into one that is there.
        if let Some(id) = import.projects.get(&name) {
            return Ok(Some(*id));
        }
        let project = self.tenancy.create_project(&import.by.scope, import.by.doer(), &name).await?;
        import.projects.insert(name, project.id);
        Ok(Some(project.id))
    }
}

/// Refuses, before anything is stored, a file with projects that are not there from a caller who may make none: put into the
/// default one instead, they would be mixed for good.
fn may_make_projects(by: &Principal, options: &ImportOptions, named: &BTreeSet<String>, known: &HashMap<String, ProjectId>) -> Result<()> {
    if by.scopes.allows(Scope::AccountManage) || by.project.is_some() || options.project.is_some() {
        return Ok(());
    }
    let new: Vec<_> = named.iter().filter(|name| !known.contains_key(*name)).collect();
    if new.is_empty() {
        return Ok(());
    }
    let some: Vec<_> = new.iter().take(NAMED).map(|name| format!("'{name}'")).collect();
    let more = new.len().checked_sub(NAMED).filter(|more| *more > 0).map_or(String::new(), |more| format!(" and {more} more"));
    Err(Error::new(
        Code::InsufficientScope,
        format!(
            "The file has projects that are not there: {}{more}. Making them needs the scope 'account:manage'. Import with such a \
             credential, make the projects first, or put everything into one with 'project_id'. Nothing was stored.",
            some.join(", ")
        ),
    ))
}

/// What one import is done with, and what became of it so far.
struct Import {
    /// The caller, acting for the app of a batch and under the import's own id.
    by: Principal,
    settings: Arc<Chosen>,
    projects: HashMap<String, ProjectId>,
    options: ImportOptions,
    report: Imported,
    changed: bool,
}

/// A memory that fits, by the number of its line, and the state that it is to have.
struct Ready {
    line: usize,
    new: NewMemory,
    state: State,
}

impl Import {
    fn note(&mut self, added: &Added, ready: &Ready) {
        self.changed |= added.event != AddEvent::None || added.state == Some(State::Held);
        let report = &mut self.report;
        let reason = added.reason.as_deref().unwrap_or_default();
        if added.state == Some(State::Held) {
            let why = if reason == "duplicate" { "repeated" } else { reason.strip_prefix("held_").unwrap_or(reason) };
            *report.held.entry(why.to_owned()).or_default() += 1;
            report.sample(&format!("held_{why}"), &added.memory);
        } else if reason == "forgotten_before" {
            report.forgotten += 1;
        } else if reason.starts_with("secret_") {
            report.failed.push((ready.line, added.sentence().unwrap_or_default()));
        } else if added.event == AddEvent::Add {
            report.stored += 1;
            report.sample("stored", &added.memory);
        } else {
            report.known += 1;
        }
    }
}

/// What an add would answer.
fn would_be(gated: Gated) -> Added {
    match gated {
        Gated::Settled(added) => added,
        Gated::Again { id, insert } => {
            let state = insert.held_for.map(|_| State::Held);
            Added { reason: Some("duplicate".into()), state, ..Added::plain(id, insert.content.text, AddEvent::None) }
        }
        Gated::Store(insert) => match insert.held_for {
            Some(why) => Added { reason: Some(format!("held_{why}")), state: Some(State::Held), ..Added::nothing(insert.content.text) },
            None => Added { event: AddEvent::Add, ..Added::nothing(insert.content.text) },
        },
    }
}
