-- How many memories a tenant has, by project, app and state, and how many carry each tag: kept by triggers, in the transaction that
-- changes a memory, so that a page of a list costs as much however many there are. Derived: not part of a backup.
CREATE TABLE memory_counts (
    tenant_id UUID NOT NULL REFERENCES tenants (id),
    project_id UUID NOT NULL,
    app_id UUID NOT NULL,
    state TEXT NOT NULL,
    count BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, project_id, app_id, state)
);
CREATE TABLE tag_counts (
    tenant_id UUID NOT NULL REFERENCES tenants (id),
    project_id UUID NOT NULL,
    tag TEXT NOT NULL,
    count BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, project_id, tag)
);
-- What has ended and is not counted where a list leaves it out.
CREATE INDEX memories_ending ON memories (tenant_id, expires_at) WHERE expires_at IS NOT NULL;

INSERT INTO memory_counts (tenant_id, project_id, app_id, state, count)
    SELECT tenant_id, project_id, app_id, state, COUNT(*) FROM memories GROUP BY 1, 2, 3, 4;
INSERT INTO tag_counts (tenant_id, project_id, tag, count) SELECT m.tenant_id, m.project_id, t.value, COUNT(*)
    FROM memories m, jsonb_array_elements_text(m.tags) t WHERE m.state NOT IN ('deleted', 'superseded') GROUP BY 1, 2, 3;

GRANT SELECT, INSERT, UPDATE, DELETE ON memory_counts, tag_counts TO jonathans_memory_app;
ALTER TABLE memory_counts ENABLE ROW LEVEL SECURITY;
ALTER TABLE tag_counts ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON memory_counts USING (tenant_id = app_tenant());
CREATE POLICY tenant ON tag_counts USING (tenant_id = app_tenant());

-- Once for each statement, not for each row: a row that is changed many times in one transaction gets slower with each.
CREATE FUNCTION count_memories() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    changed TEXT := CASE TG_OP
        WHEN 'INSERT' THEN 'SELECT *, 1 AS n FROM new_rows'
        WHEN 'DELETE' THEN 'SELECT *, -1 AS n FROM old_rows'
        ELSE 'SELECT *, 1 AS n FROM new_rows UNION ALL SELECT *, -1 AS n FROM old_rows' END;
BEGIN
    IF TG_OP = 'UPDATE' THEN
        -- By itself, for an insert knows no old rows.
        IF NOT EXISTS (SELECT tenant_id, project_id, app_id, state, tags FROM old_rows
            EXCEPT ALL SELECT tenant_id, project_id, app_id, state, tags FROM new_rows) THEN
            RETURN NULL;
        END IF;
    END IF;
    EXECUTE format('INSERT INTO memory_counts AS c (tenant_id, project_id, app_id, state, count)
        SELECT tenant_id, project_id, app_id, state, SUM(n) FROM (%s) m GROUP BY 1, 2, 3, 4 HAVING SUM(n) <> 0
        ON CONFLICT (tenant_id, project_id, app_id, state) DO UPDATE SET count = c.count + EXCLUDED.count', changed);
    EXECUTE format('INSERT INTO tag_counts AS c (tenant_id, project_id, tag, count)
        SELECT tenant_id, project_id, t.value, SUM(n) FROM (%s) m, jsonb_array_elements_text(m.tags) t
        WHERE state NOT IN (''deleted'', ''superseded'') GROUP BY 1, 2, 3 HAVING SUM(n) <> 0
        ON CONFLICT (tenant_id, project_id, tag) DO UPDATE SET count = c.count + EXCLUDED.count', changed);
    IF TG_OP <> 'INSERT' THEN
        DELETE FROM memory_counts WHERE count <= 0 AND tenant_id IN (SELECT tenant_id FROM old_rows);
        DELETE FROM tag_counts WHERE count <= 0 AND tenant_id IN (SELECT tenant_id FROM old_rows);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER memories_counted_in AFTER INSERT ON memories
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION count_memories();
CREATE TRIGGER memories_counted_out AFTER DELETE ON memories
    REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION count_memories();
CREATE TRIGGER memories_counted_anew AFTER UPDATE ON memories
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION count_memories();
