//! The write gate.

use serde::{Deserialize, Serialize};

/// `[gate]`
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct GateConfig {
    /// Whether what says nothing lasting is kept out of accounts that have not chosen.
    pub junk: bool,
}

impl Default for GateConfig {
    fn default() -> Self {
        Self { junk: true }
    }
}
