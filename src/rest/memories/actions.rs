//! Actions on many memories: delete, archive, pause, restore.

use axum::extract::State;
use serde::{Deserialize, Serialize, de::IgnoredAny};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::{
    error::{Error, Result},
    http::extract::{Caller, Json, Query},
    ids::{AppId, MemoryId},
    memory::{Erasure, Restored, Reviews, Revisions, Selection, State as MemoryState, Writer},
};

/// Which memories to delete.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = MemoryDeletion)]
pub(super) struct DeleteIn {
    /// These; up to 1,000.
    #[serde(default)]
    #[schema(value_type = Option<Vec<Uuid>>)]
    memory_ids: Option<Vec<MemoryId>>,
    /// All of them; needs `confirm: true` and the scope `memory:delete_all`.
    #[serde(default)]
    all: Option<bool>,
    /// That all is meant.
    #[serde(default)]
    confirm: Option<bool>,
    /// Erase them at once, so that nothing can be restored; the same as `?permanent=true`.
    #[serde(default)]
    permanent: Option<bool>,
    #[serde(default, rename = "user_id")]
    #[schema(ignore)]
    _user_id: Option<IgnoredAny>,
}

/// What was deleted.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct DeletedOut {
    message: String,
    /// How many.
    deleted: usize,
    /// Which; ids that were not there are missing here.
    ids: Vec<Uuid>,
}

impl DeletedOut {
    pub(super) fn of(ids: &[MemoryId]) -> Self {
        let deleted = ids.len();
        Self { message: format!("Successfully deleted {deleted} memories"), deleted, ids: ids.iter().map(|id| id.0).collect() }
    }
}

/// How memories are deleted.
#[derive(Debug, Clone, Copy, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct HowToDelete {
    /// Erase at once, with history, vectors, links and access log, instead of keeping it for a restore; also what was deleted
    /// before.
    #[serde(default)]
    pub(super) permanent: bool,
}

/// Delete many memories, or all
///
/// They can be restored for a while (`limits.deleted_kept_days`), then they are erased.
#[utoipa::path(delete, path = "/memories/", operation_id = "deleteMemories", tag = "memories", request_body = DeleteIn, params(HowToDelete),
    responses((status = 200, description = "What is gone", body = DeletedOut)))]
pub(super) async fn delete_memories(
    State(erasure): State<Erasure>,
    State(writer): State<Writer>,
    Caller(by): Caller,
    Query(how): Query<HowToDelete>,
    Json(body): Json<DeleteIn>,
) -> Result<Json<DeletedOut>> {
    let ids = body.memory_ids.unwrap_or_default();
    let all = body.all == Some(true);
    if all && !ids.is_empty() {
        return Err(Error::invalid("Send either memory_ids or all, not both."));
    }
    if all && body.confirm != Some(true) {
        return Err(Error::invalid("Deleting all memories needs \"confirm\": true beside \"all\": true."));
    }
    let selection = Selection { ids, all, ..Selection::default() };
    let permanent = how.permanent || body.permanent == Some(true);
    let deleted = if permanent { erasure.erase_memories(&by, selection).await? } else { writer.delete(&by, selection).await? };
    Ok(Json(DeletedOut::of(&deleted)))
}

/// Which memories to archive or restore: a bare list of ids, or an object that holds one.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(untagged, expecting = "memory_ids must be a list of ids, in an object or by itself")]
#[schema(as = MemoryIds)]
pub(super) enum IdsIn {
    /// A bare list.
    #[schema(value_type = Vec<Uuid>)]
    List(Vec<MemoryId>),
    /// An object.
    Object {
        /// The ids.
        #[schema(value_type = Vec<Uuid>)]
        memory_ids: Vec<MemoryId>,
    },
}

impl IdsIn {
    fn ids(self) -> Vec<MemoryId> {
        let (Self::List(ids) | Self::Object { memory_ids: ids }) = self;
        ids
    }
}

/// What was moved.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct MovedOut {
    message: String,
    /// How many.
    updated: usize,
    /// Which; ids that were not there are missing here.
    ids: Vec<Uuid>,
}

impl MovedOut {
    fn of(what: &str, ids: &[MemoryId]) -> Self {
        Self {
            message: format!("Successfully {what} {} memories", ids.len()),
            updated: ids.len(),
            ids: ids.iter().map(|id| id.0).collect(),
        }
    }
}

/// Archive memories
///
/// They are kept, and found no more unless archived ones are asked for.
#[utoipa::path(post, path = "/memories/actions/archive", operation_id = "archiveMemories", tag = "memories", request_body = IdsIn,
    responses((status = 200, description = "What is archived now", body = MovedOut)))]
pub(super) async fn archive_memories(State(writer): State<Writer>, Caller(by): Caller, Json(body): Json<IdsIn>) -> Result<Json<MovedOut>> {
    let moved = writer.set_state(&by, Selection { ids: body.ids(), ..Selection::default() }, MemoryState::Archived).await?;
    Ok(Json(MovedOut::of("archived", &moved)))
}

/// What was restored.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct RestoredOut {
    message: String,
    /// How many.
    updated: usize,
    /// Which; ids that were not there, or needed nothing, are missing here.
    ids: Vec<Uuid>,
    /// Those that stay deleted (or superseded), since another memory of their project has the same text or key by now.
    conflicts: Vec<Uuid>,
}

/// Make memories seen again
///
/// Paused, archived and superseded ones become active; deleted ones come back in the state that they had.
#[utoipa::path(post, path = "/memories/actions/restore", operation_id = "restoreMemories", tag = "memories", request_body = IdsIn,
    responses((status = 200, description = "What came back", body = RestoredOut)))]
