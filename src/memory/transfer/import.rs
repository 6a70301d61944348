//! Storing what a file holds, in batches, so that it can be repeated.

use std::{
    collections::HashMap,
    io::{Read, Seek},
};

use super::{BATCH, Exported, ImportOptions, Imported, Parsed, source};
use crate::{
    auth::{Principal, Scope},
    clock::Timestamp,
    error::{Code, Error, Result},
    ids::ProjectId,
    memory::{
        add::AddOptions,
        gate,
        model::{AddEvent, NewMemory, Selection, State},
        service::MemoryService,
    },
};

/// Flags of a memory that are taken, and how many characters of each: ours are few and short.
const MOST_FLAGS: usize = 16;
const LONGEST_FLAG: usize = 40;

impl MemoryService {
    /// Stores memories of an export of this or another product, or of a plain list of texts. What is there already is
    /// left as it is, so an import can be repeated.
    ///
    /// # Errors
    /// `insufficient_scope`, `app_paused`, `invalid_argument` when the file is of no known form or damaged, `too_large` when it
    /// unpacks to more, or holds more, than it may; what was stored until an error stays.
    pub async fn import(&self, by: &Principal, file: impl Read + Seek + Send + 'static, options: ImportOptions) -> Result<Imported> {
        by.require(Scope::MemoryWrite)?;
        self.actor(by).await?;
        let parsed = tokio::task::spawn_blocking(move || source::read(file, &options)).await;
        let Parsed { memories, mut report, .. } = parsed.map_err(Error::internal)??;
        let mut projects = self.projects_of(by).await?;
        // One transaction takes the memories of one app.
        let mut groups: HashMap<String, Vec<(usize, Exported)>> = HashMap::new();
        for (line, memory) in memories {
            groups.entry(memory.app.clone().unwrap_or_else(|| by.client.clone())).or_default().push((line, memory));
        }
        for (app, group) in groups {
            let by = Principal { client: app, ..by.clone() };
            for batch in group.chunks(BATCH.min(self.parts.limits.batch)) {
                self.import_batch(&by, batch, &mut projects, &mut report).await?;
            }
        }
        report.failed.sort_by_key(|(line, _)| *line);
        Ok(report)
    }

    async fn projects_of(&self, by: &Principal) -> Result<HashMap<String, ProjectId>> {
        let projects = self.parts.tenancy.projects(&by.scope).await?;
        Ok(projects.into_iter().map(|project| (project.name, project.id)).collect())
    }

    async fn import_batch(
        &self,
        by: &Principal,
        batch: &[(usize, Exported)],
        projects: &mut HashMap<String, ProjectId>,
        report: &mut Imported,
    ) -> Result<()> {
        let settings = self.settings_of(&by.scope).await?;
        let (mut ready, mut states, mut lines) = (Vec::new(), Vec::new(), Vec::new());
        for (line, memory) in batch {
            let project = match &memory.project {
                Some(name) if by.project.is_none() => Some(self.project_named(by, name, projects).await?),
                _ => None,
            };
            // Secrets are kept out by the account's own rules, wherever they come from.
            let text = gate::scrubbed(memory.text.clone(), &settings.gate);
            match text.and_then(|text| new_memory(text, memory, project)).and_then(|new| self.check(&new).map(|()| new)) {
                Ok(new) => {
                    ready.push(new);
                    states.push(memory.state.unwrap_or(State::Active));
                    lines.push(*line);
                }
                Err(error) => report.failed.push((*line, error.detail().to_owned())),
            }
        }
        if ready.is_empty() {
            return Ok(());
        }
        let added = match self.add(by, ready, AddOptions::default()).await {
            Err(error) if error.code() == Code::InvalidArgument => {
                report.failed.extend(lines.into_iter().map(|line| (line, error.detail().to_owned())));
                return Ok(());
            }
            other => other?,
        };
        for wanted in [State::Paused, State::Archived] {
            let ids: Vec<_> = added
                .iter()
                .zip(&states)
                .filter(|(a, state)| a.event == AddEvent::Add && **state == wanted)
                .filter_map(|(a, _)| a.id)
                .collect();
            if !ids.is_empty() {
                self.set_state(by, Selection { ids, ..Selection::default() }, wanted).await?;
            }
        }
        let new = added.iter().filter(|a| a.event == AddEvent::Add).count();
        report.stored += new;
        report.known += added.len() - new;
        Ok(())
    }

    async fn project_named(&self, by: &Principal, name: &str, projects: &mut HashMap<String, ProjectId>) -> Result<ProjectId> {
        if let Some(id) = projects.get(name) {
            return Ok(*id);
        }
        let project = self.parts.tenancy.create_project(&by.scope, name).await?;
        projects.insert(name.to_owned(), project.id);
        Ok(project.id)
    }
}

fn new_memory(text: String, memory: &Exported, project: Option<ProjectId>) -> Result<NewMemory> {
    let time = |what: &str, text: &Option<String>| match text.as_deref() {
        None => Ok(None),
        Some(text) => Timestamp::parse(text).map(Some).ok_or_else(|| Error::invalid(format!("{what} is no time that is known here."))),
    };
    Ok(NewMemory {
        text,
        project,
        metadata: memory.metadata.clone(),
        tags: memory.tags.clone(),
        memory_type: memory.memory_type,
        pattern_signature: memory.pattern_signature.clone(),
        confidence: memory.confidence,
        speaker: memory.speaker.clone(),
        occurred_at: time("occurred_at", &memory.occurred_at)?,
        session_id: memory.session_id.clone(),
        created_at: time("created_at", &memory.created_at)?,
        // What was brought here is to be all there.
        force: true,
        position: memory.position,
        pinned: memory.pinned,
        expires_at: time("expires_at", &memory.expires_at)?,
        superseded_at: match memory.state {
            // Where no time was written, it is shown at none.
            Some(State::Superseded) => time("superseded_at", &memory.superseded_at)?.or(Some(Timestamp(0))),
            _ => None,
        },
        trust: memory.trust,
        flags: memory.flags.iter().take(MOST_FLAGS).map(|flag| flag.chars().take(LONGEST_FLAG).collect()).collect(),
        ..NewMemory::default()
    })
}
