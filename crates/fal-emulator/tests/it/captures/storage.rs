//! Tokens and uploads, as both of fal's clients make them.

use fal_emulator::Emulator;
use fal_emulator::captures::{Capture, storage};
use reqwest::{RequestBuilder, Response};
use serde_json::{Value, json};

use super::shape::assert_is_like;
use crate::client::{Caller, fast};

fn sent(capture: &Capture) -> Value {
    serde_json::from_str(capture.body).expect("is JSON")
}

fn text(body: &Value, name: &str) -> String {
    body[name].as_str().expect("has one").to_owned()
}

async fn answer(request: RequestBuilder) -> Response {
    request.send().await.expect("answers")
}

/// The value of the `Authorization` header for the CDN.
async fn bearer(emulator: &Emulator, caller: &Caller) -> String {
    let url = format!("{}/storage/auth/token?storage_type=fal-cdn-v3", emulator.urls().rest);
    let token = assert_is_like(&storage::TOKEN, caller.post(&url, &json!({})).await).await;
    format!("{} {}", text(&token, "token_type"), text(&token, "token"))
}

#[tokio::test]
async fn an_upload_by_token() {
    let (emulator, caller) = (fast().await, Caller::new());
    let request = caller.http.post(format!("{}/files/upload", emulator.urls().cdn)).body("content");
    let request = request.header("authorization", bearer(&emulator, &caller).await);
    assert_is_like(&storage::UPLOADED, answer(request).await).await;
}

#[tokio::test]
async fn an_announced_upload_in_one_piece_and_in_parts() {
    let (emulator, caller) = (fast().await, Caller::new());
    for path in ["initiate", "initiate-multipart"] {
        let url = format!("{}/storage/upload/{path}?storage_type=fal-cdn-v3", emulator.urls().rest);
        assert_is_like(&storage::INITIATED, caller.post(&url, &sent(&storage::INITIATION)).await).await;
    }
}

#[tokio::test]
async fn an_upload_in_parts_that_are_named_in_the_order_in_which_they_arrived() {
    let (emulator, caller) = (fast().await, Caller::new());
    let bearer = bearer(&emulator, &caller).await;
    let request = caller.http.post(format!("{}/files/upload/multipart", emulator.urls().cdn));
    let begun = answer(request.header("authorization", &bearer)).await;
    let begun = assert_is_like(&storage::MULTIPART_BEGUN, begun).await;
    let url = format!("{}/multipart/{}", text(&begun, "access_url"), text(&begun, "uploadId"));
    let mut completion = sent(&storage::COMPLETION);
    for part in completion["parts"].as_array_mut().expect("is a list") {
        let request = caller.http.put(format!("{url}/{}", part["partNumber"])).body("content");
        let stored = answer(request.header("authorization", &bearer)).await;
        *part = assert_is_like(&storage::PART, stored).await;
    }
    let request = caller.http.post(format!("{url}/complete")).json(&completion).header("authorization", &bearer);
    assert_eq!(answer(request).await.status(), 200);
}
