//! Logs and metrics.

use serde::{Deserialize, Serialize};

/// Form of the log lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// One JSON object a line.
    Json,
}

/// `[telemetry]`
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TelemetryConfig {
    /// Filter in the syntax of `tracing_subscriber::EnvFilter`.
    pub filter: String,
    /// `text` or `json`.
    pub format: LogFormat,
    /// Serve `/metrics`.
    pub metrics: bool,
}

impl Default for TelemetryConfig {
    fn default() -> Self {
        Self { filter: "info,sqlx=warn,rmcp=error,hyper=warn".into(), format: LogFormat::Text, metrics: true }
    }
}
