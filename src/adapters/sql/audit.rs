//! The audit trail of a tenant: ids and counts, never text. A row is written in the transaction of what it tells.

use sqlx::types::Json;
use uuid::Uuid;

use super::{Session, statements};
use crate::{clock::Timestamp, error::Result, tenancy::TenantScope};

statements! {
    AUDIT: "INSERT INTO audit (id, tenant_id, user_id, credential_id, action, subject_id, detail, at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
}

/// Appends an audit row in the caller's transaction.
#[expect(clippy::too_many_arguments, reason = "the columns of one row")]
pub(super) async fn audit(
    session: &mut Session,
    scope: &TenantScope,
    user: Uuid,
    credential: Option<Uuid>,
    action: &str,
    subject: Option<Uuid>,
    detail: serde_json::Value,
    now: Timestamp,
) -> Result<()> {
    session
        .query(&AUDIT)
        .bind(Uuid::now_v7())
        .bind(scope.tenant().0)
        .bind(user)
        .bind(credential)
        .bind(action)
        .bind(subject)
        .bind(Json(&detail))
        .bind(now.0)
        .execute()
        .await
        .map(drop)
}
