-- The second wall. Every transaction of the application takes on this role and names its tenant; a statement without
-- its tenant condition then finds nothing instead of everything. `app.system` opens only the tables that are read
-- before a tenant is known (sign-in, credentials) or across tenants (jobs); no table with memory text is among them.
DO $$
BEGIN
    CREATE ROLE jonathans_memory_app NOLOGIN NOBYPASSRLS NOSUPERUSER;
EXCEPTION
    -- The role belongs to the server, not to this database: another database may have made it, even just now.
    WHEN duplicate_object OR unique_violation THEN NULL;
END $$;

DO $$
BEGIN
    EXECUTE format('GRANT jonathans_memory_app TO %I', current_user);
EXCEPTION
    WHEN OTHERS THEN
        IF NOT pg_has_role(current_user, 'jonathans_memory_app', 'MEMBER') THEN RAISE; END IF;
END $$;

DO $$
BEGIN
    EXECUTE format('GRANT USAGE ON SCHEMA %I TO jonathans_memory_app', current_schema());
END $$;

GRANT SELECT, INSERT, UPDATE, DELETE ON
    tenants, users, memberships, projects, apps, credentials, account_sessions, memories, memory_vectors,
    memory_history, access_log, jobs, idempotency_keys
TO jonathans_memory_app;
GRANT SELECT, INSERT ON audit TO jonathans_memory_app;

CREATE FUNCTION app_tenant() RETURNS uuid LANGUAGE sql STABLE
    AS $$ SELECT NULLIF(current_setting('app.tenant_id', true), '')::uuid $$;
CREATE FUNCTION app_system() RETURNS boolean LANGUAGE sql STABLE
    AS $$ SELECT COALESCE(current_setting('app.system', true), '') = 'on' $$;

ALTER TABLE memories ENABLE ROW LEVEL SECURITY;
ALTER TABLE memory_vectors ENABLE ROW LEVEL SECURITY;
ALTER TABLE memory_history ENABLE ROW LEVEL SECURITY;
ALTER TABLE access_log ENABLE ROW LEVEL SECURITY;
ALTER TABLE apps ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON memories USING (tenant_id = app_tenant());
CREATE POLICY tenant ON memory_vectors USING (tenant_id = app_tenant());
CREATE POLICY tenant ON memory_history USING (tenant_id = app_tenant());
CREATE POLICY tenant ON access_log USING (tenant_id = app_tenant());
CREATE POLICY tenant ON apps USING (tenant_id = app_tenant());

ALTER TABLE tenants ENABLE ROW LEVEL SECURITY;
ALTER TABLE users ENABLE ROW LEVEL SECURITY;
ALTER TABLE memberships ENABLE ROW LEVEL SECURITY;
ALTER TABLE projects ENABLE ROW LEVEL SECURITY;
ALTER TABLE credentials ENABLE ROW LEVEL SECURITY;
ALTER TABLE account_sessions ENABLE ROW LEVEL SECURITY;
ALTER TABLE jobs ENABLE ROW LEVEL SECURITY;
ALTER TABLE idempotency_keys ENABLE ROW LEVEL SECURITY;
ALTER TABLE audit ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON tenants USING (id = app_tenant() OR app_system());
CREATE POLICY system ON users USING (app_system());
CREATE POLICY tenant ON memberships USING (tenant_id = app_tenant() OR app_system());
CREATE POLICY tenant ON projects USING (tenant_id = app_tenant() OR app_system());
CREATE POLICY tenant ON credentials USING (tenant_id = app_tenant() OR app_system());
CREATE POLICY tenant ON account_sessions USING (tenant_id = app_tenant() OR app_system());
CREATE POLICY tenant ON jobs USING (tenant_id = app_tenant() OR app_system());
CREATE POLICY tenant ON idempotency_keys USING (tenant_id = app_tenant() OR app_system());
CREATE POLICY tenant ON audit USING (tenant_id = app_tenant() OR app_system());
