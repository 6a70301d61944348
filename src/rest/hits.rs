//! What a search found, on the wire.

use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::wire::{SourceOut, is_zero};
use crate::{
    clock::Timestamp,
    memory::{Hit, Metadata, Scores},
};

/// Why a memory stands where it stands.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::rest) struct ScoresOut {
    /// Cosine to the query, -1 to 1; null while the memory has no embedding.
    pub(in crate::rest) dense: Option<f32>,
    /// BM25; 0 where no word matches.
    pub(in crate::rest) lexical: f32,
    /// Both together, 0 to 1.
    pub(in crate::rest) fused: f32,
    /// What a date that the question names adds to `order`.
    pub(in crate::rest) date: f32,
    /// What the memories around it in its session add.
    pub(in crate::rest) neighbours: f32,
    /// What the speaker whom the question names adds.
    pub(in crate::rest) speaker: f32,
    /// What feedback and trust make of it, 0.3 to 1.5; each halving takes as much from `order`.
    pub(in crate::rest) quality: f32,
    /// What results are ordered by; compares those of one answer alone.
    pub(in crate::rest) order: f32,
}

impl From<Scores> for ScoresOut {
    fn from(s: Scores) -> Self {
        Self {
            dense: s.dense,
            lexical: s.lexical,
            fused: s.fused,
            date: s.date,
            neighbours: s.neighbours,
            speaker: s.speaker,
            quality: s.quality,
            order: s.order,
        }
    }
}

/// One result of a search.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::rest) struct HitOut {
    pub(in crate::rest) id: Uuid,
    /// The text.
    pub(in crate::rest) memory: String,
    /// How likely it is that the memory bears on the question, 0 to 1: comparable between questions, accounts and models.
    pub(in crate::rest) score: f32,
    /// Why it stands where it stands.
    pub(in crate::rest) scores: ScoresOut,
    /// The client's JSON object.
    #[schema(value_type = Object)]
    pub(in crate::rest) metadata: Metadata,
    pub(in crate::rest) tags: Vec<String>,
    pub(in crate::rest) memory_type: &'static str,
    pub(in crate::rest) speaker: Option<String>,
    /// When it happened, RFC 3339.
    pub(in crate::rest) occurred_at: Option<String>,
    pub(in crate::rest) session_id: Option<String>,
    pub(in crate::rest) project_id: Uuid,
    pub(in crate::rest) app_id: Uuid,
    pub(in crate::rest) app_name: String,
    pub(in crate::rest) state: &'static str,
    /// Seconds since 1970.
    pub(in crate::rest) created_at: i64,
    /// Seconds since 1970.
    pub(in crate::rest) updated_at: i64,
    pub(in crate::rest) version: i64,
    pub(in crate::rest) confidence: f64,
    /// How far its source is trusted, 0 to 1.
    pub(in crate::rest) trust: f64,
    /// What was noticed when it was written: `instructions`, `redacted`, …
    pub(in crate::rest) flags: Vec<String>,
    /// What it was taken from, where it was not said in these words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::rest) source: Option<SourceOut>,
    /// Older memories that say the same in other words and are folded under this one.
    #[serde(skip_serializing_if = "is_zero")]
    pub(in crate::rest) alike: usize,
    /// The part of a long text that is nearest to the question.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::rest) part: Option<String>,
    pub(in crate::rest) hash: String,
}

impl From<Hit> for HitOut {
    fn from(Hit { memory: m, scores, alike, part }: Hit) -> Self {
        Self {
            id: m.id.0,
            memory: m.content.text,
            score: scores.score,
            scores: scores.into(),
            metadata: m.content.metadata,
            tags: m.content.tags,
            memory_type: m.content.memory_type.as_str(),
            speaker: m.origin.speaker,
            occurred_at: m.origin.occurred_at.map(Timestamp::rfc3339),
            session_id: m.origin.session_id,
            project_id: m.project.0,
            app_id: m.app.0,
            app_name: m.app_name,
            state: m.state.as_str(),
            created_at: m.created_at.secs(),
            updated_at: m.updated_at.secs(),
            version: m.version,
            confidence: m.content.confidence,
            trust: m.trust,
            flags: m.flags,
            source: m.origin.source.map(Into::into),
            alike,
            part,
            hash: m.hash,
        }
    }
}
