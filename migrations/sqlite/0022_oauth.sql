-- Clients let in by OAuth: what they asked and what the person said, until it is exchanged for a credential; what is known of such
-- a grant beside its credential; and its tokens. Of ids, codes and tokens, keyed hashes only.
CREATE TABLE oauth_requests (
    id_hash BLOB NOT NULL PRIMARY KEY,
    client_id TEXT NOT NULL,
    client_name TEXT NOT NULL,
    client_host TEXT,
    scopes TEXT NOT NULL,
    redirect_uri TEXT,
    state TEXT,
    code_challenge TEXT,
    resource TEXT,
    device_hash BLOB UNIQUE,
    polled_at INTEGER,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    tenant_id BLOB REFERENCES tenants (id),
    user_id BLOB REFERENCES users (id),
    granted TEXT,
    project_id BLOB REFERENCES projects (id),
    grant_until INTEGER,
    code_hash BLOB UNIQUE,
    decided_at INTEGER,
    credential_id BLOB
) STRICT;
CREATE INDEX oauth_requests_expiry ON oauth_requests (expires_at);

CREATE TABLE oauth_grants (
    credential_id BLOB NOT NULL PRIMARY KEY REFERENCES credentials (id) ON DELETE CASCADE,
    tenant_id BLOB NOT NULL REFERENCES tenants (id),
    user_id BLOB NOT NULL REFERENCES users (id),
    client_id TEXT NOT NULL,
    client_host TEXT,
    redirect_uri TEXT NOT NULL,
    resource TEXT NOT NULL,
    absolute_until INTEGER NOT NULL
) STRICT;
CREATE INDEX oauth_grants_tenant ON oauth_grants (tenant_id);

CREATE TABLE oauth_tokens (
    token_hash BLOB NOT NULL PRIMARY KEY,
    tenant_id BLOB NOT NULL REFERENCES tenants (id),
    credential_id BLOB NOT NULL REFERENCES credentials (id) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    generation INTEGER NOT NULL,
    issued_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    used_at INTEGER,
    sealed_successor BLOB
) STRICT;
CREATE UNIQUE INDEX oauth_tokens_generation ON oauth_tokens (credential_id, generation, kind);
CREATE INDEX oauth_tokens_expiry ON oauth_tokens (expires_at);
