//! A memory as it travels: made of a memory, and made into one to be stored. Fields that an older program does not know it leaves
//! out; what a newer one did not write has its default.

use serde::{Deserialize, Serialize};

use super::json;
use crate::{
    clock::Timestamp,
    error::{Error, Result},
    ids::ProjectId,
    memory::{Content, FOR_REVIEW, HELD_FOR, Memory, MemoryType, Metadata, NewMemory, Origin, Source, State},
    tenancy::Project,
};

/// Flags of a memory that are taken, and how many characters of each: ours are few and short.
const MOST_FLAGS: usize = 16;
const LONGEST_FLAG: usize = 40;
/// Characters that are taken of a source.
const LONGEST_SOURCE: usize = 240;

/// A memory as it travels.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Exported {
    pub text: String,
    /// Name of its project; the default one when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub project: Option<String>,
    /// Name of the app that wrote it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub app: Option<String>,
    #[serde(default)]
    pub metadata: Metadata,
    #[serde(default)]
    pub tags: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub memory_type: Option<MemoryType>,
    /// Key that is unique in its project.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pattern_signature: Option<String>,
    /// 0 to 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confidence: Option<f64>,
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
    /// Its place in that conversation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub position: Option<i64>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub pinned: bool,
    /// Its end, RFC 3339.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<String>,
    /// Until when it held, RFC 3339, if its state is superseded. What took its place has another id elsewhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub superseded_at: Option<String>,
    /// How far its source is trusted, 0 to 1; 1 when absent. An import takes it as the most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trust: Option<f64>,
    /// What was noticed when it was written.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub flags: Vec<String>,
    /// Why it is held back, if its state is held.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub held_for: Option<String>,
    /// What it was taken from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<Source>,
    /// Whether it is a turn of a conversation, which nobody chose to keep yet: it passes the write gate.
    #[serde(skip)]
    pub is_turn: bool,
}

impl Exported {
    /// What it takes in memory, in bytes, by and large.
    pub(super) fn weight(&self) -> usize {
        let texts = [
            &self.project,
            &self.app,
            &self.pattern_signature,
            &self.speaker,
            &self.occurred_at,
            &self.session_id,
            &self.created_at,
            &self.hash,
            &self.expires_at,
            &self.superseded_at,
            &self.held_for,
        ];
        let source = self.source.iter().flat_map(|source| [&source.session_id, &source.quote]);
        let texts: usize = texts.into_iter().chain(source).flatten().map(String::len).sum();
        let lists: usize = self.tags.iter().chain(&self.flags).map(|word| size_of::<String>() + word.len()).sum();
        let metadata: usize = self.metadata.iter().map(|(name, value)| name.len() + json::weight(value) + 160).sum();
        size_of::<Self>() + self.text.len() + texts + lists + metadata
    }

    pub(super) fn of(memory: Memory, projects: &[Project]) -> Self {
        let Content { text, metadata, tags, memory_type, confidence, pinned, expires_at } = memory.content;
        let Origin { speaker, occurred_at, session_id, position, source } = memory.origin;
        Self {
            text,
            project: projects.iter().find(|p| p.id == memory.project).map(|p| p.name.clone()),
            app: Some(memory.app_name),
            metadata,
            tags,
            memory_type: Some(memory_type),
            pattern_signature: memory.pattern_signature,
            confidence: Some(confidence),
            speaker,
            occurred_at: occurred_at.map(Timestamp::rfc3339),
            session_id,
            state: Some(memory.state),
            created_at: Some(memory.created_at.rfc3339()),
            hash: Some(memory.hash),
            position,
            pinned,
            expires_at: expires_at.map(Timestamp::rfc3339),
            superseded_at: memory.superseded_at.map(Timestamp::rfc3339),
            trust: Some(memory.trust).filter(|trust| *trust < 1.0),
            flags: memory.flags,
            held_for: memory.held_for,
            source,
            is_turn: false,
        }
    }
}

pub(super) fn new_memory(memory: &Exported, project: Option<ProjectId>) -> Result<NewMemory> {
    let time = |what: &str, text: &Option<String>| match text.as_deref() {
        None => Ok(None),
        Some(text) => Timestamp::parse(text).map(Some).ok_or_else(|| Error::invalid(format!("{what} is no time that is known here."))),
    };
    Ok(NewMemory {
        content: Content {
            text: memory.text.clone(),
            metadata: memory.metadata.clone(),
            tags: memory.tags.clone(),
            memory_type: memory.memory_type.unwrap_or(MemoryType::Semantic),
            confidence: memory.confidence.unwrap_or(1.0),
            pinned: memory.pinned,
            expires_at: time("expires_at", &memory.expires_at)?,
        },
        origin: Origin {
            speaker: memory.speaker.clone(),
            occurred_at: time("occurred_at", &memory.occurred_at)?,
            session_id: memory.session_id.clone(),
            position: memory.position,
            source: memory.source.as_ref().map(source),
        },
        project,
        pattern_signature: memory.pattern_signature.clone(),
        created_at: time("created_at", &memory.created_at)?,
        // What was chosen to be kept is to be all there; what was merely said is judged.
        force: !memory.is_turn && memory.state != Some(State::Held),
        held_for: (memory.state == Some(State::Held)).then(|| held_for(memory.held_for.as_deref())),
        superseded_at: match memory.state {
            // Where no time was written, it is shown at none.
            Some(State::Superseded) => time("superseded_at", &memory.superseded_at)?.or(Some(Timestamp(0))),
            _ => None,
        },
        trust: memory.trust,
        flags: memory
            .flags
            .iter()
            .take(MOST_FLAGS)
            .map(|flag| flag.chars().filter(|c| !c.is_control()).take(LONGEST_FLAG).collect())
            .collect(),
        ..NewMemory::default()
    })
}

/// A reason that is known here.
fn held_for(told: Option<&str>) -> String {
    let known = |why: &&str| HELD_FOR.contains(why);
    told.filter(known).unwrap_or(FOR_REVIEW).to_owned()
}

/// Where another service took it from, as far as it can stand here.
fn source(told: &Source) -> Source {
    let short = |text: &String| text.chars().filter(|c| !c.is_control()).take(LONGEST_SOURCE).collect();
    Source { session_id: told.session_id.as_ref().map(short), message: told.message, quote: told.quote.as_ref().map(short) }
}
