//! Taking memories along: JSON lines out and in, also from the products that people come from.
//!
//! An export is a header, the projects, the memories, and a last line with their numbers, so that a cut file is noticed.

use std::collections::HashMap;

use futures::{Stream, stream};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    add::AddOptions,
    model::{AddEvent, Filter, ListQuery, Memory, MemoryType, Metadata, NewMemory, PageRequest, Selection, SortColumn, State},
    service::MemoryService,
};
use crate::{
    auth::{Principal, Scope},
    clock::Timestamp,
    error::{Code, Error, Result},
    ids::{MemoryId, ProjectId},
    tenancy::Project,
};

const FORMAT: &str = "jonathans-memory";
const VERSION: u32 = 1;
/// Memories read and written at a time.
const BATCH: usize = 200;

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

/// A memory as it travels.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Exported {
    /// The text.
    pub text: String,
    /// Name of its project; the default one when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub project: Option<String>,
    /// Name of the app that wrote it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub app: Option<String>,
    /// The client's JSON object.
    #[serde(default)]
    pub metadata: Metadata,
    /// Labels.
    #[serde(default)]
    pub tags: Vec<String>,
    /// Kind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub memory_type: Option<MemoryType>,
    /// Key that is unique in its project.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pattern_signature: Option<String>,
    /// 0 to 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confidence: Option<f64>,
    /// Who said it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub speaker: Option<String>,
    /// RFC 3339.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub occurred_at: Option<String>,
    /// The conversation that it came from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session_id: Option<String>,
    /// Whether it is seen; active when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<State>,
    /// RFC 3339.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_at: Option<String>,
    /// Hex SHA-256 by which equal memories are recognised.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hash: Option<String>,
}

impl Exported {
    fn of(memory: Memory, projects: &[Project]) -> Self {
        Self {
            text: memory.text,
            project: projects.iter().find(|p| p.id == memory.project).map(|p| p.name.clone()),
            app: Some(memory.app_name),
            metadata: memory.metadata,
            tags: memory.tags,
            memory_type: Some(memory.memory_type),
            pattern_signature: memory.pattern_signature,
            confidence: Some(memory.confidence),
            speaker: memory.speaker,
            occurred_at: memory.occurred_at.map(Timestamp::rfc3339),
            session_id: memory.session_id,
            state: Some(memory.state),
            created_at: Some(memory.created_at.rfc3339()),
            hash: Some(memory.hash),
        }
    }
}

/// What became of an import.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Imported {
    /// Memories that were read.
    pub read: usize,
    /// New ones.
    pub stored: usize,
    /// Those that were there already, or whose key was.
    pub known: usize,
    /// Those that do not fit, with the number of their line and the reason.
    pub failed: Vec<(usize, String)>,
    /// What is odd about the file as a whole.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub warning: Option<String>,
}

/// Where an export is.
enum Position {
    Projects,
    Memories { cursor: Option<MemoryId>, sent: usize },
    Done,
}

impl MemoryService {
    /// Everything that the caller may read, in lines; deleted memories are no part of it.
    ///
    /// # Errors
    /// `insufficient_scope`, `app_paused`; within the stream those of the store.
    pub async fn export(&self, by: &Principal) -> Result<impl Stream<Item = Result<Vec<Line>>> + Send + use<>> {
        by.require(Scope::MemoryRead)?;
        self.actor(by).await?;
        let mut projects = self.parts.tenancy.projects(&by.scope).await?;
        projects.retain(|project| by.project.is_none_or(|bound| bound == project.id));
        let (service, by) = (self.clone(), by.clone());
        Ok(stream::try_unfold(Position::Projects, move |position| {
            let (service, by, projects) = (service.clone(), by.clone(), projects.clone());
            async move { service.next_lines(&by, &projects, position).await }
        }))
    }

