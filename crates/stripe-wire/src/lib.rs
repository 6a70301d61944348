//! What is spoken with Stripe: the signatures and events that come in, and the calls that go out. It holds no state and decides
//! nothing; what a payment means is for those who call.
//!
//! - [`signature`] tells whether a webhook's body is Stripe's, and signs one for tests.
//! - [`Event`] is what such a body tells: what happened to which object, and whose it is. Events come twice, late and in any order,
//!   so it holds just what is needed to ask for the object anew.
//! - [`Client`] asks and orders. Every `POST` bears a key of idempotency: after a [`Failure`] that may pass, the same call with the
//!   same key is safe, since Stripe answers it as it did the first time.

#![forbid(unsafe_code)]

mod billing;
mod checkout;
mod client;
mod event;
mod failure;
pub mod signature;
mod subscription;
mod wire;

pub use billing::{Invoice, Refund};
pub use checkout::{CheckoutRequest, Mode, Session};
pub use client::{BASE, Client, Timeouts, Unusable, VERSION};
pub use event::{Event, Object};
pub use failure::Failure;
pub use subscription::{Proration, Status, Subscription};
