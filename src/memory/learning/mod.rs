//! Learning from use, within one tenant: feedback moves a memory's strength, rated queries choose how the legs of a search
//! are weighed, and what is unused fades where the tenant wants it.
//!
//! `feedback` is the door. What was said is an append-only list of events; taking something back adds an event. `strength`
//! is a pure function of the memory and the moment, `weights` one of the rated queries. Both are off until a tenant's setting
//! (`decay`), or a replay that shows a gain (`policy`), switches them on. Nothing that was learned of one tenant reaches
//! another: every store call takes a scope, and what is cached is kept by tenant.

mod feedback;
mod model;
mod ports;
mod weights;

use std::sync::Arc;

pub use model::*;
pub use ports::{LearningStore, TakenBack};

pub use super::strength::{FLOOR, Vitals, effective_strength, half_life};
use super::{
    access::AccessRecorder,
    model::{Indexing, MemoryLimits},
    reach::Reach,
    recall::Recall,
    settings::Settings,
    store::ChangeLog,
    write::Writer,
};
use crate::{clock::Clock, tenancy::TenancyService};

/// Learns from use; cheap to clone.
#[derive(Clone)]
pub struct Learning {
    pub reach: Reach,
    /// What was said of memories.
    pub store: Arc<dyn LearningStore>,
    pub changes: Arc<dyn ChangeLog>,
    /// Stores what a correction says.
    pub writer: Writer,
    pub recall: Recall,
    /// Where what was learned is kept.
    pub settings: Settings,
    pub access: AccessRecorder,
    pub tenancy: TenancyService,
    /// Whose vectors are in use.
    pub indexing: Arc<Indexing>,
    pub limits: MemoryLimits,
    pub clock: Arc<dyn Clock>,
}
