//! Videos that were made and paid for.

use rusqlite::Transaction;

use super::{FinishedVideo, Trouble};

pub(super) fn keep(books: &Transaction<'_>, video: &FinishedVideo) -> Result<(), Trouble> {
    let sql = "INSERT OR IGNORE INTO finished_videos(fingerprint, place, name, bytes, content_hash) \
               VALUES (?1, ?2, ?3, ?4, ?5)";
    let bytes = i64::try_from(video.bytes).unwrap_or(i64::MAX);
    books.execute(sql, (&video.fingerprint, &video.place, &video.name, bytes, &video.content_hash))?;
    Ok(())
}

pub(super) fn of(books: &Transaction<'_>, fingerprint: &str) -> Result<Vec<FinishedVideo>, Trouble> {
    let sql =
        "SELECT place, name, bytes, content_hash FROM finished_videos WHERE fingerprint = ?1 ORDER BY number DESC";
    let mut statement = books.prepare(sql)?;
    let rows = statement.query_map([fingerprint], |row| {
        Ok(FinishedVideo {
            fingerprint: fingerprint.to_owned(),
            place: row.get(0)?,
            name: row.get(1)?,
            bytes: u64::try_from(row.get::<_, i64>(2)?).unwrap_or_default(),
            content_hash: row.get(3)?,
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}
