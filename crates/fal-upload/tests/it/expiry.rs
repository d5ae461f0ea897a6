//! How long an upload is used: six of the seven days that fal is told to keep it.

use std::sync::Arc;

use fal_upload::{FileUploadCache, Progress, Uploader};
use jiff::{Timestamp, ToSpan};

use crate::fal::{Fal, TOKEN_PATH, UPLOAD_PATH, token};
use crate::pictures::{in_memory, picture, png};

fn monday() -> Timestamp {
    "2026-03-02T12:00:00Z".parse().unwrap()
}

fn just_before_sunday() -> Timestamp {
    monday() + (6 * 24).hours() - 1.second()
}

fn sunday() -> Timestamp {
    monday() + (6 * 24).hours()
}

#[tokio::test]
async fn an_upload_is_used_for_six_days_and_then_sent_again() {
    let (fal, folder) = (Fal::start().await, tempfile::tempdir().unwrap());
    let source = in_memory("a.png", png());
    for (clock, cached, number) in
        [(monday as fn() -> Timestamp, false, 1), (just_before_sunday, true, 1), (sunday, false, 2), (sunday, true, 2)]
    {
        let cache = FileUploadCache::new(folder.path().join("uploads.sqlite")).with_clock(clock);
        let uploader = fal.uploader_over(Arc::new(cache)).with_clock(clock);
        let uploaded = uploader.upload(&source, &Progress::none()).await.unwrap();
        assert_eq!((uploaded.cached, uploaded.url), (cached, fal.file(number)), "{}", clock());
    }
    assert_eq!(fal.requests(UPLOAD_PATH).await.len(), 2);
}

#[tokio::test]
async fn a_token_is_asked_for_anew_a_minute_before_its_end() {
    for (expires_at, tokens) in [("2026-03-02T12:01:00+00:00", 2), ("2026-03-02T12:01:01+00:00", 1)] {
        let fal = Fal::bare().await;
        fal.answer(TOKEN_PATH, token(expires_at)).await;
        fal.take_files().await;
        let uploader = fal.uploader().with_clock(monday);
        for size in 1..=2 {
            uploader
                .upload(&in_memory("a", picture(image::ImageFormat::Png, size, size)), &Progress::none())
                .await
                .unwrap();
        }
        assert_eq!(fal.requests(TOKEN_PATH).await.len(), tokens, "{expires_at}");
    }
}
