//! Messages to webhooks, and the keys to check them with.

use fal_emulator::captures::webhook;
use fal_emulator::{Emulator, Pace};
use serde_json::{Value, json};

use super::shape::assert_same_shape;
use crate::client::{Caller, KLING, fast};
use crate::webhook::Hook;

/// What the webhook of such a request is sent.
async fn told(emulator: &Emulator, input: &Value) -> Value {
    let mut hook = Hook::answering(&[]).await;
    let query: String = form_urlencoded::Serializer::new(String::new()).append_pair("fal_webhook", &hook.url).finish();
    Caller::new().submit(emulator, &format!("{KLING}?{query}"), input).await;
    hook.next().await.2
}

#[tokio::test]
async fn a_failure() {
    let wrong = json!({ "prompt": "x", "image_url": "data:image/png;base64,AAAA", "duration": "7" });
    assert_same_shape(&webhook::ERROR, &told(&fast().await, &wrong).await);
}

#[tokio::test]
async fn a_success() {
    let emulator = Emulator::builder().pace(Pace::Fast).rendering(false).start().await.expect("starts");
    let input = json!({ "prompt": "x", "image_url": "data:image/png;base64,AAAA" });
    assert_same_shape(&webhook::OK, &told(&emulator, &input).await);
}

#[tokio::test]
async fn the_keys_have_what_is_documented_and_may_have_more() {
    let (emulator, caller) = (fast().await, Caller::new());
    let answer = caller.http.get(format!("{}/.well-known/jwks.json", emulator.urls().rest)).send().await;
    let found: Value = answer.expect("answers").json().await.expect("is JSON");
    let expected: Value = serde_json::from_str(webhook::JWKS.body).expect("is JSON");
    for name in ["kty", "crv"] {
        assert_eq!(found["keys"][0][name], expected["keys"][0][name]);
    }
    let length = |keys: &Value| keys["keys"][0]["x"].as_str().expect("has one").len();
    assert_eq!(length(&found), length(&expected), "without padding, as RFC 8037 wants it");
}
