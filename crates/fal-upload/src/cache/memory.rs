//! A cache that is gone with the process.

use std::hash::Hash;
use std::sync::{Mutex, PoisonError};

use lru::LruCache;

use super::{CacheKey, CacheLimits, KnownFile, UploadCache, UploadEntry};
use crate::{Error, FileStamp};

/// Remembers uploads for as long as the process lives. Where it is full, what was not used for the longest time goes.
///
/// # Defaults
/// 10,000 uploads and 10,000 files.
#[derive(Debug)]
pub struct MemoryUploadCache {
    uploads: Recent<CacheKey, UploadEntry>,
    files: Recent<FileStamp, KnownFile>,
}

impl MemoryUploadCache {
    /// A cache that remembers as much as this.
    pub fn new(limits: CacheLimits) -> Self {
        Self { uploads: Recent::new(limits.uploads), files: Recent::new(limits.files) }
    }
}

impl Default for MemoryUploadCache {
    fn default() -> Self {
        Self::new(CacheLimits { uploads: 10_000, files: 10_000 })
    }
}

#[async_trait::async_trait]
impl UploadCache for MemoryUploadCache {
    async fn get(&self, key: &CacheKey) -> Option<UploadEntry> {
        self.uploads.get(key)
    }

    async fn put(&self, key: &CacheKey, entry: UploadEntry) -> Result<(), Error> {
        self.uploads.put(key.clone(), entry);
        Ok(())
    }

    async fn remove(&self, key: &CacheKey) -> Result<(), Error> {
        self.uploads.remove(key);
        Ok(())
    }

    async fn known_file(&self, stamp: &FileStamp) -> Option<KnownFile> {
        self.files.get(stamp)
    }

    async fn know_file(&self, stamp: &FileStamp, file: KnownFile) {
        self.files.put(stamp.clone(), file);
    }
}

/// The entries that were used last.
#[derive(Debug)]
struct Recent<K: Eq + Hash, V> {
    // Without a bound of its own: with one, it takes the memory for all of it at once.
    entries: Mutex<LruCache<K, V>>,
    most: usize,
}

impl<K: Eq + Hash, V: Clone> Recent<K, V> {
    fn new(most: usize) -> Self {
        Self { entries: Mutex::new(LruCache::unbounded()), most }
    }

    fn get(&self, key: &K) -> Option<V> {
        self.lock().get(key).cloned()
    }

    fn put(&self, key: K, value: V) {
        let mut entries = self.lock();
        entries.put(key, value);
        if self.most < entries.len() {
            entries.pop_lru();
        }
    }

    fn remove(&self, key: &K) {
        self.lock().pop(key);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, LruCache<K, V>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::super::conformance::{entry, key, known, stamp};
    use super::*;

    #[tokio::test]
    async fn what_was_not_used_for_the_longest_time_goes_first() {
        let cache = MemoryUploadCache::new(CacheLimits { uploads: 2, files: 2 });
        for number in 1..=2 {
            cache.put(&key(number), entry(number)).await.unwrap();
            cache.know_file(&stamp(number), known(number)).await;
        }
        assert_eq!(cache.get(&key(1)).await, Some(entry(1)));
        assert_eq!(cache.known_file(&stamp(1)).await, Some(known(1)));
        cache.put(&key(3), entry(3)).await.unwrap();
        cache.know_file(&stamp(3), known(3)).await;
        for (number, stays) in [(1, true), (2, false), (3, true)] {
            assert_eq!(cache.get(&key(number)).await, stays.then(|| entry(number)));
            assert_eq!(cache.known_file(&stamp(number)).await, stays.then(|| known(number)));
        }
    }

    #[tokio::test]
    async fn a_cache_without_room_remembers_nothing() {
        let cache = MemoryUploadCache::new(CacheLimits { uploads: 0, files: 0 });
        cache.put(&key(1), entry(1)).await.unwrap();
        assert_eq!(cache.get(&key(1)).await, None);
    }
}
