//! `/memories`: one file per group of operations, their types in `model`.

mod actions;
mod batch;
mod filter;
mod insight;
mod lifecycle;
mod model;
mod one;
mod search;

use utoipa_axum::router::OpenApiRouter;

use super::RestParts;
pub(super) use model::{AddedOut, AppMemory, MemoryOut};

pub(super) fn routes() -> OpenApiRouter<RestParts> {
    super::route_table! {
        filter::list_memories, one::create_memory, actions::delete_memories;
        filter::filter_memories;
        batch::add_memories;
        search::search_memories;
        insight::list_categories;
        actions::archive_memories;
        actions::pause_memories;
        actions::restore_memories;
        actions::keep_memories;
        one::get_memory, one::update_memory, one::delete_memory;
        insight::memory_access_log;
        insight::memory_history;
        insight::related_memories;
        insight::alike_memories;
        lifecycle::restore_memory;
        lifecycle::keep_memory;
        lifecycle::undo_memory;
        lifecycle::link_memories, lifecycle::unlink_memories;
    }
}
