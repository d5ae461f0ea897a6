//! Opens the file of books, or begins it, and brings it to the present form.

use std::error::Error as StdError;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, Transaction, TransactionBehavior};

use super::Trouble;
use crate::BooksError;

/// How long another process is waited for: a change takes milliseconds.
const PATIENCE: Duration = Duration::from_secs(10);

/// What brings books from each form to the next. What is here has been given to users and is never changed.
const FORMS: [&str; 2] = [include_str!("form_1.sql"), include_str!("form_2.sql")];

/// Where books are.
#[derive(Debug)]
pub(super) enum Place {
    File(PathBuf),
    Memory,
}

/// The books are of a form that this program does not know.
#[derive(Debug, thiserror::Error)]
#[error("they are of form {found}, and this program knows {known} of them", known = FORMS.len())]
struct LaterForm {
    found: usize,
}

impl Place {
    /// The connection; made when there is none.
    pub(super) fn connected<'a>(&self, connection: &'a mut Option<Connection>) -> Result<&'a mut Connection, Trouble> {
        match connection {
            Some(connection) => Ok(connection),
            None => Ok(connection.insert(self.open()?)),
        }
    }

    fn open(&self) -> Result<Connection, Trouble> {
        let mut connection = match self {
            Self::Memory => Connection::open_in_memory()?,
            Self::File(file) => {
                begin(file)?;
                Connection::open(file)?
            }
        };
        connection.busy_timeout(PATIENCE)?;
        journal_ahead(&connection)?;
        // A reservation that a power cut takes back would be sold twice.
        connection.pragma_update(None, "synchronous", "FULL")?;
        connection.pragma_update(None, "foreign_keys", true)?;
        bring_up_to_date(&mut connection)?;
        Ok(connection)
    }

    /// What to tell of a database that cannot be used.
    pub(super) fn unusable(&self, source: Box<dyn StdError + Send + Sync>) -> BooksError {
        let advice = advice(source.as_ref());
        let place = match self {
            Self::File(file) => format!("in {}", file.display()),
            Self::Memory => "in memory".to_owned(),
        };
        BooksError::Unusable { place, advice, source }
    }
}

fn advice(source: &(dyn StdError + Send + Sync + 'static)) -> &'static str {
    if source.is::<LaterForm>() {
        return "Take the newest version of the program, or another file.";
    }
    if source.is::<serde_json::Error>() {
        return "Take the version of the program that wrote the file, or another file.";
    }
    match source.downcast_ref::<rusqlite::Error>().and_then(rusqlite::Error::sqlite_error_code) {
        Some(ErrorCode::DiskFull) => "Make room on the disk, then try again.",
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            "Another program is writing to the file; try again when it is done."
        }
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
            "The file is damaged: bring a copy back, or move it away to begin anew, without what it says was spent."
        }
        _ => "Make sure that the file and its folder can be read and written, then try again.",
    }
}

/// Makes folder and file for their owner alone, where they are not there: they tell of money.
///
/// The file is made beside its place and moved there whole: of two processes that change a new file to the form of its
/// journal at once, SQLite would refuse one without waiting.
fn begin(file: &Path) -> Result<(), Trouble> {
    if file.try_exists()? {
        return Ok(());
    }
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)?;
    let new = tempfile::NamedTempFile::with_prefix_in("new-", folder)?.into_temp_path();
    let connection = Connection::open(&new)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.close().map_err(|(_, error)| error)?;
    match new.persist_noclobber(file) {
        Err(error) if error.error.kind() != io::ErrorKind::AlreadyExists => Err(error.error.into()),
        _ => Ok(()),
    }
}

/// Changes the form of the journal, where that is not done: in a file that somebody else has made.
fn journal_ahead(connection: &Connection) -> rusqlite::Result<()> {
    let mode: String = connection.pragma_query_value(None, "journal_mode", |row| row.get(0))?;
    if mode == "wal" { Ok(()) } else { connection.pragma_update(None, "journal_mode", "WAL") }
}

fn bring_up_to_date(connection: &mut Connection) -> Result<(), Trouble> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    transaction.execute_batch("CREATE TABLE IF NOT EXISTS books_form(form INTEGER NOT NULL)")?;
    let found = form(&transaction)?;
    if FORMS.len() < found {
        return Err(Trouble::Unreadable(Box::new(LaterForm { found })));
    }
    if found < FORMS.len() {
        for step in &FORMS[found..] {
            transaction.execute_batch(step)?;
        }
        transaction.execute("DELETE FROM books_form", [])?;
        transaction.execute("INSERT INTO books_form VALUES (?1)", [FORMS.len() as i64])?;
    }
    transaction.commit()?;
    Ok(())
}

fn form(transaction: &Transaction<'_>) -> rusqlite::Result<usize> {
    let form: i64 = transaction.query_row("SELECT coalesce(max(form), 0) FROM books_form", [], |row| row.get(0))?;
    Ok(usize::try_from(form).unwrap_or(0))
}