    async fn next_lines(&self, by: &Principal, projects: &[Project], position: Position) -> Result<Option<(Vec<Line>, Position)>> {
        match position {
            Position::Projects => {
                let exported_at = self.parts.clock.now().rfc3339();
                let mut lines = vec![Line::Header { format: FORMAT.into(), version: VERSION, exported_at }];
                lines.extend(projects.iter().map(|project| Line::Project { name: project.name.clone() }));
                Ok(Some((lines, Position::Memories { cursor: None, sent: 0 })))
            }
            Position::Memories { cursor, mut sent } => {
                let states = vec![State::Active, State::Paused, State::Archived];
                let query = ListQuery {
                    filter: Filter { project: by.project, states, ..Filter::default() },
                    contains: None,
                    sort: SortColumn::CreatedAt,
                    descending: true,
                    page: PageRequest::After { cursor, size: u32::try_from(BATCH).unwrap_or(u32::MAX) },
                };
                let page = self.parts.store.list(&by.scope, &query).await?;
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

    /// Stores memories of an export of this or another product, or of a plain list of texts. What is there already is
    /// left as it is, so an import can be repeated.
    ///
    /// # Errors
    /// `insufficient_scope`, `app_paused`, `invalid_argument` when the file is of no known form; what was stored until an
    /// error stays.
    pub async fn import(&self, by: &Principal, file: &str) -> Result<Imported> {
        by.require(Scope::MemoryWrite)?;
        self.actor(by).await?;
        let Parsed { memories, mut report } = parse(file)?;
        let mut projects = self.projects_of(by).await?;
        // One transaction takes the memories of one app.
        let mut groups: HashMap<String, Vec<(usize, Exported)>> = HashMap::new();
        for (line, memory) in memories {
            groups.entry(memory.app.clone().unwrap_or_else(|| by.client.clone())).or_default().push((line, memory));
        }
        for (app, group) in groups {
            let by = Principal { client: app, ..by.clone() };
            for batch in group.chunks(BATCH) {
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
        let (mut ready, mut states) = (Vec::new(), Vec::new());
        for (line, memory) in batch {
            let project = match &memory.project {
                Some(name) if by.project.is_none() => Some(self.project_named(by, name, projects).await?),
                _ => None,
            };
            match new_memory(memory, project).and_then(|new| self.check(&new).map(|()| new)) {
                Ok(new) => {
                    ready.push(new);
                    states.push(memory.state.unwrap_or(State::Active));
                }
                Err(error) => report.failed.push((*line, error.detail().to_owned())),
            }
        }
        if ready.is_empty() {
            return Ok(());
        }
        let added = match self.add(by, ready, AddOptions::default()).await {
            Err(error) if error.code() == Code::InvalidArgument => {
                report.failed.extend(batch.iter().map(|(line, _)| (*line, error.detail().to_owned())));
                return Ok(());
            }
            other => other?,
        };
        for wanted in [State::Paused, State::Archived] {
            let ids: Vec<_> =
                added.iter().zip(&states).filter(|(a, state)| a.event == AddEvent::Add && **state == wanted).map(|(a, _)| a.id).collect();
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

fn new_memory(memory: &Exported, project: Option<ProjectId>) -> Result<NewMemory> {
    let time = |what: &str, text: &Option<String>| match text.as_deref() {
        None => Ok(None),
        Some(text) => Timestamp::parse(text).map(Some).ok_or_else(|| Error::invalid(format!("{what} is no time that is known here."))),
    };
    Ok(NewMemory {
        text: memory.text.clone(),
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
    })
}

/// What a file holds: memories with the number of their line, and what could not be read.
struct Parsed {
    memories: Vec<(usize, Exported)>,
    report: Imported,
}

/// Our own lines; else JSON lines, a JSON list, or an object with one, of memories as OpenMemory, Jean Memory and mem0
/// write them.
fn parse(file: &str) -> Result<Parsed> {
    let values: Vec<(usize, Result<Value, serde_json::Error>)> = match serde_json::from_str::<Value>(file) {
        Ok(Value::Array(list)) => list.into_iter().enumerate().map(|(n, value)| (n + 1, Ok(value))).collect(),
        Ok(Value::Object(mut object)) => {
            let list = ["memories", "results", "items"].iter().find_map(|name| object.remove(*name));
            match list {
                Some(Value::Array(list)) => list.into_iter().enumerate().map(|(n, value)| (n + 1, Ok(value))).collect(),
                _ => vec![(1, Ok(Value::Object(object)))],
            }
        }
        _ => (1..).zip(file.lines()).filter(|(_, line)| !line.trim().is_empty()).map(|(n, line)| (n, serde_json::from_str(line))).collect(),
    };
    let mut parsed = Parsed { memories: Vec::new(), report: Imported::default() };
    let (mut own, mut counted) = (false, None);
    for (line, value) in values {
        let kind = value.as_ref().ok().and_then(|v| v["type"].as_str()).unwrap_or_default().to_owned();
        match (kind.as_str(), value) {
            ("header", Ok(value)) if value["format"] == FORMAT => {
                own = true;
                if value["version"].as_u64() > Some(u64::from(VERSION)) {
                    return Err(Error::invalid("This export was made by a newer version. Update this server first."));
                }
            }
            ("project", Ok(_)) if own => {}
            ("end", Ok(value)) if own => counted = value["memories"].as_u64(),
            (_, Ok(value)) => {
                parsed.report.read += 1;
                let memory = if own { serde_json::from_value(value).map_err(|e| e.to_string()) } else { foreign(&value) };
                match memory {
                    Ok(memory) => parsed.memories.push((line, memory)),
                    Err(why) => parsed.report.failed.push((line, why)),
                }
            }
            (_, Err(_)) => {
                parsed.report.read += 1;
                parsed.report.failed.push((line, "This line is not JSON.".into()));
            }
        }
    }
    if parsed.memories.is_empty() {
        return Err(Error::invalid(
            "No memory was found in this file. Send JSON lines, or a JSON list of objects with a text, memory or content.",
        ));
    }
    if own && counted != Some(parsed.report.read as u64) {
        parsed.report.warning = Some("The file is cut: its last line is missing or counts other memories than there are.".into());
    }
    Ok(parsed)
}

/// A memory of another product.
fn foreign(value: &Value) -> Result<Exported, String> {
    let word = |names: &[&str]| names.iter().find_map(|name| value[*name].as_str()).map(str::to_owned);
    let Some(text) = value.as_str().map(str::to_owned).or_else(|| word(&["text", "memory", "content", "data"])) else {
        return Err("It has no text, memory or content.".into());
    };
    let object = |names: &[&str]| names.iter().find_map(|name| value[*name].as_object()).cloned().unwrap_or_default();
    let labels = ["tags", "categories"].iter().find_map(|name| value[*name].as_array());
    let label = |label: &Value| label.as_str().or_else(|| label["name"].as_str()).map(str::to_owned);
    let time = |name: &str| match &value[name] {
        Value::String(text) => Some(text.clone()),
        Value::Number(seconds) => seconds.as_i64().map(|seconds| Timestamp::from_secs(seconds).rfc3339()),
        _ => None,
    };
    let state = word(&["state"]).and_then(|state| state.parse::<State>().ok());
    if state == Some(State::Deleted) {
        return Err("It was deleted there.".into());
    }
    Ok(Exported {
        text,
        metadata: object(&["metadata", "metadata_"]),
        tags: labels.map(|all| all.iter().filter_map(label).collect()).unwrap_or_default(),
        app: word(&["app", "app_name", "source_app"]),
        created_at: time("created_at"),
        state,
        ..Exported::default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(file: &str) -> Vec<String> {
        parse(file).expect("readable").memories.into_iter().map(|(_, m)| m.text).collect()
    }

    #[test]
    fn reads_what_other_products_write() {
        let openmemory = r#"{"id": "x", "content": "likes tea", "metadata": {"k": 1}, "created_at": 1700000000, "state": "paused", "app": "cursor", "categories": ["food"]}"#;
        let memory = parse(openmemory).expect("readable").memories.remove(0).1;
        assert_eq!((memory.text.as_str(), memory.tags, memory.state), ("likes tea", vec!["food".to_owned()], Some(State::Paused)));
        assert_eq!(memory.created_at.as_deref(), Some("2023-11-14T22:13:20.000000Z"));
        let mem0 = r#"{"results": [{"id": "x", "memory": "has a dog", "hash": "h", "metadata": null, "created_at": "2024-01-01T00:00:00-07:00"}]}"#;
        assert_eq!(texts(mem0), ["has a dog"]);
        assert_eq!(texts("{\"text\": \"one\"}\n\n{\"text\": \"two\"}\n"), ["one", "two"]);
        assert_eq!(texts(r#"["one", "two"]"#), ["one", "two"]);
        parse("hello").map(drop).expect_err("no memories");
        parse("[]").map(drop).expect_err("none");
    }

    #[test]
    fn a_cut_export_is_noticed() {
        let whole = "{\"type\":\"header\",\"format\":\"jonathans-memory\",\"version\":1,\"exported_at\":\"x\"}\n{\"type\":\"memory\",\"text\":\"a\"}\n{\"type\":\"end\",\"projects\":0,\"memories\":1}\n";
        assert_eq!(parse(whole).expect("readable").report.warning, None);
        let cut = whole.rsplit_once("{\"type\":\"end\"").expect("an end").0;
        assert!(parse(cut).expect("readable").report.warning.is_some());
        let newer = whole.replace("\"version\":1", "\"version\":2");
        parse(&newer).map(drop).expect_err("a newer form");
    }
}
