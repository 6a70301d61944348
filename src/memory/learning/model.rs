//! Plain types of learning.

use crate::{
    clock::Timestamp,
    ids::{FeedbackId, MemoryId},
    memory::model::{Added, Memory, MemoryType, word_enum},
};

word_enum! {
    /// What is said of a memory.
    FeedbackKind: "feedback" {
        /// It helped.
        Positive = "positive",
        /// It did not.
        Negative = "negative",
        /// It was seen; nothing more.
        Neutral = "neutral",
        /// It is wrong, and the right text may come along.
        Correction = "correction",
        /// It still holds.
        Confirmation = "confirmation",
    }
}

impl FeedbackKind {
    /// By how much it moves the strength of the memory, with full confidence.
    #[must_use]
    pub const fn step(self) -> f64 {
        match self {
            Self::Positive => 0.1,
            Self::Negative => -0.1,
            Self::Neutral => 0.0,
            Self::Correction => 0.05,
            Self::Confirmation => 0.08,
        }
    }

    /// Whether it calls the memory an answer to what was asked; `None` where it does not say.
    #[must_use]
    pub const fn relevant(self) -> Option<bool> {
        match self {
            Self::Positive | Self::Confirmation => Some(true),
            Self::Negative => Some(false),
            Self::Neutral | Self::Correction => None,
        }
    }
}

/// What a caller says of a memory.
#[derive(Debug, Clone)]
pub struct Feedback {
    pub memory: MemoryId,
    pub kind: FeedbackKind,
    /// How sure they are, in `0..=1`.
    pub confidence: f64,
    /// What had been asked when it was returned.
    pub query: Option<String>,
    /// With a correction: the right text.
    pub text: Option<String>,
}

/// One entry of the list of what was said.
#[derive(Debug, Clone, PartialEq)]
pub struct LearningEvent {
    pub id: FeedbackId,
    pub memory: MemoryId,
    pub kind: FeedbackKind,
    pub confidence: f64,
    pub strength_before: f64,
    pub strength_after: f64,
    pub query: Option<String>,
    /// The event that this one takes back.
    pub reverts: Option<FeedbackId>,
    /// The app that said it.
    pub app_name: String,
    pub created_at: Timestamp,
}

/// What feedback did.
#[derive(Debug, Clone)]
pub struct Learned {
    /// The entry that was made.
    pub event: LearningEvent,
    /// What became of the text that came with a correction.
    pub replacement: Option<Added>,
}

/// Memories of one kind.
#[derive(Debug, Clone, PartialEq)]
pub struct TypeStatistics {
    pub memory_type: MemoryType,
    pub count: i64,
    pub mean_strength: f64,
    /// How often they were returned, on average.
    pub mean_access_count: f64,
    /// When the first was added.
    pub first: Timestamp,
    /// When the latest was.
    pub last: Timestamp,
}

/// Feedback of one kind that was not taken back.
#[derive(Debug, Clone, PartialEq)]
pub struct FeedbackStatistics {
    pub kind: FeedbackKind,
    /// How often it was given.
    pub count: i64,
    /// With what confidence, on average.
    pub mean_confidence: f64,
}

/// Feedback of one day that was not taken back.
#[derive(Debug, Clone, PartialEq)]
pub struct TrendDay {
    /// Its midnight, UTC.
    pub day: Timestamp,
    /// How often feedback was given.
    pub events: i64,
    /// With what confidence, on average.
    pub mean_confidence: f64,
}

/// What was learned in a project.
#[derive(Debug, Clone, PartialEq)]
pub struct Analytics {
    pub types: Vec<TypeStatistics>,
    pub feedback: Vec<FeedbackStatistics>,
    /// Days with feedback, oldest first.
    pub trend: Vec<TrendDay>,
}

/// A memory that fades, or would if decay were on.
#[derive(Debug, Clone)]
pub struct Fading {
    pub memory: Memory,
    /// Its strength if nothing faded, use counted.
    pub full: f64,
    /// What is left of it now.
    pub left: f64,
}

/// What was said of a memory as an answer to a query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rating {
    pub query: String,
    pub memory: MemoryId,
    pub kind: FeedbackKind,
}
