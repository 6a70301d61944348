//! Money: how a tenant comes to its plan, and what it is asked to pay.
//!
//! [`Billing`] is the service; a [`PaymentProvider`] takes the money. What a provider tells ([`Told`]) is a reason to look, never
//! what is believed: the subscription is fetched anew and written down as it stands, so that it does not matter in which order
//! events come, how often, or whether one is lost. Without a provider ([`Manual`]) the operator gives plans, statements of past
//! months become invoices, and the operator notes what was paid.
//!
//! What a plan allows is no business of this room ([`crate::plans`]), nor what was used ([`crate::metering`]).

mod invoices;
mod manual;
mod ports;
mod provider;
mod service;

pub use invoices::{Invoice, InvoiceState};
pub use manual::Manual;
pub use ports::BillingStore;
pub use provider::{Bill, Order, PaymentProvider, Standing, Told};
pub use service::{Billing, Change, Grant};
