//! How much somebody may do: how often, and how much at once. What is limited has a name here, its numbers stand in one table and
//! what is said to whom a limit stops in another.
//!
//! * [`Action`] is what may be done so often; a [`Limiter`] counts it for each key: a [`Network`], an account, both.
//! * [`Resource`] is what somebody may hold so many of; [`Slots`] hands it out, and a [`Slot`] gives it back when it is dropped.
//!
//! Owns the counting, in bounded memory and in this process alone: each node has limits of its own. It does not know who counts
//! as whom, nor when a try counts: the rooms that take a limit do, such as the sign-in, where a right guess is given back.
//!
//! The crate `governor` counts by the same algorithm and does not replace this. It cannot give back what turned out not to count,
//! which is what keeps a person's own sign-ins from using up their limit, and its map of keys has no bound, so that whoever comes
//! from many networks fills it between two sweeps.

mod action;
mod limiter;
mod network;
mod refusal;
mod slots;
mod throttle;

pub(crate) use action::Action;
pub(crate) use limiter::Limiter;
pub(crate) use network::Network;
pub(crate) use slots::{Resource, Slot, Slots};
