//! The files of programs in which people talk to models: their lists of MCP servers, their hooks and their transcripts.
//!
//! Nothing here speaks to a network, and nothing knows what is kept of what was said.
//!
//! - [`Client`] and [`Places`]: which programs there are, and where their files lie.
//! - [`Plan`] puts an MCP server ([`Door`]) and [`Hooks`] into them, [`disconnect`] takes out exactly that. Every other byte of a
//!   file stays. What was done is kept in [`Receipts`].
//! - [`hook::Call`] is what a client hands to a hook, [`transcript`] reads what was said, and [`Captures`] keeps how far it was sent.

#![forbid(unsafe_code)]

mod captures;
mod client;
mod connect;
mod door;
mod edit;
mod error;
mod file;
pub mod hook;
mod hooks;
mod journal;
mod node;
mod places;
mod receipt;
pub mod transcript;

pub use captures::{Capture, Captures, Session};
pub use client::{Client, UnknownClient};
pub use connect::{Outcome, Plan, Report, Wanted, disconnect};
pub use door::{Door, Setting};
pub use error::Error;
pub use hooks::Hooks;
pub use places::{Format, Os, Place, Places, Scope, hooks as hooks_file, servers as servers_file};
pub use receipt::{Connected, Receipts};
