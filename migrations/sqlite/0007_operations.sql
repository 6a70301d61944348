-- Writes that take a model's time: acknowledged at once, done by a job. `input` is emptied when they have ended.
CREATE TABLE operations (
    id BLOB NOT NULL PRIMARY KEY,
    tenant_id BLOB NOT NULL REFERENCES tenants (id),
    project_id BLOB NOT NULL REFERENCES projects (id),
    app_id BLOB NOT NULL REFERENCES apps (id),
    user_id BLOB NOT NULL REFERENCES users (id),
    credential_id BLOB,
    state TEXT NOT NULL,
    input TEXT NOT NULL,
    results TEXT NOT NULL,
    reason TEXT,
    tokens INTEGER NOT NULL,
    request_key TEXT,
    request_hash TEXT,
    created_at INTEGER NOT NULL,
    finished_at INTEGER,
    UNIQUE (tenant_id, request_key)
) STRICT;
CREATE INDEX operations_finished ON operations (tenant_id, finished_at);
