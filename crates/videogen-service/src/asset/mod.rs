//! The seam to where finished videos are kept.

mod folder;
mod location;
mod object;

use std::fmt;
use std::ops::Range;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use futures::stream::BoxStream;
use futures::{Stream, StreamExt};
use videogen_domain::{Failure, StoredVideo, UnixMillis};

pub use folder::FolderAssetStore;
pub use location::asset_store_at;
pub use object::ObjectAssetStore;

/// Keeps finished videos.
#[async_trait::async_trait]
pub trait AssetStore: fmt::Debug + Send + Sync {
    /// Where the store is, the same for every process: the whole path of a folder, or an address.
    fn place(&self) -> String;

    /// Where a video of this name is, as [`StoredVideo::location`] tells it.
    fn location(&self, name: &str) -> String;

    /// Makes sure that a video of this name can be kept, before it is paid for.
    ///
    /// # Errors
    /// When it cannot.
    async fn check(&self, name: Option<&str>) -> Result<(), AssetError>;

    /// Keeps a video. It is there whole or not at all, and what was there under its name is kept under another,
    /// unless it is the same.
    ///
    /// # Errors
    /// When the video does not arrive whole, or cannot be written.
    async fn put(&self, name: &str, body: VideoBody<'_>) -> Result<StoredVideo, AssetError>;

    /// Keeps the sidecar of a video: its description in JSON. Takes the place of the one before.
    ///
    /// # Errors
    /// When it cannot be written.
    async fn put_sidecar(&self, name: &str, text: String) -> Result<(), AssetError>;

    /// Keeps the poster of a video, a PNG: its name with `.png` behind it. Takes the place of the one before.
    ///
    /// # Errors
    /// When it cannot be written.
    async fn put_poster(&self, name: &str, png: Bytes) -> Result<StoredPoster, AssetError>;

    /// The videos that are here, by name. Whatever has no sidecar is somebody else's, or not finished.
    ///
    /// # Errors
    /// When it cannot be read.
    async fn list(&self) -> Result<Vec<KeptVideo>, AssetError>;

    /// The sidecar of a video; `None` when there is none.
    ///
    /// # Errors
    /// When it cannot be read.
    async fn sidecar(&self, name: &str) -> Result<Option<String>, AssetError>;

    /// A video, to be read from its beginning; `None` when there is none.
    ///
    /// # Errors
    /// When it cannot be read.
    async fn open(&self, name: &str) -> Result<Option<OpenVideo>, AssetError>;

    /// Some bytes of a video.
    ///
    /// # Errors
    /// When there is no such video, it ends before, or it cannot be read.
    async fn read(&self, name: &str, range: Range<u64>) -> Result<Bytes, AssetError>;

    /// Deletes a video with its poster, and not yet its sidecar: what has to be known of it is known until everybody has taken note.
    /// Deleting what is not there is no error.
    ///
    /// # Errors
    /// When it cannot be deleted.
    async fn delete(&self, name: &str) -> Result<(), AssetError>;

    /// Deletes the sidecar of a video that has been deleted. Deleting what is not there is no error.
    ///
    /// # Errors
    /// When it cannot be deleted.
    async fn delete_sidecar(&self, name: &str) -> Result<(), AssetError>;
}

/// A video that is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptVideo {
    /// What it is called.
    pub name: String,
    /// Its size in bytes.
    pub bytes: u64,
    /// When it was written.
    pub stored_at: UnixMillis,
}

/// A video that can be read.
#[derive(Debug)]
pub struct OpenVideo {
    /// Its size in bytes.
    pub bytes: u64,
    /// What is in it.
    pub body: VideoBody<'static>,
}

/// The poster of a video, as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredPoster {
    /// Where it is, as [`StoredVideo::location`] says it of a video.
    pub location: String,
    /// What it is called.
    pub name: String,
}

/// The name of the sidecar of a video.
fn sidecar_name(name: &str) -> String {
    format!("{name}.json")
}

/// The name of the poster of a video.
fn poster_name(name: &str) -> String {
    format!("{name}.png")
}

/// A video as it arrives.
pub struct VideoBody<'a>(BoxStream<'a, Result<Bytes, AssetError>>);

impl<'a> VideoBody<'a> {
    /// A video that arrives piece by piece.
    pub fn new(stream: impl Stream<Item = Result<Bytes, AssetError>> + Send + 'a) -> Self {
        Self(stream.boxed())
    }
}

impl Stream for VideoBody<'_> {
    type Item = Result<Bytes, AssetError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.poll_next_unpin(context)
    }
}

impl fmt::Debug for VideoBody<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("VideoBody")
    }
}

/// A video that cannot be kept.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AssetError {
    /// The place for it cannot be used.
    #[error("the output path {place} {problem}")]
    Place {
        /// The folder or file.
        place: String,
        /// What is wrong with it.
        problem: &'static str,
        /// What to do about it.
        advice: &'static str,
        /// What the system says.
        source: Option<std::io::Error>,
    },
    /// Something that is kept cannot be read or deleted.
    #[error("{what} {problem}")]
    Kept {
        /// The folder, file or object.
        what: String,
        /// What is wrong with it.
        problem: &'static str,
        /// What to do about it.
        advice: &'static str,
        /// What the system says.
        source: Option<std::io::Error>,
    },
    /// The video did not arrive whole.
    #[error(transparent)]
    Video(Failure),
}
