//! Work after the answer. A job names a subject, never a payload: the worker reads the subject's present state, does
//! what is missing and may be killed or repeated anywhere. [`JobQueue`] is the port, [`Runner`] claims and retries,
//! one file per kind of job does the work.

mod failure;
mod index;
mod infer;
mod queue;
mod reembed;
mod relocate;
mod runner;
mod upkeep;

pub use index::IndexJob;
pub use queue::{Claimed, DeadJob, JobKind, JobQueue, Left, Outcome, Priority, QueueStats};
pub use relocate::relocate;
pub use runner::{Drained, Runner};
pub use upkeep::{Difference, Upkeep};
