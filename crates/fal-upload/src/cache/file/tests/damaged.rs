//! Files that are damaged, of another version, or something else.

use super::*;
use crate::cache::file::set_aside::beside;

/// A cache with some hundred entries, in one closed file.
async fn filled(file: &Path) {
    let cache = FileUploadCache::new(file);
    for number in 0..300 {
        cache.put(&key(number), entry(number)).await.unwrap();
        cache.know_file(&stamp(number), known(number)).await;
    }
}

fn damaged(file: &Path, number: usize) -> PathBuf {
    beside(file, &format!(".damaged-{number}"))
}

/// The first look-up may be what finds the damage; from then on the cache works.
async fn works_again(file: &Path) {
    let cache = FileUploadCache::new(file);
    assert_eq!(cache.get(&key(1)).await, None);
    cache.put(&key(1), entry(1)).await.unwrap();
    assert_eq!(FileUploadCache::new(file).get(&key(1)).await, Some(entry(1)));
    assert_eq!(count(file, "upload"), 1);
}

#[tokio::test]
async fn a_damaged_file_is_set_aside_as_it_is_and_begun_anew() {
    let no_database: fn(Vec<u8>) -> Vec<u8> = |_| b"this is text, and it is no database".to_vec();
    let nothing = |_: Vec<u8>| Vec::new();
    let half_a_page = |bytes: Vec<u8>| bytes[..2000].to_vec();
    let all_but_the_first_page = |mut bytes: Vec<u8>| {
        bytes[4096..].fill(0xff);
        bytes
    };
    for damage in [no_database, nothing, half_a_page, all_but_the_first_page] {
        let (_folder, file) = place();
        filled(&file).await;
        let bytes = damage(std::fs::read(&file).unwrap());
        std::fs::write(&file, &bytes).unwrap();
        std::fs::write(beside(&file, "-wal"), b"left behind").unwrap();
        works_again(&file).await;
        assert!(std::fs::read(damaged(&file, 1)).unwrap() == bytes);
    }
}

#[tokio::test]
async fn the_log_of_a_file_that_was_taken_away_is_not_taken_for_that_of_the_new_one() {
    let (_folder, file) = place();
    let taken = FileUploadCache::new(&file);
    taken.put(&key(1), entry(1)).await.unwrap();
    std::fs::remove_file(&file).unwrap();
    works_again(&file).await;
    assert!(beside(&damaged(&file, 1), "-wal").exists());
}

#[tokio::test]
async fn damage_that_only_some_entries_have_is_found_where_it_is_met() {
    let (_folder, file) = place();
    filled(&file).await;
    let connection = Connection::open(&file).unwrap();
    let root: i64 =
        connection.query_row("SELECT rootpage FROM sqlite_schema WHERE name = 'file'", [], |row| row.get(0)).unwrap();
    drop(connection);
    let mut bytes = std::fs::read(&file).unwrap();
    let page = usize::try_from(root - 1).unwrap() * 4096;
    bytes[page..page + 4096].fill(0xff);
    std::fs::write(&file, &bytes).unwrap();

    let cache = FileUploadCache::new(&file);
    assert_eq!(cache.get(&key(7)).await, Some(entry(7)), "uploads are in other pages");
    assert_eq!(cache.known_file(&stamp(7)).await, None);
    cache.put(&key(1), entry(1)).await.unwrap();
    assert!(std::fs::read(damaged(&file, 1)).unwrap() == bytes);
    cache.know_file(&stamp(7), known(7)).await;
    assert_eq!(cache.known_file(&stamp(7)).await, Some(known(7)));
}

#[tokio::test]
async fn whoever_has_the_damaged_file_still_open_does_no_harm_to_the_new_one() {
    let (_folder, file) = place();
    filled(&file).await;
    let old = FileUploadCache::new(&file);
    old.put(&key(1000), entry(1000)).await.unwrap();
    // Written in place: the file stays the one that is open.
    let mut bytes = std::fs::read(&file).unwrap();
    bytes.fill(0xff);
    std::fs::write(&file, bytes).unwrap();

    let new = FileUploadCache::new(&file);
    assert_eq!(new.get(&key(1)).await, None);
    for number in 0..300 {
        new.put(&key(number), entry(number)).await.unwrap();
        // It goes to where nobody looks, until the damage is seen.
        let _ = old.put(&key(number + 1000), entry(number + 1000)).await;
    }
    drop(old);
    for number in 1..300 {
        assert_eq!(new.get(&key(number)).await, Some(entry(number)));
    }
    drop(new);
    let connection = Connection::open(&file).unwrap();
    let verdict: String = connection.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(verdict, "ok");
}

#[tokio::test]
async fn nine_damaged_files_are_kept_and_then_nothing_is_remembered() {
    let (folder, file) = place();
    for _ in 0..9 {
        std::fs::write(&file, b"this is text, and it is no database").unwrap();
        works_again(&file).await;
    }
    std::fs::write(&file, b"this is text, and it is no database").unwrap();
    let cache = FileUploadCache::new(&file);
    assert_eq!(cache.get(&key(1)).await, None);
    let error = cache.put(&key(1), entry(1)).await.unwrap_err();
    assert!(error.to_string().contains(&folder.path().display().to_string()), "{error}");
    assert!(damaged(&file, 9).exists() && !damaged(&file, 10).exists());
}

#[tokio::test]
async fn a_file_of_a_newer_version_and_one_of_something_else_are_left_alone() {
    let (_folder, newer) = place();
    filled(&newer).await;
    Connection::open(&newer).unwrap().execute_batch("PRAGMA user_version = 2").unwrap();
    let (_folder, other) = place();
    Connection::open(&other).unwrap().execute_batch("CREATE TABLE film (title TEXT)").unwrap();
    for file in [newer, other] {
        let before = std::fs::read(&file).unwrap();
        let cache = FileUploadCache::new(&file);
        assert_eq!(cache.get(&key(1)).await, None);
        assert_eq!(cache.known_file(&stamp(1)).await, None);
        cache.know_file(&stamp(1), known(1)).await;
        cache.put(&key(1), entry(1)).await.unwrap_err();
        cache.remove(&key(1)).await.unwrap_err();
        assert!(std::fs::read(&file).unwrap() == before);
        assert!(!damaged(&file, 1).exists());
    }
}

#[tokio::test]
async fn a_place_where_nothing_can_be_written_is_an_error_and_no_more() {
    let folder = tempdir().unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, b"x").unwrap();
    // Not even an administrator can write below a file.
    let cache = FileUploadCache::new(file.join("uploads.sqlite"));
    assert_eq!((cache.get(&key(1)).await, cache.known_file(&stamp(1)).await), (None, None));
    cache.know_file(&stamp(1), known(1)).await;
    let error = cache.put(&key(1), entry(1)).await.unwrap_err();
    assert!(!format!("{error:?}").contains("https://cdn"), "{error:?}");
    // It is looked at again each time: the place may have become good.
    std::fs::remove_file(&file).unwrap();
    cache.put(&key(1), entry(1)).await.unwrap();
    assert_eq!(cache.get(&key(1)).await, Some(entry(1)));
}
