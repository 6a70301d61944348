//! [`GateCountStore`] on SQL: how often the write gate decided what, by day.

use async_trait::async_trait;

use super::SqlMemoryStore;
use crate::{
    adapters::sql::{hold_tenant, statements},
    error::Result,
    memory::GateCountStore,
    tenancy::TenantScope,
};

statements! {
    ADD_COUNT: "INSERT INTO gate_counts (tenant_id, day, reason, count) VALUES ($1, $2, $3, $4) \
        ON CONFLICT (tenant_id, day, reason) DO UPDATE SET count = gate_counts.count + excluded.count";
    COUNTS: "SELECT reason, CAST(SUM(count) AS BIGINT) FROM gate_counts WHERE tenant_id = $1 AND day >= $2 GROUP BY reason ORDER BY 2 DESC, 1";
}

#[async_trait]
impl GateCountStore for SqlMemoryStore {
    async fn add_gate_counts(&self, scope: &TenantScope, counts: &[(i64, String, i64)]) -> Result<()> {
        let mut session = self.db.write(scope).await?;
        hold_tenant(&mut session, scope).await?;
        for (day, reason, count) in counts {
            session.query(&ADD_COUNT).bind(scope.tenant().0).bind(*day).bind(reason).bind(*count).execute().await?;
        }
        session.commit().await
    }

    async fn gate_counts(&self, scope: &TenantScope, from_day: i64) -> Result<Vec<(String, i64)>> {
        let mut session = self.db.read(scope).await?;

        session.query(&COUNTS).bind(scope.tenant().0).bind(from_day).fetch_all::<(String, i64)>().await
    }
}
