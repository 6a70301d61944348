//! Actions on many memories: delete, archive, pause, restore.

use axum::extract::State;
use serde::{Deserialize, Serialize, de::IgnoredAny};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    error::{Error, Result},
    http::extract::{Caller, Json},
    ids::{AppId, MemoryId},
    memory::{MemoryService, Selection, State as MemoryState},
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

/// Delete many memories, or all
#[utoipa::path(delete, path = "/memories/", operation_id = "deleteMemories", tag = "memories", request_body = DeleteIn,
    responses((status = 200, description = "What is gone", body = DeletedOut)))]
pub(super) async fn delete_memories(
    State(memories): State<MemoryService>,
    Caller(by): Caller,
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
    let deleted = memories.delete(&by, Selection { ids, all, ..Selection::default() }).await?;
    Ok(Json(DeletedOut::of(&deleted)))
}

/// Which memories to archive or restore: a bare list of ids, or an object that holds one.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(untagged)]
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
    fn selection(self) -> Selection {
        let (Self::List(ids) | Self::Object { memory_ids: ids }) = self;
        Selection { ids, ..Selection::default() }
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
pub(super) async fn archive_memories(
    State(memories): State<MemoryService>,
    Caller(by): Caller,
    Json(body): Json<IdsIn>,
) -> Result<Json<MovedOut>> {
    let moved = memories.set_state(&by, body.selection(), MemoryState::Archived).await?;
    Ok(Json(MovedOut::of("archived", &moved)))
}

/// Make paused or archived memories active again
#[utoipa::path(post, path = "/memories/actions/restore", operation_id = "restoreMemories", tag = "memories", request_body = IdsIn,
    responses((status = 200, description = "What is active now", body = MovedOut)))]
pub(super) async fn restore_memories(
    State(memories): State<MemoryService>,
    Caller(by): Caller,
    Json(body): Json<IdsIn>,
) -> Result<Json<MovedOut>> {
    let moved = memories.set_state(&by, body.selection(), MemoryState::Active).await?;
    Ok(Json(MovedOut::of("restored", &moved)))
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
        if state == MemoryState::Deleted {
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
pub(super) async fn pause_memories(
    State(memories): State<MemoryService>,
    Caller(by): Caller,
    Json(body): Json<PauseIn>,
) -> Result<Json<MovedOut>> {
    let (selection, state) = body.into_domain()?;
    let moved = memories.set_state(&by, selection, state).await?;
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
            let selection = serde_json::from_value::<IdsIn>(body).expect("fits").selection();
            assert_eq!((selection.ids, selection.all), (vec![id], false));
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
