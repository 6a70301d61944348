-- Addresses that are told what happens, and what they are told: an outbox, written in the transaction of what happened.
CREATE TABLE webhooks (
    id UUID NOT NULL PRIMARY KEY,
    tenant_id UUID NOT NULL REFERENCES tenants (id),
    url TEXT NOT NULL,
    description TEXT NOT NULL,
    events JSONB NOT NULL,
    is_active BOOLEAN NOT NULL,
    rotation INTEGER NOT NULL,
    rotated_at BIGINT,
    key_version INTEGER NOT NULL,
    created_at BIGINT NOT NULL,
    failures INTEGER NOT NULL,
    failing_since BIGINT,
    blocked_until BIGINT
);
CREATE INDEX webhooks_tenant ON webhooks (tenant_id, created_at);
CREATE TABLE webhook_deliveries (
    webhook_id UUID NOT NULL REFERENCES webhooks (id),
    event_id UUID NOT NULL,
    tenant_id UUID NOT NULL REFERENCES tenants (id),
    kind TEXT NOT NULL,
    data JSONB NOT NULL,
    state TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    next_at BIGINT NOT NULL,
    status INTEGER,
    error TEXT,
    created_at BIGINT NOT NULL,
    done_at BIGINT,
    PRIMARY KEY (webhook_id, event_id)
);
CREATE INDEX webhook_deliveries_due ON webhook_deliveries (webhook_id, next_at) WHERE state = 'pending';
CREATE INDEX webhook_deliveries_tenant ON webhook_deliveries (tenant_id, created_at);

GRANT SELECT, INSERT, UPDATE, DELETE ON webhooks, webhook_deliveries TO jonathans_memory_app;
ALTER TABLE webhooks ENABLE ROW LEVEL SECURITY;
ALTER TABLE webhook_deliveries ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON webhooks USING (tenant_id = app_tenant());
CREATE POLICY tenant ON webhook_deliveries USING (tenant_id = app_tenant());
