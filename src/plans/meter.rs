//! What is counted.

use std::str::FromStr;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::error::Error;

/// What is counted of a tenant, in whole units.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Meter {
    /// Memories stored.
    Adds,
    /// Searches and contexts answered.
    Searches,
    /// Memories read by a list, by name or by export, a call at a time.
    Reads,
    /// Tokens of a chat model, in and out.
    LlmTokens,
}

impl Meter {
    pub const ALL: [Self; 4] = [Self::Adds, Self::Searches, Self::Reads, Self::LlmTokens];

    /// The storage name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Adds => "adds",
            Self::Searches => "searches",
            Self::Reads => "reads",
            Self::LlmTokens => "llm_tokens",
        }
    }
}

impl FromStr for Meter {
    type Err = Error;
    fn from_str(text: &str) -> Result<Self, Error> {
        Self::ALL
            .into_iter()
            .find(|meter| meter.as_str() == text)
            .ok_or_else(|| Error::invalid("meter must be adds, searches, reads or llm_tokens."))
    }
}
