-- Amounts are USD as decimal texts, moments milliseconds since 1970 by UTC, days counted from there.

CREATE TABLE ledgers(
    name TEXT PRIMARY KEY,                  -- 'overall', 'day:20783', 'project:<id>'
    spent TEXT NOT NULL,
    reserved TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE bookings(
    booking_id TEXT PRIMARY KEY,
    project_id TEXT,
    day INTEGER NOT NULL,                   -- of the first reservation: it is settled there, even after midnight
    model_id TEXT NOT NULL,
    endpoint_id TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('reserved', 'spent', 'released')),
    reserved TEXT NOT NULL,
    request_id TEXT UNIQUE,
    class TEXT,
    billable_units TEXT,
    billed TEXT,                            -- NULL: not known
    began_at INTEGER NOT NULL,
    ended_at INTEGER
) STRICT;

CREATE INDEX bookings_by_class ON bookings(endpoint_id, class, ended_at)
    WHERE class IS NOT NULL AND billable_units IS NOT NULL;

CREATE TABLE projects(
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    document TEXT NOT NULL                  -- JSON
) STRICT;

CREATE TABLE assets(
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    project_id TEXT NOT NULL,
    document TEXT NOT NULL                  -- JSON
) STRICT;

CREATE INDEX assets_of_project ON assets(project_id, number);
