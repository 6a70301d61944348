-- The newest change among the tombstones that were erased: a working set that is older may hold what they told of.
ALTER TABLE tenants ADD COLUMN purged_seq BIGINT NOT NULL DEFAULT 0;

-- Which memory took the place, for an undo that goes back there.
ALTER TABLE memory_history ADD COLUMN superseded_by UUID;

-- Working memories live as long as their session goes on.
CREATE INDEX memories_working ON memories (tenant_id, session_id) WHERE memory_type = 'working';
