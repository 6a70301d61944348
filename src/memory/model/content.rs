//! What a version of a memory holds, and where a memory came from.

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::MemoryType;
use crate::clock::Timestamp;

/// Free-form JSON object that a client attaches to a memory.
pub type Metadata = serde_json::Map<String, Value>;

/// What a version of a memory holds: a change makes another version of it, an undo brings an earlier one back.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Content {
    pub text: String,
    /// The client's own JSON object.
    pub metadata: Metadata,
    /// Labels, in the order given, without repeats.
    pub tags: Vec<String>,
    #[serde(deserialize_with = "kind")]
    pub memory_type: MemoryType,
    /// Confidence in `0..=1`, shown to the agent.
    #[serde(deserialize_with = "certain")]
    pub confidence: f64,
    /// Never expires, never decays, and comes first in a context.
    pub pinned: bool,
    /// When it is no longer seen.
    pub expires_at: Option<Timestamp>,
}

impl Default for Content {
    fn default() -> Self {
        Self {
            text: String::new(),
            metadata: Metadata::new(),
            tags: Vec::new(),
            memory_type: MemoryType::Semantic,
            confidence: CERTAIN,
            pinned: false,
            expires_at: None,
        }
    }
}

/// Confidence where nobody says anything of it.
const CERTAIN: f64 = 1.0;

/// Earlier versions of the program wrote `null` where nothing was said.
fn kind<'de, D: Deserializer<'de>>(json: D) -> Result<MemoryType, D::Error> {
    Ok(Option::deserialize(json)?.unwrap_or(MemoryType::Semantic))
}

fn certain<'de, D: Deserializer<'de>>(json: D) -> Result<f64, D::Error> {
    Ok(Option::deserialize(json)?.unwrap_or(CERTAIN))
}

/// A change of content; absent fields stay.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ContentChange {
    pub text: Option<String>,
    /// New metadata, replacing the old object.
    pub metadata: Option<Metadata>,
    /// New labels, replacing the old ones.
    pub tags: Option<Vec<String>>,
    pub memory_type: Option<MemoryType>,
    pub confidence: Option<f64>,
    pub pinned: Option<bool>,
    /// A new end, or none.
    pub expires_at: Option<Option<Timestamp>>,
}

impl ContentChange {
    /// Makes the change.
    pub fn apply(self, to: &mut Content) {
        fn set<T>(field: &mut T, new: Option<T>) {
            if let Some(new) = new {
                *field = new;
            }
        }
        let Content { text, metadata, tags, memory_type, confidence, pinned, expires_at } = to;
        set(text, self.text);
        set(metadata, self.metadata);
        set(tags, self.tags);
        set(memory_type, self.memory_type);
        set(confidence, self.confidence);
        set(pinned, self.pinned);
        set(expires_at, self.expires_at);
    }
}

/// Where a memory came from, as the client told; it never changes.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Origin {
    pub speaker: Option<String>,
    pub occurred_at: Option<Timestamp>,
    /// The conversation that it came from.
    pub session_id: Option<String>,
    /// Its place in that conversation.
    pub position: Option<i64>,
    /// What it was taken from, where it was not said in these words.
    pub source: Option<Source>,
}

impl Origin {
    /// Lower-case hex SHA-256 of a text and of what tells equal texts apart: who said it, when, in which conversation.
    /// Without any of these it is the plain SHA-256 of the text.
    #[must_use]
    pub fn hash(&self, text: &str) -> String {
        let mut digest = Sha256::new_with_prefix(text);
        if self.speaker.is_some() || self.occurred_at.is_some() || self.session_id.is_some() {
            digest.update(format!("{:?}", (self.speaker.as_deref(), self.occurred_at.map(|t| t.0), self.session_id.as_deref())));
        }
        hex::encode(digest.finalize())
    }
}

/// Where a fact was taken from.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session_id: Option<String>,
    /// The message of it, from 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<usize>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quote: Option<String>,
}
