//! THE DOMAIN: memories of a tenant, and finding them again.
//!
//! [`MemoryService`] is the one door for the MCP and REST edges: one file per verb (`add`, `infer`, `search`, `list`,
//! `change`, `transfer`, `erase`).
//! A search goes `search` -> `working_sets` (what is in memory of the tenant, as new as [`MemoryStore`] says) ->
//! `lexical` and [`VectorIndex`] (the two legs) -> `rank` (one pure function) -> the answer. The outside world lies
//! behind `ports`.

mod access;
mod add;
mod change;
mod erase;
mod infer;
mod lexical;
mod list;
pub mod matrix;
mod model;
mod ports;
mod rank;
mod search;
mod service;
mod text;
mod transfer;
mod working_set;
mod working_sets;

pub use access::AccessRecorder;
pub use add::AddOptions;
pub use erase::Receipt;
pub use infer::{Answer, Fact, InferInput, Inference, Inferred, Message, ModelInference, Operation, Resolution, Setback, Step};
pub use model::*;
pub use ports::*;
pub use service::{MemoryLimits, MemoryService, MemoryServiceParts, Wake};
pub use text::dense_text;
pub use transfer::{Exported, Imported, Line};
pub use {working_set::WorkingSet, working_sets::WorkingSets};
