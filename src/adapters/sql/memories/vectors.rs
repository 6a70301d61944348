//! The vectors of memories: kept, listed, read by, and dropped; and the collection of the index in which they lie.

use async_trait::async_trait;
use std::collections::HashSet;

use uuid::Uuid;

use super::{
    SqlMemoryStore,
    unit::{next_sequence, put_vector},
};
use crate::{
    adapters::sql::{Engine, Session, id_list, ids_in, places, statements, words_in},
    clock::Timestamp,
    error::{Error, Result},
    ids::MemoryId,
    memory::{Embedding, EmbeddingModel, EmbeddingStore, OnRoll, Placement},
    tenancy::TenantScope,
};

fn drop_other_vectors(e: Engine) -> String {
    format!("DELETE FROM memory_vectors WHERE tenant_id = $1 AND model NOT IN {}", words_in(e, "$2"))
}

fn touch_sequence(e: Engine) -> String {
    format!("UPDATE memories SET seq = $3 WHERE tenant_id = $1 AND state <> 'deleted' AND id IN {}", ids_in(e, "$2"))
}

fn live(e: Engine) -> String {
    format!("SELECT id FROM memories WHERE tenant_id = $1 AND state <> 'deleted' AND id IN {}", ids_in(e, "$2"))
}

statements! {
    PLACEMENT: "SELECT collection, moving_to, embedding_model FROM tenants WHERE id = $1";
    UNEMBEDDED: "SELECT m.id FROM memories m WHERE m.tenant_id = $1 AND m.state <> 'deleted' AND (m.id > $3 OR $3 IS NULL) \
        AND NOT EXISTS (SELECT 1 FROM memory_vectors v WHERE v.memory_id = m.id AND v.model = $2 AND v.content_hash = m.content_hash) \
        ORDER BY m.id LIMIT $4";
    EMBEDDED: "SELECT COUNT(*), COUNT(v.memory_id) FROM memories m LEFT JOIN memory_vectors v \
        ON v.memory_id = m.id AND v.model = $2 AND v.content_hash = m.content_hash WHERE m.tenant_id = $1 AND m.state <> 'deleted'";
    LIVE: live;
    ROLL: "SELECT m.id, v.memory_id IS NOT NULL AS embedded, m.updated_at FROM memories m LEFT JOIN memory_vectors v \
        ON v.memory_id = m.id AND v.model = $2 AND v.content_hash = m.content_hash WHERE m.tenant_id = $1 AND m.state <> 'deleted'";
    PLACE: "UPDATE tenants SET collection = $2, moving_to = $3 WHERE id = $1";
    READ_BY: "UPDATE tenants SET embedding_model = $2 WHERE id = $1 AND (SELECT COUNT(*) FROM memories m WHERE m.tenant_id = $1 \
        AND m.state <> 'deleted' AND NOT EXISTS (SELECT 1 FROM memory_vectors v WHERE v.memory_id = m.id AND v.model = $2 \
        AND v.content_hash = m.content_hash)) <= $3";
    DROP_OTHER_VECTORS: drop_other_vectors;
    TOUCH_SEQUENCE: touch_sequence;
}

/// Where the tenant's vectors are, and by which it is read.
pub(super) async fn placement(session: &mut Session, scope: &TenantScope) -> Result<Placement> {
    let row = session.query(&PLACEMENT).bind(scope.tenant().0).fetch_optional::<(Option<String>, Option<String>, Option<String>)>().await;
    let (collection, moving_to, model) = row?.unwrap_or_default();
    Ok(Placement { collection, moving_to, model })
}

