//! How long a result is kept.

use std::time::Duration;

use fal_emulator::{Emulator, Pace};
use serde_json::json;

use crate::client::{Caller, KLING, fast};

/// Lets time pass for the emulator.
async fn pass(seconds: u64) {
    tokio::time::pause();
    tokio::time::advance(Duration::from_secs(seconds)).await;
    tokio::time::resume();
}

#[tokio::test]
async fn a_small_result_is_kept_for_an_hour() {
    let (emulator, caller) = (fast().await, Caller::new());
    let submitted = caller.submit(&emulator, KLING, &json!({})).await;
    caller.completed(&submitted).await;
    pass(3590).await;
    assert_eq!(caller.result(&submitted).await.status(), 422);
    pass(20).await;
    assert_eq!(caller.result(&submitted).await.status(), 404);
    assert_eq!(emulator.ledger().charges().len(), 1, "the bill is not forgotten");
}

#[tokio::test]
async fn a_result_from_ten_thousand_bytes_on_is_kept_for_six_minutes() {
    let (emulator, caller) = (fast().await, Caller::new());
    // The answer to a faulty input repeats the input.
    let submitted = caller.submit(&emulator, KLING, &json!({ "prompt": "x".repeat(10_000) })).await;
    caller.completed(&submitted).await;
    pass(350).await;
    assert_eq!(caller.result(&submitted).await.status(), 422);
    pass(20).await;
    assert_eq!(caller.result(&submitted).await.status(), 404);
}

#[tokio::test]
async fn both_lives_can_be_set() {
    let seconds = Duration::from_secs;
    let builder = Emulator::builder().pace(Pace::Fast).result_life(seconds(10), seconds(5));
    let (emulator, caller) = (builder.start().await.expect("starts"), Caller::new());
    let submitted = caller.submit(&emulator, KLING, &json!({})).await;
    caller.completed(&submitted).await;
    pass(11).await;
    assert_eq!(caller.result(&submitted).await.status(), 404);
}
