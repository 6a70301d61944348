//! Logs go to standard error. What a line may hold is decided where it is written: ids, counts and route templates,
//! never a secret, a path or the text of a memory.

use anyhow::Context;
use tracing_subscriber::{EnvFilter, layer::SubscriberExt, util::SubscriberInitExt};

use crate::config::{LogFormat, TelemetryConfig};

/// Libraries that write whole requests and answers, and with them the texts of tenants: they are kept quiet whatever level
/// is asked for in general.
const TALKATIVE: [&str; 2] = ["async_openai=off", "rmcp=error"];

/// Installs the process-wide subscriber.
///
/// # Errors
/// When the filter is malformed or a subscriber is installed already.
pub fn init(config: &TelemetryConfig) -> anyhow::Result<()> {
    let filter =
        EnvFilter::try_new(&config.filter).context("telemetry.filter (JM_LOG) is malformed; an example: info,jonathans_memory=debug")?;
    let filter = TALKATIVE.iter().try_fold(filter, |filter, directive| Ok::<_, anyhow::Error>(filter.add_directive(directive.parse()?)))?;
    let registry = tracing_subscriber::registry().with(filter);
    match config.format {
        LogFormat::Text => registry.with(tracing_subscriber::fmt::layer().with_writer(std::io::stderr)).try_init()?,
        LogFormat::Json => registry.with(tracing_subscriber::fmt::layer().json().with_writer(std::io::stderr)).try_init()?,
    }
    Ok(())
}
