-- What people and clients said of memories that they were given, append-only. `query` is what had been asked, where told.
CREATE TABLE learning_events (
    id UUID NOT NULL PRIMARY KEY,
    tenant_id UUID NOT NULL REFERENCES tenants (id),
    project_id UUID NOT NULL REFERENCES projects (id),
    memory_id UUID NOT NULL REFERENCES memories (id),
    app_id UUID NOT NULL REFERENCES apps (id),
    user_id UUID NOT NULL REFERENCES users (id),
    credential_id UUID,
    feedback TEXT NOT NULL,
    confidence DOUBLE PRECISION NOT NULL,
    strength_before DOUBLE PRECISION NOT NULL,
    strength_after DOUBLE PRECISION NOT NULL,
    query TEXT,
    created_at BIGINT NOT NULL
);
CREATE INDEX learning_events_tenant ON learning_events (tenant_id, project_id, created_at);
CREATE INDEX learning_events_memory ON learning_events (memory_id);

GRANT SELECT, INSERT, DELETE ON learning_events TO jonathans_memory_app;
ALTER TABLE learning_events ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON learning_events USING (tenant_id = app_tenant());
