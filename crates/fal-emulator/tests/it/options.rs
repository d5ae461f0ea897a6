//! The platform's own headers and query parameters of a submit.

use std::time::Duration;

use fal_emulator::{Emulator, Pace};
use serde_json::{Value, json};

use crate::client::{Caller, KEY, KLING, fast};

/// One runner, which is taken for ever.
async fn taken() -> (Emulator, Caller) {
    let year = Duration::from_secs(365 * 86_400);
    let builder = Emulator::builder().pace(Pace::Fast).rendering(false).inference_time(year).runners(1);
    let (emulator, caller) = (builder.start().await.expect("starts"), Caller::new());
    let running = caller.submit(&emulator, KLING, &valid()).await;
    caller.until(&running, |status| status["status"] == "IN_PROGRESS").await;
    (emulator, caller)
}

fn valid() -> Value {
    json!({ "prompt": "push in", "image_url": "data:image/png;base64,AAAA" })
}

async fn submit_with(caller: &Caller, emulator: &Emulator, header: (&str, &str)) -> reqwest::Response {
    let url = format!("{}/{KLING}", emulator.urls().queue);
    let request = caller.http.post(url).header("authorization", format!("Key {KEY}")).header(header.0, header.1);
    request.json(&valid()).send().await.expect("answers")
}

#[tokio::test]
async fn a_request_that_no_runner_takes_in_time_ends_as_a_timeout_of_the_user_and_costs_nothing() {
    let (emulator, caller) = taken().await;
    let submitted = submit_with(&caller, &emulator, ("x-fal-request-timeout", "30.0")).await;
    let submitted: Value = submitted.json().await.expect("is JSON");
    tokio::time::pause();
    tokio::time::advance(Duration::from_secs(31)).await;
    tokio::time::resume();
    let status = caller.completed(&submitted).await;
    assert_eq!(status["error_type"], "request_timeout");
    let result = caller.result(&submitted).await;
    assert_eq!(result.status(), 504);
    assert_eq!(result.headers()["x-fal-request-timeout-type"], "user");
    let id = submitted["request_id"].as_str().expect("has one");
    let charge = emulator.ledger().charges().into_iter().find(|charge| charge.request_id == id).expect("is there");
    assert!(charge.amount_usd.is_zero());
}

#[tokio::test]
async fn a_start_timeout_that_is_too_short_is_refused_before_anything_is_accepted() {
    let (emulator, caller) = (fast().await, Caller::new());
    let answer = submit_with(&caller, &emulator, ("x-fal-request-start-timeout", "0.05")).await;
    assert_eq!(answer.status(), 400);
    assert_eq!(answer.json::<Value>().await.expect("is JSON")["error_type"], "bad_request");
    assert!(emulator.ledger().charges().is_empty());
}

#[tokio::test]
async fn a_full_queue_is_refused_where_the_caller_said_so() {
    let (emulator, caller) = taken().await;
    caller.submit(&emulator, KLING, &valid()).await;
    let url = |most: u32| format!("{}/{KLING}?fal_max_queue_length={most}", emulator.urls().queue);
    assert_eq!(caller.post(&url(0), &valid()).await.status(), 429);
    assert_eq!(caller.post(&url(1), &valid()).await.status(), 200);
    assert_eq!(emulator.ledger().charges().len(), 3);
}
