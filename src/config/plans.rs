//! Plans of tenants.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// `[plans]`
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PlansConfig {
    /// A file of plans and prices; those of `config/plans.toml`, which are part of the program, when absent.
    pub file: Option<PathBuf>,
    /// The plan of a tenant that has chosen none.
    pub default: String,
}

impl Default for PlansConfig {
    fn default() -> Self {
        Self { file: None, default: "unlimited".into() }
    }
}
