//! `/settings`: what the account has chosen, and how often the write gate decided what.

use std::collections::BTreeMap;

use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;

use super::{RestParts, common::manages_tenant};
use crate::{
    error::{Error, Result},
    http::extract::{Caller, Json, Query},
    memory::{Gate as WriteGate, GateSettings, RULES, Redaction, ReviewPolicy, Settings as SettingsService, TenantSettings},
};

/// Days of counts where none are asked for.
const DAYS: u32 = 30;
const MOST_DAYS: u32 = 3_650;

pub(super) fn routes() -> OpenApiRouter<RestParts> {
    super::route_table! {
        get_settings, change_settings;
        get_gate_counts;
    }
}

/// What the account has chosen.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Settings {
    gate: Gate,
    /// Whether memories that nobody uses fade, within bounds; off unless chosen.
    decay: bool,
    /// What waits, hidden, until a person approves it: `off` (the default), `inferred` (what was taken from texts) or `all` (what
    /// no person has said in these words).
    #[serde(default)]
    #[schema(value_type = String)]
    review: ReviewPolicy,
}

/// What the write gate holds back or replaces. `force` on a memory overrules the holding, never the rules on secrets.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Gate {
    /// Keys, tokens and passwords: `keep`, `redact` (the default: their names take their places) or `refuse`.
    #[schema(value_type = String)]
    secrets: Redaction,
    /// Payment cards, bank accounts, social security numbers; `redact` unless chosen otherwise.
    #[schema(value_type = String)]
    identifiers: Redaction,
    /// E-mail addresses and telephone numbers; `keep` unless chosen otherwise.
    #[schema(value_type = String)]
    contacts: Redaction,
    /// Do not store again what the next search finds already.
    duplicates: bool,
    /// Hold back talk that says nothing, output of tools, prompts of programs.
    junk: bool,
    /// Hold back what the client was given a moment ago and brings back whole.
    echoes: bool,
}

impl From<TenantSettings> for Settings {
    fn from(TenantSettings { gate: g, decay, review }: TenantSettings) -> Self {
        let gate = Gate {
            secrets: g.secrets,
            identifiers: g.identifiers,
            contacts: g.contacts,
            duplicates: g.duplicates,
            junk: g.junk,
            echoes: g.echoes,
        };
        Self { gate, decay, review }
    }
}

impl From<Settings> for TenantSettings {
    fn from(Settings { gate: g, decay, review }: Settings) -> Self {
        let gate = GateSettings {
            secrets: g.secrets,
            identifiers: g.identifiers,
            contacts: g.contacts,
            duplicates: g.duplicates,
            junk: g.junk,
            echoes: g.echoes,
        };
        Self { gate, decay, review }
    }
}

/// Read the settings
#[utoipa::path(get, path = "/settings", operation_id = "getSettings", tag = "settings",
    responses((status = 200, description = "What the account has chosen", body = Settings)))]
async fn get_settings(State(service): State<SettingsService>, Caller(by): Caller) -> Result<Json<Settings>> {
    Ok(Json(service.get(&by).await?.into()))
}

/// Change the settings
#[utoipa::path(put, path = "/settings", operation_id = "changeSettings", tag = "settings", request_body = Settings,
    responses((status = 200, description = "The settings as they are now", body = Settings)))]
async fn change_settings(
    State(service): State<SettingsService>,
    Caller(by): Caller,
    Json(settings): Json<Settings>,
) -> Result<Json<Settings>> {
    manages_tenant(&by)?;
    let settings = settings.into();
    service.change(&by, &settings).await?;
    Ok(Json(settings.into()))
}

/// Which counts.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Since {
    /// Of so many days, today included; 30 when absent.
    #[serde(default)]
    days: Option<u32>,
}

/// What the write gate decided.
#[derive(Debug, Serialize, ToSchema)]
struct GateCounts {
    /// Memories by decision: `stored`, what was noticed (`redacted`, `instructions`, …), or why they were not stored.
    #[schema(value_type = std::collections::HashMap<String, i64>)]
    decisions: BTreeMap<String, i64>,
    /// Versions of the rules in force.
    #[schema(value_type = std::collections::HashMap<String, u32>)]
    rules: BTreeMap<&'static str, u32>,
}

/// Read what the write gate decided
#[utoipa::path(get, path = "/stats/gate", operation_id = "getGateCounts", tag = "stats", params(Since),
    responses((status = 200, description = "Counts by decision", body = GateCounts)))]
async fn get_gate_counts(State(gate): State<WriteGate>, Caller(by): Caller, Query(since): Query<Since>) -> Result<Json<GateCounts>> {
    let days = since.days.unwrap_or(DAYS);
    if !(1..=MOST_DAYS).contains(&days) {
        return Err(Error::invalid(format!("days must be 1 to {MOST_DAYS}.")));
    }
    by.require_account()?;
    let decisions = gate.counts(&by, days).await?.into_iter().collect();
    Ok(Json(GateCounts { decisions, rules: RULES.into_iter().collect() }))
}
