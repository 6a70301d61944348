//! `/admin`: what the operator of the service sees. Counts and ids, never a memory; for signed-in operators alone, so that
//! no API key that lies about opens it.

use std::{collections::BTreeMap, sync::Arc};

use axum::extract::{FromRef, FromRequestParts, State};
use axum::http::request::Parts;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use uuid::Uuid;

use super::RestParts;
use crate::{
    auth::{Authenticator, CredentialKind, Principal},
    clock::Timestamp,
    error::{Code, Error, Result},
    http::{
        extract::{Caller, Json, Query},
        health::{Probes, Status},
    },
    ids::UserId,
    jobs::JobQueue,
    tenancy::{Account, AuditEntry, OperatorService},
};

pub(super) fn routes() -> OpenApiRouter<RestParts> {
    super::route_table! {
        admin_overview;
        admin_users;
        admin_jobs;
        admin_revive_jobs;
        admin_audit;
    }
}

/// Proof that a signed-in operator is calling, and who that is.
pub(super) struct Operator(pub(super) Principal);

impl FromRequestParts<RestParts> for Operator {
    type Rejection = Error;
    async fn from_request_parts(parts: &mut Parts, state: &RestParts) -> Result<Self> {
        let Caller(by) = Caller::from_request_parts(parts, state).await?;
        if by.kind != CredentialKind::Jwt {
            return Err(Error::new(Code::InsufficientScope, "Operators sign in: no API key opens this."));
        }
        OperatorService::from_ref(state).require(by.user, by.scope.tenant()).await?;
        Ok(Self(by))
    }
}

/// How the service is.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Overview {
    version: &'static str,
    /// Each part with its state.
    #[schema(value_type = std::collections::HashMap<String, Status>)]
    checks: BTreeMap<&'static str, Status>,
    /// `sqlite` or `postgres`.
    database: &'static str,
    /// `embedded` or `qdrant`.
    index: &'static str,
    /// Which model makes the vectors.
    embedder: String,
    users: i64,
    /// People whom this process let in within a quarter of an hour.
    active_users: u64,
    /// Jobs by state: `queued`, `running`, `dead`.
    #[schema(value_type = std::collections::HashMap<String, i64>)]
    jobs: BTreeMap<String, i64>,
}

/// What runs, for people.
#[derive(Debug, Clone)]
pub struct Machinery {
    /// `sqlite` or `postgres`.
    pub database: &'static str,
    /// `embedded` or `qdrant`.
    pub index: &'static str,
    /// Which model makes the vectors.
    pub embedder: String,
}

/// See how the service is
#[utoipa::path(get, path = "/admin/overview", operation_id = "adminOverview", tag = "admin",
    responses((status = 200, description = "States and counts", body = Overview)))]
async fn admin_overview(
    _: Operator,
    State(probes): State<Probes>,
    State(machinery): State<Machinery>,
    State(operator): State<OperatorService>,
    State(authenticator): State<Arc<Authenticator>>,
    State(queue): State<Arc<dyn JobQueue>>,
) -> Result<Json<Overview>> {
    let (_, users) = operator.accounts(None, 0).await?;
    Ok(Json(Overview {
        version: env!("CARGO_PKG_VERSION"),
        checks: probes.ready.check().await,
        database: machinery.database,
        index: machinery.index,
        embedder: machinery.embedder,
        users,
        active_users: authenticator.active_users(),
        jobs: queue.stats().await?.by_state,
    }))
}

/// Part of a list.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Part {
    /// `next_cursor` of the part before.
    cursor: Option<Uuid>,
    /// 1 to 100; 25 when absent.
    limit: Option<u32>,
}

impl Part {
    fn limit(&self) -> Result<u32> {
        let limit = self.limit.unwrap_or(25);
        if (1..=100).contains(&limit) { Ok(limit) } else { Err(Error::invalid("limit must be 1 to 100.")) }
    }
}

/// An account, without anything that it remembers.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Account)]
pub(super) struct AccountOut {
    user_id: Uuid,
    tenant_id: Uuid,
    email: Option<String>,
    /// `owner` or `operator`.
    role: &'static str,
    /// RFC 3339.
    created_at: String,
    /// RFC 3339; null without a sign-in by password.
    last_login_at: Option<String>,
    /// Endpoints and API keys that work.
    credentials: i64,
    /// Memories that are not deleted.
    memories: i64,
    /// Apps seen so far.
    apps: i64,
}

impl From<Account> for AccountOut {
    fn from(a: Account) -> Self {
        Self {
            user_id: a.user.0,
            tenant_id: a.tenant.0,
            email: a.email,
            role: a.role.as_str(),
            created_at: a.created_at.rfc3339(),
            last_login_at: a.last_login_at.map(Timestamp::rfc3339),
            credentials: a.credentials,
            memories: a.memories,
            apps: a.apps,
        }
    }
}

