//! Direct calls, past the queue.

use std::time::Duration;

use fal_emulator::{Emulator, Pace};
use serde_json::{Value, json};

use crate::client::{Caller, KEY, KLING, events_of};

fn valid() -> Value {
    json!({ "prompt": "push in", "image_url": "data:image/png;base64,AAAA" })
}

async fn with_inference_time(time: Duration) -> (Emulator, Caller) {
    let builder = Emulator::builder().pace(Pace::Fast).rendering(false).runners(1).inference_time(time);
    (builder.start().await.expect("starts"), Caller::new())
}

#[tokio::test]
async fn the_answer_is_the_result_and_it_is_charged() {
    let (emulator, caller) = with_inference_time(Duration::ZERO).await;
    let answer = caller.post(&format!("{}/{KLING}", emulator.urls().run), &valid()).await;
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.headers()["x-fal-billable-units"], "5");
    let id = answer.headers()["x-fal-request-id"].to_str().expect("is text").to_owned();
    let body: Value = answer.json().await.expect("is JSON");
    assert_eq!(body["video"]["content_type"], "video/mp4");
    emulator.ledger().assert_charged_once(&id);
    assert_eq!(caller.post(&format!("{}/{KLING}", emulator.urls().run), &json!({})).await.status(), 422);
}

#[tokio::test]
async fn a_stream_ends_with_the_output() {
    let (emulator, caller) = with_inference_time(Duration::ZERO).await;
    let answer = caller.post(&format!("{}/{KLING}/stream", emulator.urls().run), &valid()).await;
    assert_eq!(answer.headers()["content-type"], "text/event-stream");
    let events = events_of(&answer.text().await.expect("arrives"));
    assert_eq!(events[0]["log"]["message"], "Rendering: 100%");
    assert!(events.last().expect("is there")["video"]["url"].is_string(), "{events:?}");
}

#[tokio::test]
async fn a_faulty_input_is_refused_before_a_stream_begins() {
    let (emulator, caller) = with_inference_time(Duration::ZERO).await;
    let answer = caller.post(&format!("{}/{KLING}/stream", emulator.urls().run), &json!({})).await;
    assert_eq!(answer.status(), 422);
    assert_eq!(answer.headers()["content-type"], "application/json");
    assert_eq!(answer.headers()["x-fal-billable-units"], "0");
}

#[tokio::test]
async fn a_call_that_cannot_be_recorded_costs_nothing_and_keeps_no_runner() {
    let folder = tempfile::tempdir().expect("is made");
    let builder = Emulator::builder().state_dir(folder.path()).pace(Pace::Fast).rendering(false).runners(1);
    let emulator = builder.start().await.expect("starts");
    let (caller, url) = (Caller::new(), format!("{}/{KLING}", emulator.urls().run));
    let records = folder.path().join("requests");
    std::fs::remove_dir_all(&records).expect("is empty");

    assert_eq!(caller.post(&url, &valid()).await.status(), 500);
    assert!(emulator.ledger().total_usd().is_zero());
    std::fs::create_dir(&records).expect("is made");
    assert_eq!(caller.post(&url, &valid()).await.status(), 200);
}

#[tokio::test]
async fn beyond_the_runners_a_call_is_refused_unpaid_and_hanging_up_makes_room() {
    let (emulator, caller) = with_inference_time(Duration::from_secs(86_400)).await;
    let url = format!("{}/{KLING}/stream", emulator.urls().run);
    let first = caller.post(&url, &valid()).await;
    let refused = caller.post(&format!("{}/{KLING}", emulator.urls().run), &valid()).await;
    assert_eq!(refused.status(), 429);
    assert_eq!(refused.headers()["x-fal-needs-retry"], "1");
    assert_eq!(refused.json::<Value>().await.expect("is JSON")["type"], "concurrent_requests_limit");
    assert_eq!(emulator.ledger().charges().len(), 1);
    drop(first);
    let queued = caller.submit(&emulator, KLING, &valid()).await;
    caller.until(&queued, |status| status["status"] == "IN_PROGRESS").await;
    assert!(emulator.ledger().charges()[0].amount_usd.is_zero(), "who hangs up pays nothing here");
}

#[tokio::test]
async fn a_call_without_a_key_is_refused() {
    let (emulator, caller) = with_inference_time(Duration::ZERO).await;
    let url = format!("{}/{KLING}", emulator.urls().run);
    assert_eq!(caller.http.post(&url).json(&valid()).send().await.expect("answers").status(), 401);
    let wrong = caller.http.post(url).header("authorization", format!("Bearer {KEY}")).json(&valid());
    assert_eq!(wrong.send().await.expect("answers").status(), 401);
}
