//! Cancelling: a waiting request, a running one, a finished one, an unknown one.

use fal_emulator::Emulator;
use rust_decimal::Decimal;
use serde_json::{Value, json};

use crate::client::{Caller, KLING, fast};
use crate::pictures::{landscape, png};

async fn submitted(emulator: &Emulator, caller: &Caller) -> Value {
    let image_url = caller.upload(emulator, png(&landscape(640, 360))).await;
    let input = json!({ "prompt": "zoom in", "image_url": image_url, "duration": "10" });
    caller.submit(emulator, KLING, &input).await
}

async fn cancel(caller: &Caller, submitted: &Value) -> (u16, Value) {
    let answer = caller.put(submitted["cancel_url"].as_str().expect("has one")).await;
    (answer.status().as_u16(), answer.json().await.expect("is JSON"))
}

async fn expect_cancelled(caller: &Caller, submitted: &Value) {
    let status = caller.completed(submitted).await;
    assert_eq!(status["error_type"], "client_cancelled");
    let result = caller.result(submitted).await;
    assert_eq!(result.status().as_u16(), 499);
    assert_eq!(result.headers()["x-fal-billable-units"], "0");
    assert_eq!(result.json::<Value>().await.expect("is JSON")["error_type"], "client_cancelled");
}

#[tokio::test]
async fn a_waiting_request_is_dropped() {
    let (emulator, caller) = (Emulator::builder().start().await.expect("starts"), Caller::new());
    let request = submitted(&emulator, &caller).await;
    let accepted = (202, json!({ "status": "CANCELLATION_REQUESTED" }));
    assert_eq!(cancel(&caller, &request).await, accepted);
    // The queue alone would have taken longer than this: it is completed without having been worked on.
    let status = caller.completed(&request).await;
    assert_eq!((&status["logs"], &status["metrics"]["inference_time"]), (&json!([]), &json!(0.0)));
    expect_cancelled(&caller, &request).await;
    assert_eq!(emulator.ledger().total_usd(), Decimal::ZERO);
}

#[tokio::test]
async fn a_running_request_is_stopped() {
    let (emulator, caller) = (Emulator::builder().start().await.expect("starts"), Caller::new());
    let request = submitted(&emulator, &caller).await;
    caller.until(&request, |status| status["status"] == "IN_PROGRESS").await;
    assert_eq!(cancel(&caller, &request).await, (202, json!({ "status": "CANCELLATION_REQUESTED" })));
    expect_cancelled(&caller, &request).await;
    assert_eq!(emulator.ledger().total_usd(), Decimal::ZERO);
}

#[tokio::test]
async fn a_finished_request_cannot_be_cancelled_and_an_unknown_one_is_not_found() {
    let (emulator, caller) = (fast().await, Caller::new());
    let request = submitted(&emulator, &caller).await;
    caller.completed(&request).await;
    assert_eq!(cancel(&caller, &request).await, (400, json!({ "status": "ALREADY_COMPLETED" })));
    assert_eq!(caller.result(&request).await.status(), 200);
    let unknown = json!({ "cancel_url": format!("{}/fal-ai/kling-video/requests/none/cancel", emulator.urls().queue) });
    assert_eq!(cancel(&caller, &unknown).await, (404, json!({ "status": "NOT_FOUND" })));
}
