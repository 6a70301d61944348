//! [`ChangeLog`] on SQL: what changed after a point in a tenant's change sequence.

use async_trait::async_trait;
use sqlx::FromRow;

use super::{
    SqlMemoryStore,
    rows::{StoredRow, memory_columns},
    vectors::placement,
};
use crate::{
    adapters::sql::{Session, id_list, ids_in, statements},
    error::Result,
    ids::MemoryId,
    memory::{ChangeLog, Changes, EmbeddingModel, StoredMemory},
    tenancy::TenantScope,
};

statements! {
    SEQUENCE: "SELECT change_seq FROM tenants WHERE id = $1";
    // The chunk is cut after a whole sequence number, never inside one.
    CHANGES: (|_| format!("SELECT {columns}, CASE WHEN $5 THEN v.vector END AS vector, v.memory_id IS NOT NULL AS embedded, m.seq, \
             (SELECT purged_seq FROM tenants WHERE id = $1) AS purged FROM memories m JOIN apps a ON a.id = m.app_id LEFT JOIN memory_vectors v ON v.memory_id = m.id AND v.model = $3 AND v.content_hash = m.content_hash AND m.state <> 'deleted' \
             WHERE m.tenant_id = $1 AND m.seq > $2 AND m.seq <= COALESCE( \
                 (SELECT seq FROM memories WHERE tenant_id = $1 AND seq > $2 ORDER BY seq LIMIT 1 OFFSET $4), 9223372036854775807) ORDER BY m.seq", columns = memory_columns()));
    STORED: (|e| format!("SELECT {columns}, v.vector, v.memory_id IS NOT NULL AS embedded, m.seq \
             FROM memories m JOIN apps a ON a.id = m.app_id LEFT JOIN memory_vectors v ON v.memory_id = m.id AND v.model = $3 AND v.content_hash = m.content_hash \
             WHERE m.tenant_id = $1 AND m.state <> 'deleted' AND m.id IN {}", ids_in(e, "$2"), columns = memory_columns()));
    PURGED: "SELECT purged_seq FROM tenants WHERE id = $1";
}

#[derive(FromRow)]
struct ChangeRow {
    #[sqlx(flatten)]
    stored: StoredRow,
    purged: i64,
}

/// The tenant's newest change.
async fn newest(session: &mut Session, scope: &TenantScope) -> Result<i64> {
    let row = session.query(&SEQUENCE).bind(scope.tenant().0).scalar_optional::<i64>().await;
    Ok(row?.unwrap_or(1))
}

/// The newest change among the tombstones that were erased.
async fn purged(session: &mut Session, scope: &TenantScope) -> Result<i64> {
    let row = session.query(&PURGED).bind(scope.tenant().0).scalar_optional::<i64>().await;
    Ok(row?.unwrap_or(0))
}

#[async_trait]
impl ChangeLog for SqlMemoryStore {
    async fn sequence(&self, scope: &TenantScope) -> Result<i64> {
        newest(&mut self.db.read(scope).await?, scope).await
    }

    async fn changes_since(
        &self,
        scope: &TenantScope,
        models: &[EmbeddingModel],
        vectors: bool,
        sequence: i64,
        limit: usize,
    ) -> Result<Changes> {
        let tenant = scope.tenant().0;
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let mut session = self.db.read(scope).await?;
        let newest = newest(&mut session, scope).await?;
        let placement = placement(&mut session, scope).await?;
        if newest <= sequence {
            let purged = purged(&mut session, scope).await?;
            return Ok(Changes { sequence: newest, memories: Vec::new(), complete: true, placement, purged });
        }
        let model = placement.reads(models);
        let rows =
            session.query(&CHANGES).bind(tenant).bind(sequence).bind(&model.id).bind(limit).bind(vectors).fetch_all::<ChangeRow>().await;
        let rows = rows?;
        let last = rows.last().map_or(newest, |row| row.stored.seq);
        // A memory may have changed again since the newest number was read. It is answered as it is then, since its older
        // change is found no more; but the answer is called no newer than what was read before it.
        let complete = i64::try_from(rows.len()).unwrap_or(i64::MAX) <= limit || last >= newest;
        // It must not be older than the rows: a tombstone that they lack is told of by it.
        let purged = match rows.last() {
            Some(row) => row.purged,
            None => purged(&mut session, scope).await?,
        };
        let memories = rows.into_iter().map(|row| row.stored.try_into()).collect::<Result<_>>()?;
        Ok(Changes { sequence: if complete { newest } else { last }, memories, complete, placement, purged })
    }

    async fn stored(&self, scope: &TenantScope, model: &EmbeddingModel, ids: &[MemoryId]) -> Result<Vec<StoredMemory>> {
        let list = id_list(ids.iter().map(|id| id.0));
        let mut session = self.db.read(scope).await?;
        let rows = session.query(&STORED).bind(scope.tenant().0).bind(&list).bind(&model.id).fetch_all::<StoredRow>().await;
        rows?.into_iter().map(TryInto::try_into).collect()
    }
}
