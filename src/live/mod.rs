//! What happens to a tenant's memories, as it happens and as it happened: live events for open pages, and activity by day.
//!
//! Events carry ids, counts and names of apps, never a memory's text: a page reads that where it is allowed to. They are
//! read from the relational truth, by the tenant's change sequence, so whoever watches on this node learns of what another
//! node wrote. A [`Nudges`](crate::tenancy::Nudges) only makes what this node wrote come at once.

mod model;
mod service;

pub use model::{Activity, CredentialUse, Day, Event, LiveStore, MemoryChange, Read, TypeCount};
pub use service::{Batch, LiveService, Watching};
