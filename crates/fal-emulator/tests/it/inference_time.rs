//! How long a request is in progress.

use std::time::Duration;

use fal_emulator::{Emulator, Pace};
use serde_json::json;

use crate::client::{Caller, KLING};

#[tokio::test]
async fn requests_that_begin_together_end_apart_within_the_spread_and_the_ledger_knows_when() {
    let minute = Duration::from_secs(60);
    let builder = Emulator::builder().pace(Pace::Fast).rendering(false).runners(8);
    let builder = builder.inference_time(minute).inference_spread(minute);
    let (emulator, caller) = (builder.start().await.expect("starts"), Caller::new());
    let input = json!({ "prompt": "push in", "image_url": "data:image/png;base64,AAAA" });
    let mut submitted = Vec::new();
    for _ in 0..8 {
        submitted.push(caller.submit(&emulator, KLING, &input).await);
    }
    assert!(emulator.ledger().charges().iter().all(|charge| charge.ended_at.is_none()));
    tokio::time::pause();
    for request in &submitted {
        caller.events(&format!("{}/stream", request["status_url"].as_str().expect("has one"))).await;
    }
    let charges = emulator.ledger().charges().into_iter();
    let lasted = |charge: fal_emulator::Charge| charge.ended_at?.duration_since(charge.accepted_at).try_into().ok();
    let mut times: Vec<Duration> = charges.map(|charge| lasted(charge).expect("has ended")).collect();
    // Up to a second is the test's own, before time was paused.
    assert!(times.iter().all(|time| (minute..2 * minute + Duration::from_secs(1)).contains(time)), "{times:?}");
    times.sort();
    assert!(
        times.windows(2).all(|pair| pair[0] < pair[1]) && times[0] + Duration::from_secs(1) < times[7],
        "{times:?}"
    );
}
