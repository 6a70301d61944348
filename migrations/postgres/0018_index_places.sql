-- Where an external vector index holds points of a tenant, or may hold some: noted before the first point is written there. A
-- place that the tenant has left (a move, the end of the account) stays until nothing has been found in it for long enough
-- (`left_at` is when that time began, `look_at` when the next look is due).
CREATE TABLE index_places (
    tenant_id UUID NOT NULL REFERENCES tenants (id),
    collection TEXT NOT NULL,
    left_at BIGINT,
    look_at BIGINT,
    PRIMARY KEY (tenant_id, collection)
);
CREATE INDEX index_places_left ON index_places (look_at) WHERE left_at IS NOT NULL;

INSERT INTO index_places (tenant_id, collection) SELECT id, collection FROM tenants WHERE collection IS NOT NULL;
INSERT INTO index_places (tenant_id, collection) SELECT id, moving_to FROM tenants WHERE moving_to IS NOT NULL
    ON CONFLICT DO NOTHING;

GRANT SELECT, INSERT, UPDATE, DELETE ON index_places TO jonathans_memory_app;
ALTER TABLE index_places ENABLE ROW LEVEL SECURITY;
-- Across tenants as well: places are looked at after their tenants have gone.
CREATE POLICY tenant ON index_places USING (tenant_id = app_tenant() OR app_system());
