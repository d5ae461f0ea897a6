//! What goes when, and what stays.

use jiff::{Timestamp, ToSpan};

use super::*;
use crate::cache::file::link::SWEPT_EVERY;
use crate::{CacheLimits, UploadEntry};

fn monday() -> Timestamp {
    "2026-03-02T12:00:00Z".parse().unwrap()
}

fn in_three_weeks() -> Timestamp {
    monday() + (21 * 24).hours()
}

fn in_six_weeks() -> Timestamp {
    monday() + (42 * 24).hours()
}

#[tokio::test]
async fn what_has_expired_goes_with_the_first_write_and_nothing_else_does() {
    let (_folder, file) = place();
    let until = |expires_at| UploadEntry { expires_at, ..entry(1) };
    let cache = FileUploadCache::new(&file).with_clock(monday);
    cache.put(&key(1), until(in_three_weeks())).await.unwrap();
    cache.put(&key(2), until(in_three_weeks() + 1.second())).await.unwrap();
    assert_eq!(cache.get(&key(1)).await, Some(until(in_three_weeks())));

    let later = FileUploadCache::new(&file).with_clock(in_three_weeks);
    assert!(later.get(&key(1)).await.is_some(), "whoever reads an entry looks at the time");
    later.put(&key(3), entry(3)).await.unwrap();
    let found = [later.get(&key(1)).await, later.get(&key(2)).await, later.get(&key(3)).await];
    assert_eq!(found.map(|entry| entry.is_some()), [false, true, true]);
}

#[tokio::test]
async fn a_file_that_was_not_asked_for_in_a_month_is_forgotten() {
    let (_folder, file) = place();
    let cache = FileUploadCache::new(&file).with_clock(monday);
    cache.know_file(&stamp(1), known(1)).await;
    cache.know_file(&stamp(2), known(2)).await;
    let asked = FileUploadCache::new(&file).with_clock(in_three_weeks).known_file(&stamp(1)).await;
    assert_eq!(asked, Some(known(1)));
    let later = FileUploadCache::new(&file).with_clock(in_six_weeks);
    later.know_file(&stamp(3), known(3)).await;
    assert_eq!(count(&file, "file"), 2);
    assert_eq!(later.known_file(&stamp(1)).await, Some(known(1)), "it was used three weeks ago");
    assert_eq!(later.known_file(&stamp(2)).await, None);
}

#[tokio::test]
async fn what_is_beyond_the_limits_goes_with_every_thousandth_write() {
    let (_folder, file) = place();
    let limits = CacheLimits { uploads: 10, files: 5 };
    let cache = FileUploadCache::new(&file).with_limits(limits).with_clock(monday);
    let writes = SWEPT_EVERY as usize;
    // The last of these writes is swept after.
    for number in 0..=writes / 2 {
        cache.put(&key(number), entry(number)).await.unwrap();
        if number < writes / 2 {
            cache.know_file(&stamp(number), known(number)).await;
        }
    }
    assert_eq!((count(&file, "upload"), count(&file, "file")), (10, 5));
    for number in writes / 2 - 9..=writes / 2 {
        assert!(cache.get(&key(number)).await.is_some(), "those that are good for longest stay");
    }
}

#[tokio::test]
async fn the_files_that_were_used_last_stay() {
    let (_folder, file) = place();
    let cache = FileUploadCache::new(&file).with_clock(monday);
    for number in 0..5 {
        cache.know_file(&stamp(number), known(number)).await;
    }
    let limits = CacheLimits { uploads: 10, files: 2 };
    let later = FileUploadCache::new(&file).with_limits(limits).with_clock(in_three_weeks);
    later.known_file(&stamp(3)).await.unwrap();
    later.know_file(&stamp(9), known(9)).await;
    for number in 0..10 {
        assert_eq!(later.known_file(&stamp(number)).await.is_some(), [3, 9].contains(&number), "{number}");
    }
}
