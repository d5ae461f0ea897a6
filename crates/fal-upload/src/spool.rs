//! A copy of what came from a reader, in a temporary file.

use std::fmt;
use std::fs::File;
use std::io;
use std::path::Path;
use std::pin::pin;
use std::sync::Arc;

use tempfile::NamedTempFile;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt, BufReader, copy_buf};

use crate::blocking::blocking;
use crate::{Error, FileError, FileProblem};

/// So many bytes are in memory at a time.
const PIECE: usize = 64 << 10;

/// A copy of what came from a reader, in a temporary file that is deleted with the last clone. Clones are equal.
#[derive(Clone)]
pub struct Spool {
    name: String,
    file: Arc<NamedTempFile>,
    bytes: u64,
}

impl Spool {
    /// Reads all that there is.
    pub(crate) async fn of(name: String, reader: impl AsyncRead + Send, limit: u64) -> Result<Self, Error> {
        let refused = |problem| FileError::new(name.clone(), problem);
        let unreadable = |error: io::Error| refused(FileProblem::Unreadable).with_source(error);
        let created = || Ok(NamedTempFile::new().and_then(|file| Ok((file.reopen()?, file))));
        let (writer, file) = blocking(created).await?.map_err(unreadable)?;
        let mut writer = tokio::fs::File::from_std(writer);
        // One byte more shows that there is more.
        let reader = BufReader::with_capacity(PIECE, reader.take(limit.saturating_add(1)));
        let bytes = copy_buf(&mut pin!(reader), &mut writer).await.map_err(unreadable)?;
        writer.flush().await.map_err(unreadable)?;
        match bytes {
            0 => Err(refused(FileProblem::Empty).into()),
            too_many if limit < too_many => Err(refused(FileProblem::TooLarge { limit }).into()),
            _ => Ok(Self { name, file: Arc::new(file), bytes }),
        }
    }

    /// What it is called.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its size in bytes.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Where it is as long as a clone is there.
    pub fn path(&self) -> &Path {
        self.file.path()
    }

    /// Opens it at its beginning; each reader has its own place.
    pub(crate) fn open(&self) -> io::Result<File> {
        self.file.reopen()
    }
}

impl PartialEq for Spool {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.file, &other.file)
    }
}

impl Eq for Spool {}

impl fmt::Debug for Spool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Spool({:?}, {} bytes)", self.name, self.bytes)
    }
}
