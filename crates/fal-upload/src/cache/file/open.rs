//! Opens the file of a cache, or begins it. Blocks.

use std::fs::File;
use std::io;
use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};

use super::rows::{TABLES, VERSION};
use super::set_aside::{beside, set_aside};
use super::trouble::Trouble;

/// How long another process may be waited for: a write takes milliseconds, and without the cache an upload goes on.
const PATIENCE: Duration = Duration::from_secs(5);

/// Opens the file. One that is damaged is set aside and begun anew; that it is damaged inside is seen only where it is
/// looked at `thoroughly`, which takes longer the larger it is.
pub(super) fn open(file: &Path, thoroughly: bool) -> Result<Connection, Trouble> {
    make_folder(file.parent().unwrap_or(file))?;
    // A file must not be moved while another process is between its parts. Nobody waits for this lock.
    let lock = File::options().create(true).append(true).open(beside(file, "-lock"))?;
    lock.try_lock_shared().map_err(io::Error::from)?;
    match connect(file, thoroughly) {
        Err(trouble) if trouble.is_damage() => {}
        result => return result,
    }
    lock.unlock()?;
    lock.try_lock().map_err(io::Error::from)?;
    // Another process may have been here before.
    match connect(file, true) {
        Err(trouble) if trouble.is_damage() => {
            let place = set_aside(file)?;
            tracing::warn!(place = %place.display(), "the upload cache was damaged; it is set aside and begun anew");
            connect(file, false)
        }
        result => result,
    }
}

fn connect(file: &Path, thoroughly: bool) -> Result<Connection, Trouble> {
    // Looked for before the file: whoever has just made both has made the file first.
    let has_log = ["-wal", "-shm"].iter().any(|ending| beside(file, ending).exists());
    match (file.try_exists()?, has_log) {
        (true, _) => {}
        (false, false) => begin(file)?,
        // The log of a file that somebody has taken away would be taken for that of the new one.
        (false, true) => return Err(Trouble::Damaged),
    }
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(file, flags)?;
    connection.busy_timeout(PATIENCE)?;
    match version_and_tables(&connection)? {
        (VERSION, _) => {}
        (0, 0) => return Err(Trouble::Damaged),
        (0, _) => return Err(Trouble::NotACache),
        (other, _) => return Err(Trouble::OtherVersion(other)),
    }
    // With a write-ahead log this is enough to keep the file whole. Only a power cut can lose the last entries, which
    // costs uploads; every write would wait for the disk otherwise.
    connection.pragma_update(None, "synchronous", "NORMAL")?;
    if thoroughly {
        check(&connection)?;
    }
    Ok(connection)
}

/// Makes the file under another name and moves it to its place when it is finished. Made in its place, it would be seen
/// half made, and SQLite does not wait for others while it begins a write-ahead log.
fn begin(file: &Path) -> Result<(), Trouble> {
    // For its owner alone; SQLite's files beside it get the same rights.
    let new = tempfile::NamedTempFile::with_prefix_in("new-", file.parent().unwrap_or(file))?.into_temp_path();
    let connection = Connection::open(&new)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.execute_batch(TABLES)?;
    connection.close().map_err(|(_, error)| error)?;
    match new.persist_noclobber(file) {
        Err(error) if error.error.kind() != io::ErrorKind::AlreadyExists => Err(error.error.into()),
        _ => Ok(()),
    }
}

fn version_and_tables(connection: &Connection) -> rusqlite::Result<(i64, i64)> {
    let sql = "SELECT user_version, (SELECT count(*) FROM sqlite_schema) FROM pragma_user_version";
    connection.query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?)))
}

fn check(connection: &Connection) -> Result<(), Trouble> {
    let verdict: String = connection.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))?;
    if verdict == "ok" { Ok(()) } else { Err(Trouble::Damaged) }
}

/// A folder for its owner alone. One that is there already stays as it is.
fn make_folder(folder: &Path) -> io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}
