-- In a schema of its own, so that the database may hold others' tables as well. JSON as videogen-domain writes it,
-- kept as it is written.

CREATE TABLE videogen.workers(
    id text PRIMARY KEY,                    -- a process; no name is given twice
    expires_at timestamptz NOT NULL         -- by the database's clock; who is not here any more is dead
);

CREATE TABLE videogen.tasks(
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id text NOT NULL UNIQUE,
    state text NOT NULL,                    -- as its events have left it
    model_id text NOT NULL,
    endpoint_id text NOT NULL,
    project_id text,
    request_id text,
    fingerprint text,                       -- NULL: it is not compared with others
    place text NOT NULL,
    owner text,                             -- the worker that runs it; NULL: it has ended
    began json NOT NULL,                    -- the generation as it began; the events tell the rest
    held json,                              -- why it stands still
    written_by text NOT NULL,               -- the group of changes that has written last, to know it again
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    updated_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

CREATE INDEX tasks_of_owner ON videogen.tasks(owner) WHERE owner IS NOT NULL;
CREATE INDEX tasks_of_fingerprint ON videogen.tasks(fingerprint) WHERE owner IS NOT NULL AND fingerprint IS NOT NULL;
CREATE INDEX tasks_of_project ON videogen.tasks(project_id, number) WHERE project_id IS NOT NULL;
-- Of two tasks one at most is at work on a request.
CREATE INDEX tasks_of_request ON videogen.tasks(request_id) WHERE request_id IS NOT NULL;
CREATE UNIQUE INDEX tasks_of_open_request ON videogen.tasks(request_id)
    WHERE request_id IS NOT NULL AND owner IS NOT NULL;

-- What has happened, in the order in which it was written: whoever writes holds a lock from before the number is given
-- until it is committed.
CREATE TABLE videogen.events(
    seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    task_id text NOT NULL REFERENCES videogen.tasks(id),
    event json NOT NULL,
    at timestamptz NOT NULL DEFAULT clock_timestamp()
);

CREATE INDEX events_of_task ON videogen.events(task_id, seq);
