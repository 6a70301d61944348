-- What a tenant has chosen, and what the write gate decided, counted by day and reason.
CREATE TABLE tenant_settings (
    tenant_id UUID NOT NULL PRIMARY KEY REFERENCES tenants (id),
    settings JSONB NOT NULL,
    updated_at BIGINT NOT NULL
);

CREATE TABLE gate_counts (
    tenant_id UUID NOT NULL REFERENCES tenants (id),
    day BIGINT NOT NULL,
    reason TEXT NOT NULL,
    count BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, day, reason)
);

GRANT SELECT, INSERT, UPDATE, DELETE ON tenant_settings, gate_counts TO jonathans_memory_app;
ALTER TABLE tenant_settings ENABLE ROW LEVEL SECURITY;
ALTER TABLE gate_counts ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON tenant_settings USING (tenant_id = app_tenant());
CREATE POLICY tenant ON gate_counts USING (tenant_id = app_tenant());
