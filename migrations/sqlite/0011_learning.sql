-- What people and clients said of memories that they were given, append-only. `query` is what had been asked, where told.
CREATE TABLE learning_events (
    id BLOB NOT NULL PRIMARY KEY,
    tenant_id BLOB NOT NULL REFERENCES tenants (id),
    project_id BLOB NOT NULL REFERENCES projects (id),
    memory_id BLOB NOT NULL REFERENCES memories (id),
    app_id BLOB NOT NULL REFERENCES apps (id),
    user_id BLOB NOT NULL REFERENCES users (id),
    credential_id BLOB,
    feedback TEXT NOT NULL,
    confidence REAL NOT NULL,
    strength_before REAL NOT NULL,
    strength_after REAL NOT NULL,
    query TEXT,
    created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX learning_events_tenant ON learning_events (tenant_id, project_id, created_at);
CREATE INDEX learning_events_memory ON learning_events (memory_id);