/// Part of the accounts.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Accounts {
    total: i64,
    /// Newest first.
    users: Vec<AccountOut>,
    next_cursor: Option<Uuid>,
}

/// List users
#[utoipa::path(get, path = "/admin/users", operation_id = "adminUsers", tag = "admin", params(Part),
    responses((status = 200, description = "Newest first, with counts", body = Accounts)))]
async fn admin_users(_: Operator, State(operator): State<OperatorService>, Query(part): Query<Part>) -> Result<Json<Accounts>> {
    let limit = part.limit()?;
    let (accounts, total) = operator.accounts(part.cursor.map(UserId), limit).await?;
    let next_cursor = (accounts.len() == limit as usize).then(|| accounts.last().map(|a| a.user.0)).flatten();
    Ok(Json(Accounts { total, users: accounts.into_iter().map(AccountOut::from).collect(), next_cursor }))
}

/// A job that was given up.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct DeadJobOut {
    id: Uuid,
    tenant_id: Uuid,
    kind: String,
    subject_id: Uuid,
    attempts: i32,
    /// The last reason; never text of a tenant.
    error: Option<String>,
}

/// The background work.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Jobs {
    /// By state: `queued`, `running`, `dead`.
    #[schema(value_type = std::collections::HashMap<String, i64>)]
    by_state: BTreeMap<String, i64>,
    /// When the oldest queued one became due, RFC 3339.
    oldest_due: Option<String>,
    /// Those that were given up, oldest first; up to 100.
    dead: Vec<DeadJobOut>,
}

/// See the background work
#[utoipa::path(get, path = "/admin/jobs", operation_id = "adminJobs", tag = "admin",
    responses((status = 200, description = "Counts, and what was given up", body = Jobs)))]
async fn admin_jobs(_: Operator, State(queue): State<Arc<dyn JobQueue>>) -> Result<Json<Jobs>> {
    let stats = queue.stats().await?;
    let dead = queue.dead(100).await?;
    let dead = dead.into_iter().map(|job| DeadJobOut {
        id: job.id,
        tenant_id: job.tenant.0,
        kind: job.kind,
        subject_id: job.subject,
        attempts: job.attempts,
        error: job.error,
    });
    Ok(Json(Jobs { by_state: stats.by_state, oldest_due: stats.oldest_due.map(Timestamp::rfc3339), dead: dead.collect() }))
}

/// What was queued again.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Revived {
    revived: u64,
}

/// Queue every job that was given up once more
#[utoipa::path(post, path = "/admin/jobs/revive", operation_id = "adminReviveJobs", tag = "admin",
    responses((status = 200, description = "How many", body = Revived)))]
async fn admin_revive_jobs(_: Operator, State(queue): State<Arc<dyn JobQueue>>) -> Result<Json<Revived>> {
    Ok(Json(Revived { revived: queue.revive().await? }))
}

/// One line of the audit trail.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AuditEntry)]
pub(super) struct AuditOut {
    id: Uuid,
    /// Null for what concerns the service as a whole, or somebody whom it does not know.
    tenant_id: Option<Uuid>,
    /// Null likewise, and for the operator's command line.
    user_id: Option<Uuid>,
    /// The stored credential; null for a signed-in person.
    credential_id: Option<Uuid>,
    action: String,
    subject_id: Option<Uuid>,
    /// Ids and counts, never text.
    #[schema(value_type = Object)]
    detail: serde_json::Value,
    /// RFC 3339.
    at: String,
}

impl From<AuditEntry> for AuditOut {
    fn from(entry: AuditEntry) -> Self {
        Self {
            id: entry.id,
            tenant_id: entry.tenant.map(|id| id.0),
            user_id: entry.user.map(|id| id.0),
            credential_id: entry.credential.map(|id| id.0),
            action: entry.action,
            subject_id: entry.subject,
            detail: entry.detail,
            at: entry.at.rfc3339(),
        }
    }
}

/// Part of the audit trail.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Audit {
    /// Newest first.
    entries: Vec<AuditOut>,
    next_cursor: Option<Uuid>,
}

/// Read the audit trail
#[utoipa::path(get, path = "/admin/audit", operation_id = "adminAudit", tag = "admin", params(Part),
    responses((status = 200, description = "Newest first", body = Audit)))]
async fn admin_audit(_: Operator, State(operator): State<OperatorService>, Query(part): Query<Part>) -> Result<Json<Audit>> {
    let limit = part.limit()?;
    let entries = operator.audit(part.cursor, limit).await?;
    let next_cursor = (entries.len() == limit as usize).then(|| entries.last().map(|e| e.id)).flatten();
    Ok(Json(Audit { entries: entries.into_iter().map(AuditOut::from).collect(), next_cursor }))
}