pub(super) async fn restore_memories(
    State(revisions): State<Revisions>,
    Caller(by): Caller,
    Json(body): Json<IdsIn>,
) -> Result<Json<RestoredOut>> {
    Ok(Json(RestoredOut::of("restored", revisions.restore(&by, body.ids()).await?)))
}

impl RestoredOut {
    fn of(what: &str, Restored { restored, conflicts }: Restored) -> Self {
        let plain = |ids: Vec<MemoryId>| ids.into_iter().map(|id| id.0).collect();
        Self {
            message: format!("Successfully {what} {} memories", restored.len()),
            updated: restored.len(),
            ids: plain(restored),
            conflicts: plain(conflicts),
        }
    }
}

/// Keep memories that the write gate holds back
///
/// They are active and found from now on.
#[utoipa::path(post, path = "/memories/actions/keep", operation_id = "keepMemories", tag = "memories", request_body = IdsIn,
    responses((status = 200, description = "What is kept now", body = RestoredOut)))]
pub(super) async fn keep_memories(
    State(reviews): State<Reviews>,
    Caller(by): Caller,
    Json(body): Json<IdsIn>,
) -> Result<Json<RestoredOut>> {
    Ok(Json(RestoredOut::of("kept", reviews.keep(&by, body.ids()).await?)))
}

/// Which memories to pause. Everything stays within the caller's own memories.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = MemoryPause)]
pub(super) struct PauseIn {
    /// These; up to 1,000.
    #[serde(default)]
    #[schema(value_type = Option<Vec<Uuid>>)]
    memory_ids: Option<Vec<MemoryId>>,
    /// Those with one of these tags; a category's id is its name.
    #[serde(default)]
    category_ids: Option<Vec<String>>,
    /// Those that this app wrote.
    #[serde(default)]
    #[schema(value_type = Option<Uuid>)]
    app_id: Option<AppId>,
    /// Taken for compatibility: naming an app means all of its memories.
    #[serde(default)]
    all_for_app: Option<bool>,
    /// All of the caller's memories.
    #[serde(default)]
    global_pause: Option<bool>,
    /// The same as `global_pause`.
    #[serde(default)]
    global_pause_for_user: Option<bool>,
    /// `paused` (the default), `active` to resume, or `archived`.
    #[serde(default)]
    state: Option<String>,
    #[serde(default, rename = "user_id")]
    #[schema(ignore)]
    _user_id: Option<IgnoredAny>,
}

impl PauseIn {
    fn into_domain(self) -> Result<(Selection, MemoryState)> {
        let state = self.state.as_deref().map_or(Ok(MemoryState::Paused), str::parse)?;
        if matches!(state, MemoryState::Deleted | MemoryState::Superseded | MemoryState::Held) {
            return Err(Error::invalid("state must be 'paused', 'active' or 'archived'. Use DELETE to delete memories."));
        }
        // What was archived stays archived: a pause and its end concern what is otherwise seen.
        let from = match state {
            MemoryState::Active => vec![MemoryState::Paused],
            MemoryState::Paused => vec![MemoryState::Active],
            _ => Vec::new(),
        };
        let selection = Selection {
            all: self.global_pause == Some(true) || self.global_pause_for_user == Some(true),
            app: self.app_id,
            tags: self.category_ids.unwrap_or_default(),
            ids: self.memory_ids.unwrap_or_default(),
            project: None,
            from,
        };
        if self.all_for_app == Some(true) && selection.app.is_none() {
            return Err(Error::invalid("all_for_app needs app_id."));
        }
        Ok((selection, state))
    }
}

/// Pause memories, or resume them with `"state": "active"`
///
/// Paused memories are kept, and no client finds them.
#[utoipa::path(post, path = "/memories/actions/pause", operation_id = "pauseMemories", tag = "memories", request_body = PauseIn,
    responses((status = 200, description = "What is in the new state now", body = MovedOut)))]
pub(super) async fn pause_memories(State(writer): State<Writer>, Caller(by): Caller, Json(body): Json<PauseIn>) -> Result<Json<MovedOut>> {
    let (selection, state) = body.into_domain()?;
    let moved = writer.set_state(&by, selection, state).await?;
    let what = match state {
        MemoryState::Active => "resumed",
        MemoryState::Archived => "archived",
        _ => "paused",
    };
    Ok(Json(MovedOut::of(what, &moved)))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn both_forms_of_an_id_list_are_read() {
        let id = MemoryId::new();
        for body in [json!([id]), json!({"memory_ids": [id], "user_id": "x"})] {
            let ids = serde_json::from_value::<IdsIn>(body).expect("fits").ids();
            assert_eq!(ids, [id]);
        }
        for body in [json!({}), json!({"memory_ids": null}), json!(["x"]), json!(null)] {
            let error = serde_json::from_value::<IdsIn>(body).expect_err("refused");
            assert!(error.to_string().contains("memory_ids"), "{error}");
        }
    }

    #[test]
    fn pausing_never_deletes() {
        let read = |body| serde_json::from_value::<PauseIn>(body).expect("fits").into_domain();
        let (selection, state) = read(json!({"global_pause": true})).expect("fits");
        assert!(selection.all && state == MemoryState::Paused);
        assert_eq!(read(json!({"memory_ids": [], "state": "active"})).expect("fits").1, MemoryState::Active);
        assert!(read(json!({"global_pause": true, "state": "deleted"})).is_err());
        assert!(read(json!({"all_for_app": true})).is_err());
    }
}
