//! The page for people, and what it reads.

use fal_emulator::{Emulator, FaultRule, Pace};
use futures::StreamExt;
use serde_json::{Value, json};

use crate::client::{Caller, KLING, fast};

fn base(emulator: &Emulator) -> String {
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
    assert_eq!(overview["ledger"], json!([{ "endpoint_id": KLING, "requests": 2, "usd": "0" }]));
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
    assert!(page.text().await.expect("arrives").contains("<script src=\"/emulator/page.js\">"));
    for path in
        ["/", "/emulator/overview", "/emulator/news", "/emulator/page.js", "/emulator/page.css", "/emulator/faults"]
    {
        let url = format!("{}{path}", base(&emulator));
        for (header, stranger) in [("host", "rebound.example"), ("origin", "https://evil.example")] {
            let request = caller.http.get(&url).header(header, stranger);
            assert_eq!(request.send().await.expect("answers").status(), 403, "{path} with {header}");
        }
        // What the page refers to is there.
        assert_eq!(caller.get(&url).await.status(), 200, "{path}");
    }
}

#[tokio::test]
async fn it_shows_what_faults_struck_and_how_often() {
    let (emulator, caller) = (fast().await, Caller::new());
    let id = emulator.faults().add(FaultRule::new("nginx-502; after_accept=true".parse().expect("is one")).times(1));
    let answer = caller.post(&format!("{}/{KLING}", emulator.urls().queue), &json!({})).await;
    assert_eq!(answer.status(), 502);
    let overview: Value =
        caller.get(&format!("{}/emulator/overview", base(&emulator))).await.json().await.expect("is JSON");
    let struck = &overview["exchanges"][0];
    assert_eq!((&struck["status"], &struck["faults"]), (&json!(502), &json!(["nginx-502"])));
    let rule = json!({ "id": id, "fault": "nginx-502; after_accept=true", "matched": 1, "hits": 1 });
    assert_eq!(overview["faults"], json!([rule]));
    assert_eq!(emulator.requests()[0].faults, ["nginx-502"]);
}

#[tokio::test]
async fn a_video_that_the_page_loads_is_nobodys_exchange() {
    let emulator = Emulator::builder().pace(Pace::Fast).rendering(false).start().await.expect("starts");
    let caller = Caller::new();
    let valid = json!({ "prompt": "x", "image_url": "data:image/png;base64,AAAA" });
    let submitted = caller.submit(&emulator, KLING, &valid).await;
    caller.completed(&submitted).await;
    let overview = async || -> Value {
        caller.get(&format!("{}/emulator/overview", base(&emulator))).await.json().await.expect("is JSON")
    };
    let before = overview().await;
    let video = before["requests"][0]["video"].as_str().expect("is there");
    assert_eq!(caller.get(&format!("{}{video}", base(&emulator))).await.status(), 200);
    assert_eq!(overview().await["exchanges"], before["exchanges"]);
}
