//! [`PlaceStore`] on SQL.

use std::sync::Arc;

use async_trait::async_trait;
use sqlx::FromRow;
use uuid::Uuid;

use super::{Db, Session, statements};
use crate::{
    clock::Timestamp,
    error::Result,
    ids::TenantId,
    memory::{FIRST_LOOK, LeftPlace, PlaceStore},
    tenancy::TenantScope,
};

statements! {
    NOTE: "INSERT INTO index_places (tenant_id, collection, left_at, look_at) \
        SELECT t.id, $2, CASE WHEN t.status = 'erased' THEN CAST($3 AS BIGINT) END, CASE WHEN t.status = 'erased' THEN CAST($4 AS BIGINT) END FROM tenants t WHERE t.id = $1 \
        ON CONFLICT DO NOTHING";
    USE: "INSERT INTO index_places (tenant_id, collection) VALUES ($1, $2) \
        ON CONFLICT (tenant_id, collection) DO UPDATE SET left_at = NULL, look_at = NULL";
    LEAVE_OTHERS: "UPDATE index_places SET left_at = $2, look_at = $3 \
        WHERE tenant_id = $1 AND left_at IS NULL AND collection NOT IN (COALESCE($4, ''), COALESCE($5, ''))";
    OF_TENANT: "SELECT collection FROM index_places WHERE tenant_id = $1 ORDER BY collection";
    LEFT_BY: "SELECT tenant_id, collection, left_at FROM index_places WHERE tenant_id = $1 AND left_at IS NOT NULL ORDER BY collection";
    DUE: "SELECT tenant_id, collection, left_at FROM index_places WHERE left_at IS NOT NULL AND look_at <= $1 ORDER BY look_at LIMIT $2";
    LOOK_AGAIN: "UPDATE index_places SET left_at = $4, look_at = $5 WHERE tenant_id = $1 AND collection = $2 AND left_at = $3";
    DROP_PLACE: "DELETE FROM index_places WHERE tenant_id = $1 AND collection = $2 AND left_at = $3";
}

#[derive(FromRow)]
struct LeftRow {
    tenant_id: Uuid,
    collection: String,
    left_at: i64,
}

impl From<LeftRow> for LeftPlace {
    fn from(row: LeftRow) -> Self {
        let scope = TenantScope::verified(TenantId(row.tenant_id));
        Self { scope, collection: row.collection, since: Timestamp(row.left_at) }
    }
}

/// The places in use, in the caller's transaction: they are noted, and every other one counts as left.
pub(super) async fn settle(
    session: &mut Session,
    scope: &TenantScope,
    now: Timestamp,
    home: Option<&str>,
    moving_to: Option<&str>,
) -> Result<()> {
    let tenant = scope.tenant().0;
    for place in home.into_iter().chain(moving_to) {
        session.query(&USE).bind(tenant).bind(place).execute().await?;
    }
    session.query(&LEAVE_OTHERS).bind(tenant).bind(now.0).bind(now.plus(FIRST_LOOK).0).bind(home).bind(moving_to).execute().await.map(drop)
}

/// Places in SQL.
pub struct SqlPlaceStore {
    db: Db,
}

impl SqlPlaceStore {
    /// A store over a database.
    #[must_use]
    pub fn shared(db: &Db) -> Arc<dyn PlaceStore> {
        Arc::new(Self { db: db.clone() })
    }
}

#[async_trait]
impl PlaceStore for SqlPlaceStore {
    async fn note(&self, scope: &TenantScope, collections: &[&str]) -> Result<()> {
        let now = self.db.clock.now();
        let mut session = self.db.write(scope).await?;
        for collection in collections {
            session.query(&NOTE).bind(scope.tenant().0).bind(*collection).bind(now.0).bind(now.plus(FIRST_LOOK).0).execute().await?;
        }
        session.commit().await
    }

    async fn noted(&self, scope: &TenantScope) -> Result<Vec<String>> {
        let mut session = self.db.read(scope).await?;
        session.query(&OF_TENANT).bind(scope.tenant().0).scalars::<String>().await
    }

    async fn left_by(&self, scope: &TenantScope) -> Result<Vec<LeftPlace>> {
        let mut session = self.db.read(scope).await?;
        let rows = session.query(&LEFT_BY).bind(scope.tenant().0).fetch_all::<LeftRow>().await;
        Ok(rows?.into_iter().map(LeftPlace::from).collect())
    }

    async fn due(&self, limit: u32) -> Result<Vec<LeftPlace>> {
        let now = self.db.clock.now();
        let mut session = self.db.system_read().await?;
        let rows = session.query(&DUE).bind(now.0).bind(i64::from(limit)).fetch_all::<LeftRow>().await;
        Ok(rows?.into_iter().map(LeftPlace::from).collect())
    }

    async fn look_again(&self, place: &LeftPlace, since: Timestamp, at: Timestamp) -> Result<()> {
        let mut session = self.db.write(&place.scope).await?;
        session
            .query(&LOOK_AGAIN)
            .bind(place.scope.tenant().0)
            .bind(&place.collection)
            .bind(place.since.0)
            .bind(since.0)
            .bind(at.0)
            .execute()
            .await?;
        session.commit().await
    }

    async fn cleared(&self, place: &LeftPlace) -> Result<()> {
        let mut session = self.db.write(&place.scope).await?;
        session.query(&DROP_PLACE).bind(place.scope.tenant().0).bind(&place.collection).bind(place.since.0).execute().await?;
        session.commit().await
    }
}
