//! Remembers what has been uploaded.

mod folder;
mod memory;

use std::fmt::Debug;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

pub use folder::FolderUploadCache;
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

impl CacheKey {
    /// A name for it that fits every file system.
    pub(crate) fn name(&self) -> String {
        ContentHash::of(format!("{}\n{}\n{}", self.cdn, self.content_hash, self.media_type).as_bytes()).to_string()
    }
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

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    fn key(content: &[u8], cdn: &str, media_type: &str) -> CacheKey {
        CacheKey { cdn: cdn.to_owned(), content_hash: ContentHash::of(content), media_type: media_type.to_owned() }
    }

    fn entry(url: &str) -> UploadEntry {
        UploadEntry { url: url.to_owned(), bytes: 1, expires_at: Timestamp::UNIX_EPOCH }
    }

    /// What every cache must do.
    async fn conforms(cache: Arc<dyn UploadCache>) {
        let (a, b) = (key(b"a", "https://cdn", "image/png"), key(b"b", "https://cdn", "image/png"));
        assert_eq!(cache.get(&a).await, None);
        cache.put(&a, entry("https://cdn/1")).await.unwrap();
        cache.put(&a, entry("https://cdn/2")).await.unwrap();
        cache.put(&b, entry("https://cdn/3")).await.unwrap();
        assert_eq!(cache.get(&a).await, Some(entry("https://cdn/2")), "the last entry counts");
        assert_eq!(cache.get(&key(b"a", "https://other", "image/png")).await, None, "another CDN does not have it");
        assert_eq!(cache.get(&key(b"a", "https://cdn", "image/jpeg")).await, None, "fal was told another type");
        cache.remove(&a).await.unwrap();
        cache.remove(&a).await.unwrap();
        assert_eq!(cache.get(&a).await, None);
        assert_eq!(cache.get(&b).await, Some(entry("https://cdn/3")));
    }

    #[tokio::test]
    async fn every_cache_conforms() {
        let folder = tempfile::tempdir().unwrap();
        conforms(Arc::new(MemoryUploadCache::default())).await;
        conforms(Arc::new(FolderUploadCache::new(folder.path().join("made/on/demand")))).await;
    }

    #[tokio::test]
    async fn a_folder_is_shared_and_a_damaged_entry_is_none() {
        let folder = tempfile::tempdir().unwrap();
        let (here, there) = (FolderUploadCache::new(folder.path()), FolderUploadCache::new(folder.path()));
        let key = key(b"a", "https://cdn", "image/png");
        here.put(&key, entry("https://cdn/1")).await.unwrap();
        assert_eq!(there.get(&key).await, Some(entry("https://cdn/1")));

        let file = folder.path().join(format!("{}.json", key.name()));
        for damage in ["", "{", "{\"url\":5}"] {
            std::fs::write(&file, damage).unwrap();
            assert_eq!(there.get(&key).await, None, "{damage}");
        }
    }
}
