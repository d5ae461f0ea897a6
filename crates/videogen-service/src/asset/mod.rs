//! The seam to where finished videos are kept.

mod folder;
mod location;
mod object;

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use futures::stream::BoxStream;
use futures::{Stream, StreamExt};
use videogen_domain::{Failure, StoredVideo};

pub use folder::FolderAssetStore;
pub use location::asset_store_at;
pub use object::ObjectAssetStore;

/// Keeps finished videos.
#[async_trait::async_trait]
pub trait AssetStore: fmt::Debug + Send + Sync {
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
    /// The video did not arrive whole.
    #[error(transparent)]
    Video(Failure),
}
