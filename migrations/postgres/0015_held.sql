-- What the write gate holds back and why, what an inferred memory was taken from, what waits for a person's judgement, and
-- keyed hashes of what a person has deliberately forgotten (no text of it).
ALTER TABLE memories ADD COLUMN held_for TEXT;
ALTER TABLE memories ADD COLUMN source JSONB;
CREATE INDEX memories_held ON memories (tenant_id, updated_at) WHERE state = 'held';

CREATE TABLE reviews (
    memory_id UUID NOT NULL REFERENCES memories (id),
    kind TEXT NOT NULL,
    tenant_id UUID NOT NULL REFERENCES tenants (id),
    other_id UUID,
    created_at BIGINT NOT NULL,
    decision TEXT,
    version BIGINT,
    other_version BIGINT,
    decided_at BIGINT,
    PRIMARY KEY (memory_id, kind)
);
CREATE INDEX reviews_open ON reviews (tenant_id, memory_id) WHERE decided_at IS NULL;

CREATE TABLE forgotten (
    tenant_id UUID NOT NULL REFERENCES tenants (id),
    project_id UUID NOT NULL,
    said TEXT NOT NULL,
    forgotten_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, project_id, said)
);

GRANT SELECT, INSERT, UPDATE, DELETE ON reviews, forgotten TO jonathans_memory_app;
ALTER TABLE reviews ENABLE ROW LEVEL SECURITY;
ALTER TABLE forgotten ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON reviews USING (tenant_id = app_tenant());
CREATE POLICY tenant ON forgotten USING (tenant_id = app_tenant());
