-- Memories that change: pinned ones, those that end, and those that another one took the place of. `trust` and `flags`
-- are the write gate's. `position` is the place in the session.
ALTER TABLE memories ADD COLUMN position INTEGER;
ALTER TABLE memories ADD COLUMN pinned INTEGER NOT NULL DEFAULT 0;
ALTER TABLE memories ADD COLUMN expires_at INTEGER;
ALTER TABLE memories ADD COLUMN superseded_by BLOB;
ALTER TABLE memories ADD COLUMN superseded_at INTEGER;
ALTER TABLE memories ADD COLUMN trust REAL NOT NULL DEFAULT 1;
ALTER TABLE memories ADD COLUMN flags TEXT NOT NULL DEFAULT '[]';

-- What was superseded may be said again.
DROP INDEX memories_text;
DROP INDEX memories_key;
CREATE UNIQUE INDEX memories_text ON memories (tenant_id, project_id, content_hash) WHERE state <> 'deleted' AND state <> 'superseded';
CREATE UNIQUE INDEX memories_key ON memories (tenant_id, project_id, pattern_signature)
    WHERE state <> 'deleted' AND state <> 'superseded' AND pattern_signature IS NOT NULL;
CREATE INDEX memories_deleted ON memories (deleted_at) WHERE state = 'deleted';

-- What an undo restores besides text, metadata, tags and state; NULL in steps older than this.
ALTER TABLE memory_history ADD COLUMN memory_type TEXT;
ALTER TABLE memory_history ADD COLUMN confidence REAL;
ALTER TABLE memory_history ADD COLUMN pinned INTEGER;
ALTER TABLE memory_history ADD COLUMN expires_at INTEGER;
CREATE INDEX memory_history_when ON memory_history (tenant_id, changed_at);

CREATE TABLE memory_links (
    tenant_id BLOB NOT NULL REFERENCES tenants (id),
    from_id BLOB NOT NULL REFERENCES memories (id),
    to_id BLOB NOT NULL REFERENCES memories (id),
    created_at INTEGER NOT NULL,
    PRIMARY KEY (from_id, to_id)
) STRICT;
CREATE INDEX memory_links_to ON memory_links (to_id);
