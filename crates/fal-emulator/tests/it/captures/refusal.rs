//! The shapes of errors, and the words that clients know.

use std::time::Duration;

use fal_emulator::captures::{Capture, refusal};
use fal_emulator::{Emulator, Fault, FaultRule, Pace};
use serde_json::{Value, json};

use super::shape::assert_is_like;
use crate::client::{Caller, KLING, fast};

/// The result of a request that was submitted with this input.
async fn assert_result_is_like(capture: &Capture, emulator: &Emulator, input: &Value) -> Value {
    let caller = Caller::new();
    let submitted = caller.submit(emulator, KLING, input).await;
    caller.completed(&submitted).await;
    assert_is_like(capture, caller.result(&submitted).await).await
}

#[tokio::test]
async fn faults_of_the_input() {
    let emulator = fast().await;
    let wrong_choice = json!({ "prompt": "x", "image_url": "data:image/png;base64,AAAA", "duration": "7" });
    assert_result_is_like(&refusal::FIELDS, &emulator, &wrong_choice).await;
    let no_prompt = json!({ "image_url": "data:image/png;base64,AAAA" });
    assert_result_is_like(&refusal::FIELDS_OF_THE_LIBRARY, &emulator, &no_prompt).await;
}

#[tokio::test]
async fn the_start_timeout_of_the_caller() {
    let emulator = Emulator::builder().pace(Pace::Fast).runners(0).start().await.expect("starts");
    let caller = Caller::new();
    let request = caller.http.post(format!("{}/{KLING}", emulator.urls().queue)).json(&json!({}));
    let request = request.header("authorization", "Key a:b").header("x-fal-request-timeout", "0.2");
    let submitted = request.send().await.expect("answers").json().await.expect("is JSON");
    caller.completed(&submitted).await;
    let body = assert_is_like(&refusal::TYPED, caller.result(&submitted).await).await;
    assert_eq!(body, said(&refusal::TYPED));
}

#[tokio::test]
async fn too_many_direct_calls() {
    let builder = Emulator::builder().pace(Pace::Fast).runners(0).inference_time(Duration::ZERO);
    let emulator = builder.start().await.expect("starts");
    let answer = Caller::new().post(&format!("{}/{KLING}", emulator.urls().run), &json!({})).await;
    assert_is_like(&refusal::CONCURRENCY, answer).await;
}

#[tokio::test]
async fn keys_and_accounts() {
    let emulator = Emulator::builder().api_key("only:this").start().await.expect("starts");
    let url = format!("{}/{KLING}", emulator.urls().queue);
    for (key, capture) in [("Key other:key", &refusal::UNKNOWN_KEY), ("Key nonsense", &refusal::MALFORMED_KEY)] {
        let request = Caller::new().http.post(&url).header("authorization", key).json(&json!({}));
        assert_eq!(assert_is_like(capture, request.send().await.expect("answers")).await, said(capture));
    }
    emulator.faults().add(FaultRule::new(Fault::ExhaustedBalance));
    let request = Caller::new().http.post(&url).header("authorization", "Key only:this").json(&json!({}));
    let answer = request.send().await.expect("answers");
    assert_eq!(assert_is_like(&refusal::EXHAUSTED_BALANCE, answer).await, said(&refusal::EXHAUSTED_BALANCE));
}

#[tokio::test]
async fn the_page_of_a_gateway() {
    let emulator = fast().await;
    emulator.faults().add(FaultRule::new(Fault::Nginx502 { after_accept: false }));
    let answer = Caller::new().post(&format!("{}/{KLING}", emulator.urls().queue), &json!({})).await;
    assert_eq!(Some(answer.status().as_u16()), refusal::GATEWAY.status);
    assert!(answer.headers()["content-type"].to_str().expect("is text").starts_with(refusal::GATEWAY.content_type()));
    assert!(!answer.headers().contains_key("x-fal-request-id"));
    assert_eq!(answer.text().await.expect("arrives"), refusal::GATEWAY.body);
}

/// The words of a capture that clients compare with.
fn said(capture: &Capture) -> Value {
    serde_json::from_str(capture.body).expect("is JSON")
}
