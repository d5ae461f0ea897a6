//! Where the bytes to upload come from.

use std::fmt;
use std::fs::File;
use std::io::{Cursor, Read, Seek};
use std::path::{Path, PathBuf};

use bytes::Bytes;
use tokio::io::AsyncRead;

use crate::blocking::blocking;
use crate::error::{Error, FileError, FileProblem};
use crate::{ContentHash, Spool, data_uri};

/// Where the bytes to upload come from.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Source {
    /// A file on this machine.
    Path(PathBuf),
    /// Bytes in memory, with a file name for them.
    Bytes {
        /// The file name, for example `still.png`.
        name: String,
        /// The content.
        bytes: Bytes,
    },
    /// A copy of what came from a reader; see [`Source::read`].
    Spool(Spool),
    /// A file that fal reads from its own address: passed on as it is. [`look_at`](crate::look_at) finds out beforehand
    /// whether it is there.
    Url(String),
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Path(path) => f.debug_tuple("Path").field(path).finish(),
            Self::Bytes { name, bytes } => write!(f, "Bytes({name:?}, {} bytes)", bytes.len()),
            Self::Spool(spool) => spool.fmt(f),
            // It may be signed.
            Self::Url(_) => f.write_str("Url"),
        }
    }
}

pub(crate) trait ReadSeek: Read + Seek + Send {}
impl<T: Read + Seek + Send> ReadSeek for T {}

impl Source {
    /// Reads all that a reader has into a temporary file, in small pieces; it is deleted when the last clone of the
    /// source is dropped. The name is for messages, and its last part for fal.
    ///
    /// # Errors
    /// [`Error::File`] when the reader fails, has nothing, or has more than `limit` bytes.
    pub async fn read(
        name: impl Into<String> + Send,
        reader: impl AsyncRead + Send,
        limit: u64,
    ) -> Result<Self, Error> {
        Spool::of(name.into(), reader, limit).await.map(Self::Spool)
    }

    /// The bytes that a `data:` URI holds. What it says of their type does not matter. The name is for messages, and
    /// its last part for fal.
    ///
    /// # Errors
    /// [`FileProblem::NotADataUri`], [`FileProblem::Empty`], or [`FileProblem::TooLarge`] when it holds more than
    /// `limit` bytes. None of them repeats the URI.
    pub fn data_uri(name: impl Into<String>, uri: &str, limit: u64) -> Result<Self, FileError> {
        let name = name.into();
        match data_uri::decode(uri, limit) {
            Ok(bytes) => Ok(Self::Bytes { name, bytes }),
            Err(problem) => Err(FileError::new(name, problem)),
        }
    }

    /// Opens its content for reading from the beginning. Blocks.
    ///
    /// # Errors
    /// When it cannot be read, is empty, or is known by its address alone.
    pub fn reader(&self) -> Result<impl Read + Seek + Send + use<>, FileError> {
        Ok(self.open(u64::MAX)?.0)
    }

    /// SHA-256 of its content, which is read to the end on a blocking thread.
    ///
    /// # Errors
    /// [`Error::File`] when it cannot be read, is empty, or is known by its address alone.
    pub async fn content_hash(&self) -> Result<ContentHash, Error> {
        let source = self.clone();
        blocking(move || {
            let (reader, _) = source.open(u64::MAX)?;
            let unreadable = |error| FileError::new(source.label(), FileProblem::Unreadable).with_source(error);
            Ok(ContentHash::of_reader(reader).map_err(unreadable)?)
        })
        .await
    }

    /// What it is called in messages.
    pub(crate) fn label(&self) -> String {
        match self {
            Self::Path(path) => path.display().to_string(),
            Self::Bytes { name, .. } => name.clone(),
            Self::Spool(spool) => spool.name().to_owned(),
            Self::Url(_) => "the file at the given address".to_owned(),
        }
    }

    /// The last part of its name: all that fal is told.
    pub(crate) fn file_name(&self) -> String {
        let name = match self {
            Self::Path(path) => path.file_name(),
            Self::Bytes { name, .. } => Path::new(name).file_name(),
            Self::Spool(spool) => Path::new(spool.name()).file_name(),
            Self::Url(_) => None,
        };
        name.map_or_else(|| "image".to_owned(), |name| name.to_string_lossy().into_owned())
    }

    /// Opens it and says how many bytes it has. Blocks.
    pub(crate) fn open(&self, largest: u64) -> Result<(Box<dyn ReadSeek>, u64), FileError> {
        let (reader, length): (Box<dyn ReadSeek>, u64) = match self {
            Self::Path(path) => {
                let (file, length) = open_file(path)?;
                (Box::new(file), length)
            }
            Self::Bytes { bytes, .. } => (Box::new(Cursor::new(bytes.clone())), bytes.len() as u64),
            Self::Spool(spool) => {
                let unreadable = |error| FileError::new(self.label(), FileProblem::Unreadable).with_source(error);
                (Box::new(spool.open().map_err(unreadable)?), spool.bytes())
            }
            Self::Url(_) => return Err(FileError::new(self.label(), FileProblem::Elsewhere)),
        };
        let refused = |problem| Err(FileError::new(self.label(), problem));
        match length {
            0 => refused(FileProblem::Empty),
            too_large if largest < too_large => refused(FileProblem::TooLarge { limit: largest }),
            _ => Ok((reader, length)),
        }
    }
}

/// Opens only a plain file: a FIFO would block for ever, and a folder has no bytes.
fn open_file(path: &Path) -> Result<(File, u64), FileError> {
    let refused = |error: std::io::Error| {
        let problem = match error.kind() {
            std::io::ErrorKind::NotFound => FileProblem::Missing,
            _ => FileProblem::Unreadable,
        };
        FileError::new(path.display().to_string(), problem).with_source(error)
    };
    let metadata = std::fs::metadata(path).map_err(refused)?;
    if !metadata.is_file() {
        return Err(FileError::new(path.display().to_string(), FileProblem::NotAFile));
    }
    Ok((File::open(path).map_err(refused)?, metadata.len()))
}
