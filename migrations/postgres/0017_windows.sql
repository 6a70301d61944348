-- A long text has a vector for each of its windows; until now it had one. What is longer than half of the smallest window is
-- looked at again: the job makes anew only what has too few.
INSERT INTO jobs (id, tenant_id, kind, subject_id, priority, state, generation, attempts, run_at, created_at)
SELECT gen_random_uuid(), tenant_id, 'index', id, 4, 'queued', 1, 0, (EXTRACT(EPOCH FROM now()) * 1000000)::bigint, (EXTRACT(EPOCH FROM now()) * 1000000)::bigint
FROM memories WHERE state <> 'deleted' AND octet_length(content) > 400
ON CONFLICT (tenant_id, kind, subject_id) DO NOTHING;
