//! Logs go to standard error. What a line may hold is decided where it is written: ids, counts and route templates,
//! never a secret, a path or the text of a memory.

use anyhow::Context;
use tracing_subscriber::{EnvFilter, layer::SubscriberExt, util::SubscriberInitExt};

use crate::config::{LogFormat, TelemetryConfig};

/// Installs the process-wide subscriber.
///
/// # Errors
/// When the filter is malformed or a subscriber is installed already.
pub fn init(config: &TelemetryConfig) -> anyhow::Result<()> {
    let filter =
        EnvFilter::try_new(&config.filter).context("telemetry.filter (JM_LOG) is malformed; an example: info,jonathans_memory=debug")?;
    // It writes whole answers of models, and with them the texts of tenants, whatever the level.
    let filter = filter.add_directive("async_openai=off".parse()?);
    let registry = tracing_subscriber::registry().with(filter);
    match config.format {
        LogFormat::Text => registry.with(tracing_subscriber::fmt::layer().with_writer(std::io::stderr)).try_init()?,
        LogFormat::Json => registry.with(tracing_subscriber::fmt::layer().json().with_writer(std::io::stderr)).try_init()?,
    }
    Ok(())
}
