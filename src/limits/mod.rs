//! How much somebody may do: how often, and how much at once. What is limited has a name here, its numbers stand in one table and
//! what is said to whom a limit stops in another.
//!
//! * [`Action`] is what may be done so often by whom nobody knows; a [`Limiter`] counts it for each key: a [`Network`], an account.
//! * [`Call`] is what a known caller asks for, and what that weighs; [`Edges`] holds it against the operator's [`Rule`]s and the
//!   caller's plan.
//! * [`Resource`] is what somebody may hold so many of; [`Slots`] hands it out, and a [`Slot`] gives it back when it is dropped.
//!
//! How takes are counted, by six strategies, is the crate `rate_limits`. Counts lie in bounded memory, in this process alone: of a
//! rule, each node lets through its share ([`Edges::share_with`]), so that all of them together let through what the rule says, and
//! at most one burst for each node more while nodes come and go. This room does not know when a try counts: those who take a limit
//! do, such as the sign-in, where a right guess is given back.

mod action;
mod call;
mod edges;
mod limiter;
mod network;
mod nodes;
mod refusal;
mod rule;
mod slots;

pub(crate) use action::Action;
pub use call::Call;
pub use edges::{Edges, Held, Standing, Who};
pub(crate) use limiter::Limiter;
pub(crate) use network::Network;
pub use nodes::{NODE_LOST, NodeStore};
pub use rule::Rule;
pub(crate) use slots::{Resource, Slot, Slots};
