//! What the SQL adapter promises, held on SQLite and on Postgres by the same bodies.

mod auth;
mod changes;
mod idempotency;
mod jobs;
mod learning;
mod lifecycle;
mod memories;
mod migrate;
pub mod row_level_security;
mod runner;
mod schema;
mod statements;
mod tenancy;
mod writers;
