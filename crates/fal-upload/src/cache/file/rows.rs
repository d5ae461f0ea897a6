//! What is in the file: the tables, and what is asked of them.

use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, OptionalExtension, Result, Row, params};

use crate::{CacheKey, CacheLimits, ContentHash, KnownFile, UploadEntry};

/// The version of the tables. A change of them raises it and brings files of the versions before up to it.
pub(super) const VERSION: i64 = 1;

/// Hashes are raw bytes, times microseconds since 1970. A path is part of a stamp only, which is a hash.
pub(super) const TABLES: &str = "
    CREATE TABLE upload (
        content_hash BLOB NOT NULL,
        media_type TEXT NOT NULL,
        cdn TEXT NOT NULL,
        url TEXT NOT NULL,
        bytes INTEGER NOT NULL,
        expires_at INTEGER NOT NULL,
        PRIMARY KEY (content_hash, media_type, cdn)
    ) STRICT;
    CREATE INDEX upload_by_end ON upload (expires_at);
    CREATE TABLE file (
        stamp BLOB PRIMARY KEY NOT NULL,
        content_hash BLOB NOT NULL,
        media_type TEXT,
        used_at INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX file_by_use ON file (used_at);
    PRAGMA user_version = 1;";

/// A file that was not asked for in this time is forgotten.
const UNUSED: SignedDuration = SignedDuration::from_hours(30 * 24);
/// The use of a file is written down again only after a day, so that a look-up is rarely a write.
const USE_IS_FRESH: SignedDuration = SignedDuration::from_hours(24);

pub(super) fn upload(connection: &Connection, key: &CacheKey) -> Result<Option<UploadEntry>> {
    let sql = "SELECT url, bytes, expires_at FROM upload WHERE content_hash = ?1 AND media_type = ?2 AND cdn = ?3";
    let read = |row: &Row<'_>| {
        let (url, bytes) = (row.get(0)?, row.get::<_, i64>(1)?.unsigned_abs());
        Ok(UploadEntry { url, bytes, expires_at: Timestamp::from_microsecond(row.get(2)?).unwrap_or_default() })
    };
    connection.query_row(sql, params![key.content_hash.as_bytes(), key.media_type, key.cdn], read).optional()
}

pub(super) fn put_upload(connection: &Connection, key: &CacheKey, entry: &UploadEntry) -> Result<()> {
    let sql = "INSERT OR REPLACE INTO upload (content_hash, media_type, cdn, url, bytes, expires_at)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    let bytes = i64::try_from(entry.bytes).unwrap_or(i64::MAX);
    let (hash, end) = (key.content_hash.as_bytes(), entry.expires_at.as_microsecond());
    connection.execute(sql, params![hash, key.media_type, key.cdn, entry.url, bytes, end]).map(drop)
}

pub(super) fn remove_upload(connection: &Connection, key: &CacheKey) -> Result<()> {
    let sql = "DELETE FROM upload WHERE content_hash = ?1 AND media_type = ?2 AND cdn = ?3";
    connection.execute(sql, params![key.content_hash.as_bytes(), key.media_type, key.cdn]).map(drop)
}

pub(super) fn known_file(connection: &Connection, stamp: &ContentHash, now: Timestamp) -> Result<Option<KnownFile>> {
    let sql = "SELECT content_hash, media_type, used_at FROM file WHERE stamp = ?1";
    let read = |row: &Row<'_>| {
        let content_hash = ContentHash::from_bytes(row.get(0)?);
        Ok((KnownFile { content_hash, media_type: row.get(1)? }, row.get::<_, i64>(2)?))
    };
    let Some((file, used_at)) = connection.query_row(sql, [stamp.as_bytes()], read).optional()? else {
        return Ok(None);
    };
    if used_at < before(now, USE_IS_FRESH) {
        let (sql, now) = ("UPDATE file SET used_at = ?2 WHERE stamp = ?1", now.as_microsecond());
        // What was found is good even where its use cannot be written down.
        let _ = connection.execute(sql, params![stamp.as_bytes(), now]);
    }
    Ok(Some(file))
}

pub(super) fn put_file(connection: &Connection, stamp: &ContentHash, file: &KnownFile, now: Timestamp) -> Result<()> {
    let sql = "INSERT OR REPLACE INTO file (stamp, content_hash, media_type, used_at) VALUES (?1, ?2, ?3, ?4)";
    let (stamp, content_hash) = (stamp.as_bytes(), file.content_hash.as_bytes());
    connection.execute(sql, params![stamp, content_hash, file.media_type, now.as_microsecond()]).map(drop)
}

/// Forgets what is of no use any more, and then what is beyond the limits: uploads that end soonest, files that were not
/// asked for for the longest time.
pub(super) fn sweep(connection: &Connection, now: Timestamp, limits: CacheLimits) -> Result<()> {
    connection.execute("DELETE FROM upload WHERE expires_at <= ?1", [now.as_microsecond()])?;
    connection.execute("DELETE FROM file WHERE used_at < ?1", [before(now, UNUSED)])?;
    let most = |limit: usize| [i64::try_from(limit).unwrap_or(i64::MAX)];
    connection.execute(
        "DELETE FROM upload WHERE rowid IN (SELECT rowid FROM upload ORDER BY expires_at DESC LIMIT -1 OFFSET ?1)",
        most(limits.uploads),
    )?;
    connection.execute(
        "DELETE FROM file WHERE rowid IN (SELECT rowid FROM file ORDER BY used_at DESC LIMIT -1 OFFSET ?1)",
        most(limits.files),
    )?;
    Ok(())
}

fn before(now: Timestamp, time: SignedDuration) -> i64 {
    now.saturating_sub(time).unwrap_or(Timestamp::MIN).as_microsecond()
}
