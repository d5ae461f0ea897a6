#![doc = include_str!("../README.md")]

mod source;
mod picture;
mod content_hash;
mod uploader;
mod cache;
mod transfer;
mod error;

pub use cache::{CacheKey, FolderUploadCache, MemoryUploadCache, UploadCache, UploadEntry};
pub use content_hash::{ContentHash, ContentHasher};
pub use error::{Error, FileError, FileProblem};
pub use picture::{PictureFacts, PictureFormat, inspect};
pub use source::Source;
#[cfg(feature = "mock")]
pub use uploader::MockUploader;
pub use uploader::{CachingUploader, Uploaded, Uploader};
