-- What tenants use. An event is a piece of work that is paid for, written in the transaction of that work; `source` names the work, so
-- that it is counted once. Hours hold reads, which nodes count, and events that are too old to be told one by one. Months hold what
-- is taken of a month's amount: by events as they are, by reads in blocks that a node then spends by itself.
CREATE TABLE usage_events (
    id UUID NOT NULL PRIMARY KEY,
    tenant_id UUID NOT NULL REFERENCES tenants (id),
    meter TEXT NOT NULL,
    quantity BIGINT NOT NULL,
    source TEXT NOT NULL,
    app_id UUID NOT NULL,
    credential_id UUID NOT NULL,
    model TEXT NOT NULL,
    at BIGINT NOT NULL,
    UNIQUE (tenant_id, meter, source)
);
CREATE INDEX usage_events_by_time ON usage_events (tenant_id, at);
CREATE TABLE usage_hours (
    tenant_id UUID NOT NULL REFERENCES tenants (id),
    hour BIGINT NOT NULL,
    meter TEXT NOT NULL,
    app_id UUID NOT NULL,
    credential_id UUID NOT NULL,
    model TEXT NOT NULL,
    quantity BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, hour, meter, app_id, credential_id, model)
);
CREATE TABLE usage_months (
    tenant_id UUID NOT NULL REFERENCES tenants (id),
    month BIGINT NOT NULL,
    meter TEXT NOT NULL,
    taken BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, month, meter)
);

-- How many bytes the texts of memories have, beside how many there are.
ALTER TABLE memory_counts ADD COLUMN bytes BIGINT NOT NULL DEFAULT 0;
UPDATE memory_counts c SET bytes = (SELECT COALESCE(SUM(octet_length(m.content)), 0) FROM memories m
    WHERE m.tenant_id = c.tenant_id AND m.project_id = c.project_id AND m.app_id = c.app_id AND m.state = c.state);
CREATE OR REPLACE FUNCTION count_memories() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    changed TEXT := CASE TG_OP
        WHEN 'INSERT' THEN 'SELECT *, 1 AS n FROM new_rows'
        WHEN 'DELETE' THEN 'SELECT *, -1 AS n FROM old_rows'
        ELSE 'SELECT *, 1 AS n FROM new_rows UNION ALL SELECT *, -1 AS n FROM old_rows' END;
BEGIN
    IF TG_OP = 'UPDATE' THEN
        -- By itself, for an insert knows no old rows.
        IF NOT EXISTS (SELECT tenant_id, project_id, app_id, state, tags, octet_length(content) FROM old_rows
            EXCEPT ALL SELECT tenant_id, project_id, app_id, state, tags, octet_length(content) FROM new_rows) THEN
            RETURN NULL;
        END IF;
    END IF;
    EXECUTE format('INSERT INTO memory_counts AS c (tenant_id, project_id, app_id, state, count, bytes)
        SELECT tenant_id, project_id, app_id, state, SUM(n), SUM(n * octet_length(content)) FROM (%s) m GROUP BY 1, 2, 3, 4
        HAVING SUM(n) <> 0 OR SUM(n * octet_length(content)) <> 0
        ON CONFLICT (tenant_id, project_id, app_id, state)
        DO UPDATE SET count = c.count + EXCLUDED.count, bytes = c.bytes + EXCLUDED.bytes', changed);
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

-- Which plan a tenant has, and how it stands. Without a row it has the default plan.
CREATE TABLE subscriptions (
    tenant_id UUID NOT NULL PRIMARY KEY REFERENCES tenants (id),
    plan TEXT NOT NULL,
    state TEXT NOT NULL,
    ends_at BIGINT,
    renews_at BIGINT,
    provider TEXT NOT NULL,
    customer TEXT,
    reference TEXT,
    overrides JSONB NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE INDEX subscriptions_customer ON subscriptions (provider, customer);
-- What a payment provider told, each event once.
CREATE TABLE payment_events (
    provider TEXT NOT NULL,
    id TEXT NOT NULL,
    kind TEXT NOT NULL,
    subject TEXT,
    received_at BIGINT NOT NULL,
    done_at BIGINT,
    PRIMARY KEY (provider, id)
);
CREATE TABLE invoices (
    id UUID NOT NULL PRIMARY KEY,
    tenant_id UUID NOT NULL REFERENCES tenants (id),
    month BIGINT NOT NULL,
    plan TEXT NOT NULL,
    amount_micros BIGINT NOT NULL,
    currency TEXT NOT NULL,
    lines JSONB NOT NULL,
    state TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    paid_at BIGINT,
    UNIQUE (tenant_id, month)
);
-- Nodes that serve, each seen a moment ago: what one may let through by itself is its share of a limit.
CREATE TABLE nodes (
    id UUID NOT NULL PRIMARY KEY,
    seen_at BIGINT NOT NULL
);

GRANT SELECT, INSERT, UPDATE, DELETE ON usage_events, usage_hours, usage_months, subscriptions, payment_events, invoices, nodes
    TO jonathans_memory_app;
ALTER TABLE usage_events ENABLE ROW LEVEL SECURITY;
ALTER TABLE usage_hours ENABLE ROW LEVEL SECURITY;
ALTER TABLE usage_months ENABLE ROW LEVEL SECURITY;
ALTER TABLE subscriptions ENABLE ROW LEVEL SECURITY;
ALTER TABLE payment_events ENABLE ROW LEVEL SECURITY;
ALTER TABLE invoices ENABLE ROW LEVEL SECURITY;
ALTER TABLE nodes ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON usage_events USING (tenant_id = app_tenant());
CREATE POLICY tenant ON usage_hours USING (tenant_id = app_tenant());
CREATE POLICY tenant ON usage_months USING (tenant_id = app_tenant());
-- A payment provider names its customer, before a tenant is known.
CREATE POLICY tenant ON subscriptions USING (tenant_id = app_tenant() OR app_system());
CREATE POLICY tenant ON invoices USING (tenant_id = app_tenant() OR app_system());
CREATE POLICY service ON payment_events USING (app_system());
CREATE POLICY service ON nodes USING (app_system());
