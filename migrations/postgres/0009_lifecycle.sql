-- Memories that change: pinned ones, those that end, and those that another one took the place of. `trust` and `flags`
-- are the write gate's. `position` is the place in the session.
ALTER TABLE memories ADD COLUMN position BIGINT;
ALTER TABLE memories ADD COLUMN pinned BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE memories ADD COLUMN expires_at BIGINT;
ALTER TABLE memories ADD COLUMN superseded_by UUID;
ALTER TABLE memories ADD COLUMN superseded_at BIGINT;
ALTER TABLE memories ADD COLUMN trust DOUBLE PRECISION NOT NULL DEFAULT 1;
ALTER TABLE memories ADD COLUMN flags JSONB NOT NULL DEFAULT '[]';

-- What was superseded may be said again.
DROP INDEX memories_text;
DROP INDEX memories_key;
CREATE UNIQUE INDEX memories_text ON memories (tenant_id, project_id, content_hash) WHERE state <> 'deleted' AND state <> 'superseded';
CREATE UNIQUE INDEX memories_key ON memories (tenant_id, project_id, pattern_signature)
    WHERE state <> 'deleted' AND state <> 'superseded' AND pattern_signature IS NOT NULL;
CREATE INDEX memories_deleted ON memories (deleted_at) WHERE state = 'deleted';

-- What an undo restores besides text, metadata, tags and state; NULL in steps older than this.
ALTER TABLE memory_history ADD COLUMN memory_type TEXT;
ALTER TABLE memory_history ADD COLUMN confidence DOUBLE PRECISION;
ALTER TABLE memory_history ADD COLUMN pinned BOOLEAN;
ALTER TABLE memory_history ADD COLUMN expires_at BIGINT;
CREATE INDEX memory_history_when ON memory_history (tenant_id, changed_at);

CREATE TABLE memory_links (
    tenant_id UUID NOT NULL REFERENCES tenants (id),
    from_id UUID NOT NULL REFERENCES memories (id),
    to_id UUID NOT NULL REFERENCES memories (id),
    created_at BIGINT NOT NULL,
    PRIMARY KEY (from_id, to_id)
);
CREATE INDEX memory_links_to ON memory_links (to_id);

GRANT SELECT, INSERT, UPDATE, DELETE ON memory_links TO jonathans_memory_app;
ALTER TABLE memory_links ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON memory_links USING (tenant_id = app_tenant());
