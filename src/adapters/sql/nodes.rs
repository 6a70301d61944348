//! [`NodeStore`] on SQL.

use std::sync::Arc;

use async_trait::async_trait;
use uuid::Uuid;

use super::{Db, statements};
use crate::{
    error::Result,
    limits::{NODE_LOST, NodeStore},
};

statements! {
    SEEN: "INSERT INTO nodes (id, seen_at) VALUES ($1, $2) ON CONFLICT (id) DO UPDATE SET seen_at = excluded.seen_at";
    FORGET: "DELETE FROM nodes WHERE seen_at < $1";
    COUNT: "SELECT COUNT(*) FROM nodes WHERE seen_at >= $1";
    GONE: "DELETE FROM nodes WHERE id = $1";
}

/// Nodes in SQL.
pub struct SqlNodeStore {
    db: Db,
}

impl SqlNodeStore {
    /// A store over a database.
    #[must_use]
    pub fn shared(db: &Db) -> Arc<Self> {
        Arc::new(Self { db: db.clone() })
    }
}

#[async_trait]
impl NodeStore for SqlNodeStore {
    async fn seen(&self, node: Uuid) -> Result<u32> {
        let now = self.db.clock.now();
        let lost = now.minus(NODE_LOST);
        let mut session = self.db.system_write().await?;
        session.query(&FORGET).bind(lost.minus(NODE_LOST).0).execute().await?;
        session.query(&SEEN).bind(node).bind(now.0).execute().await?;
        let count = session.query(&COUNT).bind(lost.0).scalar::<i64>().await?;
        session.commit().await?;
        Ok(u32::try_from(count).unwrap_or(1))
    }

    async fn gone(&self, node: Uuid) -> Result<()> {
        let mut session = self.db.system_write().await?;
        session.query(&GONE).bind(node).execute().await?;
        session.commit().await
    }
}
