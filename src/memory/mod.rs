//! THE DOMAIN: memories of a tenant, and finding them again.
//!
//! [`MemoryService`] is the one door for the MCP and REST edges: one file per verb (`add`, `infer`, `search`, `list`,
//! `change`, `lifecycle`, `context`, `transfer`, `erase`), and a folder for what is learned from use (`learning`).
//! A search goes `search` -> `working_sets` (what is in memory of the tenant, as new as [`MemoryStore`] says) ->
//! `dense` and `lexical` (the two legs) -> `rank` (one pure function) -> the answer. The outside world lies
//! behind `ports`.

mod access;
mod add;
mod change;
pub mod context;
mod dates;
mod dense;
mod embedders;
mod erase;
mod fnv;
#[cfg(any(test, feature = "fuzzing"))]
pub mod fuzz;
mod gate;
mod infer;
mod invisible;
pub mod learning;
mod lexical;
mod lifecycle;
mod list;
pub mod matrix;
mod model;
mod order;
mod places;
mod ports;
mod rank;
mod review;
mod search;
mod service;
mod sessions;
mod settings;
mod speakers;
mod text;
mod transfer;
mod watch;
mod windows;
mod working_set;
mod working_sets;

pub use access::AccessRecorder;
pub use add::AddOptions;
pub use embedders::Embedders;
pub use erase::Receipt;
pub use gate::{GateCounts, RULES, Said, Sayings, Served, Voice, classifier, folded, held_because, junk, same_text, talk, warm_up};
pub use infer::{Answer, Fact, InferInput, Inference, Inferred, Message, ModelInference, Operation, Resolution, Setback, Step};
pub use invisible::shown;
pub use lifecycle::{Author, Doomed, Earlier, LifecycleStore, Past, Restored, Reversal, Reverted, Undone, Window, Written};
pub use model::*;
pub use order::{Cursor, Key, SortColumn};
pub use places::{FIRST_LOOK, LeftPlace, PlaceStore};
pub use ports::*;
pub use review::{Decided, ReviewDecision, ReviewEntry, ReviewKind, ReviewPage, ReviewRow, ReviewStore, why as why_review};
pub use search::INDEXED_WITHIN;
pub use service::{MemoryLimits, MemoryService, MemoryServiceParts, Wake};
pub use settings::{GateSettings, Policy, ReviewPolicy, SettingsCache, TenantSettings};
pub use transfer::{Exported, Failures, ImportOptions, Imported, Line};
pub use watch::IndexWatch;
pub use windows::{cut as windows_of, embed_texts};
pub use {working_set::WorkingSet, working_sets::WorkingSets};
