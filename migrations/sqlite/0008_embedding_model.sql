-- Whose vectors the tenant is read by (NULL before its first vector). When the service is given another embedding model,
-- both models' vectors are kept until the tenant has all of the new one.
ALTER TABLE tenants ADD COLUMN embedding_model TEXT;
UPDATE tenants SET embedding_model = (SELECT MIN(v.model) FROM memory_vectors v WHERE v.tenant_id = tenants.id);
