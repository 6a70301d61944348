//! What happens in an account, told to addresses that its owner named (Standard Webhooks 1.0.0).
//!
//! A change writes what happened for each webhook that wants it, in its own transaction ([`EventKind`]; ids and counts, never the
//! text of a memory). A job then tells it, oldest first, one at a time for each webhook: again and again over three days until it is
//! taken, and under the same id each time, so that a receiver can leave out what it has heard. The secret that signs is derived from
//! the server's key and shown once; after a change of it, what is told carries both signatures for a day.
//!
//! The address is a stranger's choice: it is reached by the same guarded way as documents of clients
//! ([`crate::adapters::outbound`]).

mod model;
mod ports;
mod secret;
mod service;

pub use model::{Delivery, DeliveryState, EventKind, NewWebhook, Webhook, WebhookChange};
pub use ports::{Answered, Deliver, WebhookStore};
pub use secret::WebhookKeys;
pub use service::Webhooks;
