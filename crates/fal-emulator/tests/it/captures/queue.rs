//! Submit, the three states, logs, the stream of them, the result, and cancelling.

use std::time::Duration;

use fal_emulator::captures::{cancel, queue, refusal};
use fal_emulator::{Emulator, Pace};
use serde_json::{Value, json};

use super::shape::{assert_is_like, assert_same_shape};
use crate::client::{Caller, KLING, events_of};
use crate::pictures::{landscape, png};

/// One runner, no rendering, and requests that last until they are cancelled where the time is a day.
async fn lasting(time: Duration) -> (Emulator, Caller) {
    let builder = Emulator::builder().pace(Pace::Fast).rendering(false).runners(1).inference_time(time);
    (builder.start().await.expect("starts"), Caller::new())
}

const NO_TIME: Duration = Duration::ZERO;
const A_DAY: Duration = Duration::from_secs(86_400);

fn input() -> Value {
    json!({ "prompt": "push in", "image_url": "data:image/png;base64,AAAA" })
}

fn url<'a>(submitted: &'a Value, name: &str) -> &'a str {
    submitted[name].as_str().expect("has one")
}

#[tokio::test]
async fn a_submit_and_the_states_before_the_end() {
    let (emulator, caller) = lasting(A_DAY).await;
    let answer = caller.post(&format!("{}/{KLING}", emulator.urls().queue), &input()).await;
    let running = assert_is_like(&queue::SUBMITTED, answer).await;
    let waiting = caller.submit(&emulator, KLING, &input()).await;
    caller.until(&running, |status| status["status"] == "IN_PROGRESS").await;
    assert_is_like(&queue::IN_QUEUE, caller.get(url(&waiting, "status_url")).await).await;
    assert_is_like(&queue::IN_PROGRESS, caller.get(url(&running, "status_url")).await).await;
    assert_is_like(&refusal::TEXT, caller.get(url(&running, "response_url")).await).await;
}

#[tokio::test]
async fn a_good_end() {
    let (emulator, caller) = lasting(NO_TIME).await;
    let submitted = caller.submit(&emulator, KLING, &input()).await;
    let status = caller.completed(&submitted).await;
    assert_same_shape(&queue::LOGS_WITH_LEVEL, &status["logs"]);
    assert_is_like(&queue::COMPLETED, caller.get(url(&submitted, "status_url")).await).await;
    assert_is_like(&queue::RESULT, caller.result(&submitted).await).await;
}

#[tokio::test]
async fn logs_of_a_request_in_progress_and_of_one_that_ended_without_a_result() {
    let builder = Emulator::builder().pace(Pace::Fast).inference_time(A_DAY);
    let (emulator, caller) = (builder.start().await.expect("starts"), Caller::new());
    let mut input = input();
    input["image_url"] = caller.upload(&emulator, png(&landscape(64, 64))).await.into();
    let submitted = caller.submit(&emulator, KLING, &input).await;
    let has_logs = |status: &Value| status["logs"].as_array().is_some_and(|lines| !lines.is_empty());
    let running = caller.until(&submitted, has_logs).await;
    assert_same_shape(&queue::IN_PROGRESS_WITH_LOGS, &running);
    caller.put(url(&submitted, "cancel_url")).await;
    assert_same_shape(&queue::COMPLETED_WITH_ERROR, &caller.completed(&submitted).await);
}

#[tokio::test]
async fn a_stream_of_statuses_has_data_and_comments_alone() {
    let (emulator, caller) = lasting(NO_TIME).await;
    let submitted = caller.submit(&emulator, KLING, &input()).await;
    let answer = caller.get(&format!("{}/stream?logs=1", url(&submitted, "status_url"))).await;
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.headers()["content-type"], queue::STATUS_STREAM.content_type());
    let text = answer.text().await.expect("arrives");
    for text in [&text, queue::STATUS_STREAM.body] {
        assert!(text.ends_with("\n\n"));
        assert!(
            text.lines().all(|line| line.is_empty() || line.starts_with("data: ") || line.starts_with(": ")),
            "{text}"
        );
        let events = events_of(text);
        let last = events.last().expect("is there");
        assert_eq!(last["status"], "COMPLETED");
        for event in &events[..events.len() - 1] {
            let waits = event["status"] == "IN_QUEUE";
            assert_same_shape(if waits { &queue::IN_QUEUE } else { &queue::IN_PROGRESS_WITH_LOGS }, event);
        }
    }
}

#[tokio::test]
async fn the_answers_to_the_wish_to_cancel() {
    let (emulator, caller) = lasting(A_DAY).await;
    let submitted = caller.submit(&emulator, KLING, &input()).await;
    assert_is_like(&cancel::REQUESTED, caller.put(url(&submitted, "cancel_url")).await).await;
    caller.completed(&submitted).await;
    assert_is_like(&cancel::TOO_LATE, caller.put(url(&submitted, "cancel_url")).await).await;
    let unknown = url(&submitted, "cancel_url").replace(url(&submitted, "request_id"), "nobody");
    assert_is_like(&refusal::NOT_FOUND, caller.put(&unknown).await).await;
}
