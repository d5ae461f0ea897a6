//! Requests wait in line for few runners.

use fal_emulator::{Emulator, Pace};
use serde_json::{Value, json};

use crate::client::{Caller, HAILUO, KEY, KLING};

/// One runner, which is busy for an hour on tokio's clock.
async fn busy() -> (Emulator, Caller, Value) {
    let hour = std::time::Duration::from_secs(3600);
    let builder = Emulator::builder().pace(Pace::Fast).rendering(false).inference_time(hour).runners(1);
    let (emulator, caller) = (builder.start().await.expect("starts"), Caller::new());
    let running = caller.submit(&emulator, KLING, &valid()).await;
    caller.until(&running, |status| status["status"] == "IN_PROGRESS").await;
    (emulator, caller, running)
}

fn valid() -> Value {
    json!({ "prompt": "push in", "image_url": "data:image/png;base64,AAAA" })
}

async fn position(caller: &Caller, submitted: &Value) -> Value {
    let status = caller.until(submitted, |_| true).await;
    status["queue_position"].clone()
}

#[tokio::test]
async fn the_position_counts_who_is_ahead_and_moves_when_one_leaves() {
    let (emulator, caller, running) = busy().await;
    let mut waiting = Vec::new();
    for expected in 0..3 {
        let submitted = caller.submit(&emulator, KLING, &valid()).await;
        assert_eq!(submitted["queue_position"], expected);
        waiting.push(submitted);
    }
    assert_eq!(caller.put(waiting[0]["cancel_url"].as_str().expect("has one")).await.status(), 202);
    assert_eq!(position(&caller, &waiting[2]).await, 1);
    assert_eq!(caller.put(running["cancel_url"].as_str().expect("has one")).await.status(), 202);
    caller.until(&waiting[1], |status| status["status"] == "IN_PROGRESS").await;
    assert_eq!(position(&caller, &waiting[2]).await, 0);
}

#[tokio::test]
async fn other_endpoints_and_low_priority_do_not_stand_in_the_way() {
    let (emulator, caller, _running) = busy().await;
    let url = format!("{}/{KLING}", emulator.urls().queue);
    let low =
        caller.http.post(&url).header("authorization", format!("Key {KEY}")).header("x-fal-queue-priority", "low");
    let low: Value = low.json(&valid()).send().await.expect("answers").json().await.expect("is JSON");
    let other = caller.submit(&emulator, HAILUO, &valid()).await;
    let usual = caller.submit(&emulator, KLING, &valid()).await;
    assert_eq!((&other["queue_position"], &usual["queue_position"]), (&json!(0), &json!(0)));
    assert_eq!(position(&caller, &low).await, 1);
}
