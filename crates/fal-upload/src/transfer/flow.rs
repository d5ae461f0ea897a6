//! What fal's two ways of an upload have in common.

use std::fmt::Debug;
use std::time::Duration;

use bytes::Bytes;
use fal_core::ObjectLifecycle;

use crate::{ContentHash, Error};

/// What fal is told of a file.
#[derive(Debug, Clone)]
pub(crate) struct FileHead {
    /// The last part of its name.
    pub(crate) name: String,
    pub(crate) media_type: &'static str,
    pub(crate) content_hash: ContentHash,
    pub(crate) bytes: u64,
    /// How long fal is to keep it.
    pub(crate) lifetime: Duration,
}

impl FileHead {
    pub(super) fn lifecycle(&self) -> ObjectLifecycle {
        ObjectLifecycle::new().with_expiration(self.lifetime)
    }
}

/// One of fal's ways to bring a file to its CDN.
#[async_trait::async_trait]
pub(super) trait Flow: Debug + Send + Sync {
    /// Sends a file in one request and returns its address.
    async fn whole(&self, file: &FileHead, bytes: Bytes) -> Result<String, Error>;

    /// Begins an upload in parts.
    async fn begin(&self, file: &FileHead) -> Result<Box<dyn PartUpload>, Error>;
}

/// An upload in parts that has begun.
#[async_trait::async_trait]
pub(super) trait PartUpload: Send + Sync {
    /// Sends a part; the first one has the number 1.
    async fn part(&self, number: u32, bytes: Bytes) -> Result<Part, Error>;

    /// Puts the parts together, in their order, and returns the address of the file.
    async fn complete(&self, parts: &[Part]) -> Result<String, Error>;
}

/// A part that has arrived.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Part {
    pub(super) number: u32,
    pub(super) etag: String,
}
