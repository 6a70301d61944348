-- A long text has a vector for each of its windows; until now it had one. What is longer than half of the smallest window is
-- looked at again: the job makes anew only what has too few.
INSERT INTO jobs (id, tenant_id, kind, subject_id, priority, state, generation, attempts, run_at, created_at)
SELECT randomblob(16), tenant_id, 'index', id, 4, 'queued', 1, 0, CAST(strftime('%s', 'now') AS INTEGER) * 1000000, CAST(strftime('%s', 'now') AS INTEGER) * 1000000
FROM memories WHERE state <> 'deleted' AND length(CAST(content AS BLOB)) > 400
ON CONFLICT (tenant_id, kind, subject_id) DO NOTHING;
