-- The truth about memories. `seq` is the place of a row's last change in its tenant's change sequence
-- (tenants.change_seq): working sets read what is newer than what they know.
CREATE TABLE memories (
    id BLOB NOT NULL PRIMARY KEY,
    tenant_id BLOB NOT NULL REFERENCES tenants (id),
    project_id BLOB NOT NULL REFERENCES projects (id),
    app_id BLOB NOT NULL REFERENCES apps (id),
    user_id BLOB NOT NULL REFERENCES users (id),
    credential_id BLOB,
    content TEXT NOT NULL,
    content_hash TEXT NOT NULL,
    metadata TEXT NOT NULL,
    tags TEXT NOT NULL,
    memory_type TEXT NOT NULL,
    pattern_signature TEXT,
    strength REAL NOT NULL,
    confidence REAL NOT NULL,
    access_count INTEGER NOT NULL,
    last_accessed_at INTEGER,
    speaker TEXT,
    occurred_at INTEGER,
    session_id TEXT,
    state TEXT NOT NULL,
    version INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    archived_at INTEGER,
    deleted_at INTEGER
) STRICT;
CREATE INDEX memories_seq ON memories (tenant_id, seq);
CREATE INDEX memories_created ON memories (tenant_id, created_at);
-- One live memory per text and per key of a project, however many writers race.
CREATE UNIQUE INDEX memories_text ON memories (tenant_id, project_id, content_hash) WHERE state <> 'deleted';
CREATE UNIQUE INDEX memories_key ON memories (tenant_id, project_id, pattern_signature) WHERE state <> 'deleted' AND pattern_signature IS NOT NULL;

-- One embedding per model, valid while `content_hash` is that of the memory: it is paid for once.
CREATE TABLE memory_vectors (
    memory_id BLOB NOT NULL REFERENCES memories (id),
    model TEXT NOT NULL,
    tenant_id BLOB NOT NULL REFERENCES tenants (id),
    content_hash TEXT NOT NULL,
    dimension INTEGER NOT NULL,
    vector BLOB NOT NULL,
    PRIMARY KEY (memory_id, model)
) STRICT;

CREATE TABLE memory_history (
    memory_id BLOB NOT NULL REFERENCES memories (id),
    version INTEGER NOT NULL,
    tenant_id BLOB NOT NULL REFERENCES tenants (id),
    event TEXT NOT NULL,
    content TEXT NOT NULL,
    metadata TEXT NOT NULL,
    tags TEXT NOT NULL,
    state TEXT NOT NULL,
    app_id BLOB NOT NULL REFERENCES apps (id),
    user_id BLOB NOT NULL REFERENCES users (id),
    credential_id BLOB,
    changed_at INTEGER NOT NULL,
    PRIMARY KEY (memory_id, version)
) STRICT;

CREATE TABLE access_log (
    id INTEGER PRIMARY KEY,
    tenant_id BLOB NOT NULL REFERENCES tenants (id),
    memory_id BLOB NOT NULL REFERENCES memories (id),
    app_id BLOB NOT NULL REFERENCES apps (id),
    access_type TEXT NOT NULL,
    accessed_at INTEGER NOT NULL,
    count INTEGER NOT NULL
) STRICT;
CREATE INDEX access_log_memory ON access_log (tenant_id, memory_id, accessed_at);
CREATE INDEX access_log_app ON access_log (tenant_id, app_id, accessed_at);
