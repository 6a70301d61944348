-- Where an external vector index keeps the tenant: a collection of its own (NULL: the one that tenants share), and the one
-- that is being filled to take over.
ALTER TABLE tenants ADD COLUMN collection TEXT;
ALTER TABLE tenants ADD COLUMN moving_to TEXT;
