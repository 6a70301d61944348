-- Endpoint secrets and API keys (only keyed hashes of them), and the refresh tokens of built-in accounts.
CREATE TABLE credentials (
    id UUID NOT NULL PRIMARY KEY,
    tenant_id UUID NOT NULL REFERENCES tenants (id),
    user_id UUID NOT NULL REFERENCES users (id),
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    client TEXT NOT NULL,
    secret_hash BYTEA NOT NULL UNIQUE,
    old_secret_hash BYTEA UNIQUE,
    old_secret_until BIGINT,
    pepper_version INTEGER NOT NULL,
    hint TEXT NOT NULL,
    scopes TEXT NOT NULL,
    project_id UUID REFERENCES projects (id),
    created_at BIGINT NOT NULL,
    expires_at BIGINT,
    last_used_at BIGINT,
    revoked_at BIGINT
);
CREATE INDEX credentials_tenant ON credentials (tenant_id, kind, created_at);

CREATE TABLE account_sessions (
    id UUID NOT NULL PRIMARY KEY,
    family_id UUID NOT NULL,
    tenant_id UUID NOT NULL REFERENCES tenants (id),
    user_id UUID NOT NULL REFERENCES users (id),
    token_hash BYTEA NOT NULL UNIQUE,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at BIGINT,
    revoked_at BIGINT
);
CREATE INDEX account_sessions_family ON account_sessions (family_id);
