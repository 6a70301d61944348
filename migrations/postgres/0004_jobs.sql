-- Work that names a subject, never a payload: the worker reads the subject's present state.
CREATE TABLE jobs (
    id UUID NOT NULL PRIMARY KEY,
    tenant_id UUID NOT NULL REFERENCES tenants (id),
    kind TEXT NOT NULL,
    subject_id UUID NOT NULL,
    priority INTEGER NOT NULL,
    state TEXT NOT NULL,
    generation BIGINT NOT NULL,
    attempts INTEGER NOT NULL,
    run_at BIGINT NOT NULL,
    lease_token UUID,
    lease_until BIGINT,
    last_error TEXT,
    created_at BIGINT NOT NULL,
    UNIQUE (tenant_id, kind, subject_id)
);
CREATE INDEX jobs_due ON jobs (state, priority, run_at);

CREATE TABLE idempotency_keys (
    tenant_id UUID NOT NULL REFERENCES tenants (id),
    operation TEXT NOT NULL,
    key TEXT NOT NULL,
    request_hash TEXT NOT NULL,
    response JSONB NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, operation, key)
);
CREATE INDEX idempotency_keys_age ON idempotency_keys (created_at);

-- Who did what, append-only. Ids and counts, never text.
CREATE TABLE audit (
    id UUID NOT NULL PRIMARY KEY,
    tenant_id UUID NOT NULL REFERENCES tenants (id),
    user_id UUID NOT NULL,
    credential_id UUID,
    action TEXT NOT NULL,
    subject_id UUID,
    detail JSONB NOT NULL,
    at BIGINT NOT NULL
);
CREATE INDEX audit_tenant ON audit (tenant_id, at);
