//! Plans: what a tenant may use, and what that costs.
//!
//! [`Catalog`] is the file of plans and prices, read once at the start. [`Plans`] says what a tenant may use at this moment
//! ([`Entitlement`]): its plan, how its subscription stands, and what the operator has overridden. Nothing here counts what was used
//! ([`crate::metering`]), stops anybody (those who do the work ask) or takes money ([`crate::billing`]).

mod catalog;
mod entitlement;
mod meter;
mod ports;
mod service;

pub use catalog::{Catalog, Feature, Plan, PlanLimits, Price};
pub use entitlement::{Entitlement, Subscription, SubscriptionState};
pub use meter::Meter;
pub use ports::SubscriptionStore;
pub use service::Plans;
