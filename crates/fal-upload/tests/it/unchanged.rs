//! Files that have not changed are not read again, and those that may have are.

use std::fs::File;
use std::path::Path;
use std::time::{Duration, SystemTime};

use fal_upload::{ContentHash, Progress, Source, Uploader};

use crate::emulated::{SMALL, emulator, noise, uploader};
use crate::pictures::saved;

/// Sets when a file was last written to, in seconds before now.
fn age(file: &Path, seconds: u64) -> SystemTime {
    let time = SystemTime::now() - Duration::from_secs(seconds);
    File::options().write(true).open(file).unwrap().set_modified(time).unwrap();
    time
}

#[tokio::test]
async fn a_file_with_the_same_size_time_and_place_is_not_read_again() {
    let (emulator, folder) = (emulator([]).await, tempfile::tempdir().unwrap());
    let uploader = uploader(&emulator, SMALL);
    let (first, second) = (noise(500), vec![7; 500]);
    let file = saved(folder.path(), "a.bin", &first);
    let source = Source::Path(file.clone());
    let time = age(&file, 60);
    let before = uploader.upload(&source, &Progress::none()).await.unwrap();
    assert_eq!(before.content_hash, Some(ContentHash::of(&first)));

    // Nobody writes to a file and puts the clock back, but for a test that has to see that it is not read.
    std::fs::write(&file, &second).unwrap();
    File::options().write(true).open(&file).unwrap().set_modified(time).unwrap();
    assert_eq!(uploader.upload(&source, &Progress::none()).await.unwrap().content_hash, before.content_hash);

    age(&file, 50);
    assert_eq!(uploader.upload(&source, &Progress::none()).await.unwrap().content_hash, Some(ContentHash::of(&second)));
}

/// What is found in `a.bin`, last written to so many seconds ago and uploaded, after something was done to it. That is
/// handed its path and its time.
async fn found_after(seconds: u64, done: impl FnOnce(&Path, SystemTime)) -> Option<ContentHash> {
    let (emulator, folder) = (emulator([]).await, tempfile::tempdir().unwrap());
    let uploader = uploader(&emulator, SMALL);
    let file = saved(folder.path(), "a.bin", &noise(500));
    let source = Source::Path(file.clone());
    let time = age(&file, seconds);
    uploader.upload(&source, &Progress::none()).await.unwrap();
    done(&file, time);
    uploader.upload(&source, &Progress::none()).await.unwrap().content_hash
}

#[tokio::test]
async fn a_file_that_was_just_written_is_read_each_time() {
    // Two writes within one tick of a coarse clock.
    let rewrite = |file: &Path, time| {
        std::fs::write(file, vec![7; 500]).unwrap();
        File::options().write(true).open(file).unwrap().set_modified(time).unwrap();
    };
    assert_eq!(found_after(0, rewrite).await, Some(ContentHash::of(&[7; 500])));
}

#[tokio::test]
async fn another_file_in_its_place_is_read() {
    let replace = |file: &Path, time| {
        let other = saved(file.parent().unwrap(), "b.bin", &[7; 500]);
        File::options().write(true).open(&other).unwrap().set_modified(time).unwrap();
        std::fs::rename(other, file).unwrap();
    };
    let expected = if cfg!(unix) { ContentHash::of(&[7; 500]) } else { ContentHash::of(&noise(500)) };
    assert_eq!(found_after(60, replace).await, Some(expected));
}
