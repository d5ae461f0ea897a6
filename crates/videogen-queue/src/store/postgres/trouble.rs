//! What goes wrong with the database, and what to do about it.

use std::error::Error as StdError;
use std::sync::Arc;

use tokio_postgres::error::SqlState;
use videogen_domain::StoredFormError;

use super::StoreError;
use super::forms::LaterForm;

/// What goes wrong inside of a piece of work.
#[derive(Debug)]
pub(super) enum Trouble {
    /// The database, or what is in it. A whole group of changes may have to be told of it.
    Unusable(Arc<dyn StdError + Send + Sync>),
    /// What was asked for.
    Refused(StoreError),
}

impl From<tokio_postgres::Error> for Trouble {
    fn from(error: tokio_postgres::Error) -> Self {
        Self::Unusable(Arc::new(error))
    }
}

impl From<deadpool_postgres::PoolError> for Trouble {
    fn from(error: deadpool_postgres::PoolError) -> Self {
        match error {
            deadpool_postgres::PoolError::Backend(error) => error.into(),
            error => Self::Unusable(Arc::new(error)),
        }
    }
}

impl From<StoredFormError> for Trouble {
    fn from(error: StoredFormError) -> Self {
        Self::Unusable(Arc::new(error))
    }
}

impl From<serde_json::Error> for Trouble {
    fn from(error: serde_json::Error) -> Self {
        Self::Unusable(Arc::new(error))
    }
}

impl From<LaterForm> for Trouble {
    fn from(error: LaterForm) -> Self {
        Self::Unusable(Arc::new(error))
    }
}

impl From<StoreError> for Trouble {
    fn from(error: StoreError) -> Self {
        Self::Refused(error)
    }
}

impl Trouble {
    /// What to tell of it; `place` names the database without its password.
    pub(super) fn told_of(self, place: &str) -> StoreError {
        match self {
            Self::Refused(error) => error,
            Self::Unusable(source) => {
                let advice = advice(source.as_ref());
                StoreError::new(format!("the tasks in {place} cannot be used")).with_advice(advice).with_source(source)
            }
        }
    }

    pub(super) fn passes(&self) -> bool {
        matches!(self, Self::Unusable(source) if passes(source.as_ref()))
    }
}

/// Whether it passes: the server is starting, ending or out of reach, or chose this one of two who stood in each other's
/// way.
pub(super) fn passes(source: &(dyn StdError + Send + Sync + 'static)) -> bool {
    let Some(error) = source.downcast_ref::<tokio_postgres::Error>() else { return false };
    match error.code() {
        Some(code) => PASSING.contains(code) || code.code().starts_with("08"),
        // Without a word of the server it is the connection: lost, or not made.
        None => error.is_closed() || io_error(error).is_some(),
    }
}

const PASSING: [SqlState; 8] = [
    SqlState::ADMIN_SHUTDOWN,
    SqlState::CRASH_SHUTDOWN,
    SqlState::CANNOT_CONNECT_NOW,
    SqlState::TOO_MANY_CONNECTIONS,
    SqlState::IDLE_IN_TRANSACTION_SESSION_TIMEOUT,
    SqlState::T_R_DEADLOCK_DETECTED,
    SqlState::T_R_SERIALIZATION_FAILURE,
    SqlState::LOCK_NOT_AVAILABLE,
];

fn io_error<'a>(error: &'a (dyn StdError + 'static)) -> Option<&'a std::io::Error> {
    error.downcast_ref().or_else(|| error.source().and_then(io_error))
}

fn advice(source: &(dyn StdError + Send + Sync + 'static)) -> &'static str {
    if source.is::<LaterForm>() || source.is::<StoredFormError>() {
        return "Take the newest version of the program, or another database.";
    }
    let code = source.downcast_ref::<tokio_postgres::Error>().and_then(tokio_postgres::Error::code);
    match code {
        Some(code) if *code == SqlState::INVALID_PASSWORD || *code == SqlState::INVALID_AUTHORIZATION_SPECIFICATION => {
            "Check the user and the password in the address of the database."
        }
        Some(code) if *code == SqlState::INVALID_CATALOG_NAME => "Create the database, then try again.",
        Some(code) if *code == SqlState::INSUFFICIENT_PRIVILEGE => {
            "Let the user create a schema in the database, or make the schema `videogen` and give it to the user."
        }
        Some(code) if *code == SqlState::DISK_FULL => "Make room on the disk of the database, then try again.",
        Some(code) if *code == SqlState::READ_ONLY_SQL_TRANSACTION => {
            "Name the server that may be written to, not one that copies it."
        }
        Some(code) if *code == SqlState::UNIQUE_VIOLATION => "Another task is at work on the same; let that one end.",
        _ => "Make sure that PostgreSQL runs and can be reached at that address, then try again.",
    }
}
