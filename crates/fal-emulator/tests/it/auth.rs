//! Wrong keys and tokens get fal's answers, and cost nothing.

use fal_emulator::{Emulator, Error};
use serde_json::{Value, json};

use crate::client::{Caller, KEY, KLING, fast};

const MALFORMED: &str = "Invalid Key Authorization header format. Expected '<key_id>:<key_secret>'.";

#[tokio::test]
async fn a_malformed_key_is_told_the_form() {
    let (emulator, caller) = (fast().await, Caller::new());
    let queue = format!("{}/{KLING}", emulator.urls().queue);
    let token = format!("{}/storage/auth/token", emulator.urls().rest);
    for url in [queue, token] {
        for header in [None, Some("Key no-colon"), Some("Key :"), Some("Key a: b"), Some("Bearer a:b")] {
            let mut request = caller.http.post(&url).json(&json!({}));
            if let Some(header) = header {
                request = request.header("authorization", header);
            }
            let answer = request.send().await.expect("answers");
            assert_eq!(answer.status(), 401, "{header:?}");
            assert_eq!(answer.json::<Value>().await.expect("is JSON"), json!({ "detail": MALFORMED }), "{header:?}");
        }
    }
    assert!(emulator.ledger().charges().is_empty());
}

#[tokio::test]
async fn another_key_than_the_accepted_one_is_unknown() {
    let emulator = Emulator::builder().api_key("other:key").start().await.expect("starts");
    let answer = Caller::new().post(&format!("{}/{KLING}", emulator.urls().queue), &json!({})).await;
    assert_eq!(answer.status(), 401);
    assert!(answer.headers().contains_key("x-fal-request-id"));
    let expected = json!({ "detail": "No user found for Key ID and Secret" });
    assert_eq!(answer.json::<Value>().await.expect("is JSON"), expected);
    let right = Emulator::builder().api_key(KEY).start().await.expect("starts");
    assert_eq!(Caller::new().post(&format!("{}/{KLING}", right.urls().queue), &json!({})).await.status(), 200);
}

#[tokio::test]
async fn the_cdn_takes_tokens_and_not_keys() {
    let (emulator, caller) = (fast().await, Caller::new());
    let upload = format!("{}/files/upload", emulator.urls().cdn);
    for credentials in [format!("Key {KEY}"), "Bearer made-up".to_owned()] {
        let request = caller.http.post(&upload).header("authorization", &credentials).body("bytes");
        assert_eq!(request.send().await.expect("answers").status(), 401, "{credentials}");
    }
    assert_eq!(emulator.uploads(), 0);
}

#[tokio::test]
async fn a_token_says_how_to_use_it_and_until_when() {
    let (emulator, caller) = (fast().await, Caller::new());
    let url = format!("{}/storage/auth/token?storage_type=fal-cdn-v3", emulator.urls().rest);
    let token: Value = caller.post(&url, &json!({})).await.json().await.expect("is JSON");
    assert_eq!(token["token_type"], "Bearer");
    assert_eq!(token["base_url"], emulator.urls().cdn);
    assert!(token["expires_at"].as_str().is_some_and(|time| time.ends_with("+00:00")));
}

#[tokio::test]
async fn a_key_to_accept_must_have_the_form_of_one() {
    assert!(matches!(Emulator::builder().api_key("no-colon").start().await, Err(Error::ApiKey)));
}
