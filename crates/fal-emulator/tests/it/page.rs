//! The page for people, and what it reads.

use futures::StreamExt;
use serde_json::{Value, json};

use crate::client::{Caller, KLING, fast};

fn base(emulator: &fal_emulator::Emulator) -> String {
    emulator.urls().queue.trim_end_matches("/queue").to_owned()
}

#[tokio::test]
async fn it_shows_requests_newest_first_with_state_price_and_error() {
    let (emulator, caller) = (fast().await, Caller::new());
    let first = caller.submit(&emulator, KLING, &json!({ "prompt": "<b>first</b>" })).await;
    caller.completed(&first).await;
    let second = caller.submit(&emulator, KLING, &json!({ "prompt": "second" })).await;
    caller.completed(&second).await;
    let overview: Value =
        caller.get(&format!("{}/emulator/overview", base(&emulator))).await.json().await.expect("is JSON");
    assert_eq!((&overview["accepted"], &overview["total_usd"]), (&json!(2), &json!("0")));
    let shown = &overview["requests"];
    assert_eq!((&shown[0]["prompt"], &shown[1]["prompt"]), (&json!("second"), &json!("<b>first</b>")));
    assert_eq!(shown[0]["error"], "missing: Field required");
    assert_eq!(overview["exchanges"][0]["host"], "queue");
    assert_eq!(overview["exchanges"][0]["status"], 200);
}

#[tokio::test]
async fn it_is_told_of_news() {
    let (emulator, caller) = (fast().await, Caller::new());
    let mut news = caller.get(&format!("{}/emulator/news", base(&emulator))).await.bytes_stream();
    assert_eq!(news.next().await.expect("comes").expect("arrives"), "data: changed\n\n");
    caller.submit(&emulator, KLING, &json!({})).await;
    assert_eq!(news.next().await.expect("comes").expect("arrives"), "data: changed\n\n");
}

#[tokio::test]
async fn it_can_run_no_foreign_script_and_is_not_shown_under_foreign_names() {
    let (emulator, caller) = (fast().await, Caller::new());
    let page = caller.get(&format!("{}/", base(&emulator))).await;
    assert!(page.headers()["content-security-policy"].to_str().expect("is text").starts_with("default-src 'none'"));
    assert!(page.text().await.expect("arrives").contains("EventSource(\"/emulator/news\")"));
    for path in ["/", "/emulator/overview", "/emulator/news"] {
        let request = caller.http.get(format!("{}{path}", base(&emulator))).header("host", "rebound.example");
        assert_eq!(request.send().await.expect("answers").status(), 403, "{path}");
    }
}
