//! What can go wrong with the file of a cache.

use rusqlite::ErrorCode;

/// What can go wrong with the file of a cache.
#[derive(Debug, thiserror::Error)]
pub(super) enum Trouble {
    #[error(transparent)]
    Io(#[from] std::io::Error),
    #[error(transparent)]
    Sqlite(#[from] rusqlite::Error),
    #[error("it is damaged")]
    Damaged,
    #[error("it is of version {0}, which this program does not know")]
    OtherVersion(i64),
    #[error("it is a database of something else")]
    NotACache,
}

impl Trouble {
    /// Whether nothing but another file helps.
    pub(super) fn is_damage(&self) -> bool {
        match self {
            Self::Damaged => true,
            Self::Sqlite(error) => {
                matches!(error.sqlite_error_code(), Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase))
            }
            Self::Io(_) | Self::OtherVersion(_) | Self::NotACache => false,
        }
    }
}
