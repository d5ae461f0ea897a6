//! Faults in the input: accepted, then delivered as a 422 result that costs nothing.

use reqwest::Response;
use rust_decimal::Decimal;
use serde_json::{Value, json};

use crate::client::{Caller, HAILUO, KLING, fast};
use crate::pictures::{landscape, png};

struct Case {
    name: &'static str,
    endpoint: &'static str,
    /// Changes to a good input; null takes the field away.
    change: Value,
    kind: &'static str,
    field: &'static str,
}

fn cases() -> Vec<Case> {
    let case = |name, endpoint, change, kind, field| Case { name, endpoint, change, kind, field };
    vec![
        case("no prompt", KLING, json!({ "prompt": null }), "missing", "prompt"),
        case("long prompt", KLING, json!({ "prompt": "x".repeat(2501) }), "sequence_too_long", "prompt"),
        case("long prompt", HAILUO, json!({ "prompt": "x".repeat(2001) }), "sequence_too_long", "prompt"),
        case("duration", KLING, json!({ "duration": "7" }), "one_of", "duration"),
        case("number for a string", KLING, json!({ "duration": 5 }), "one_of", "duration"),
        case("other model's duration", HAILUO, json!({ "duration": "5" }), "one_of", "duration"),
        case("resolution", HAILUO, json!({ "resolution": "768p" }), "one_of", "resolution"),
        case("switch", HAILUO, json!({ "prompt_optimizer": "yes" }), "bool_type", "prompt_optimizer"),
        case("high scale", KLING, json!({ "cfg_scale": 1.1 }), "less_than_equal", "cfg_scale"),
        case("low scale", KLING, json!({ "cfg_scale": -1 }), "greater_than_equal", "cfg_scale"),
        case("no picture", KLING, json!({ "image_url": null }), "missing", "image_url"),
        case(
            "lost picture",
            KLING,
            json!({ "image_url": "http://127.0.0.1:1/cdn/files/b/no/x.png" }),
            "file_download_error",
            "image_url",
        ),
        case(
            "foreign host",
            KLING,
            json!({ "image_url": "https://example.com/x.png" }),
            "file_download_error",
            "image_url",
        ),
        case(
            "broken data",
            KLING,
            json!({ "image_url": "data:image/png;base64,???" }),
            "file_download_error",
            "image_url",
        ),
        case(
            "no image",
            KLING,
            json!({ "image_url": "data:image/png;base64,aGVsbG8=" }),
            "image_load_error",
            "image_url",
        ),
        case(
            "end picture",
            HAILUO,
            json!({ "end_image_url": "https://example.com/x.png" }),
            "file_download_error",
            "end_image_url",
        ),
    ]
}

#[tokio::test]
async fn each_fault_is_a_422_result_of_the_real_shape_and_free() {
    let (emulator, caller) = (fast().await, Caller::new());
    let picture = caller.upload(&emulator, png(&landscape(64, 64))).await;
    for case in cases() {
        let mut input = json!({ "prompt": "zoom in", "image_url": picture });
        for (field, value) in case.change.as_object().expect("is one") {
            match value {
                Value::Null => drop(input.as_object_mut().expect("is one").remove(field)),
                value => input[field] = value.clone(),
            }
        }
        let submitted = caller.submit(&emulator, case.endpoint, &input).await;
        let status = caller.completed(&submitted).await;
        assert_eq!(status["error_type"], case.kind, "{}", case.name);
        assert!(status["error"].is_string(), "{}", case.name);
        check(caller.result(&submitted).await, &case).await;
    }
    assert_eq!(emulator.ledger().total_usd(), Decimal::ZERO);
    assert_eq!(emulator.ledger().charges().len(), cases().len());
}

async fn check(result: Response, case: &Case) {
    assert_eq!(result.status(), 422, "{}", case.name);
    assert_eq!(result.headers()["x-fal-billable-units"], "0", "{}", case.name);
    assert_eq!(result.headers()["x-fal-retryable"], "false", "{}", case.name);
    let body: Value = result.json().await.expect("is JSON");
    let entry = &body["detail"][0];
    assert_eq!(entry["loc"], json!(["body", case.field]), "{}", case.name);
    assert_eq!(entry["type"], case.kind, "{}", case.name);
    assert!(entry["msg"].is_string() && entry.get("input").is_some(), "{}", case.name);
}

#[tokio::test]
async fn fals_own_kinds_carry_a_url_and_their_limits() {
    let (emulator, caller) = (fast().await, Caller::new());
    let input =
        json!({ "prompt": "zoom in", "image_url": "https://example.com/x.png", "duration": "7", "cfg_scale": 2 });
    let submitted = caller.submit(&emulator, KLING, &input).await;
    caller.completed(&submitted).await;
    let body: Value = caller.result(&submitted).await.json().await.expect("is JSON");
    let expected = json!({ "detail": [
        {
            "loc": ["body", "duration"], "type": "one_of", "msg": "Input should be '5' or '10'", "input": "7",
            "ctx": { "expected": ["5", "10"] }, "url": "https://docs.fal.ai/errors/#one_of",
        },
        {
            "loc": ["body", "cfg_scale"], "type": "less_than_equal", "input": 2,
            "msg": "Input should be less than or equal to 1",
            "ctx": { "le": 1.0 }, "url": "https://docs.fal.ai/errors/#less_than_equal",
        },
    ] });
    assert_eq!(body, expected);
}

#[tokio::test]
async fn a_body_that_is_not_json_is_refused_at_once() {
    let (emulator, caller) = (fast().await, Caller::new());
    let request = caller.http.post(format!("{}/{KLING}", emulator.urls().queue)).body("{");
    let answer = request.header("authorization", "Key a:b").send().await.expect("answers");
    assert_eq!(answer.status(), 422);
    assert!(emulator.ledger().charges().is_empty());
}
