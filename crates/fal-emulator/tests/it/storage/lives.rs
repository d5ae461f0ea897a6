//! Files that end: where their life is set, and what is left of them.

use serde_json::{Value, json};

use super::{DAY, HOUR, LIFECYCLE, TEXT, names, on, pass, text, until};
use crate::client::{Caller, KLING, fast};
use crate::pictures::{landscape, png};

/// Seconds.
const A_WEEK: i64 = 604_800;
const AN_HOUR: &str = r#"{"expiration_duration_seconds":3600}"#;

/// The seconds that each file lives, in the order of upload.
fn lives(emulator: &fal_emulator::Emulator) -> Vec<Option<i64>> {
    let files = emulator.files().into_iter();
    files.map(|file| Some(file.expires_at?.duration_since(file.uploaded_at).as_secs())).collect()
}

#[tokio::test]
async fn an_expired_file_is_gone_from_the_net_the_list_and_the_disk() {
    let folder = tempfile::tempdir().expect("is made");
    let (emulator, caller) = (on(folder.path()).await, Caller::new());
    let url = caller.upload_with(&emulator, (LIFECYCLE, AN_HOUR), TEXT).await;
    assert_eq!(lives(&emulator), [Some(3600)]);
    pass(HOUR / 2).await;
    assert_eq!(caller.status(&url).await, 200);
    pass(HOUR / 2).await;
    assert!(emulator.files().is_empty());
    assert_eq!(caller.status(&url).await, 404);
    assert_eq!(caller.http.head(&url).send().await.expect("answers").status(), 404);
    assert!(names(folder.path(), "files").is_empty());
    drop(emulator);
    let again = on(folder.path()).await;
    assert_eq!(again.files(), []);
}

#[tokio::test]
async fn an_expired_file_is_deleted_though_nobody_asks_for_it() {
    let folder = tempfile::tempdir().expect("is made");
    let (emulator, caller) = (on(folder.path()).await, Caller::new());
    caller.upload_with(&emulator, (LIFECYCLE, AN_HOUR), TEXT).await;
    caller.upload(&emulator, TEXT.to_vec()).await;
    assert_eq!(names(folder.path(), "files").len(), 4, "bytes and record of each");
    pass(HOUR).await;
    until(|| names(folder.path(), "files").len() == 2).await;
    assert_eq!(lives(&emulator), [Some(A_WEEK)]);
}

#[tokio::test]
async fn on_a_new_account_a_file_lives_for_a_week() {
    let folder = tempfile::tempdir().expect("is made");
    let (emulator, caller) = (on(folder.path()).await, Caller::new());
    let url = caller.upload(&emulator, TEXT.to_vec()).await;
    assert_eq!(lives(&emulator), [Some(A_WEEK)]);
    pass(7 * DAY - HOUR).await;
    assert_eq!(caller.status(&url).await, 200);
    pass(HOUR).await;
    assert_eq!(caller.status(&url).await, 404);
}

#[tokio::test]
async fn a_file_whose_end_was_far_off_is_deleted_when_the_next_one_comes() {
    let folder = tempfile::tempdir().expect("is made");
    let (emulator, caller) = (on(folder.path()).await, Caller::new());
    caller.upload(&emulator, TEXT.to_vec()).await;
    pass(7 * DAY).await;
    caller.upload(&emulator, TEXT.to_vec()).await;
    until(|| names(folder.path(), "files").len() == 2).await;
}

#[tokio::test]
async fn an_expired_picture_cannot_be_downloaded_by_the_model() {
    let (emulator, caller) = (fast().await, Caller::new());
    let url = caller.upload_with(&emulator, (LIFECYCLE, AN_HOUR), png(&landscape(64, 64))).await;
    pass(HOUR).await;
    let submitted = caller.submit(&emulator, KLING, &json!({ "prompt": "zoom in", "image_url": url })).await;
    assert_eq!(caller.completed(&submitted).await["error_type"], "file_download_error");
    let result = caller.result(&submitted).await;
    assert_eq!(result.status(), 422);
    let result: Value = result.json().await.expect("is JSON");
    assert_eq!(
        (&result["detail"][0]["type"], &result["detail"][0]["input"]),
        (&json!("file_download_error"), &json!(url))
    );
}

#[tokio::test]
async fn every_way_in_knows_the_life_from_its_first_call() {
    let (emulator, caller) = (fast().await, Caller::new());
    for header in [LIFECYCLE, "x-fal-object-lifecycle-preference"] {
        caller.upload_with(&emulator, (header, AN_HOUR), TEXT).await;
        let initiated = caller.initiate(&emulator, "initiate", (header, AN_HOUR)).await;
        // The life begins with the last byte.
        pass(HOUR / 4).await;
        let put = caller.http.put(text(&initiated, "upload_url")).body(TEXT);
        assert_eq!(put.send().await.expect("answers").status(), 200);
    }
    assert_eq!(lives(&emulator), [Some(3600); 4]);
}

#[tokio::test]
async fn a_life_that_makes_no_sense_is_refused_before_anything_is_stored() {
    let (emulator, caller) = (fast().await, Caller::new());
    let upload = caller.http.post(format!("{}/files/upload", emulator.urls().cdn)).body(TEXT);
    let upload = upload.header("authorization", caller.bearer(&emulator).await);
    let answer = upload.header(LIFECYCLE, r#"{"expiration_duration_seconds":0}"#).send().await.expect("answers");
    let fault = super::json_of(answer, 422).await;
    assert_eq!(fault["detail"][0]["loc"], json!(["header", LIFECYCLE]));
    assert_eq!(emulator.files(), []);
}

#[tokio::test]
async fn uploads_and_videos_follow_the_account_unless_told_otherwise() {
    let (emulator, caller) = (fast().await, Caller::new());
    caller.set_settings(&emulator, &json!({ "expiration_duration_seconds": 7200 })).await;
    let url = caller.upload(&emulator, png(&landscape(64, 64))).await;
    caller.upload_with(&emulator, (LIFECYCLE, AN_HOUR), TEXT).await;
    caller.upload_with(&emulator, (LIFECYCLE, r#"{"expiration_duration_seconds":null}"#), TEXT).await;
    let submitted = caller.submit(&emulator, KLING, &json!({ "prompt": "zoom in", "image_url": url })).await;
    caller.completed(&submitted).await;
    assert_eq!(lives(&emulator), [Some(7200), Some(3600), None, Some(7200)]);
    assert_eq!(emulator.files()[3].content_type, "video/mp4");
}
