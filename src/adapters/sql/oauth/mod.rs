//! The stores of [`crate::oauth`] on SQL. Requests belong to nobody until somebody decides, and tokens are found by what a
//! client shows, before a tenant is known: so these run as the system, which sees no memory.

mod requests;
mod tokens;

use std::sync::Arc;

use super::{Db, Sql};
use crate::tenancy::Bounds;

/// Requests, grants and tokens in SQL.
pub struct SqlOAuthStore {
    db: Db,
    /// Most credentials of a tenant.
    most: u32,
}

impl SqlOAuthStore {
    /// A store over a database, whose tenants may have so many credentials.
    #[must_use]
    pub fn shared(db: &Db, bounds: Bounds) -> Arc<Self> {
        Arc::new(Self { db: db.clone(), most: bounds.credentials })
    }
}

/// Every statement of this module, for the test that prepares them.
pub(super) fn statements() -> impl Iterator<Item = &'static Sql> {
    requests::STATEMENTS.iter().chain(tokens::STATEMENTS).copied()
}
