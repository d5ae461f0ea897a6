//! What a web page may do: call with a token in the place of the key, from this machine.

use std::time::Duration;

use fal_emulator::{Emulator, Pace};
use reqwest::Response;
use serde_json::{Value, json};

use crate::client::{Caller, HAILUO, KLING, events_of};

const PAGE: &str = "http://localhost:3000";

async fn emulator() -> Emulator {
    Emulator::builder().pace(Pace::Fast).rendering(false).start().await.expect("starts")
}

/// As fal's own clients ask for one.
async fn token(caller: &Caller, emulator: &Emulator) -> String {
    let wish = json!({ "allowed_apps": ["kling-video"], "token_expiration": 120 });
    let answer = caller.post(&format!("{}/tokens/", emulator.urls().rest), &wish).await;
    assert_eq!(answer.status(), 200);
    answer.json().await.expect("is a JSON string")
}

/// Streams without a key.
async fn stream(caller: &Caller, emulator: &Emulator, endpoint: &str, token: &str) -> Response {
    let url = format!("{}/{endpoint}/stream?fal_jwt_token={token}", emulator.urls().run);
    let input = json!({ "prompt": "push in", "image_url": "data:image/png;base64,AAAA" });
    caller.http.post(url).json(&input).send().await.expect("answers")
}

#[tokio::test]
async fn a_token_opens_a_stream_of_its_app_for_its_time() {
    let (emulator, caller) = (emulator().await, Caller::new());
    let token = token(&caller, &emulator).await;
    let answer = stream(&caller, &emulator, KLING, &token).await;
    assert_eq!(answer.status(), 200);
    let events = events_of(&answer.text().await.expect("arrives"));
    assert!(events.last().expect("is there")["video"]["url"].is_string(), "{events:?}");
    emulator.ledger().assert_charges(1);

    assert_eq!(stream(&caller, &emulator, HAILUO, &token).await.status(), 401, "it is for another app");
    assert_eq!(stream(&caller, &emulator, KLING, "none").await.status(), 401);
    tokio::time::pause();
    tokio::time::advance(Duration::from_secs(121)).await;
    tokio::time::resume();
    assert_eq!(stream(&caller, &emulator, KLING, &token).await.status(), 401, "it has expired");
    emulator.ledger().assert_charges(1);
}

#[tokio::test]
async fn a_token_is_no_key_and_is_not_shown() {
    let (emulator, caller) = (emulator().await, Caller::new());
    let token = token(&caller, &emulator).await;
    let queue = format!("{}/{KLING}?fal_jwt_token={token}", emulator.urls().queue);
    assert_eq!(caller.http.post(queue).json(&json!({})).send().await.expect("answers").status(), 401);
    assert!(emulator.requests().iter().all(|request| !request.path_and_query.contains(&token)));
}

#[tokio::test]
async fn only_a_key_gives_tokens_and_only_for_named_apps() {
    let (emulator, caller) = (emulator().await, Caller::new());
    for path in ["tokens", "tokens/"] {
        let url = format!("{}/{path}", emulator.urls().rest);
        let wish = json!({ "allowed_apps": ["kling-video"] });
        assert_eq!(caller.post(&url, &wish).await.status(), 200, "{path}");
        assert_eq!(caller.http.post(&url).json(&wish).send().await.expect("answers").status(), 401, "{path}");
        let refused = caller.post(&url, &json!({ "token_expiration": 120 })).await;
        assert_eq!(refused.status(), 422);
        let refused: Value = refused.json().await.expect("is JSON");
        assert!(refused["detail"][0]["msg"].as_str().expect("is text").contains("allowed_apps"), "{refused}");
    }
}

#[tokio::test]
async fn a_page_of_this_machine_may_call_and_one_of_the_internet_may_not() {
    let (emulator, caller) = (emulator().await, Caller::new());
    let url = format!("{}/{KLING}", emulator.urls().queue);
    let asked = async |origin: &str| {
        let question = caller.http.request(reqwest::Method::OPTIONS, &url).header("origin", origin);
        let question = question.header("access-control-request-method", "POST");
        question.header("access-control-request-headers", "authorization,content-type").send().await.expect("answers")
    };
    let allowed = asked(PAGE).await;
    assert_eq!(
        (allowed.status().as_u16(), &allowed.headers()["access-control-allow-origin"]),
        (204, &PAGE.parse().expect("is a value"))
    );
    assert_eq!(allowed.headers()["access-control-allow-headers"], "authorization,content-type");
    assert!(asked("https://evil.example").await.headers().get("access-control-allow-origin").is_none());
    let called = caller.http.post(&url).header("origin", PAGE).header("authorization", "Key id:secret");
    let called = called.json(&json!({})).send().await.expect("answers");
    assert_eq!(
        (called.status().as_u16(), &called.headers()["access-control-allow-origin"]),
        (200, &PAGE.parse().expect("is a value"))
    );
}
