//! Counters for Prometheus: `http_requests_total{method,route,status}` and
//! `http_request_duration_seconds{method,route}` (time to the head of the answer). Labels are route templates.

use std::time::{Duration, Instant};

use axum::{extract::Request, middleware::Next, response::Response};
use metrics::{counter, describe_counter, describe_histogram, histogram};
use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};

use super::{method_label, route_label};

const REQUESTS: &str = "http_requests_total";
const DURATION: &str = "http_request_duration_seconds";
/// Upper bounds in seconds: sub-millisecond for searches, minutes for a large batch.
const BUCKETS: [f64; 15] = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 15.0, 60.0];

/// How often samples are put in their buckets; until then each takes its own memory.
const UPKEEP_EVERY: Duration = Duration::from_secs(5);

/// Installs the process-wide recorder and looks after it while the runtime lives. Call it once, at start.
///
/// # Errors
/// When a recorder is installed already.
pub fn install() -> Result<PrometheusHandle, BuildError> {
    let handle = PrometheusBuilder::new().set_buckets_for_metric(Matcher::Suffix("_seconds".into()), &BUCKETS)?.install_recorder()?;
    let kept = handle.clone();
    tokio::spawn(async move {
        loop {
            tokio::time::sleep(UPKEEP_EVERY).await;
            kept.run_upkeep();
        }
    });
    describe_counter!(REQUESTS, "HTTP requests by method, route template and status.");
    describe_histogram!(DURATION, metrics::Unit::Seconds, "Time from the head of a request to the head of its answer.");
    Ok(handle)
}

/// Middleware for `axum::middleware::from_fn`; on the router that holds all routes.
pub async fn layer(request: Request, next: Next) -> Response {
    let method = method_label(request.method());
    let route = route_label(request.extensions());
    let start = Instant::now();
    let response = next.run(request).await;
    let status = response.status().as_str().to_owned();
    histogram!(DURATION, "method" => method, "route" => route.clone()).record(start.elapsed().as_secs_f64());
    counter!(REQUESTS, "method" => method, "route" => route, "status" => status).increment(1);
    response
}
