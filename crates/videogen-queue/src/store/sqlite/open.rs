//! Opens the file of tasks, or begins it, and brings it to the present form.

use std::error::Error as StdError;
use std::io;
use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, OpenFlags, Transaction, TransactionBehavior};
use videogen_domain::StoredFormError;

use super::StoreError;

/// How long another process is waited for: a group of changes takes milliseconds.
const PATIENCE: Duration = Duration::from_secs(10);

/// What brings a file from each form to the next. What is here has been given to users and is never changed.
const FORMS: [&str; 2] = [include_str!("form_1.sql"), include_str!("form_2.sql")];

/// What goes wrong inside of a piece of work.
pub(super) enum Trouble {
    /// The database, or what is in it.
    Unusable(Box<dyn StdError + Send + Sync>),
    /// What was asked for.
    Refused(StoreError),
}

impl From<rusqlite::Error> for Trouble {
    fn from(error: rusqlite::Error) -> Self {
        Self::Unusable(error.into())
    }
}

impl From<StoredFormError> for Trouble {
    fn from(error: StoredFormError) -> Self {
        Self::Unusable(error.into())
    }
}

impl From<serde_json::Error> for Trouble {
    fn from(error: serde_json::Error) -> Self {
        Self::Unusable(error.into())
    }
}

impl From<io::Error> for Trouble {
    fn from(error: io::Error) -> Self {
        Self::Unusable(error.into())
    }
}

impl From<StoreError> for Trouble {
    fn from(error: StoreError) -> Self {
        Self::Refused(error)
    }
}

impl Trouble {
    /// What to tell of it.
    pub(super) fn told_of(self, file: &Path) -> StoreError {
        match self {
            Self::Refused(error) => error,
            Self::Unusable(source) => {
                let advice = advice(source.as_ref());
                let message = format!("the tasks in {} cannot be used", file.display());
                StoreError::new(message).with_advice(advice).with_source(source)
            }
        }
    }
}

/// The file is of a form that this program does not know.
#[derive(Debug, thiserror::Error)]
#[error("they are of form {found}, and this program knows {known} of them", known = FORMS.len())]
struct LaterForm {
    found: usize,
}

fn advice(source: &(dyn StdError + Send + Sync + 'static)) -> &'static str {
    if source.is::<LaterForm>() || source.is::<StoredFormError>() {
        return "Take the newest version of the program, or another file.";
    }
    match sqlite_error(source).and_then(rusqlite::Error::sqlite_error_code) {
        Some(ErrorCode::DiskFull) => "Make room on the disk, then try again.",
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            "Another program is writing to the file; try again when it is done."
        }
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
            "The file is damaged: bring a copy back, or move it away. Requests that fal has accepted are at \
             https://fal.ai/dashboard/requests."
        }
        _ => "Make sure that the file and its folder can be read and written, or keep tasks elsewhere.",
    }
}

/// The error of the database among the causes.
fn sqlite_error<'a>(error: &'a (dyn StdError + 'static)) -> Option<&'a rusqlite::Error> {
    error.downcast_ref().or_else(|| error.source().and_then(sqlite_error))
}

/// The one connection that writes.
pub(super) fn writer(file: &Path) -> Result<Connection, Trouble> {
    begin(file)?;
    let mut connection = Connection::open(file)?;
    connection.busy_timeout(PATIENCE)?;
    journal_ahead(&connection)?;
    // An intent that a power cut takes back would be paid twice.
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    bring_up_to_date(&mut connection)?;
    Ok(connection)
}

/// A connection that reads beside the writer, which has made the file.
pub(super) fn reader(file: &Path) -> Result<Connection, Trouble> {
    let connection = Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    connection.busy_timeout(PATIENCE)?;
    connection.pragma_update(None, "query_only", true)?;
    Ok(connection)
}

/// Makes folder and file for their owner alone, where they are not there: they hold prompts and signed addresses.
///
/// The file is made beside its place and moved there whole: of two processes that change a new file to the form of its
/// journal at once, SQLite would refuse one without waiting.
fn begin(file: &Path) -> Result<(), Trouble> {
    if file.try_exists()? {
        return Ok(());
    }
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    make_private(folder)?;
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

/// Makes a folder, with those above it, for its owner alone.
pub(super) fn make_private(folder: &Path) -> io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

fn bring_up_to_date(connection: &mut Connection) -> Result<(), Trouble> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    transaction.execute_batch("CREATE TABLE IF NOT EXISTS tasks_form(form INTEGER NOT NULL)")?;
    let found = form(&transaction)?;
    if FORMS.len() < found {
        return Err(Trouble::Unusable(Box::new(LaterForm { found })));
    }
    if found < FORMS.len() {
        for step in &FORMS[found..] {
            transaction.execute_batch(step)?;
        }
        transaction.execute("DELETE FROM tasks_form", [])?;
        transaction.execute("INSERT INTO tasks_form VALUES (?1)", [FORMS.len() as i64])?;
    }
    transaction.commit()?;
    Ok(())
}

fn form(transaction: &Transaction<'_>) -> rusqlite::Result<usize> {
    let form: i64 = transaction.query_row("SELECT coalesce(max(form), 0) FROM tasks_form", [], |row| row.get(0))?;
    Ok(usize::try_from(form).unwrap_or(0))
}
