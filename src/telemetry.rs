//! Logs go to standard error, and spans, where an endpoint is set, to a collector. What a line may hold is decided where it
//! is written: ids, counts and route templates, never a secret, a path or the text of a memory.
//!
//! The two do not mix: a span that is made for the collector carries [`SPANS`] as its target, logs leave that target out,
//! and nothing else is ever exported, no event and no span of a library.

use std::time::Duration;

use anyhow::Context as _;
use opentelemetry::{
    propagation::{Extractor, TextMapPropagator},
    trace::TracerProvider,
};
use opentelemetry_otlp::{SpanExporter, WithTonicConfig};
use opentelemetry_sdk::{Resource, propagation::TraceContextPropagator, trace::SdkTracerProvider};
use tonic::transport::{ClientTlsConfig, Endpoint};
use tracing::{Level, Span, field::Empty, info_span, span_enabled};
use tracing_opentelemetry::OpenTelemetrySpanExt;
use tracing_subscriber::{EnvFilter, Layer, filter::filter_fn, layer::SubscriberExt, util::SubscriberInitExt};

use crate::config::{LogFormat, TelemetryConfig};

/// The target of what is exported.
pub const SPANS: &str = "jonathans_memory::spans";

/// Libraries that write whole requests and answers, and with them the texts of tenants: they are kept quiet whatever level
/// is asked for in general. And the spans that are not for logs.
const NOT_LOGGED: [&str; 3] = ["async_openai=off", "rmcp=error", "jonathans_memory::spans=off"];

/// Longest wait for a connection to the collector.
const CONNECT: Duration = Duration::from_secs(3);
/// How long the end of the program waits for the last spans to leave.
const FLUSH: Duration = Duration::from_secs(2);

/// Sends what is left when the program ends.
#[must_use]
pub struct Spans(Option<SdkTracerProvider>);

impl Spans {
    /// Sends it, or gives it up after two seconds.
    pub async fn flush(self) {
        let Some(provider) = self.0 else { return };
        // It blocks, and the connection that it waits for lives on this runtime.
        let flushed = tokio::task::spawn_blocking(move || provider.shutdown_with_timeout(FLUSH)).await;
        if let Ok(Err(error)) = flushed {
            tracing::warn!(%error, "the last spans did not reach the collector");
        }
    }
}

/// Installs the process-wide subscriber. Call it in the runtime.
///
/// # Errors
/// When the filter or the endpoint is malformed, or a subscriber is installed already.
pub fn init(config: &TelemetryConfig) -> anyhow::Result<Spans> {
    let filter =
        EnvFilter::try_new(&config.filter).context("telemetry.filter (JM_LOG) is malformed; an example: info,jonathans_memory=debug")?;
    let filter =
        NOT_LOGGED.iter().try_fold(filter, |filter, directive| Ok::<_, anyhow::Error>(filter.add_directive(directive.parse()?)))?;
    let logs = match config.format {
        LogFormat::Text => tracing_subscriber::fmt::layer().with_writer(std::io::stderr).boxed(),
        LogFormat::Json => tracing_subscriber::fmt::layer().json().with_writer(std::io::stderr).boxed(),
    };
    let provider = config.otlp_endpoint.as_deref().map(|endpoint| provider(endpoint, &config.service_name)).transpose()?;
    let export = provider.as_ref().map(|provider| {
        tracing_opentelemetry::layer()
            .with_tracer(provider.tracer("jonathans-memory"))
            .with_location(false)
            .with_threads(false)
            .with_target(false)
            .with_tracked_inactivity(false)
            .with_filter(filter_fn(|meta| meta.is_span() && meta.target() == SPANS))
    });
    let registry = tracing_subscriber::registry().with(logs.with_filter(filter));
    // Not as an option: beside a layer without a filter, which `None` is, a span that no log wants leaves the log's filter closed for
    // the line that comes next.
    match export {
        Some(export) => registry.with(export).try_init()?,
        None => registry.try_init()?,
    }
    Ok(Spans(provider))
}

/// Batches spans on a thread of its own and sends them by gRPC. It connects when there is something to send; while the
/// collector is away, spans are dropped, and nobody waits.
fn provider(endpoint: &str, service: &str) -> anyhow::Result<SdkTracerProvider> {
    const MALFORMED: &str = "telemetry.otlp_endpoint (OTEL_EXPORTER_OTLP_ENDPOINT) is malformed; an example: http://127.0.0.1:4317";
    let mut channel = Endpoint::from_shared(endpoint.to_owned()).context(MALFORMED)?.connect_timeout(CONNECT);
    if endpoint.starts_with("https://") {
        channel = channel.tls_config(ClientTlsConfig::new().with_native_roots()).context(MALFORMED)?;
    }
    let exporter = SpanExporter::builder().with_tonic().with_channel(channel.connect_lazy()).build().context(MALFORMED)?;
    let resource = Resource::builder().with_service_name(service.to_owned()).build();
    Ok(SdkTracerProvider::builder().with_batch_exporter(exporter).with_resource(resource).build())
}

/// The span of a request, by route template; part of the caller's trace if that is named (`traceparent` of W3C Trace
/// Context). Disabled where nothing is exported.
pub fn request_span(method: &'static str, route: &str, request_id: Option<&str>, traceparent: Option<&str>) -> Span {
    let span = info_span!(
        target: SPANS,
        "request",
        otel.name = format!("{method} {route}"),
        otel.kind = "server",
        otel.status_code = Empty,
        http.request.method = method,
        http.route = route,
        http.response.status_code = Empty,
        request_id,
    );
    if let (false, Some(traceparent)) = (span.is_disabled(), traceparent) {
        // It fails only for a span that has begun.
        let _ = span.set_parent(TraceContextPropagator::new().extract(&Traceparent(traceparent)));
    }
    span
}

/// Tells how a request ended.
pub fn end_request(span: &Span, status: u16) {
    span.record("http.response.status_code", status);
    if status >= 500 {
        span.record("otel.status_code", "ERROR");
    }
}

/// Whether what happens now is part of an exported trace.
#[must_use]
pub fn is_traced() -> bool {
    span_enabled!(target: SPANS, Level::INFO) && Span::current().metadata().is_some_and(|meta| meta.target() == SPANS)
}

/// A span for the collector around a part of what is traced; disabled outside of a trace, so that background work that runs
/// all the time makes none.
macro_rules! part {
    ($($span:tt)+) => {
        if $crate::telemetry::is_traced() {
            ::tracing::info_span!(target: $crate::telemetry::SPANS, $($span)+)
        } else {
            ::tracing::Span::none()
        }
    };
}
pub(crate) use part;

/// One header. `tracestate` stays outside: whatever a caller writes there would be handed on.
struct Traceparent<'a>(&'a str);

impl Extractor for Traceparent<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        (key == "traceparent").then_some(self.0)
    }

    fn keys(&self) -> Vec<&str> {
        vec!["traceparent"]
    }
}
