//! The whole way of one request, and the shapes of the answers on it.

use std::collections::HashSet;
use std::sync::Mutex;

use serde_json::{Value, json};

use crate::client::{Caller, KLING, fast, full_size};
use crate::pictures::{landscape, png};

#[tokio::test]
async fn a_picture_goes_in_and_a_video_comes_out() {
    let (emulator, caller) = (fast().await, Caller::new());
    let image_url = caller.upload(&emulator, png(&landscape(320, 180))).await;
    assert!(image_url.starts_with(&emulator.urls().cdn));

    let submitted = caller.submit(&emulator, KLING, &json!({ "prompt": "zoom in", "image_url": image_url })).await;
    let id = submitted["request_id"].as_str().expect("has one");
    let requests = format!("{}/fal-ai/kling-video/requests/{id}", emulator.urls().queue);
    assert_eq!(submitted["status"], "IN_QUEUE");
    assert_eq!(submitted["response_url"], requests);
    assert_eq!(submitted["status_url"], format!("{requests}/status"));
    assert_eq!(submitted["cancel_url"], format!("{requests}/cancel"));
    assert_eq!((&submitted["logs"], &submitted["metrics"]), (&Value::Null, &json!({})));
    assert_eq!(submitted["queue_position"], 0);
    assert_eq!(id.split('-').nth(2).and_then(|part| part.chars().next()), Some('7'), "a time-ordered id");

    let status = caller.completed(&submitted).await;
    assert!(status["metrics"]["inference_time"].as_f64().is_some_and(|seconds| seconds > 0.0));
    assert!(status.get("error").is_none());

    let result = caller.result(&submitted).await;
    assert_eq!(result.status(), 200);
    assert_eq!(result.headers()["x-fal-request-id"], id);
    assert_eq!(result.headers()["x-fal-billable-units"], "5");
    let result: Value = result.json().await.expect("is JSON");
    assert_eq!(result["video"]["content_type"], "video/mp4");
    let video = caller.get(result["video"]["url"].as_str().expect("has one")).await;
    assert_eq!(video.headers()["content-type"], "video/mp4");
    let bytes = video.bytes().await.expect("arrives");
    assert_eq!(result["video"]["file_size"], bytes.len());
    assert_eq!(emulator.uploads(), 1);
}

#[tokio::test]
async fn the_codes_of_status_and_result_follow_the_state() {
    let (emulator, caller) = (full_size().await, Caller::new());
    let image_url = caller.upload(&emulator, png(&landscape(64, 64))).await;
    let submitted = caller.submit(&emulator, KLING, &json!({ "prompt": "zoom in", "image_url": image_url })).await;
    let status = caller.get(submitted["status_url"].as_str().expect("has one")).await;
    assert_eq!(status.status(), 202);
    assert_eq!(status.headers()["x-fal-request-id"], submitted["request_id"].as_str().expect("has one"));
    let early = caller.result(&submitted).await;
    assert_eq!(early.status(), 400);
    assert_eq!(early.json::<Value>().await.expect("is JSON"), json!({ "detail": "Request is still in progress" }));
    caller.completed(&submitted).await;
    assert_eq!(caller.get(submitted["status_url"].as_str().expect("has one")).await.status(), 200);
}

#[tokio::test]
async fn a_realistic_queue_counts_down_and_the_logs_tell_true_progress() {
    let (emulator, caller) = (full_size().await, Caller::new());
    let image_url = caller.upload(&emulator, png(&landscape(320, 180))).await;
    let submitted = caller.submit(&emulator, KLING, &json!({ "prompt": "pan left", "image_url": image_url })).await;
    assert_eq!(submitted["queue_position"], 2);
    let seen = Mutex::new(Vec::new());
    let status = caller
        .until(&submitted, |status| {
            let state = (status["status"].to_string(), status["queue_position"].as_u64());
            let mut seen = seen.lock().expect("no other thread");
            if seen.last() != Some(&state) {
                seen.push(state);
            }
            status["status"] == "COMPLETED"
        })
        .await;
    // A slow machine may miss a state, but never sees one twice or out of order.
    let whole = [
        ("IN_QUEUE", Some(2)),
        ("IN_QUEUE", Some(1)),
        ("IN_QUEUE", Some(0)),
        ("IN_PROGRESS", None),
        ("COMPLETED", None),
    ];
    let mut whole = whole.iter().map(|(name, position)| (format!("\"{name}\""), *position));
    let seen = seen.into_inner().expect("no other thread");
    assert!(seen.len() > 2 && seen.iter().all(|state| whole.any(|next| next == *state)), "{seen:?}");
    let messages: Vec<&str> =
        status["logs"].as_array().expect("are there").iter().filter_map(|line| line["message"].as_str()).collect();
    let expected: Vec<String> = (1..=20).map(|step| format!("Rendering: {}%", step * 5)).collect();
    assert_eq!(messages, expected);
    assert_eq!(status["logs"][0]["source"], "USER");
    assert!(status["logs"][0]["timestamp"].as_str().is_some_and(|time| time.ends_with('Z')));
}

