#![doc = include_str!("../README.md")]

mod source;
mod picture;
mod content_hash;
mod file_stamp;
mod identity;
mod uploader;
mod caching_uploader;
mod one_at_a_time;
mod cache;
mod config;
mod progress;
mod pieces;
mod transfer;
mod blocking;
mod error;

pub use cache::{CacheKey, CacheLimits, FileUploadCache, KnownFile, MemoryUploadCache, UploadCache, UploadEntry};
pub use caching_uploader::CachingUploader;
pub use config::TransferConfig;
pub use content_hash::{ContentHash, ContentHasher};
pub use error::{Error, FileError, FileProblem};
pub use file_stamp::FileStamp;
pub use picture::{PictureFacts, PictureFormat, inspect};
pub use progress::Progress;
pub use source::Source;
#[cfg(feature = "mock")]
pub use uploader::MockUploader;
pub use uploader::{Uploaded, Uploader};
