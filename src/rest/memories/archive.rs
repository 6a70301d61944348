//! `POST /memories/actions/archive`.

use axum::extract::State;

use super::actions::{IdsIn, MovedOut};
use crate::{
    error::Result,
    http::extract::{Caller, Json},
    memory::{Selection, State as MemoryState, Writer},
};

/// Archive memories
///
/// They are kept, and found no more unless archived ones are asked for.
#[utoipa::path(post, path = "/memories/actions/archive", operation_id = "archiveMemories", tag = "memories", request_body = IdsIn,
    responses((status = 200, description = "What is archived now", body = MovedOut)))]
pub(super) async fn archive_memories(State(writer): State<Writer>, Caller(by): Caller, Json(body): Json<IdsIn>) -> Result<Json<MovedOut>> {
    let moved = writer.set_state(&by, Selection { ids: body.ids(), ..Selection::default() }, MemoryState::Archived).await?;
    Ok(Json(MovedOut::of("archived", &moved)))
}
