-- Lists go by the time of adding, and by the id where that is the same: with both in one index a page is found by seeking,
-- however deep it lies. The index before this one is the beginning of it.
CREATE INDEX memories_newest ON memories (tenant_id, created_at, id);
DROP INDEX memories_created;
