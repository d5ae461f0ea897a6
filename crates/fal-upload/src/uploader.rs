//! Uploads by content hash.

use std::fmt;
use std::io::{Read, Seek};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use fal_core::FalClient;
use jiff::{SignedDuration, Timestamp};

use crate::picture::format_of;
use crate::transfer::{File, Transfer};
use crate::{CacheKey, ContentHash, Error, FileError, FileProblem, Source, UploadCache, UploadEntry};

/// How long fal is told to keep an upload.
const LIFETIME: Duration = Duration::from_secs(7 * 24 * 60 * 60);
/// How long before its end an upload is not used any more: a request may wait in the queue before the file is read.
const MARGIN: Duration = Duration::from_secs(24 * 60 * 60);

/// Brings files to where fal can read them.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait::async_trait]
pub trait Uploader: fmt::Debug + Send + Sync {
    /// Brings a file to where fal can read it. Costs nothing.
    ///
    /// # Errors
    /// [`Error::File`] when the file cannot be used; [`Error::Fal`] when fal cannot take it.
    async fn upload(&self, source: &Source) -> Result<Uploaded, Error>;

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
    /// What it holds.
    pub content_hash: ContentHash,
    /// Its size in bytes.
    pub bytes: u64,
    /// Whether it was there already, so that nothing was sent.
    pub cached: bool,
}

impl Uploaded {
    /// A file that fal can read.
    pub fn new(url: impl Into<String>, content_hash: ContentHash, bytes: u64, cached: bool) -> Self {
        Self { url: url.into(), content_hash, bytes, cached }
    }
}

impl fmt::Debug for Uploaded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Uploaded")
            .field("content_hash", &self.content_hash)
            .field("bytes", &self.bytes)
            .field("cached", &self.cached)
            .finish_non_exhaustive()
    }
}

/// Uploads to fal's CDN what is not there yet.
#[derive(Debug)]
pub struct CachingUploader {
    transfer: Transfer,
    cache: Arc<dyn UploadCache>,
    now: fn() -> Timestamp,
}

impl CachingUploader {
    /// An uploader that remembers in `cache` what it has sent.
    pub fn new(client: FalClient, cache: Arc<dyn UploadCache>) -> Self {
        Self { transfer: Transfer::new(client), cache, now: Timestamp::now }
    }

    /// Takes the time from elsewhere, for tests.
    pub fn with_clock(mut self, now: fn() -> Timestamp) -> Self {
        self.now = now;
        self
    }

    async fn look_at(&self, source: &Source) -> Result<(CacheKey, &'static str, u64), Error> {
        let source = source.clone();
        let (content_hash, media_type, bytes) = blocking(move || identify(&source)).await?;
        let key = CacheKey { cdn: self.transfer.cdn(), content_hash, media_type: media_type.to_owned() };
        Ok((key, media_type, bytes))
    }
}

#[async_trait::async_trait]
impl Uploader for CachingUploader {
    async fn upload(&self, source: &Source) -> Result<Uploaded, Error> {
        let (key, media_type, bytes) = self.look_at(source).await?;
        let now = (self.now)();
        if let Some(entry) = self.cache.get(&key).await.filter(|entry| now < entry.expires_at) {
            return Ok(Uploaded { url: entry.url, content_hash: key.content_hash, bytes, cached: true });
        }
        let expected = key.content_hash;
        let content = {
            let source = source.clone();
            blocking(move || read_all(&source, expected)).await?
        };
        let file = File { name: source.file_name(), media_type, bytes: content, lifetime: LIFETIME };
        let url = self.transfer.send(file, now).await?;
        let good_for = SignedDuration::try_from(LIFETIME - MARGIN).unwrap_or_default();
        let entry = UploadEntry { url: url.clone(), bytes, expires_at: now.saturating_add(good_for).unwrap_or(now) };
        if let Err(error) = self.cache.put(&key, entry).await {
            tracing::warn!(error = &error as &dyn std::error::Error, "the upload will not be remembered");
        }
        Ok(Uploaded { url, content_hash: key.content_hash, bytes, cached: false })
    }

    async fn forget(&self, source: &Source) -> Result<(), Error> {
        let (key, ..) = self.look_at(source).await?;
        self.cache.remove(&key).await
    }
}

/// Reads a file once, in pieces: its hash, its type by content, its size.
fn identify(source: &Source) -> Result<(ContentHash, &'static str, u64), Error> {
    let unreadable = |error| FileError::new(source.label(), FileProblem::Unreadable).with_source(error);
    let (mut reader, bytes) = source.open()?;
    let mut beginning = Vec::new();
    reader.by_ref().take(64).read_to_end(&mut beginning).map_err(unreadable)?;
    reader.rewind().map_err(unreadable)?;
    let media_type = format_of(&beginning).map_or("application/octet-stream", |format| format.media_type());
    let content_hash = ContentHash::of_reader(reader).map_err(unreadable)?;
    Ok((content_hash, media_type, bytes))
}

/// Reads a file into memory; refused when it is no longer what was hashed.
fn read_all(source: &Source, expected: ContentHash) -> Result<Bytes, Error> {
    let bytes = match source {
        Source::Bytes { bytes, .. } => bytes.clone(),
        Source::Path(_) => {
            let (mut reader, length) = source.open()?;
            let mut bytes = Vec::with_capacity(usize::try_from(length).unwrap_or_default());
            let unreadable = |error| FileError::new(source.label(), FileProblem::Unreadable).with_source(error);
            reader.read_to_end(&mut bytes).map_err(unreadable)?;
            Bytes::from(bytes)
        }
    };
    if ContentHash::of(&bytes) == expected {
        Ok(bytes)
    } else {
        Err(FileError::new(source.label(), FileProblem::Changed).into())
    }
}

/// Runs what blocks on a thread where it may.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Error> + Send + 'static,
) -> Result<T, Error> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result,
        Err(error) => match error.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            Err(_) => Err(Error::ShuttingDown),
        },
    }
}
