-- What was done to the service as a whole, and by nobody whom it knows: backups, roles, refused sign-ins. Append-only; ids, counts
-- and keyed hashes, never text. Rows of a tenant are in audit.
CREATE TABLE service_audit (
    id UUID NOT NULL PRIMARY KEY,
    action TEXT NOT NULL,
    subject_id UUID,
    detail JSONB NOT NULL,
    at BIGINT NOT NULL
);
GRANT SELECT, INSERT ON service_audit TO jonathans_memory_app;
ALTER TABLE service_audit ENABLE ROW LEVEL SECURITY;
CREATE POLICY service ON service_audit USING (app_system());
