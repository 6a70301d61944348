-- What tenants use. An event is a piece of work that is paid for, written in the transaction of that work; `source` names the work, so
-- that it is counted once. Hours hold reads, which nodes count, and events that are too old to be told one by one. Months hold what
-- is taken of a month's amount: by events as they are, by reads in blocks that a node then spends by itself.
CREATE TABLE usage_events (
    id BLOB NOT NULL PRIMARY KEY,
    tenant_id BLOB NOT NULL REFERENCES tenants (id),
    meter TEXT NOT NULL,
    quantity INTEGER NOT NULL,
    source TEXT NOT NULL,
    app_id BLOB NOT NULL,
    credential_id BLOB NOT NULL,
    model TEXT NOT NULL,
    at INTEGER NOT NULL,
    UNIQUE (tenant_id, meter, source)
) STRICT;
CREATE INDEX usage_events_by_time ON usage_events (tenant_id, at);
CREATE TABLE usage_hours (
    tenant_id BLOB NOT NULL REFERENCES tenants (id),
    hour INTEGER NOT NULL,
    meter TEXT NOT NULL,
    app_id BLOB NOT NULL,
    credential_id BLOB NOT NULL,
    model TEXT NOT NULL,
    quantity INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, hour, meter, app_id, credential_id, model)
) STRICT;
CREATE TABLE usage_months (
    tenant_id BLOB NOT NULL REFERENCES tenants (id),
    month INTEGER NOT NULL,
    meter TEXT NOT NULL,
    taken INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, month, meter)
) STRICT;

-- How many bytes the texts of memories have, beside how many there are.
ALTER TABLE memory_counts ADD COLUMN bytes INTEGER NOT NULL DEFAULT 0;
UPDATE memory_counts SET bytes = (SELECT COALESCE(SUM(octet_length(m.content)), 0) FROM memories m
    WHERE m.tenant_id = memory_counts.tenant_id AND m.project_id = memory_counts.project_id AND m.app_id = memory_counts.app_id
    AND m.state = memory_counts.state);
DROP TRIGGER memories_counted_in;
CREATE TRIGGER memories_counted_in AFTER INSERT ON memories BEGIN
    INSERT INTO memory_counts (tenant_id, project_id, app_id, state, count, bytes)
        VALUES (NEW.tenant_id, NEW.project_id, NEW.app_id, NEW.state, 1, octet_length(NEW.content))
        ON CONFLICT (tenant_id, project_id, app_id, state) DO UPDATE SET count = count + 1, bytes = bytes + excluded.bytes;
    INSERT INTO tag_counts (tenant_id, project_id, tag, count)
        SELECT NEW.tenant_id, NEW.project_id, value, 1 FROM json_each(NEW.tags) WHERE NEW.state NOT IN ('deleted', 'superseded')
        ON CONFLICT (tenant_id, project_id, tag) DO UPDATE SET count = count + 1;
END;
DROP TRIGGER memories_counted_out;
CREATE TRIGGER memories_counted_out AFTER DELETE ON memories BEGIN
    UPDATE memory_counts SET count = count - 1, bytes = bytes - octet_length(OLD.content)
        WHERE tenant_id = OLD.tenant_id AND project_id = OLD.project_id AND app_id = OLD.app_id AND state = OLD.state;
    DELETE FROM memory_counts
        WHERE tenant_id = OLD.tenant_id AND project_id = OLD.project_id AND app_id = OLD.app_id AND state = OLD.state AND count <= 0;
    UPDATE tag_counts SET count = count - 1 WHERE OLD.state NOT IN ('deleted', 'superseded')
        AND tenant_id = OLD.tenant_id AND project_id = OLD.project_id AND tag IN (SELECT value FROM json_each(OLD.tags));
    DELETE FROM tag_counts WHERE tenant_id = OLD.tenant_id AND project_id = OLD.project_id AND count <= 0
        AND tag IN (SELECT value FROM json_each(OLD.tags));
END;
DROP TRIGGER memories_counted_anew;
CREATE TRIGGER memories_counted_anew AFTER UPDATE OF state, content ON memories
    WHEN OLD.state <> NEW.state OR OLD.content <> NEW.content BEGIN
    UPDATE memory_counts SET count = count - 1, bytes = bytes - octet_length(OLD.content)
        WHERE tenant_id = OLD.tenant_id AND project_id = OLD.project_id AND app_id = OLD.app_id AND state = OLD.state;
    DELETE FROM memory_counts
        WHERE tenant_id = OLD.tenant_id AND project_id = OLD.project_id AND app_id = OLD.app_id AND state = OLD.state AND count <= 0;
    INSERT INTO memory_counts (tenant_id, project_id, app_id, state, count, bytes)
        VALUES (NEW.tenant_id, NEW.project_id, NEW.app_id, NEW.state, 1, octet_length(NEW.content))
        ON CONFLICT (tenant_id, project_id, app_id, state) DO UPDATE SET count = count + 1, bytes = bytes + excluded.bytes;
END;

-- Which plan a tenant has, and how it stands. Without a row it has the default plan.
CREATE TABLE subscriptions (
    tenant_id BLOB NOT NULL PRIMARY KEY REFERENCES tenants (id),
    plan TEXT NOT NULL,
    state TEXT NOT NULL,
    ends_at INTEGER,
    renews_at INTEGER,
    provider TEXT NOT NULL,
    customer TEXT,
    reference TEXT,
    overrides TEXT NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;
CREATE INDEX subscriptions_customer ON subscriptions (provider, customer);
-- What a payment provider told, each event once.
CREATE TABLE payment_events (
    provider TEXT NOT NULL,
    id TEXT NOT NULL,
    kind TEXT NOT NULL,
    subject TEXT,
    received_at INTEGER NOT NULL,
    done_at INTEGER,
    PRIMARY KEY (provider, id)
) STRICT;
CREATE TABLE invoices (
    id BLOB NOT NULL PRIMARY KEY,
    tenant_id BLOB NOT NULL REFERENCES tenants (id),
    month INTEGER NOT NULL,
    plan TEXT NOT NULL,
    amount_micros INTEGER NOT NULL,
    currency TEXT NOT NULL,
    lines TEXT NOT NULL,
    state TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    paid_at INTEGER,
    UNIQUE (tenant_id, month)
) STRICT;
-- Nodes that serve, each seen a moment ago: what one may let through by itself is its share of a limit.
CREATE TABLE nodes (
    id BLOB NOT NULL PRIMARY KEY,
    seen_at INTEGER NOT NULL
) STRICT;
