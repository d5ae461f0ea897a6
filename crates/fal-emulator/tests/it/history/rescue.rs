//! A submit whose answer was lost is found again, and not paid twice.

use fal_emulator::{Fault, FaultRule};
use serde_json::{Value, json};

use super::{Platform, bare, id, input};
use crate::client::KLING;

/// The ids of the requests with exactly this input.
async fn with_input(platform: &Platform, input: &Value) -> Vec<String> {
    platform.items("expand=payloads").await.iter().filter(|entry| entry["json_input"] == *input).map(id).collect()
}

#[tokio::test]
async fn a_lost_submit_is_found_by_its_input_once_a_runner_has_taken_it() {
    let platform = Platform::of(bare().runners(1)).await;
    let before = platform.begin_endless().await;
    platform.emulator.faults().add(FaultRule::new(Fault::ReplyLost).times(1));
    let input = json!({ "prompt": "push in", "image_url": "data:image/png;base64,AAAA", "seed": 4_242 });
    let queue = &platform.emulator.urls().queue;
    let request = platform.caller.http.post(format!("{queue}/{KLING}")).header("authorization", "Key id:secret");
    assert!(request.json(&input).send().await.is_err(), "no answer, and so no request id");
    assert!(with_input(&platform, &input).await.is_empty(), "it waits");

    platform.cancel(&before).await;
    let found = loop {
        if let Some(found) = with_input(&platform, &input).await.pop() {
            break found;
        }
    };
    let own_url = format!("{queue}/fal-ai/kling-video/requests/{found}");
    let adopted = json!({ "status_url": format!("{own_url}/status"), "response_url": own_url });
    platform.caller.completed(&adopted).await;
    assert_eq!(platform.caller.result(&adopted).await.status(), 200);
    assert_eq!(with_input(&platform, &input).await, [found.as_str()]);
    platform.emulator.ledger().assert_charged_once(&found);
    assert_eq!(platform.emulator.ledger().charges_for_input(|theirs| *theirs == input).len(), 1);
}

#[tokio::test]
async fn twins_cannot_be_told_apart() {
    let platform = Platform::start().await;
    platform.make("the same").await;
    platform.make("the same").await;
    assert_eq!(with_input(&platform, &input("the same")).await.len(), 2);
}
