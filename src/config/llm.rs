//! Facts from text.

use anyhow::{Result, ensure};
use serde::{Deserialize, Serialize};

/// Who takes facts from text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LlmProvider {
    /// Nobody: texts are stored as they are.
    #[default]
    None,
    /// Rules that split lists and paragraphs.
    Rules,
    /// A chat model of the server of `[openai]`.
    #[serde(rename = "openai")]
    OpenAi,
}

/// `[llm]`
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LlmConfig {
    /// `none`, `rules` or `openai`.
    pub provider: LlmProvider,
    /// The model of `openai`; it must know structured output.
    pub model: String,
    /// Longest call, in seconds.
    pub timeout_secs: u64,
    /// Most tokens of one answer.
    pub max_output_tokens: u32,
    /// Tokens that a tenant may take in 24 hours; rules take over beyond.
    pub daily_tokens: u64,
    /// Longest wait of a caller that waits for the result, in seconds.
    pub wait_secs: u64,
}

impl Default for LlmConfig {
    fn default() -> Self {
        Self {
            provider: LlmProvider::None,
            model: "gpt-4o-mini".into(),
            timeout_secs: 60,
            max_output_tokens: 4_000,
            daily_tokens: 500_000,
            wait_secs: 20,
        }
    }
}

impl LlmConfig {
    pub(super) fn validate(&self) -> Result<()> {
        ensure!((1..=600).contains(&self.timeout_secs), "llm.timeout_secs must be 1 to 600");
        ensure!((1..=300).contains(&self.wait_secs), "llm.wait_secs must be 1 to 300");
        ensure!(self.max_output_tokens >= 100, "llm.max_output_tokens must be at least 100");
        Ok(())
    }
}
