//! A cache that is gone with the process.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use super::{CacheKey, KnownFile, UploadCache, UploadEntry};
use crate::{Error, FileStamp};

/// Remembers uploads for as long as the process lives.
#[derive(Debug, Default)]
pub struct MemoryUploadCache(Mutex<HashMap<CacheKey, UploadEntry>>, Mutex<HashMap<FileStamp, KnownFile>>);

impl MemoryUploadCache {
    fn entries(&self) -> std::sync::MutexGuard<'_, HashMap<CacheKey, UploadEntry>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait::async_trait]
impl UploadCache for MemoryUploadCache {
    async fn get(&self, key: &CacheKey) -> Option<UploadEntry> {
        self.entries().get(key).cloned()
    }

    async fn put(&self, key: &CacheKey, entry: UploadEntry) -> Result<(), Error> {
        self.entries().insert(key.clone(), entry);
        Ok(())
    }

    async fn remove(&self, key: &CacheKey) -> Result<(), Error> {
        self.entries().remove(key);
        Ok(())
    }

    async fn known_file(&self, stamp: &FileStamp) -> Option<KnownFile> {
        self.1.lock().unwrap_or_else(PoisonError::into_inner).get(stamp).cloned()
    }

    async fn know_file(&self, stamp: &FileStamp, file: KnownFile) {
        self.1.lock().unwrap_or_else(PoisonError::into_inner).insert(stamp.clone(), file);
    }
}
