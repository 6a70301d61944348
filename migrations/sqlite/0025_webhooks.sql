-- Addresses that are told what happens, and what they are told: an outbox, written in the transaction of what happened.
CREATE TABLE webhooks (
    id BLOB NOT NULL PRIMARY KEY,
    tenant_id BLOB NOT NULL REFERENCES tenants (id),
    url TEXT NOT NULL,
    description TEXT NOT NULL,
    events TEXT NOT NULL,
    is_active INTEGER NOT NULL,
    rotation INTEGER NOT NULL,
    rotated_at INTEGER,
    key_version INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    failures INTEGER NOT NULL,
    failing_since INTEGER,
    blocked_until INTEGER
) STRICT;
CREATE INDEX webhooks_tenant ON webhooks (tenant_id, created_at);
CREATE TABLE webhook_deliveries (
    webhook_id BLOB NOT NULL REFERENCES webhooks (id),
    event_id BLOB NOT NULL,
    tenant_id BLOB NOT NULL REFERENCES tenants (id),
    kind TEXT NOT NULL,
    data TEXT NOT NULL,
    state TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    next_at INTEGER NOT NULL,
    status INTEGER,
    error TEXT,
    created_at INTEGER NOT NULL,
    done_at INTEGER,
    PRIMARY KEY (webhook_id, event_id)
) STRICT;
CREATE INDEX webhook_deliveries_due ON webhook_deliveries (webhook_id, next_at) WHERE state = 'pending';
CREATE INDEX webhook_deliveries_tenant ON webhook_deliveries (tenant_id, created_at);
