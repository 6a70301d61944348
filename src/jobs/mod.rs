//! Work after the answer. A job names a subject, never a payload: the worker reads the subject's present state, does
//! what is missing and may be killed or repeated anywhere. [`Job`] is what a kind of job is, one file for each; [`JobQueue`] is the
//! port, [`Runner`] claims and retries. A [`Task`] is due from time to time, once across all nodes ([`schedule`]).

mod failure;
mod forget_grants;
mod forget_keys;
mod forget_told;
mod index;
mod infer;
mod job;
mod keep_money;
mod purge;
mod queue;
mod reembed;
mod relocate;
mod roll_up;
mod runner;
pub mod schedule;
mod upkeep;
mod webhook;

pub use failure::{Cure, Failure};
pub use forget_grants::ForgetGrants;
pub use forget_keys::{ForgetKeys, IdempotencyRecords};
pub use forget_told::ForgetTold;
pub use index::IndexJob;
pub use infer::InferJob;
pub use job::Job;
pub use keep_money::KeepMoney;
pub use purge::Purge;
pub use queue::{Claimed, DeadJob, IndexQueue, JobKind, JobQueue, Left, Outcome, Priority, QueueStats, TenantDirectory};
pub use reembed::ReembedJob;
pub use relocate::relocate;
pub use roll_up::RollUp;
pub use runner::{Drained, Runner};
pub use schedule::{ScheduleStore, Task};
pub use upkeep::{Difference, Upkeep};
pub use webhook::WebhookJob;