#[async_trait]
impl EmbeddingStore for SqlMemoryStore {
    async fn store_vectors(&self, scope: &TenantScope, model: &EmbeddingModel, embeddings: &[Embedding]) -> Result<()> {
        let mut session = self.db.write(scope).await?;
        let (sequence, ..) = next_sequence(&mut session, scope, Some(model)).await?;
        let mut stored = Vec::with_capacity(embeddings.len());
        for Embedding { id, hash, vector } in embeddings {
            if put_vector(&mut session, scope, model, *id, hash, vector).await? {
                stored.push(id.0);
            }
        }
        let stored = id_list(stored);
        session.query(&TOUCH_SEQUENCE).bind(scope.tenant().0).bind(&stored).bind(sequence).execute().await?;
        session.commit().await
    }

    async fn live(&self, scope: &TenantScope, ids: &[MemoryId]) -> Result<HashSet<MemoryId>> {
        let list = id_list(ids.iter().map(|id| id.0));
        let mut session = self.db.read(scope).await?;
        let live = session.query(&LIVE).bind(scope.tenant().0).bind(&list).scalars::<Uuid>().await;
        Ok(live?.into_iter().map(MemoryId).collect())
    }

    async fn roll(&self, scope: &TenantScope, model: &EmbeddingModel) -> Result<Vec<OnRoll>> {
        let mut session = self.db.read(scope).await?;
        let rows = session.query(&ROLL).bind(scope.tenant().0).bind(&model.id).fetch_all::<(Uuid, bool, i64)>().await;
        let entry = |(id, embedded, at)| OnRoll { id: MemoryId(id), embedded, updated_at: Timestamp(at) };
        Ok(rows?.into_iter().map(entry).collect())
    }

    async fn place(&self, scope: &TenantScope, placement: &Placement) -> Result<()> {
        let mut session = self.db.write(scope).await?;
        // Working sets everywhere learn of it as of any change.
        next_sequence(&mut session, scope, None).await?;
        session.query(&PLACE).bind(scope.tenant().0).bind(&placement.collection).bind(&placement.moving_to).execute().await?;
        // In one transaction: what is interrupted after the switch still knows what there is to clear.
        let (home, moving_to) = (placement.collection.as_deref(), placement.moving_to.as_deref());
        places::settle(&mut session, scope, self.db.clock.now(), home, moving_to).await?;
        session.commit().await
    }

    async fn read_by(&self, scope: &TenantScope, model: &EmbeddingModel, without: i64) -> Result<bool> {
        let mut session = self.db.write(scope).await?;
        // With the tenant's row in hand, nobody adds a memory between the count and the switch.
        next_sequence(&mut session, scope, None).await?;
        let switched = session.query(&READ_BY).bind(scope.tenant().0).bind(&model.id).bind(without).execute().await;
        let switched = switched? > 0;
        session.commit().await?;
        Ok(switched)
    }

    async fn drop_other_vectors(&self, scope: &TenantScope, keep: &[String]) -> Result<u64> {
        let keep = serde_json::to_string(keep).map_err(Error::internal)?;
        let mut session = self.db.write(scope).await?;
        let dropped = session.query(&DROP_OTHER_VECTORS).bind(scope.tenant().0).bind(&keep).execute().await;
        let dropped = dropped?;
        session.commit().await?;
        Ok(dropped)
    }

    async fn unembedded(&self, scope: &TenantScope, model: &EmbeddingModel, after: Option<MemoryId>, limit: u32) -> Result<Vec<MemoryId>> {
        let mut session = self.db.read(scope).await?;
        let ids = session
            .query(&UNEMBEDDED)
            .bind(scope.tenant().0)
            .bind(&model.id)
            .bind(after.map(|id| id.0))
            .bind(i64::from(limit))
            .scalars::<Uuid>()
            .await;
        Ok(ids?.into_iter().map(MemoryId).collect())
    }

    async fn embedded(&self, scope: &TenantScope, model: &EmbeddingModel) -> Result<(i64, i64)> {
        let mut session = self.db.read(scope).await?;

        session.query(&EMBEDDED).bind(scope.tenant().0).bind(&model.id).fetch_one::<(i64, i64)>().await
    }

    async fn placement(&self, scope: &TenantScope) -> Result<Placement> {
        placement(&mut self.db.read(scope).await?, scope).await
    }
}
