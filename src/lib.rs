//! Jonathan's Memory: one service that gives every person a memory that all their AI clients share.
//!
//! # One request's journey
//!
//! A client calls the tool `search_memory` at its personal URL `POST /mcp/{client}/http/{secret}`.
//!
//! 1. [`server`] has put the layers around the routes: [`http`] takes the secret out of the path before anything can
//!    log it, names the request, counts it, and checks Host and Origin.
//! 2. [`mcp`] asks [`auth`] who holds that secret and gets a [`auth::Principal`]: tenant, user, client, scopes. It is
//!    built for this request and forgotten after it. Within it lies a [`tenancy::TenantScope`], the proof that every
//!    store, index and cache call asks for.
//! 3. The tool calls [`memory::Recall::search`], the same door that [`rest`] uses. It checks scope, app and limits, takes the tenant's working set (what this process holds of the tenant, as of a number in the tenant's
//!    change sequence), scores all of it by meaning (an [`memory::Embedder`] and a [`memory::VectorIndex`]) and by
//!    words (BM25), and fuses the two in one pure function.
//! 4. Meanwhile SQL is asked, through [`memory::ChangeLog`], for the tenant's newest sequence number: if the set was
//!    older, it is brought forward and ranked again. So what leaves is live, of this tenant, and includes every write
//!    acknowledged before the search; what an index names and the set does not hold never leaves.
//! 5. [`adapters`] hold those ports' implementations; only [`app`], the composition root, names them.
//!
//! A write commits the memory with its history, audit row and (where its embedding is not made yet) a job in one
//! transaction, and is acknowledged then. [`jobs`] does what is left, from the row's present state, and may be killed
//! anywhere.
//!
//! What happened is told to whoever watches, as ids and counts, by [`live`], and to addresses by [`webhooks`]; [`web`] is the page where people watch and
//! govern what their clients remember.
//!
//! [`oauth`] lets clients in that have no secret yet, once the person has said yes. [`transfer`] takes memories in and out as files, [`plans`] says what a tenant may use, [`metering`] counts it, [`billing`] asks for the money, [`limits`] how much somebody may do at a time, [`error`] is the one catalogue of
//! failures, [`config`] all that can be set, [`cli`] the operator's door. `docs/contributing.md` walks through common changes.
#![forbid(unsafe_code)]

pub mod adapters;
pub mod app;
pub mod auth;
pub mod billing;
pub mod cli;
pub mod clock;
pub mod config;
mod cut_text;
pub mod data_dir;
pub mod error;
mod failpoint;
mod fair_queue;
#[cfg(any(test, feature = "fuzzing"))]
pub mod fuzz;
pub mod http;
pub mod ids;
pub mod jobs;
pub mod limits;
pub mod live;
pub mod mcp;
pub mod memory;
pub mod metering;
pub mod oauth;
pub mod personal_url;
pub mod plans;
pub mod rest;
pub mod server;
pub mod shutdown;
mod simd;
pub mod telemetry;
pub mod tenancy;
pub mod transfer;
mod turns;
pub mod web;
pub mod webhooks;
