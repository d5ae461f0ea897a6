-- A caller's own name for a request, so that it is taken in once however often it is sent.
ALTER TABLE tasks ADD COLUMN idempotency_key TEXT;
CREATE UNIQUE INDEX tasks_of_key ON tasks(idempotency_key) WHERE idempotency_key IS NOT NULL;
