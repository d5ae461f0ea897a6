//! What every cache must do.

use std::time::{Duration, UNIX_EPOCH};

use jiff::Timestamp;

use super::{CacheKey, FileUploadCache, KnownFile, MemoryUploadCache, UploadCache, UploadEntry};
use crate::{ContentHash, FileStamp};

pub(super) fn key(number: usize) -> CacheKey {
    CacheKey {
        cdn: "https://cdn".to_owned(),
        content_hash: ContentHash::of(number.to_string().as_bytes()),
        media_type: "image/png".to_owned(),
    }
}

/// The larger the number, the longer it is good for (up to a million); all are good for longer than these tests last.
pub(super) fn entry(number: usize) -> UploadEntry {
    let expires_at =
        "2100-01-01T00:00:00Z".parse::<Timestamp>().unwrap() + Duration::from_secs(number as u64 % 1_000_000);
    UploadEntry { url: format!("https://cdn/{number}"), bytes: number as u64, expires_at }
}

pub(super) fn stamp(number: usize) -> FileStamp {
    FileStamp {
        path: format!("/{number}.png").into(),
        bytes: 7,
        modified: UNIX_EPOCH + Duration::from_nanos(1_000_000_001),
        inode: Some((1, 2)),
    }
}

pub(super) fn known(number: usize) -> KnownFile {
    KnownFile {
        content_hash: ContentHash::of(number.to_string().as_bytes()),
        media_type: (number % 2 == 1).then(|| "image/png".to_owned()),
    }
}

async fn remembers_uploads(cache: &dyn UploadCache) {
    assert_eq!(cache.get(&key(1)).await, None);
    cache.put(&key(1), entry(3)).await.unwrap();
    cache.put(&key(1), entry(1)).await.unwrap();
    cache.put(&key(2), entry(2)).await.unwrap();
    assert_eq!(cache.get(&key(1)).await, Some(entry(1)), "the last entry counts");
    let elsewhere = CacheKey { cdn: "https://other".to_owned(), ..key(1) };
    assert_eq!(cache.get(&elsewhere).await, None, "another CDN does not have it");
    let as_other = CacheKey { media_type: "image/jpeg".to_owned(), ..key(1) };
    assert_eq!(cache.get(&as_other).await, None, "fal was told another type");
    cache.remove(&key(1)).await.unwrap();
    cache.remove(&key(1)).await.unwrap();
    assert_eq!(cache.get(&key(1)).await, None);
    assert_eq!(cache.get(&key(2)).await, Some(entry(2)));
}

async fn remembers_files(cache: &dyn UploadCache) {
    assert_eq!(cache.known_file(&stamp(1)).await, None);
    cache.know_file(&stamp(1), known(4)).await;
    cache.know_file(&stamp(1), known(1)).await;
    cache.know_file(&stamp(2), known(2)).await;
    assert_eq!(cache.known_file(&stamp(1)).await, Some(known(1)), "what was learnt last counts");
    assert_eq!(cache.known_file(&stamp(2)).await, Some(known(2)), "the type of it may be unknown");
    let changed = FileStamp { bytes: 8, ..stamp(1) };
    assert_eq!(cache.known_file(&changed).await, None, "the file has changed");
}

async fn keeps_what_is_at_the_edge(cache: &dyn UploadCache) {
    let large = UploadEntry { bytes: i64::MAX.unsigned_abs(), expires_at: Timestamp::MAX, ..entry(1) };
    cache.put(&key(5), large.clone()).await.unwrap();
    let found = cache.get(&key(5)).await.unwrap();
    assert_eq!((found.url, found.bytes), (large.url, large.bytes));
    assert!(found.expires_at <= large.expires_at);
}

#[tokio::test]
async fn every_cache_conforms() {
    let folder = tempfile::tempdir().unwrap();
    let caches: [Box<dyn UploadCache>; 2] = [
        Box::new(MemoryUploadCache::default()),
        Box::new(FileUploadCache::new(folder.path().join("made/on/demand/uploads.sqlite"))),
    ];
    for cache in &caches {
        remembers_uploads(cache.as_ref()).await;
        remembers_files(cache.as_ref()).await;
        keeps_what_is_at_the_edge(cache.as_ref()).await;
    }
}
