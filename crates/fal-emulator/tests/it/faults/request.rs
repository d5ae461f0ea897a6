//! Faults that a request carries with it from its submit on.

use fal_emulator::{Emulator, Fault, FaultRule, Pace};
use serde_json::{Value, json};

use videogen_tests::film::Film;

use crate::client::{Caller, KEY, KLING, fast};
use crate::pictures::{landscape, png};

/// An emulator that renders nothing, and a request that carries the fault.
async fn carrying(fault: &str) -> (Emulator, Caller, Value) {
    let builder = Emulator::builder().pace(Pace::Fast).rendering(false);
    let (emulator, caller) = (builder.start().await.expect("starts"), Caller::new());
    let request = caller.http.post(format!("{}/{KLING}", emulator.urls().queue));
    let request = request.header("authorization", format!("Key {KEY}")).header("x-emulator-fault", fault);
    let input = json!({ "prompt": "push in", "image_url": "data:image/png;base64,AAAA" });
    let submitted = request.json(&input).send().await.expect("answers").json().await.expect("is JSON");
    (emulator, caller, submitted)
}

#[tokio::test]
async fn a_failed_request_is_completed_with_its_error_type_and_costs_nothing() {
    let (emulator, caller, submitted) = carrying("failed; error_type=runner_disconnected").await;
    let status = caller.completed(&submitted).await;
    assert_eq!(status["error_type"], "runner_disconnected");
    let result = caller.result(&submitted).await;
    assert_eq!(
        (result.status().as_u16(), &result.headers()["x-fal-error-type"]),
        (503, &"runner_disconnected".parse().expect("is a value"))
    );
    assert!(emulator.ledger().total_usd().is_zero());
}

#[tokio::test]
async fn a_content_policy_violation_is_a_422_on_the_prompt() {
    let (emulator, caller, submitted) = carrying("content-policy").await;
    caller.completed(&submitted).await;
    let result = caller.result(&submitted).await;
    assert_eq!(
        (result.status().as_u16(), &result.headers()["x-fal-billable-units"]),
        (422, &"0".parse().expect("is a value"))
    );
    let body: Value = result.json().await.expect("is JSON");
    assert_eq!(body["detail"][0]["type"], "content_policy_violation");
    assert_eq!(body["detail"][0]["loc"], json!(["body", "prompt"]));
    assert!(emulator.ledger().total_usd().is_zero());
}

#[tokio::test]
async fn an_expired_source_is_a_download_error_that_names_the_url() {
    let (_emulator, caller, submitted) = carrying("source-expired").await;
    caller.completed(&submitted).await;
    let body: Value = caller.result(&submitted).await.json().await.expect("is JSON");
    assert_eq!(body["detail"][0]["type"], "file_download_error");
    assert_eq!(body["detail"][0]["input"], "data:image/png;base64,AAAA");
}

#[tokio::test]
async fn what_never_finishes_is_in_progress_until_it_is_cancelled() {
    let (_emulator, caller, submitted) = carrying("never-finishing").await;
    caller.until(&submitted, |status| status["status"] == "IN_PROGRESS").await;
    assert_eq!(caller.put(submitted["cancel_url"].as_str().expect("has one")).await.status(), 202);
    assert_eq!(caller.completed(&submitted).await["error_type"], "client_cancelled");
}

#[tokio::test]
async fn a_lost_runner_sends_the_request_back_into_the_queue_at_no_second_charge() {
    let minute = std::time::Duration::from_secs(60);
    let builder = Emulator::builder().rendering(false).inference_time(minute);
    let (emulator, caller) = (builder.start().await.expect("starts"), Caller::new());
    emulator.faults().add(FaultRule::new(Fault::RunnerLost { retries: 2 }));
    let input = json!({ "prompt": "push in", "image_url": "data:image/png;base64,AAAA" });
    let submitted = caller.submit(&emulator, KLING, &input).await;
    tokio::time::pause();
    let url = format!("{}/stream", submitted["status_url"].as_str().expect("has one"));
    let mut states: Vec<Value> = caller.events(&url).await.into_iter().map(|event| event["status"].clone()).collect();
    states.dedup();
    let attempt = ["IN_QUEUE", "IN_PROGRESS"];
    assert_eq!(states, [&attempt[..], &attempt[..], &attempt[..], &["COMPLETED"]].concat());
    let id = submitted["request_id"].as_str().expect("has one");
    emulator.ledger().assert_charged_once(id);
    assert_eq!(caller.result(&submitted).await.status(), 200);
}

#[tokio::test]
async fn a_lost_runner_ends_the_request_where_the_caller_wants_no_retries() {
    let builder = Emulator::builder().pace(Pace::Fast).rendering(false);
    let (emulator, caller) = (builder.start().await.expect("starts"), Caller::new());
    let request = caller.http.post(format!("{}/{KLING}", emulator.urls().queue)).header("x-fal-no-retry", "1");
    let request = request.header("authorization", format!("Key {KEY}")).header("x-emulator-fault", "runner-lost");
    let submitted: Value = request.json(&json!({})).send().await.expect("answers").json().await.expect("is JSON");
    assert_eq!(caller.completed(&submitted).await["error_type"], "runner_disconnected");
    assert_eq!(caller.result(&submitted).await.status(), 503);
}

#[tokio::test]
async fn a_video_of_the_wrong_length_is_billed_as_asked() {
    let emulator = fast().await;
    emulator.faults().add(FaultRule::new(Fault::WrongLength { seconds: 2 }));
    let caller = Caller::new();
    let video = caller.generate(&emulator, KLING, json!({ "prompt": "push in" }), png(&landscape(64, 48))).await;
    let film = Film::decode(&video);
    assert_eq!(film.frame_count, 2 * 24);
    assert_eq!(emulator.ledger().total_usd().to_string(), "0.28");
}
