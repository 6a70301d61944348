-- Clients let in by OAuth: what they asked and what the person said, until it is exchanged for a credential; what is known of such
-- a grant beside its credential; and its tokens. Of ids, codes and tokens, keyed hashes only.
CREATE TABLE oauth_requests (
    id_hash BYTEA NOT NULL PRIMARY KEY,
    client_id TEXT NOT NULL,
    client_name TEXT NOT NULL,
    client_host TEXT,
    scopes TEXT NOT NULL,
    redirect_uri TEXT,
    state TEXT,
    code_challenge TEXT,
    resource TEXT,
    device_hash BYTEA UNIQUE,
    polled_at BIGINT,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    tenant_id UUID REFERENCES tenants (id),
    user_id UUID REFERENCES users (id),
    granted TEXT,
    project_id UUID REFERENCES projects (id),
    grant_until BIGINT,
    code_hash BYTEA UNIQUE,
    decided_at BIGINT,
    credential_id UUID
);
CREATE INDEX oauth_requests_expiry ON oauth_requests (expires_at);

CREATE TABLE oauth_grants (
    credential_id UUID NOT NULL PRIMARY KEY REFERENCES credentials (id) ON DELETE CASCADE,
    tenant_id UUID NOT NULL REFERENCES tenants (id),
    user_id UUID NOT NULL REFERENCES users (id),
    client_id TEXT NOT NULL,
    client_host TEXT,
    redirect_uri TEXT NOT NULL,
    resource TEXT NOT NULL,
    absolute_until BIGINT NOT NULL
);
CREATE INDEX oauth_grants_tenant ON oauth_grants (tenant_id);

CREATE TABLE oauth_tokens (
    token_hash BYTEA NOT NULL PRIMARY KEY,
    tenant_id UUID NOT NULL REFERENCES tenants (id),
    credential_id UUID NOT NULL REFERENCES credentials (id) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    generation BIGINT NOT NULL,
    issued_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at BIGINT,
    sealed_successor BYTEA
);
CREATE UNIQUE INDEX oauth_tokens_generation ON oauth_tokens (credential_id, generation, kind);
CREATE INDEX oauth_tokens_expiry ON oauth_tokens (expires_at);

GRANT SELECT, INSERT, UPDATE, DELETE ON oauth_requests, oauth_grants, oauth_tokens TO jonathans_memory_app;
ALTER TABLE oauth_requests ENABLE ROW LEVEL SECURITY;
ALTER TABLE oauth_grants ENABLE ROW LEVEL SECURITY;
ALTER TABLE oauth_tokens ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON oauth_requests USING (tenant_id = app_tenant() OR app_system());
CREATE POLICY tenant ON oauth_grants USING (tenant_id = app_tenant() OR app_system());
CREATE POLICY tenant ON oauth_tokens USING (tenant_id = app_tenant() OR app_system());
