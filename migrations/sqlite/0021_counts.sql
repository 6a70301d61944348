-- How many memories a tenant has, by project, app and state, and how many carry each tag: kept by triggers, in the transaction that
-- changes a memory, so that a page of a list costs as much however many there are. Derived: not part of a backup.
CREATE TABLE memory_counts (
    tenant_id BLOB NOT NULL REFERENCES tenants (id),
    project_id BLOB NOT NULL,
    app_id BLOB NOT NULL,
    state TEXT NOT NULL,
    count INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, project_id, app_id, state)
) STRICT;
CREATE TABLE tag_counts (
    tenant_id BLOB NOT NULL REFERENCES tenants (id),
    project_id BLOB NOT NULL,
    tag TEXT NOT NULL,
    count INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, project_id, tag)
) STRICT;
-- What has ended and is not counted where a list leaves it out.
CREATE INDEX memories_ending ON memories (tenant_id, expires_at) WHERE expires_at IS NOT NULL;

INSERT INTO memory_counts (tenant_id, project_id, app_id, state, count)
    SELECT tenant_id, project_id, app_id, state, COUNT(*) FROM memories GROUP BY 1, 2, 3, 4;
INSERT INTO tag_counts (tenant_id, project_id, tag, count) SELECT m.tenant_id, m.project_id, t.value, COUNT(*)
    FROM memories m, json_each(m.tags) t WHERE m.state NOT IN ('deleted', 'superseded') GROUP BY 1, 2, 3;

CREATE TRIGGER memories_counted_in AFTER INSERT ON memories BEGIN
    INSERT INTO memory_counts (tenant_id, project_id, app_id, state, count) VALUES (NEW.tenant_id, NEW.project_id, NEW.app_id, NEW.state, 1)
        ON CONFLICT (tenant_id, project_id, app_id, state) DO UPDATE SET count = count + 1;
    INSERT INTO tag_counts (tenant_id, project_id, tag, count)
        SELECT NEW.tenant_id, NEW.project_id, value, 1 FROM json_each(NEW.tags) WHERE NEW.state NOT IN ('deleted', 'superseded')
        ON CONFLICT (tenant_id, project_id, tag) DO UPDATE SET count = count + 1;
END;
CREATE TRIGGER memories_counted_out AFTER DELETE ON memories BEGIN
    UPDATE memory_counts SET count = count - 1
        WHERE tenant_id = OLD.tenant_id AND project_id = OLD.project_id AND app_id = OLD.app_id AND state = OLD.state;
    DELETE FROM memory_counts
        WHERE tenant_id = OLD.tenant_id AND project_id = OLD.project_id AND app_id = OLD.app_id AND state = OLD.state AND count <= 0;
    UPDATE tag_counts SET count = count - 1 WHERE OLD.state NOT IN ('deleted', 'superseded')
        AND tenant_id = OLD.tenant_id AND project_id = OLD.project_id AND tag IN (SELECT value FROM json_each(OLD.tags));
    DELETE FROM tag_counts WHERE tenant_id = OLD.tenant_id AND project_id = OLD.project_id AND count <= 0
        AND tag IN (SELECT value FROM json_each(OLD.tags));
END;
CREATE TRIGGER memories_counted_anew AFTER UPDATE OF state ON memories WHEN OLD.state <> NEW.state BEGIN
    UPDATE memory_counts SET count = count - 1
        WHERE tenant_id = OLD.tenant_id AND project_id = OLD.project_id AND app_id = OLD.app_id AND state = OLD.state;
    DELETE FROM memory_counts
        WHERE tenant_id = OLD.tenant_id AND project_id = OLD.project_id AND app_id = OLD.app_id AND state = OLD.state AND count <= 0;
    INSERT INTO memory_counts (tenant_id, project_id, app_id, state, count) VALUES (NEW.tenant_id, NEW.project_id, NEW.app_id, NEW.state, 1)
        ON CONFLICT (tenant_id, project_id, app_id, state) DO UPDATE SET count = count + 1;
END;
CREATE TRIGGER memories_tags_counted_anew AFTER UPDATE OF state, tags ON memories WHEN OLD.tags <> NEW.tags OR OLD.state <> NEW.state BEGIN
    UPDATE tag_counts SET count = count - 1 WHERE OLD.state NOT IN ('deleted', 'superseded')
        AND tenant_id = OLD.tenant_id AND project_id = OLD.project_id AND tag IN (SELECT value FROM json_each(OLD.tags));
    DELETE FROM tag_counts WHERE tenant_id = OLD.tenant_id AND project_id = OLD.project_id AND count <= 0
        AND tag IN (SELECT value FROM json_each(OLD.tags));
    INSERT INTO tag_counts (tenant_id, project_id, tag, count)
        SELECT NEW.tenant_id, NEW.project_id, value, 1 FROM json_each(NEW.tags) WHERE NEW.state NOT IN ('deleted', 'superseded')
        ON CONFLICT (tenant_id, project_id, tag) DO UPDATE SET count = count + 1;
END;
