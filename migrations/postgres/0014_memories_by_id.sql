-- Ids of one tenant, many at a time. With the tenant alone to go by, SQLite walks all that the tenant has.
CREATE INDEX memories_tenant_id ON memories (tenant_id, id);
