//! Probes: is the process alive, can it serve, and the figures for Prometheus. They answer without a credential, so
//! they tell states and counts, never data or causes.

use std::{collections::BTreeMap, sync::Arc};

use async_trait::async_trait;
use axum::{
    extract::{FromRef, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use metrics_exporter_prometheus::PrometheusHandle;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::extract::Json;
use crate::error::{Code, Error};

/// State of the server or of one of its parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Works.
    Ok,
    /// Answers, with less than usual (search goes on lexically while the embedder is down).
    Degraded,
    /// Cannot serve.
    Failed,
}

/// The answer of a probe.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Health {
    /// The worst of the checks.
    pub status: Status,
    /// Version of the program.
    pub version: &'static str,
    /// Each part by its name.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    #[schema(value_type = std::collections::HashMap<String, Status>)]
    pub checks: BTreeMap<&'static str, Status>,
}

impl Health {
    fn of(checks: BTreeMap<&'static str, Status>) -> Self {
        let status = checks.values().copied().max().unwrap_or(Status::Ok);
        Self { status, version: env!("CARGO_PKG_VERSION"), checks }
    }
}

/// What readiness depends on. Implementations bound their own time and cache where a check costs something: anyone may
/// call it as often as they like.
#[async_trait]
pub trait ReadyCheck: Send + Sync {
    /// The parts and their states. While shutting down, one of them is `Failed`.
    async fn check(&self) -> BTreeMap<&'static str, Status>;
}

/// What the probes ask.
#[derive(Clone)]
pub struct Probes {
    /// Behind `/health/ready`.
    pub ready: Arc<dyn ReadyCheck>,
    /// Behind `/metrics`; `None` where switched off.
    pub metrics: Option<PrometheusHandle>,
}

/// The routes, for any state that holds [`Probes`].
pub fn routes<S>() -> OpenApiRouter<S>
where
    S: Clone + Send + Sync + 'static,
    Probes: FromRef<S>,
{
    OpenApiRouter::new().routes(routes!(live)).routes(routes!(ready)).routes(routes!(health)).routes(routes!(metrics))
}

/// Whether this path is a probe of health, which is answered where little else is: to callers by whatever name, and while all
/// connections are at work.
#[must_use]
pub fn is_probe(path: &str) -> bool {
    matches!(path.trim_end_matches('/'), "/health" | "/health/live" | "/health/ready")
}

/// Whether the process runs
///
/// Says nothing about its dependencies: restarting the process would not help those.
#[utoipa::path(get, path = "/health/live", operation_id = "healthLive", tag = "health", security(()), responses((status = 200, body = Health)))]
async fn live() -> Json<Health> {
    Json(Health::of(BTreeMap::new()))
}

/// Whether requests can be served
#[utoipa::path(get, path = "/health/ready", operation_id = "healthReady", tag = "health", security(()),
    responses((status = 200, description = "It can serve, perhaps degraded", body = Health), (status = 503, description = "It cannot serve now", body = Health)))]
async fn ready(State(probes): State<Probes>) -> Response {
    let health = Health::of(probes.ready.check().await);
    let status = if health.status == Status::Failed { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::OK };
    (status, Json(health)).into_response()
}

/// The same as `/health/ready`
#[utoipa::path(get, path = "/health", operation_id = "health", tag = "health", security(()),
    responses((status = 200, description = "It can serve, perhaps degraded", body = Health), (status = 503, description = "It cannot serve now", body = Health)))]
async fn health(probes: State<Probes>) -> Response {
    ready(probes).await
}

/// Figures in Prometheus text format
#[utoipa::path(get, path = "/metrics", operation_id = "metrics", tag = "health", security(()),
    responses((status = 200, body = String, content_type = "text/plain")))]
async fn metrics(State(probes): State<Probes>) -> Result<Response, Error> {
    let Some(handle) = probes.metrics else {
        return Err(Error::new(Code::Disabled, "Metrics are switched off (telemetry.metrics)."));
    };
    Ok(([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], handle.render()).into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worst_check_decides() {
        assert_eq!(Health::of(BTreeMap::new()).status, Status::Ok);
        let checks = BTreeMap::from([("database", Status::Ok), ("embedder", Status::Degraded)]);
        assert_eq!(Health::of(checks).status, Status::Degraded);
    }
}
