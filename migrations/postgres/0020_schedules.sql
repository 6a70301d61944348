-- What is due from time to time, once across all nodes. Not part of a backup: without a row, a task is due.
CREATE TABLE schedules (
    name TEXT NOT NULL PRIMARY KEY,
    due_at BIGINT NOT NULL,
    taken_at BIGINT NOT NULL
);
GRANT SELECT, INSERT, UPDATE ON schedules TO jonathans_memory_app;
ALTER TABLE schedules ENABLE ROW LEVEL SECURITY;
CREATE POLICY service ON schedules USING (app_system());
