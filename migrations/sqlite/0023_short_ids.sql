-- The end of a memory's id, by which models name it: twelve digits instead of thirty-six characters.
CREATE INDEX memories_short_id ON memories (tenant_id, substr(id, 12));
