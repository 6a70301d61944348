-- Endpoint secrets and API keys (only keyed hashes of them), and the refresh tokens of built-in accounts.
CREATE TABLE credentials (
    id BLOB NOT NULL PRIMARY KEY,
    tenant_id BLOB NOT NULL REFERENCES tenants (id),
    user_id BLOB NOT NULL REFERENCES users (id),
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    client TEXT NOT NULL,
    secret_hash BLOB NOT NULL UNIQUE,
    old_secret_hash BLOB UNIQUE,
    old_secret_until INTEGER,
    pepper_version INTEGER NOT NULL,
    hint TEXT NOT NULL,
    scopes TEXT NOT NULL,
    project_id BLOB REFERENCES projects (id),
    created_at INTEGER NOT NULL,
    expires_at INTEGER,
    last_used_at INTEGER,
    revoked_at INTEGER
) STRICT;
CREATE INDEX credentials_tenant ON credentials (tenant_id, kind, created_at);

CREATE TABLE account_sessions (
    id BLOB NOT NULL PRIMARY KEY,
    family_id BLOB NOT NULL,
    tenant_id BLOB NOT NULL REFERENCES tenants (id),
    user_id BLOB NOT NULL REFERENCES users (id),
    token_hash BLOB NOT NULL UNIQUE,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    used_at INTEGER,
    revoked_at INTEGER
) STRICT;
CREATE INDEX account_sessions_family ON account_sessions (family_id);
