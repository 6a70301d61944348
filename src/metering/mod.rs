//! What tenants use: counted, told, and stopped where a plan's amount is used up.
//!
//! Work that is paid for is counted in its own transaction, as an event of the tenant: so many memories stored
//! ([`Allowance`] goes with the writer, and the store stops what is too much), so many tokens of a chat model. Reads are counted by
//! each node ([`Reads`]) and written down every few seconds; where a month's reads are limited, a node takes them from SQL in
//! blocks and spends those by itself, so that all nodes together never exceed the limit. [`Usage`] tells what was used, by day, app,
//! key and model, what it costs, and what it may come to.
//!
//! It knows plans ([`crate::plans`]) and no payment.

mod allowance;
mod calendar;
mod cost;
mod forecast;
mod ports;
mod reads;
mod usage;

pub use allowance::{Allowance, Holdings, passed};
pub use calendar::Month;
pub use cost::{Line, Statement};
pub use forecast::Forecast;
pub use ports::{DayUse, HourUse, UsageEvent, UsageStore};
pub use reads::Reads;
pub use usage::{MeterUse, Usage, UsageReport};
