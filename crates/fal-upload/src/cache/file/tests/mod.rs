//! A cache in a file, with real files and real processes.

/// Files that are damaged, of another version, or something else.
mod damaged;
/// A process that is killed in the middle of writing.
mod killed;
/// What goes when, and what stays.
mod swept;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use futures::future::join_all;
use rusqlite::Connection;
use tempfile::{TempDir, tempdir};

use super::super::conformance::{entry, key, known, stamp};
use super::FileUploadCache;
use crate::UploadCache;

/// A folder, and the place of a cache in it.
fn place() -> (TempDir, PathBuf) {
    let folder = tempdir().unwrap();
    let file = folder.path().join("uploads.sqlite");
    (folder, file)
}

fn count(file: &Path, table: &str) -> i64 {
    let connection = Connection::open(file).unwrap();
    connection.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0)).unwrap()
}

#[tokio::test]
async fn caches_over_one_file_see_what_the_others_know_and_so_does_the_next_process() {
    let (_folder, file) = place();
    let (here, there) = (FileUploadCache::new(&file), FileUploadCache::new(&file));
    here.put(&key(1), entry(1)).await.unwrap();
    here.know_file(&stamp(1), known(1)).await;
    assert_eq!(there.get(&key(1)).await, Some(entry(1)));
    assert_eq!(there.known_file(&stamp(1)).await, Some(known(1)));
    there.remove(&key(1)).await.unwrap();
    there.put(&key(2), entry(2)).await.unwrap();
    assert_eq!(here.get(&key(1)).await, None);
    drop((here, there));
    let next = FileUploadCache::new(&file);
    assert_eq!(next.get(&key(2)).await, Some(entry(2)));
    assert_eq!(next.known_file(&stamp(1)).await, Some(known(1)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_who_begin_and_fill_a_file_at_once_lose_nothing() {
    for _ in 0..5 {
        let (_folder, file) = place();
        let caches: Vec<_> = (0..8).map(|_| Arc::new(FileUploadCache::new(&file))).collect();
        let tasks = (0..400_usize).map(|number| {
            let cache = Arc::clone(&caches[number % caches.len()]);
            tokio::spawn(async move {
                cache.put(&key(number), entry(number)).await.unwrap();
                cache.know_file(&stamp(number), known(number)).await;
                assert_eq!(cache.get(&key(number)).await, Some(entry(number)));
            })
        });
        join_all(tasks).await.into_iter().for_each(Result::unwrap);
        for number in 0..400 {
            assert_eq!(caches[0].get(&key(number)).await, Some(entry(number)));
            assert_eq!(caches[0].known_file(&stamp(number)).await, Some(known(number)));
        }
    }
}

#[cfg(unix)]
#[tokio::test]
async fn the_file_and_its_folder_are_for_their_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let outer = tempdir().unwrap();
    std::fs::set_permissions(outer.path(), PermissionsExt::from_mode(0o755)).unwrap();
    let folder = outer.path().join("a/b");
    let cache = FileUploadCache::new(folder.join("uploads.sqlite"));
    cache.put(&key(1), entry(1)).await.unwrap();
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    for name in ["uploads.sqlite", "uploads.sqlite-wal", "uploads.sqlite-shm"] {
        assert_eq!(mode(&folder.join(name)), 0o600, "{name}");
    }
    assert_eq!((mode(&folder), mode(&outer.path().join("a"))), (0o700, 0o700));
    assert_eq!(mode(outer.path()), 0o755, "a folder that was there is its owner's business");
}
