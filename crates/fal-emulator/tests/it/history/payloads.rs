//! Payloads that are deleted on request.

use serde_json::{Value, json};

use super::{Platform, bare, id, input};
use crate::client::{KEY, KLING};
use crate::pictures::{landscape, png};
use crate::storage::{HOUR, json_of, pass};
use fal_emulator::{Emulator, Pace};

impl Platform {
    async fn delete(&self, request_id: &str, key: Option<&str>) -> reqwest::Response {
        let url = format!("{}/v1/models/requests/{request_id}/payloads", self.emulator.urls().platform);
        let request = self.caller.http.delete(url).header("authorization", format!("Key {KEY}"));
        let request = key.into_iter().fold(request, |request, key| request.header("idempotency-key", key));
        request.send().await.expect("answers")
    }

    async fn deleted(&self, request_id: &str, key: Option<&str>) -> Value {
        json_of(self.delete(request_id, key).await, 200).await
    }
}

/// A request that has its own video, and the URLs of picture and video.
async fn filmed() -> (Platform, Value, [String; 2]) {
    let platform = Platform::of(Emulator::builder().pace(Pace::Fast)).await;
    let picture = platform.caller.upload(&platform.emulator, png(&landscape(64, 64))).await;
    let input = json!({ "prompt": "zoom in", "image_url": picture });
    let submitted = platform.caller.submit(&platform.emulator, KLING, &input).await;
    platform.caller.completed(&submitted).await;
    let result: Value = platform.caller.result(&submitted).await.json().await.expect("is JSON");
    let video = result["video"]["url"].as_str().expect("has one").to_owned();
    (platform, submitted, [picture, video])
}

#[tokio::test]
async fn input_output_and_video_are_gone_and_the_bill_and_the_picture_stay() {
    let (platform, submitted, [picture, video]) = filmed().await;
    let charges = platform.emulator.ledger().charges();
    let deleted = platform.deleted(&id(&submitted), None).await;
    assert_eq!(deleted, json!({ "cdn_delete_results": [{ "link": video, "exception": null }] }));
    assert_eq!(platform.caller.get(&video).await.status(), 404);
    assert_eq!(platform.caller.get(&picture).await.status(), 200);
    assert_eq!(platform.caller.result(&submitted).await.status(), 404);
    let entries = platform.items("expand=payloads").await;
    assert_eq!((id(&entries[0]), &entries[0]["status_code"]), (id(&submitted), &json!(200)));
    assert!(entries[0].get("json_input").is_none() && entries[0].get("json_output").is_none());
    assert_eq!(platform.emulator.ledger().charges(), charges);
    let again = platform.deleted(&id(&submitted), None).await;
    assert_eq!(again, json!({ "cdn_delete_results": [] }), "nothing is left to delete");
}

#[tokio::test]
async fn an_idempotency_key_has_one_answer_for_ten_minutes() {
    let (platform, submitted, _) = filmed().await;
    let id = id(&submitted);
    let (first, meanwhile) = tokio::join!(platform.deleted(&id, Some("once")), platform.deleted(&id, Some("once")));
    assert_eq!(first["cdn_delete_results"].as_array().map(Vec::len), Some(1));
    assert_eq!(meanwhile, first);
    pass(HOUR / 6 - HOUR / 60).await;
    assert_eq!(platform.deleted(&id, Some("once")).await, first);
    let none = json!({ "cdn_delete_results": [] });
    assert_eq!(platform.deleted(&id, Some("another")).await, none);
    pass(HOUR / 60).await;
    assert_eq!(platform.deleted(&id, Some("once")).await, none);
}

#[tokio::test]
async fn what_cannot_be_deleted_is_refused_and_the_key_is_free_for_the_next_call() {
    let platform = Platform::start().await;
    let running = platform.begin_endless().await;
    let refused = async |id: &str, status: u16| {
        json_of(platform.delete(id, Some("key")).await, status).await["error"]["type"].clone()
    };
    assert_eq!(refused("7", 400).await, "validation_error");
    assert_eq!(refused("019e1951-c778-7120-9c82-16efcf40ec82", 404).await, "not_found");
    assert_eq!(refused(&id(&running), 400).await, "validation_error");
    platform.cancel(&running).await;
    platform.deleted(&id(&running), Some("key")).await;
}

#[tokio::test]
async fn a_clip_that_stands_for_many_videos_stays() {
    let platform = Platform::start().await;
    let (first, second) = (platform.make("first").await, platform.make("second").await);
    let deleted = platform.deleted(&id(&first), None).await;
    let [result] = deleted["cdn_delete_results"].as_array().expect("is a list").as_slice() else { panic!("{deleted}") };
    assert!(result["exception"].is_string(), "{result}");
    let other: Value = platform.caller.result(&second).await.json().await.expect("is JSON");
    assert_eq!(platform.caller.get(other["video"]["url"].as_str().expect("has one")).await.status(), 200);
}

#[tokio::test]
async fn a_refusal_keeps_its_kind_but_not_the_input_that_it_repeats() {
    let folder = tempfile::tempdir().expect("is made");
    let platform = Platform::of(bare().state_dir(folder.path())).await;
    let wrong =
        json!({ "prompt": "a secret plan", "image_url": "data:image/png;base64,AAAA", "duration": "77 secrets" });
    let submitted = platform.caller.submit(&platform.emulator, KLING, &wrong).await;
    let status = platform.caller.completed(&submitted).await;
    let record = folder.path().join(format!("requests/{}.json", id(&submitted)));
    assert!(std::fs::read_to_string(&record).expect("is read").contains("77 secrets"));
    platform.deleted(&id(&submitted), None).await;
    assert!(!std::fs::read_to_string(&record).expect("is read").contains("secret"));
    let after = platform.caller.completed(&submitted).await;
    assert_eq!((&after["error_type"], &after["error"]), (&status["error_type"], &status["error"]));
    drop(platform);

    let platform = Platform::of(bare().state_dir(folder.path())).await;
    assert_eq!(platform.items("expand=payloads").await[0].get("json_input"), None);
    assert_eq!(platform.items("").await[0]["status_code"], 422);
}

#[tokio::test]
async fn the_ledger_does_not_take_forgotten_inputs_for_equal() {
    let platform = Platform::start().await;
    for prompt in ["one", "another"] {
        let id = id(&platform.make(prompt).await);
        platform.deleted(&id, None).await;
    }
    let ledger = platform.emulator.ledger();
    ledger.assert_no_duplicates();
    ledger.assert_charges(2);
    assert!(ledger.charges_for_input(|_| true).is_empty());
    platform.make("one").await;
    assert_eq!(ledger.charges_for_input(|theirs| *theirs == input("one")).len(), 1);
}
