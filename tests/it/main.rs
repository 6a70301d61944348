//! Tests of the whole server over real databases: one binary, one link.

mod architecture;
mod canary;
mod contract;
mod embedding;
mod infer;
mod isolation;
mod kill;
mod leaving;
mod mcp;
mod nodes;
mod qdrant;
mod reference;
mod rest;
mod secrets;
mod shutdown;
mod support;