#[tokio::test]
async fn every_spelling_of_the_status_and_result_urls_is_understood() {
    let (emulator, caller) = (fast().await, Caller::new());
    let image_url = caller.upload(&emulator, png(&landscape(64, 64))).await;
    let submitted = caller.submit(&emulator, KLING, &json!({ "prompt": "zoom in", "image_url": image_url })).await;
    caller.completed(&submitted).await;
    let status_url = submitted["status_url"].as_str().expect("has one");
    for (query, with_logs) in
        [("", false), ("?logs=0", false), ("?logs=false", false), ("?logs=1", true), ("/?logs=true", true)]
    {
        let status = caller.get(&format!("{status_url}{query}")).await;
        assert_eq!(status.status(), 200, "{query}");
        let status: Value = status.json().await.expect("is JSON");
        assert_eq!(status["logs"].is_array(), with_logs, "{query}");
        assert!(status.get("logs").is_some(), "{query}");
    }
    let id = submitted["request_id"].as_str().expect("has one");
    for path in [format!("fal-ai/kling-video/requests/{id}/response"), format!("{KLING}/requests/{id}/")] {
        assert_eq!(caller.get(&format!("{}/{path}", emulator.urls().queue)).await.status(), 200, "{path}");
    }
}

#[tokio::test]
async fn what_is_not_known_is_not_found() {
    let (emulator, caller) = (fast().await, Caller::new());
    let queue = &emulator.urls().queue;
    let unknown = caller.get(&format!("{queue}/fal-ai/kling-video/requests/none/status")).await;
    assert_eq!(unknown.status(), 404);
    assert!(unknown.headers().contains_key("x-fal-request-id"));
    assert_eq!(unknown.json::<Value>().await.expect("is JSON"), json!({ "status": "NOT_FOUND" }));
    let endpoint = caller.post(&format!("{queue}/fal-ai/no-such-model"), &json!({})).await;
    assert_eq!(endpoint.status(), 404);
    assert!(endpoint.json::<Value>().await.expect("is JSON")["detail"].is_string());
    assert!(emulator.ledger().charges().is_empty());

    let image_url = caller.upload(&emulator, png(&landscape(64, 64))).await;
    let submitted = caller.submit(&emulator, KLING, &json!({ "prompt": "zoom in", "image_url": image_url })).await;
    let id = submitted["request_id"].as_str().expect("has one");
    let elsewhere = caller.get(&format!("{queue}/fal-ai/minimax/requests/{id}")).await;
    assert_eq!(elsewhere.status(), 404, "a request belongs to its own app");
}

#[tokio::test]
async fn every_request_is_recorded_in_order_without_secrets() {
    let (emulator, caller) = (fast().await, Caller::new());
    caller.upload(&emulator, png(&landscape(64, 64))).await;
    caller.get(&format!("{}/nothing/here?x=1", emulator.urls().platform)).await;
    let seen: Vec<String> = emulator
        .requests()
        .iter()
        .map(|request| format!("{} {} {}", request.host_class, request.method, request.path_and_query))
        .collect();
    let expected = [
        "rest POST /storage/auth/token?storage_type=fal-cdn-v3",
        "cdn POST /files/upload",
        "platform GET /nothing/here?x=1",
    ];
    assert_eq!(seen, expected);
    assert!(!format!("{emulator:?}").contains("secret"));
}

#[tokio::test]
async fn requests_have_ids_and_files_of_their_own() {
    let (emulator, caller) = (fast().await, Caller::new());
    let picture = png(&landscape(64, 64));
    let first = caller.upload(&emulator, picture.clone()).await;
    let second = caller.upload(&emulator, picture).await;
    assert_ne!(first, second, "the CDN does not address by content");
    let input = json!({ "prompt": "zoom in", "image_url": first });
    let mut ids = HashSet::new();
    for _ in 0..3 {
        ids.insert(caller.submit(&emulator, KLING, &input).await["request_id"].to_string());
    }
    assert_eq!((ids.len(), emulator.ledger().charges().len()), (3, 3));
}
