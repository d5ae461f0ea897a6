//! The status as server-sent events.

use std::time::Duration;

use fal_emulator::Emulator;
use futures::StreamExt;
use serde_json::{Value, json};

use crate::client::{Caller, KLING, events_of, fast};

fn valid() -> Value {
    json!({ "prompt": "push in", "image_url": "data:image/png;base64,AAAA" })
}

/// An emulator whose two requests take a minute each, on tokio's clock, and render nothing.
async fn slow() -> Emulator {
    let minute = Duration::from_secs(60);
    Emulator::builder()
        .pace(fal_emulator::Pace::Fast)
        .rendering(false)
        .inference_time(minute)
        .runners(1)
        .start()
        .await
        .expect("starts")
}

#[tokio::test]
async fn it_begins_with_the_present_status_and_closes_after_the_completed_one() {
    let (emulator, caller) = (fast().await, Caller::new());
    let submitted = caller.submit(&emulator, KLING, &json!({})).await;
    let url = format!("{}/stream?logs=1", submitted["status_url"].as_str().expect("has one"));
    let events = caller.events(&url).await;
    let last = events.last().expect("there is one");
    assert_eq!((&last["status"], &last["error_type"]), (&json!("COMPLETED"), &json!("missing")));
    assert_eq!(events.iter().filter(|event| event["status"] == "COMPLETED").count(), 1);
    // Who comes late gets the end alone.
    assert_eq!(caller.events(&url).await.len(), 1);
}

#[tokio::test]
async fn each_line_of_the_log_is_sent_once_and_none_without_asking() {
    let (emulator, caller) = (slow().await, Caller::new());
    let submitted = caller.submit(&emulator, KLING, &valid()).await;
    let url = format!("{}/stream", submitted["status_url"].as_str().expect("has one"));
    tokio::time::pause();
    let (with, without) = (format!("{url}?logs=true"), format!("{url}?logs=0"));
    let (with, without) = tokio::join!(caller.events(&with), caller.events(&without));
    let lines = |event: &Value| event["logs"].as_array().cloned().unwrap_or_default();
    let sent: Vec<Value> = with.iter().flat_map(lines).map(|line| line["message"].clone()).collect();
    let expected: Vec<String> = (1..=20).map(|step| format!("Rendering: {}%", step * 5)).collect();
    assert_eq!(sent, expected);
    assert!(without.iter().all(|event| event["logs"].is_null()), "{without:?}");
}

#[tokio::test]
async fn a_silent_stream_is_kept_alive_by_comments() {
    let (emulator, caller) = (slow().await, Caller::new());
    let first = caller.submit(&emulator, KLING, &valid()).await;
    let waiting = caller.submit(&emulator, KLING, &valid()).await;
    tokio::time::pause();
    let url = format!("{}/stream?logs=1", waiting["status_url"].as_str().expect("has one"));
    let mut body = caller.get(&url).await.bytes_stream();
    let mut text = String::new();
    while !text.contains("COMPLETED") {
        let chunk = body.next().await.expect("goes on").expect("arrives");
        text.push_str(std::str::from_utf8(&chunk).expect("is text"));
    }
    assert!(text.contains(": ping\n\n"), "{text}");
    let positions: Vec<Value> = events_of(&text).iter().map(|event| event["queue_position"].clone()).collect();
    assert_eq!(positions.first(), Some(&json!(0)), "it waits behind {first}, which is no longer in line");
}

#[tokio::test]
async fn an_unknown_request_has_no_stream() {
    let (emulator, caller) = (fast().await, Caller::new());
    let url = format!("{}/fal-ai/kling-video/requests/none/status/stream", emulator.urls().queue);
    let answer = caller.get(&url).await;
    assert_eq!(answer.status(), 404);
    assert_eq!(answer.json::<Value>().await.expect("is JSON"), json!({ "status": "NOT_FOUND" }));
}
