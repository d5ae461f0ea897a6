//! Remembers what has been uploaded.

#[cfg(test)]
mod conformance;
mod file;
mod memory;

use std::fmt::Debug;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

pub use file::FileUploadCache;
pub use memory::MemoryUploadCache;

use crate::{ContentHash, Error, FileStamp};

/// What an upload is known by.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct CacheKey {
    /// The address of the CDN that it went to: another one does not have it.
    pub cdn: String,
    /// What it holds.
    pub content_hash: ContentHash,
    /// What fal was told that it is, for example `image/png`.
    pub media_type: String,
}

/// What is remembered of an upload.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UploadEntry {
    /// The address of the file.
    pub url: String,
    /// Its size in bytes.
    pub bytes: u64,
    /// When the address must not be used any more.
    pub expires_at: Timestamp,
}

impl Debug for UploadEntry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("UploadEntry")
            .field("bytes", &self.bytes)
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}

/// Remembers what has been uploaded, and what files hold. It does not look at the time: whoever reads an entry does.
#[async_trait::async_trait]
pub trait UploadCache: Debug + Send + Sync {
    /// The entry of a key. An entry that cannot be read is no entry.
    async fn get(&self, key: &CacheKey) -> Option<UploadEntry>;

    /// Remembers an entry in place of the one before.
    ///
    /// # Errors
    /// When it cannot be kept; the upload itself is good.
    async fn put(&self, key: &CacheKey, entry: UploadEntry) -> Result<(), Error>;

    /// Forgets an entry, if there is one.
    ///
    /// # Errors
    /// When it cannot be removed.
    async fn remove(&self, key: &CacheKey) -> Result<(), Error>;

    /// What the content of a file is, if it was looked at before and has not changed since.
    async fn known_file(&self, stamp: &FileStamp) -> Option<KnownFile>;

    /// Remembers what the content of a file is. Where that fails, the file is read again the next time.
    async fn know_file(&self, stamp: &FileStamp, file: KnownFile);
}

/// What the content of a file is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownFile {
    /// SHA-256 of it.
    pub content_hash: ContentHash,
    /// What it is by its beginning, for example `image/png`, where that is known.
    pub media_type: Option<String>,
}

/// How much a cache remembers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CacheLimits {
    /// The most uploads.
    pub uploads: usize,
    /// The most files of which the content is known.
    pub files: usize,
}
