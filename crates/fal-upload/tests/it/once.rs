//! The same bytes are sent once.

use std::sync::Arc;

use fal_upload::{Progress, Source, Uploader};
use image::ImageFormat;

use crate::fal::{Fal, TOKEN_PATH, UPLOAD_PATH};
use crate::pictures::{in_memory, picture, png, saved};

#[tokio::test]
async fn a_copy_under_another_name_sends_nothing() {
    let (fal, folder) = (Fal::start().await, tempfile::tempdir().unwrap());
    let uploader = fal.uploader();
    let first = uploader.upload(&Source::Path(saved(folder.path(), "a.png", &png())), &Progress::none()).await.unwrap();
    let copies = [Source::Path(saved(folder.path(), "b.jpg", &png())), in_memory("c", png())];
    for copy in copies {
        let again = uploader.upload(&copy, &Progress::none()).await.unwrap();
        assert!(!first.cached && again.cached);
        assert_eq!((again.url, again.content_hash, again.bytes), (first.url.clone(), first.content_hash, first.bytes));
    }
    assert_eq!((fal.requests(TOKEN_PATH).await.len(), fal.requests(UPLOAD_PATH).await.len()), (1, 1));
}

#[tokio::test]
async fn a_file_that_has_changed_is_sent_again() {
    let (fal, folder) = (Fal::start().await, tempfile::tempdir().unwrap());
    let uploader = fal.uploader();
    let file = Source::Path(saved(folder.path(), "a.png", &png()));
    let first = uploader.upload(&file, &Progress::none()).await.unwrap();
    saved(folder.path(), "a.png", &picture(ImageFormat::Png, 9, 9));
    let second = uploader.upload(&file, &Progress::none()).await.unwrap();
    assert!(!second.cached);
    assert_ne!((first.url, first.content_hash), (second.url, second.content_hash));
}

#[tokio::test]
async fn another_process_with_the_same_file_sends_nothing() {
    let (fal, folder) = (Fal::start().await, tempfile::tempdir().unwrap());
    let cache = folder.path().join("uploads");
    let first = fal.uploader_with_folder(&cache).upload(&in_memory("a.png", png()), &Progress::none()).await.unwrap();
    let again = fal.uploader_with_folder(&cache).upload(&in_memory("b.png", png()), &Progress::none()).await.unwrap();
    assert!(again.cached);
    assert_eq!(again.url, first.url);
    assert_eq!((fal.requests(TOKEN_PATH).await.len(), fal.requests(UPLOAD_PATH).await.len()), (1, 1));
}

#[tokio::test]
async fn another_cdn_does_not_have_it() {
    let (here, there, folder) = (Fal::start().await, Fal::start().await, tempfile::tempdir().unwrap());
    for fal in [&here, &there] {
        assert!(
            !fal.uploader_with_folder(folder.path())
                .upload(&in_memory("a.png", png()), &Progress::none())
                .await
                .unwrap()
                .cached
        );
        assert_eq!(fal.requests(UPLOAD_PATH).await.len(), 1);
    }
}

#[tokio::test]
async fn a_forgotten_upload_is_sent_again_and_the_others_are_not() {
    let (fal, folder) = (Fal::start().await, tempfile::tempdir().unwrap());
    let uploader = fal.uploader_with_folder(folder.path());
    let (dead, good) = (in_memory("dead.png", png()), in_memory("good.png", picture(ImageFormat::Png, 9, 9)));
    let first = uploader.upload(&dead, &Progress::none()).await.unwrap();
    uploader.upload(&good, &Progress::none()).await.unwrap();
    // By content: the name does not matter.
    uploader.forget(&in_memory("other name", png())).await.unwrap();
    uploader.forget(&in_memory("never uploaded", b"x".to_vec())).await.unwrap();
    let again = uploader.upload(&dead, &Progress::none()).await.unwrap();
    assert!(!again.cached && again.url != first.url);
    assert!(uploader.upload(&good, &Progress::none()).await.unwrap().cached);
    assert_eq!(fal.requests(UPLOAD_PATH).await.len(), 3);
}

#[tokio::test]
async fn an_upload_is_good_even_when_it_cannot_be_remembered_and_that_is_said_once() {
    let (fal, folder) = (Fal::start().await, tempfile::tempdir().unwrap());
    let no_folder = saved(folder.path(), "file", b"x");
    let log = folder.path().join("log");
    let writer = Arc::new(std::fs::File::create(&log).unwrap());
    // With one subscriber alone, a place that another test comes to first, without one, would stay silent for all.
    let _beside = tracing::Dispatch::new(tracing_subscriber::registry());
    let _said = tracing::subscriber::set_default(tracing_subscriber::fmt().with_writer(writer).finish());

    let uploader = fal.uploader_with_folder(&no_folder);
    for number in 1..=2 {
        let uploaded = uploader.upload(&in_memory("a.png", png()), &Progress::none()).await.unwrap();
        assert_eq!((uploaded.url, uploaded.cached), (fal.file(number), false));
    }
    let said = || std::fs::read_to_string(&log).unwrap().matches("uploads will not be remembered").count();
    assert_eq!(said(), 1);

    // The place becomes good while the uploader is at work.
    std::fs::remove_file(&no_folder).unwrap();
    uploader.upload(&in_memory("a.png", png()), &Progress::none()).await.unwrap();
    assert!(uploader.upload(&in_memory("a.png", png()), &Progress::none()).await.unwrap().cached);
    assert_eq!(said(), 1);
}
