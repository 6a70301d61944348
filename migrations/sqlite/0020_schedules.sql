-- What is due from time to time, once across all nodes. Not part of a backup: without a row, a task is due.
CREATE TABLE schedules (
    name TEXT NOT NULL PRIMARY KEY,
    due_at INTEGER NOT NULL,
    taken_at INTEGER NOT NULL
) STRICT;
