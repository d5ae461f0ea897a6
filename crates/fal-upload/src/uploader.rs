//! What brings files to where fal can read them.

use std::fmt;

use crate::{ContentHash, Error, Progress, Source};

/// Brings files to where fal can read them.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait::async_trait]
pub trait Uploader: fmt::Debug + Send + Sync {
    /// Brings a file to where fal can read it. Costs nothing.
    ///
    /// # Errors
    /// [`Error::File`] when the file cannot be used; [`Error::Fal`] when fal cannot take it.
    async fn upload(&self, source: &Source, progress: &Progress) -> Result<Uploaded, Error>;

    /// Forgets the upload of a file, because fal could not read it after all.
    ///
    /// # Errors
    /// When the file cannot be read or the cache cannot be changed.
    async fn forget(&self, source: &Source) -> Result<(), Error>;
}

/// A file that fal can read.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Uploaded {
    /// Its address.
    pub url: String,
    /// What it holds; `None` for a file that is known by its address alone.
    pub content_hash: Option<ContentHash>,
    /// Its size in bytes, where it is known.
    pub bytes: Option<u64>,
    /// Whether it was there already, so that nothing was sent.
    pub cached: bool,
}

impl Uploaded {
    /// A file that fal can read, and whose content is known.
    pub fn new(url: impl Into<String>, content_hash: ContentHash, bytes: u64, cached: bool) -> Self {
        Self { url: url.into(), content_hash: Some(content_hash), bytes: Some(bytes), cached }
    }

    /// A file of which only the address is known.
    pub fn at(url: impl Into<String>) -> Self {
        Self { url: url.into(), content_hash: None, bytes: None, cached: true }
    }
}

// The address may be signed.
impl fmt::Debug for Uploaded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Uploaded")
            .field("content_hash", &self.content_hash)
            .field("bytes", &self.bytes)
            .field("cached", &self.cached)
            .finish_non_exhaustive()
    }
}
