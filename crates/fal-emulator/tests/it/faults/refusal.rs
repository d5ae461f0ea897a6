//! Answers in the place of the right one.

use fal_emulator::{Fault, FaultRule, Operation};
use reqwest::Response;
use serde_json::{Value, json};

use super::{input, struck_by, submit_asking, submit_url};
use crate::client::{Caller, KLING, fast};

/// A header's value; empty where it is missing.
fn header<'a>(answer: &'a Response, name: &str) -> &'a str {
    answer.headers().get(name).map_or("", |value| value.to_str().expect("is text"))
}

#[tokio::test]
async fn each_refusal_of_fal_has_its_status_its_headers_and_its_body_and_charges_nothing() {
    let (emulator, caller) = (fast().await, Caller::new());
    for (fault, status, special, body) in [
        ("rate-limited", 429, ("x-fal-needs-retry", "1"), json!({ "type": "concurrent_requests_limit" })),
        ("rate-limited; retry_after=7", 429, ("retry-after", "7"), json!({ "data": { "limit": 2 } })),
        (
            "gateway-json-503",
            503,
            ("x-fal-error-type", "runner_scheduling_failure"),
            json!({ "error_type": "runner_scheduling_failure" }),
        ),
        ("server-error", 500, ("x-fal-error-type", "internal_error"), json!({ "error_type": "internal_error" })),
        ("start-timeout-504", 504, ("x-fal-request-timeout-type", "user"), json!({ "error_type": "request_timeout" })),
        (
            "exhausted-balance",
            403,
            ("retry-after", ""),
            json!({ "detail": "User is locked. Reason: Exhausted balance. Top up your balance at fal.ai/dashboard/billing." }),
        ),
    ] {
        let answer = submit_asking(&caller, &emulator, fault).await.expect("answers");
        assert_eq!(answer.status(), status, "{fault}");
        assert_eq!(header(&answer, special.0), special.1, "{fault}");
        assert!(!header(&answer, "x-fal-request-id").is_empty(), "{fault}");
        let sent: Value = answer.json().await.expect("is JSON");
        for (key, value) in body.as_object().expect("is one") {
            assert_eq!(&sent[key], value, "{fault}");
        }
    }
    emulator.ledger().assert_nothing_charged();
}

#[tokio::test]
async fn the_page_of_a_proxy_has_nothing_of_fal_in_it() {
    let (emulator, caller) = (fast().await, Caller::new());
    for (code, charges) in [(502, 1), (503, 2), (504, 3)] {
        for (parameter, charges) in [("", charges - 1), ("; after_accept=true", charges)] {
            let answer = submit_asking(&caller, &emulator, &format!("nginx-{code}{parameter}")).await.expect("answers");
            assert_eq!(answer.status(), code);
            assert_eq!(header(&answer, "x-fal-request-id"), "");
            assert!(header(&answer, "content-type").starts_with("text/html"));
            let page = answer.text().await.expect("arrives");
            assert!(page.contains(&code.to_string()) && page.contains("nginx"), "{page}");
            emulator.ledger().assert_charges(charges);
        }
    }
}

#[tokio::test]
async fn an_answer_of_fal_after_the_acceptance_names_the_request_that_was_charged() {
    let (emulator, caller) = (fast().await, Caller::new());
    for fault in ["gateway-json-503; after_accept=true", "server-error; after_accept=true"] {
        let answer = submit_asking(&caller, &emulator, fault).await.expect("answers");
        assert!(answer.status().is_server_error());
        emulator.ledger().assert_charged_once(header(&answer, "x-fal-request-id"));
    }
    emulator.ledger().assert_charges(2);
}

#[tokio::test]
async fn a_result_and_a_file_are_gone_once_and_then_there_again() {
    let once = |fault| FaultRule::new(fault).times(1);
    let emulator = struck_by([once(Fault::ResultExpired), once(Fault::FileExpired)]).await;
    let caller = Caller::new();
    let file = caller.upload(&emulator, b"picture".to_vec()).await;
    let submitted = caller.submit(&emulator, KLING, &input()).await;
    caller.completed(&submitted).await;

    let gone = caller.result(&submitted).await;
    assert_eq!(gone.status(), 404);
    assert_eq!(header(&gone, "x-fal-request-id"), submitted["request_id"]);
    assert_eq!(caller.result(&submitted).await.status(), 422);
    assert_eq!(caller.get(&file).await.status(), 404);
    assert_eq!(caller.get(&file).await.status(), 200);
    emulator.ledger().assert_charges(1);
}

#[tokio::test]
async fn the_platform_api_refuses_in_its_own_words() {
    let limited = FaultRule::new(Fault::RateLimited { retry_after: None }).on(Operation::Platform);
    let emulator = struck_by([limited]).await;
    let caller = Caller::new();
    let answer = caller.get(&format!("{}/v1/models/pricing", emulator.urls().platform)).await;
    assert_eq!(answer.status(), 429);
    assert_eq!(answer.json::<Value>().await.expect("is JSON")["error"]["type"], "rate_limited");
    assert_eq!(caller.post(&submit_url(&emulator), &input()).await.status(), 200, "the queue is another operation");
}
