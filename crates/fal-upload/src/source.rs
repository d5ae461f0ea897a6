//! Where the bytes to upload come from.

use std::fmt;
use std::fs::File;
use std::io::{Cursor, Read, Seek};
use std::path::{Path, PathBuf};

use bytes::Bytes;

use crate::error::{FileError, FileProblem};

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
    /// A file that fal reads from its own address: passed on as it is.
    Url(String),
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Path(path) => f.debug_tuple("Path").field(path).finish(),
            Self::Bytes { name, bytes } => write!(f, "Bytes({name:?}, {} bytes)", bytes.len()),
            // It may be signed.
            Self::Url(_) => f.write_str("Url"),
        }
    }
}

pub(crate) trait ReadSeek: Read + Seek + Send {}
impl<T: Read + Seek + Send> ReadSeek for T {}

impl Source {
    /// What it is called in messages.
    pub(crate) fn label(&self) -> String {
        match self {
            Self::Path(path) => path.display().to_string(),
            Self::Bytes { name, .. } => name.clone(),
            Self::Url(_) => "the file at the given address".to_owned(),
        }
    }

    /// The last part of its name: all that fal is told.
    pub(crate) fn file_name(&self) -> String {
        let name = match self {
            Self::Path(path) => path.file_name().map(|name| name.to_string_lossy().into_owned()),
            Self::Bytes { name, .. } => Path::new(name).file_name().map(|name| name.to_string_lossy().into_owned()),
            Self::Url(_) => None,
        };
        name.unwrap_or_else(|| "image".to_owned())
    }

    /// Opens it and says how many bytes it has. Blocks.
    pub(crate) fn open(&self, largest: u64) -> Result<(Box<dyn ReadSeek>, u64), FileError> {
        let (reader, length): (Box<dyn ReadSeek>, u64) = match self {
            Self::Path(path) => {
                let (file, length) = open_file(path)?;
                (Box::new(file), length)
            }
            Self::Bytes { bytes, .. } => (Box::new(Cursor::new(bytes.clone())), bytes.len() as u64),
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
