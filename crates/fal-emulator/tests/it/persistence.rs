//! What outlives an emulator with a state folder, and what happens where two want one.

use std::path::Path;

use fal_emulator::{Emulator, Error, Pace};
use serde_json::{Value, json};

use crate::client::{Caller, KLING, fast};
use crate::pictures::{landscape, png};

async fn on(folder: &Path, pace: Pace) -> Emulator {
    Emulator::builder().state_dir(folder).pace(pace).start().await.expect("starts")
}

#[tokio::test]
async fn an_unfinished_request_finishes_after_a_restart_under_its_id_and_one_charge() {
    let folder = tempfile::tempdir().expect("is made");
    let caller = Caller::new();
    let first = on(folder.path(), Pace::Realistic).await;
    assert!(first.persistent());
    let image_url = caller.upload(&first, png(&landscape(320, 180))).await;
    let submitted = caller.submit(&first, KLING, &json!({ "prompt": "zoom in", "image_url": image_url })).await;
    caller.until(&submitted, |status| status["status"] == "IN_PROGRESS").await;
    let urls = first.urls().clone();
    drop(first);

    let second = on(folder.path(), Pace::Fast).await;
    assert_eq!(second.urls(), &urls, "the port is kept");
    caller.completed(&submitted).await;
    let result = caller.result(&submitted).await;
    assert_eq!(result.status(), 200);
    assert_eq!(result.headers()["x-fal-billable-units"], "5");
    let result: Value = result.json().await.expect("is JSON");
    assert_eq!(caller.get(result["video"]["url"].as_str().expect("has one")).await.status(), 200);
    second.ledger().assert_charged_once(submitted["request_id"].as_str().expect("has one"));
    assert_eq!(second.ledger().charges().len(), 1);
}

#[tokio::test]
async fn uploads_results_and_videos_are_served_again() {
    let folder = tempfile::tempdir().expect("is made");
    let caller = Caller::new();
    let first = on(folder.path(), Pace::Fast).await;
    let picture = png(&landscape(64, 64));
    let image_url = caller.upload(&first, picture.clone()).await;
    let submitted = caller.submit(&first, KLING, &json!({ "prompt": "zoom in", "image_url": image_url })).await;
    caller.completed(&submitted).await;
    let result: Value = caller.result(&submitted).await.json().await.expect("is JSON");
    let video_url = result["video"]["url"].as_str().expect("has one");
    let video = caller.get(video_url).await.bytes().await.expect("arrives");
    let charges = first.ledger().charges();
    drop(first);

    let second = on(folder.path(), Pace::Fast).await;
    assert!(caller.get(&image_url).await.bytes().await.expect("arrives") == picture);
    assert!(caller.get(video_url).await.bytes().await.expect("arrives") == video);
    assert_eq!(caller.result(&submitted).await.json::<Value>().await.expect("is JSON"), result);
    assert_eq!(second.ledger().charges(), charges);
    assert_eq!(second.uploads(), 0, "uploads are counted from the start");
}

#[tokio::test]
async fn a_folder_in_use_is_left_alone() {
    let folder = tempfile::tempdir().expect("is made");
    let first = on(folder.path(), Pace::Fast).await;
    let second = on(folder.path(), Pace::Fast).await;
    assert!(first.persistent() && !second.persistent());
    assert_ne!(first.urls(), second.urls());
    let caller = Caller::new();
    let image_url = caller.upload(&second, png(&landscape(64, 64))).await;
    let submitted = caller.submit(&second, KLING, &json!({ "prompt": "zoom in", "image_url": image_url })).await;
    caller.completed(&submitted).await;
    assert!(first.ledger().charges().is_empty());
    drop((first, second));
    let third = on(folder.path(), Pace::Fast).await;
    assert!(third.persistent() && third.ledger().charges().is_empty());
}

#[tokio::test]
async fn without_a_folder_nothing_is_kept() {
    assert!(!fast().await.persistent());
}

#[tokio::test]
async fn a_stopped_emulator_cuts_its_connections() {
    let (emulator, caller) = (fast().await, Caller::new());
    let url = format!("{}/fal-ai/kling-video/requests/none/status", emulator.urls().queue);
    assert_eq!(caller.get(&url).await.status(), 404);
    drop(emulator);
    let refused = async { while caller.http.get(&url).send().await.is_ok() {} };
    tokio::time::timeout(std::time::Duration::from_secs(30), refused).await.expect("stops answering");
}

#[tokio::test]
async fn a_taken_port_is_told() {
    let holder = fast().await;
    let port: u16 = holder
        .urls()
        .queue
        .rsplit_once(':')
        .and_then(|(_, rest)| rest.split('/').next()?.parse().ok())
        .expect("has one");
    let taken = Emulator::builder().port(port).start().await;
    assert!(matches!(taken, Err(Error::Listen { port: asked, .. }) if asked == port));
}

#[tokio::test]
async fn a_damaged_record_is_set_aside_and_the_rest_is_served() {
    let (folder, caller) = (tempfile::tempdir().expect("is made"), Caller::new());
    let first = on(folder.path(), Pace::Fast).await;
    let submitted = caller.submit(&first, KLING, &json!({})).await;
    caller.completed(&submitted).await;
    drop(first);
    std::fs::write(folder.path().join("requests/alien.json"), "{}").expect("is written");
    let second = on(folder.path(), Pace::Fast).await;
    let id = submitted["request_id"].as_str().expect("has one");
    second.ledger().assert_charged_once(id);
    second.ledger().assert_charges(1);
    assert!(folder.path().join("requests/alien.json.damaged").is_file(), "nothing is thrown away");
}

#[tokio::test]
async fn the_key_of_the_webhooks_stays_as_receivers_remember_it() {
    let (folder, caller) = (tempfile::tempdir().expect("is made"), Caller::new());
    let keys = async |emulator: &Emulator| -> Value {
        caller.get(&format!("{}/.well-known/jwks.json", emulator.urls().rest)).await.json().await.expect("is JSON")
    };
    let first = on(folder.path(), Pace::Fast).await;
    let before = keys(&first).await;
    drop(first);
    assert_eq!(keys(&on(folder.path(), Pace::Fast).await).await, before);
    assert_ne!(keys(&fast().await).await, before, "another account has another key");
}
