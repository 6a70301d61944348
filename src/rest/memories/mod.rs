//! `/memories`: a file for each verb; what several of them take and answer is in [`super::wire`].

mod access_log;
mod actions;
mod alike;
mod archive;
mod batch;
mod categories;
mod create;
mod delete;
mod get;
mod history;
mod keep;
mod links;
mod list;
mod pause;
mod related;
mod restore;
mod search;
mod undo;
mod update;

use utoipa_axum::router::OpenApiRouter;

use super::RestParts;

pub(super) fn routes() -> OpenApiRouter<RestParts> {
    super::route_table! {
        list::list_memories, create::create_memory, delete::delete_memories;
        list::filter_memories;
        batch::add_memories;
        search::search_memories;
        categories::list_categories;
        archive::archive_memories;
        pause::pause_memories;
        restore::restore_memories;
        keep::keep_memories;
        get::get_memory, update::update_memory, delete::delete_memory;
        access_log::memory_access_log;
        history::memory_history;
        related::related_memories;
        alike::alike_memories;
        restore::restore_memory;
        keep::keep_memory;
        undo::undo_memory;
        links::link_memories, links::unlink_memories;
    }
}
