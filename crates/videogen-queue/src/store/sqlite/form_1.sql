-- Moments are milliseconds since 1970 by UTC; JSON as videogen-domain writes it.

CREATE TABLE tasks(
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    state TEXT NOT NULL,                    -- as its events have left it
    model_id TEXT NOT NULL,
    endpoint_id TEXT NOT NULL,
    project_id TEXT,
    request_id TEXT,
    fingerprint TEXT,                       -- NULL: it is not compared with others
    place TEXT NOT NULL,
    owner TEXT,                             -- the process that runs it; NULL: it has ended
    began TEXT NOT NULL,                    -- the generation as it began; the events tell the rest
    held TEXT,                              -- why it stands still
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;

CREATE INDEX tasks_of_owner ON tasks(owner) WHERE owner IS NOT NULL;
CREATE INDEX tasks_of_fingerprint ON tasks(fingerprint) WHERE owner IS NOT NULL AND fingerprint IS NOT NULL;
-- Of two tasks one at most is at work on a request.
CREATE INDEX tasks_of_request ON tasks(request_id) WHERE request_id IS NOT NULL;
CREATE UNIQUE INDEX tasks_of_open_request ON tasks(request_id) WHERE request_id IS NOT NULL AND owner IS NOT NULL;

-- What has happened, in the order in which it was written.
CREATE TABLE events(
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    task_id TEXT NOT NULL REFERENCES tasks(id),
    event TEXT NOT NULL,
    at INTEGER NOT NULL
) STRICT;

CREATE INDEX events_of_task ON events(task_id, seq);
