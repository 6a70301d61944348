//! `POST /memories/actions/pause`.

use axum::extract::State;
use serde::{Deserialize, de::IgnoredAny};
use utoipa::ToSchema;

use super::actions::MovedOut;
use crate::{
    error::{Error, Result},
    http::extract::{Caller, Json},
    ids::{AppId, MemoryId},
    memory::{Selection, State as MemoryState, Writer},
};

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
    fn pausing_never_deletes() {
        let read = |body| serde_json::from_value::<PauseIn>(body).expect("fits").into_domain();
        let (selection, state) = read(json!({"global_pause": true})).expect("fits");
        assert!(selection.all && state == MemoryState::Paused);
        assert_eq!(read(json!({"memory_ids": [], "state": "active"})).expect("fits").1, MemoryState::Active);
        assert!(read(json!({"global_pause": true, "state": "deleted"})).is_err());
        assert!(read(json!({"all_for_app": true})).is_err());
    }
}
