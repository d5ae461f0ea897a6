-- Every video that was made and paid for, so that whoever asks for the same is given it.

CREATE TABLE finished_videos(
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    fingerprint TEXT NOT NULL,
    place TEXT NOT NULL,
    name TEXT NOT NULL,
    bytes INTEGER NOT NULL,
    content_hash TEXT NOT NULL,
    UNIQUE (fingerprint, place, name, content_hash)
) STRICT;
