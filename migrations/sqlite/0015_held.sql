-- What the write gate holds back and why, what an inferred memory was taken from, what waits for a person's judgement, and
-- keyed hashes of what a person has deliberately forgotten (no text of it).
ALTER TABLE memories ADD COLUMN held_for TEXT;
ALTER TABLE memories ADD COLUMN source TEXT;
CREATE INDEX memories_held ON memories (tenant_id, updated_at) WHERE state = 'held';

CREATE TABLE reviews (
    memory_id BLOB NOT NULL REFERENCES memories (id),
    kind TEXT NOT NULL,
    tenant_id BLOB NOT NULL REFERENCES tenants (id),
    other_id BLOB,
    created_at INTEGER NOT NULL,
    decision TEXT,
    version INTEGER,
    other_version INTEGER,
    decided_at INTEGER,
    PRIMARY KEY (memory_id, kind)
) STRICT;
CREATE INDEX reviews_open ON reviews (tenant_id, memory_id) WHERE decided_at IS NULL;

CREATE TABLE forgotten (
    tenant_id BLOB NOT NULL REFERENCES tenants (id),
    project_id BLOB NOT NULL,
    said TEXT NOT NULL,
    forgotten_at INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, project_id, said)
) STRICT;
