-- The truth about memories. `seq` is the place of a row's last change in its tenant's change sequence
-- (tenants.change_seq): working sets read what is newer than what they know.
CREATE TABLE memories (
    id UUID NOT NULL PRIMARY KEY,
    tenant_id UUID NOT NULL REFERENCES tenants (id),
    project_id UUID NOT NULL REFERENCES projects (id),
    app_id UUID NOT NULL REFERENCES apps (id),
    user_id UUID NOT NULL REFERENCES users (id),
    credential_id UUID,
    content TEXT NOT NULL,
    content_hash TEXT NOT NULL,
    metadata JSONB NOT NULL,
    tags JSONB NOT NULL,
    memory_type TEXT NOT NULL,
    pattern_signature TEXT,
    strength DOUBLE PRECISION NOT NULL,
    confidence DOUBLE PRECISION NOT NULL,
    access_count BIGINT NOT NULL,
    last_accessed_at BIGINT,
    speaker TEXT,
    occurred_at BIGINT,
    session_id TEXT,
    state TEXT NOT NULL,
    version BIGINT NOT NULL,
    seq BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    archived_at BIGINT,
    deleted_at BIGINT
);
CREATE INDEX memories_seq ON memories (tenant_id, seq);
CREATE INDEX memories_created ON memories (tenant_id, created_at);
-- One live memory per text and per key of a project, however many writers race.
CREATE UNIQUE INDEX memories_text ON memories (tenant_id, project_id, content_hash) WHERE state <> 'deleted';
CREATE UNIQUE INDEX memories_key ON memories (tenant_id, project_id, pattern_signature) WHERE state <> 'deleted' AND pattern_signature IS NOT NULL;

-- One embedding per model, valid while `content_hash` is that of the memory: it is paid for once.
CREATE TABLE memory_vectors (
    memory_id UUID NOT NULL REFERENCES memories (id),
    model TEXT NOT NULL,
    tenant_id UUID NOT NULL REFERENCES tenants (id),
    content_hash TEXT NOT NULL,
    dimension INTEGER NOT NULL,
    vector BYTEA NOT NULL,
    PRIMARY KEY (memory_id, model)
);

CREATE TABLE memory_history (
    memory_id UUID NOT NULL REFERENCES memories (id),
    version BIGINT NOT NULL,
    tenant_id UUID NOT NULL REFERENCES tenants (id),
    event TEXT NOT NULL,
    content TEXT NOT NULL,
    metadata JSONB NOT NULL,
    tags JSONB NOT NULL,
    state TEXT NOT NULL,
    app_id UUID NOT NULL REFERENCES apps (id),
    user_id UUID NOT NULL REFERENCES users (id),
    credential_id UUID,
    changed_at BIGINT NOT NULL,
    PRIMARY KEY (memory_id, version)
);

CREATE TABLE access_log (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant_id UUID NOT NULL REFERENCES tenants (id),
    memory_id UUID NOT NULL REFERENCES memories (id),
    app_id UUID NOT NULL REFERENCES apps (id),
    access_type TEXT NOT NULL,
    accessed_at BIGINT NOT NULL,
    count BIGINT NOT NULL
);
CREATE INDEX access_log_memory ON access_log (tenant_id, memory_id, accessed_at);
CREATE INDEX access_log_app ON access_log (tenant_id, app_id, accessed_at);
