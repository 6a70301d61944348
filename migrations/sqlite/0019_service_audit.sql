-- What was done to the service as a whole, and by nobody whom it knows: backups, roles, refused sign-ins. Append-only; ids, counts
-- and keyed hashes, never text. Rows of a tenant are in audit.
CREATE TABLE service_audit (
    id BLOB NOT NULL PRIMARY KEY,
    action TEXT NOT NULL,
    subject_id BLOB,
    detail TEXT NOT NULL,
    at INTEGER NOT NULL
) STRICT;
