//! `/undo`: one call takes back what one app, credential or conversation wrote.

use axum::extract::State;
use serde::{Deserialize, Serialize, de::IgnoredAny};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use uuid::Uuid;

use super::{
    RestParts,
    common::{named_apps, or_default},
};
use crate::{
    auth::Scope,
    clock::{Period, Timestamp},
    error::{Error, Result},
    http::extract::{Caller, Json},
    ids::{AppId, CredentialId, MemoryId},
    memory::{Author, Revisions, Undone, Window},
    tenancy::TenancyService,
};

pub(super) fn routes() -> OpenApiRouter<RestParts> {
    super::route_table! {
        undo_writes;
    }
}

/// Whose writes to take back, and when they were made. Name one of `app`, `app_id`, `credential_id`, `import_id`
/// and `session_id`.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = UndoWrites)]
pub(super) struct UndoWritesIn {
    /// Those of the app of this name.
    #[serde(default)]
    app: Option<String>,
    /// Those of this app.
    #[serde(default)]
    #[schema(value_type = Option<Uuid>)]
    app_id: Option<AppId>,
    /// Those of this API key or endpoint, whatever app it spoke for; a revoked one too.
    #[serde(default)]
    #[schema(value_type = Option<Uuid>)]
    credential_id: Option<CredentialId>,
    /// Everything that one import stored: the `import_id` of its answer.
    #[serde(default)]
    #[schema(value_type = Option<Uuid>)]
    import_id: Option<CredentialId>,
    /// The memories of this conversation, and what those took the place of.
    #[serde(default)]
    session_id: Option<String>,
    /// Written at or after: RFC 3339, a date, month or year (its beginning, UTC), or seconds since 1970; since ever when absent.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    from: Option<Period>,
    /// Written at or before, a date, month or year included to its end; now when absent.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    to: Option<Period>,
    /// Only tell what would be done.
    #[serde(default, deserialize_with = "or_default")]
    dry_run: bool,
    #[serde(default, rename = "user_id")]
    #[schema(ignore)]
    _user_id: Option<IgnoredAny>,
}

/// A memory that stays as it is.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct UndoConflict {
    id: Uuid,
    /// `changed_since`: somebody else changed it afterwards, or the same author did after the window. `same_text`: another
    /// memory of the project has the text or key that would come back.
    reason: &'static str,
}

/// What was taken back.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct UndoneOut {
    /// True when nothing was done, and this tells what would be.
    dry_run: bool,
    /// How many memories were deleted; they can be restored.
    deleted: usize,
    /// How many are again what they were.
    restored: usize,
    /// How many were as they should be already.
    unchanged: usize,
    /// Memories that began in the window.
    deleted_ids: Vec<Uuid>,
    /// Memories that were changed in the window.
    restored_ids: Vec<Uuid>,
    /// What stays as it is.
    conflicts: Vec<UndoConflict>,
}

/// Take back everything that an app, a credential or a conversation wrote
///
/// Memories that it added in the window are deleted, and can be restored; memories that it changed, deleted or took the place
/// of are again what they were before its first change. What somebody else has changed since stays, and is reported. Done in
/// batches: the same call again finishes what was cut off. Needs the scope `memory:delete_all`, since it can remove much.
/// Revoke the credential or pause the app first, so that it writes nothing more meanwhile.
#[utoipa::path(post, path = "/undo", operation_id = "undoWrites", tag = "memories", request_body = UndoWritesIn,
    responses((status = 200, description = "What was taken back, and what was not", body = UndoneOut)))]
pub(super) async fn undo_writes(
    State(revisions): State<Revisions>,
    State(tenancy): State<TenancyService>,
    Caller(by): Caller,
    Json(body): Json<UndoWritesIn>,
) -> Result<Json<UndoneOut>> {
    by.require(Scope::MemoryDeleteAll)?;
    let mut authors = Vec::new();
    authors.extend(named_apps(&tenancy, &by, body.app.into_iter().collect()).await?.into_iter().map(Author::App));
    if let Some(app) = body.app_id {
        tenancy.app_stats(&by.scope, by.project, app).await?;
        authors.push(Author::App(app));
    }
    // An import acts under an id of its own, where others act under their credential.
    authors.extend([body.credential_id, body.import_id].into_iter().flatten().map(Author::Credential));
    authors.extend(body.session_id.map(Author::Session));
    let (Some(author), true) = (authors.pop(), authors.is_empty()) else {
        return Err(Error::invalid("Name one of app, app_id, credential_id, import_id and session_id: whose writes are to be taken back."));
    };
    let window = Window { author, from: body.from.map(Period::first), to: body.to.map_or(Timestamp(i64::MAX), Period::last) };
    if window.from.is_some_and(|from| from > window.to) {
        return Err(Error::invalid("from lies after to."));
    }
    let Undone { deleted, restored, conflicts, unchanged } = revisions.undo_window(&by, &window, body.dry_run).await?;
    let plain = |ids: Vec<MemoryId>| ids.into_iter().map(|id| id.0).collect();
    Ok(Json(UndoneOut {
        dry_run: body.dry_run,
        deleted: deleted.len(),
        restored: restored.len(),
        unchanged,
        deleted_ids: plain(deleted),
        restored_ids: plain(restored),
        conflicts: conflicts.into_iter().map(|(id, reason)| UndoConflict { id: id.0, reason }).collect(),
    }))
}
