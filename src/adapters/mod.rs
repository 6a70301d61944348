//! The outside world: implementations of the domain's ports. Only `app` names what is in here.

mod breaker;
pub mod embedder;
pub mod extractor;
pub mod index;
pub mod jwks;
pub mod openai;
pub mod outbound;
pub mod sql;
pub mod stripe;
