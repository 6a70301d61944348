-- Writes that take a model's time: acknowledged at once, done by a job. `input` is emptied when they have ended.
CREATE TABLE operations (
    id UUID NOT NULL PRIMARY KEY,
    tenant_id UUID NOT NULL REFERENCES tenants (id),
    project_id UUID NOT NULL REFERENCES projects (id),
    app_id UUID NOT NULL REFERENCES apps (id),
    user_id UUID NOT NULL REFERENCES users (id),
    credential_id UUID,
    state TEXT NOT NULL,
    input JSONB NOT NULL,
    results JSONB NOT NULL,
    reason TEXT,
    tokens BIGINT NOT NULL,
    request_key TEXT,
    request_hash TEXT,
    created_at BIGINT NOT NULL,
    finished_at BIGINT,
    UNIQUE (tenant_id, request_key)
);
CREATE INDEX operations_finished ON operations (tenant_id, finished_at);

GRANT SELECT, INSERT, UPDATE, DELETE ON operations TO jonathans_memory_app;
ALTER TABLE operations ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON operations USING (tenant_id = app_tenant());
