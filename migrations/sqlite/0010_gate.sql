-- What a tenant has chosen, and what the write gate decided, counted by day and reason.
CREATE TABLE tenant_settings (
    tenant_id BLOB NOT NULL PRIMARY KEY REFERENCES tenants (id),
    settings TEXT NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;

CREATE TABLE gate_counts (
    tenant_id BLOB NOT NULL REFERENCES tenants (id),
    day INTEGER NOT NULL,
    reason TEXT NOT NULL,
    count INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, day, reason)
) STRICT;
