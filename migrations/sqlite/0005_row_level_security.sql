-- SQLite has no roles; the tenant condition in each statement is the wall there. The number is kept equal on both engines.
SELECT 1;
