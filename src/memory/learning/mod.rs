//! Learning from use, within one tenant: feedback moves a memory's strength, rated queries choose how the legs of a search
//! are weighed, and what is unused fades where the tenant wants it.
//!
//! `feedback` is the door. What was said is an append-only list of events; taking something back adds an event. `strength`
//! is a pure function of the memory and the moment, `policy` one of the rated queries. Both are off until a tenant's setting
//! (`decay`), or a replay that shows a gain (`policy`), switches them on. Nothing that was learned of one tenant reaches
//! another: every store call takes a scope, and what is cached is kept by tenant.

mod feedback;
mod model;
mod policy;
mod ports;
mod settings;
mod strength;

pub use model::*;
pub use policy::Policy;
pub use ports::{LearningStore, TakenBack};
pub use settings::{Learning, LearningSettings};
pub use strength::{FLOOR, Vitals, effective_strength, half_life};
