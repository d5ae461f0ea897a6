//! What can go wrong with an upload.

use std::error::Error as StdError;
use std::fmt;
use std::path::Path;
use std::sync::Arc;

use fal_core::ErrorKind;

use crate::picture::{PictureFormat, PictureProblem, titles};
use crate::size::size;

/// What can go wrong with an upload.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The file cannot be used. Nothing was sent.
    #[error(transparent)]
    File(#[from] FileError),
    /// The picture is not within the limits. Nothing was sent.
    #[error(transparent)]
    Picture(#[from] PictureError),
    /// fal could not be asked, or refused.
    #[error("{during} failed")]
    Fal {
        /// The step that failed.
        during: &'static str,
        /// Why.
        source: Box<fal_core::Error>,
    },
    /// fal answered something that is not in its protocol.
    #[error("the answer to {during} cannot be read")]
    Answer {
        /// The step that was answered.
        during: &'static str,
        /// Why not.
        source: Box<dyn StdError + Send + Sync>,
    },
    /// The cache cannot be used. Uploads are good without it, and are not remembered.
    #[error("the upload cache {file} cannot be used")]
    Cache {
        /// Where it is.
        file: String,
        /// Why not.
        source: Box<dyn StdError + Send + Sync>,
    },
    /// Not all of the file has arrived. It is not used.
    #[error("of {sent} bytes, {arrived} have arrived")]
    Size {
        /// What was sent, in bytes.
        sent: u64,
        /// What fal has, in bytes.
        arrived: u64,
    },
    /// Somebody else brought the same file at the same time, and that failed.
    #[error(transparent)]
    Shared(Arc<Error>),
    /// The program is ending.
    #[error("the program is shutting down")]
    ShuttingDown,
}

impl Error {
    pub(crate) fn fal(during: &'static str, source: fal_core::Error) -> Self {
        Self::Fal { during, source: Box::new(source) }
    }

    pub(crate) fn is_unauthorized(&self) -> bool {
        matches!(self, Self::Fal { source, .. } if source.kind() == ErrorKind::Unauthorized)
    }

    pub(crate) fn answer(during: &'static str, source: serde_json::Error) -> Self {
        Self::Answer { during, source: source.into() }
    }

    pub(crate) fn cache(file: &Path, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self::Cache { file: file.display().to_string(), source: source.into() }
    }
}

/// A file that cannot be used.
#[derive(Debug)]
pub struct FileError {
    file: String,
    problem: FileProblem,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

/// Why a file cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum FileProblem {
    /// There is no such file.
    Missing,
    /// It is a folder or a device.
    NotAFile,
    /// The system does not let it be read.
    Unreadable,
    /// It has no bytes.
    Empty,
    /// It has more bytes than allowed.
    TooLarge {
        /// The most bytes it may have.
        limit: u64,
    },
    /// It is known by its address alone, and is not on this machine.
    Elsewhere,
    /// It is not a picture that fal's models read.
    NotAnImage,
    /// It was written to while it was read.
    Changed,
    /// It is no data URI, or holds base64 that cannot be read.
    NotADataUri,
    /// Its address may not be asked: it is not `https`, or leads into a private network.
    Forbidden,
    /// Its address leads to another one, which may not be followed.
    Moved,
    /// Its address is answered with this status.
    Refused {
        /// The HTTP status.
        status: u16,
    },
    /// Nobody answers at its address.
    Unreachable,
}

impl FileError {
    pub(crate) fn new(file: String, problem: FileProblem) -> Self {
        Self { file, problem, source: None }
    }

    pub(crate) fn with_source(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// Why it cannot be used.
    pub fn problem(&self) -> FileProblem {
        self.problem
    }
}

impl fmt::Display for FileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let file = &self.file;
        match self.problem {
            FileProblem::Missing => write!(f, "there is no file {file}"),
            FileProblem::NotAFile => write!(f, "{file} is not a file"),
            FileProblem::Unreadable => write!(f, "{file} cannot be read"),
            FileProblem::Empty => write!(f, "{file} is empty"),
            FileProblem::TooLarge { limit } => write!(f, "{file} is larger than {}", size(limit)),
            FileProblem::Elsewhere => write!(f, "{file} is not on this machine"),
            FileProblem::NotAnImage => write!(f, "{file} holds no {} picture", titles(&PictureFormat::ALL)),
            FileProblem::Changed => write!(f, "{file} was changed while it was read; try again when it is finished"),
            FileProblem::NotADataUri => write!(f, "{file} is no data URI that can be read"),
            FileProblem::Forbidden => {
                write!(f, "{file} may not be read: give an https address that is not in a private network")
            }
            FileProblem::Moved => write!(f, "{file} has moved; give the final address"),
            FileProblem::Refused { status } => write!(f, "{file} cannot be read: the answer is {status}"),
            FileProblem::Unreachable => write!(f, "{file} cannot be reached"),
        }
    }
}

impl StdError for FileError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}

/// A picture that is not within its limits.
#[derive(Debug, Clone, PartialEq)]
pub struct PictureError {
    file: String,
    problems: Vec<PictureProblem>,
}

impl PictureError {
    pub(crate) fn new(file: String, problems: Vec<PictureProblem>) -> Self {
        Self { file, problems }
    }

    /// Everything that is not within the limits, with the limit.
    pub fn problems(&self) -> &[PictureProblem] {
        &self.problems
    }
}

impl fmt::Display for PictureError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.file)?;
        for (index, problem) in self.problems.iter().enumerate() {
            write!(f, "{} {problem}", if index == 0 { "" } else { ";" })?;
        }
        Ok(())
    }
}

impl StdError for PictureError {}
