//! Logs, metrics and traces.

use anyhow::{Result, ensure};
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
    /// `http(s)://host:4317`, a collector that takes OTLP by gRPC; without it nothing is traced.
    pub otlp_endpoint: Option<String>,
    /// What the traces say that they are of.
    pub service_name: String,
}

impl TelemetryConfig {
    pub(super) fn validate(&self) -> Result<()> {
        let known = |url: &String| url.starts_with("http://") || url.starts_with("https://");
        ensure!(
            self.otlp_endpoint.as_ref().is_none_or(known),
            "telemetry.otlp_endpoint (OTEL_EXPORTER_OTLP_ENDPOINT) must begin with http:// or https://"
        );
        Ok(())
    }
}

impl Default for TelemetryConfig {
    fn default() -> Self {
        Self {
            filter: "info,sqlx=warn,rmcp=error,hyper=warn".into(),
            format: LogFormat::Text,
            metrics: true,
            otlp_endpoint: None,
            service_name: "jonathans-memory".into(),
        }
    }
}
