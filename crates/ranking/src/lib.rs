//! How well each memory of a tenant answers a question. Pure: words, numbers and days in, an order and a probability out; no
//! memory, tenant, store or model is known here.
//!
//! A tenant's memories stand in numbered *slots*. [`words`] says what a text is found by, [`lexical`] scores the words of a question
//! by BM25, [`sessions`], [`speakers`], [`dates`] and [`facts`] tell what else a question can point at, [`overview`] whether it points at all; [`signals`] puts all that is
//! known of a memory for a question into a row of numbers, [`rank`] orders by their learned sum and says how likely each bears on
//! the question. The constants of both are in [`weights`], fitted by `examples/fit` on data that is not shipped.
#![forbid(unsafe_code)]

pub mod chance;
pub mod dates;
pub mod facts;
pub mod lexical;
pub mod overview;
pub mod rank;
pub mod sessions;
pub mod signals;
pub mod speakers;
pub mod weights;
pub mod windows;
pub mod words;

/// No slot.
pub const NONE: u32 = u32::MAX;
